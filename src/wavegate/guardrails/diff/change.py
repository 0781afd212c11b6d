"""A change of what bounds an agent: which rule it falls under, whether it widens, and who has to review it."""

from collections.abc import Iterable
from dataclasses import dataclass

from wavegate.findings.finding import Location
from wavegate.guardrails.diff.rules import RULES, UNLISTED, ChangeClass, Direction


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeSubject:
    """What a change is about; '' if it is not about one. agent: or the prompt, permission set or code."""

    agent: str = ""
    topic: str = ""
    tool: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sides:
    """Place and text on both sides. A removed thing has its old place and the nearest new one; None if none is near.

    texts: before and after, as far as they are text.
    """

    before: Location | None
    after: Location | None
    texts: tuple[str, str] = ("", "")


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardrailChange:
    """One change. message: one sentence. before, after: the place on both sides, None if there is none near."""

    rule: str
    direction: Direction
    change_class: ChangeClass
    subject: ChangeSubject
    before: Location | None
    after: Location | None
    message: str
    text_before: str = ""
    text_after: str = ""


def changed(
    rule: str,
    subject: ChangeSubject,
    sides: Sides,
    message: str,
    *,
    direction: Direction | None = None,
    change_class: ChangeClass | None = None,
) -> GuardrailChange:
    """A change with the rule's direction and class, unless this case has others."""
    stated = RULES.get(rule, UNLISTED)
    return GuardrailChange(
        rule=rule,
        direction=direction or stated.direction,
        change_class=change_class or stated.change_class,
        subject=subject,
        before=sides.before,
        after=sides.after,
        message=message,
        text_before=sides.texts[0],
        text_after=sides.texts[1],
    )


def widest_first(change: GuardrailChange) -> tuple[int, int, str, int, int, str, str]:
    """Sort key: by direction, by class, by place, by rule."""
    place = change.after or change.before or Location("")
    return (
        -change.direction.weight,
        -change.change_class.weight,
        *place,
        change.rule,
        change.message,
    )


def class_of(changes: Iterable[GuardrailChange]) -> ChangeClass:
    """The highest class of the changes; tunable if there are none."""
    return max((each.change_class for each in changes), key=lambda each: each.weight, default=ChangeClass.TUNABLE)
