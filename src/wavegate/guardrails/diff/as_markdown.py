"""Changes as Markdown, for a step summary and the brief: widenings open, the rest folded."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from wavegate.findings.finding import Location
from wavegate.guardrails.diff.as_findings import WIDENING, direction_word
from wavegate.guardrails.diff.as_text import summary
from wavegate.guardrails.diff.change import GuardrailChange
from wavegate.guardrails.diff.rules import ChangeClass, Direction
from wavegate.text import code, link, pluralize, prose


class LinePage(Protocol):
    """The page of a line."""

    def __call__(self, location: Location, *, earlier: bool) -> str:
        """Its address, '' if there is none. earlier: whether the line is of the earlier commit."""
        ...


_SIGNS = {ChangeClass.SECURITY_REVIEW: "🔴", ChangeClass.CODE_REVIEW: "🟡", ChangeClass.TUNABLE: "🟢"}
SHOWN = 50
"""Lines of a list; more are in the report."""
FOLDED = {Direction.NARROWS: "narrowing", Direction.REWORDS: "rewording"}


def no_page(location: Location, *, earlier: bool) -> str:  # noqa: ARG001
    """No line has a page."""
    return ""


def changes_markdown(changes: Sequence[GuardrailChange], page: LinePage = no_page) -> str:
    """The whole report."""
    if not changes:
        return "### Guardrails\n\nNothing that bounds the agents changes.\n"
    return "\n".join(["### Guardrails", "", f"{summary(changes)}.", "", *change_lines(changes, page)]) + "\n"


def change_lines(
    changes: Sequence[GuardrailChange], page: LinePage = no_page, *, shown: int = SHOWN
) -> Iterator[str]:
    """Widenings line by line, then what narrows and what is reworded, folded. shown: maximum lines of each."""
    widening = [each for each in changes if each.direction in WIDENING]
    yield from _listed(widening, page, shown)
    for direction, noun in FOLDED.items():
        group = [each for each in changes if each.direction is direction]
        if group:
            yield ""
            yield f"<details><summary>{pluralize(len(group), noun)}</summary>"
            yield ""
            yield from _listed(group, page, shown)
            yield ""
            yield "</details>"


def _listed(changes: Sequence[GuardrailChange], page: LinePage, shown: int) -> Iterator[str]:
    yield from (_line(each, page) for each in changes[:shown])
    if len(changes) > shown:
        yield f"- and {len(changes) - shown} more: `wavegate guardrails diff` lists them"


def _line(change: GuardrailChange, page: LinePage) -> str:
    word = f"**{direction_word(change)}**" if change.direction in WIDENING else direction_word(change)
    where = " → ".join(_places(change, page))
    return f"- {_SIGNS[change.change_class]} {word}: {prose(change.message, 600)} {where} {code(change.rule)}"


def _places(change: GuardrailChange, page: LinePage) -> Iterator[str]:
    """Both places, linked; the name of the file once if it is the same."""
    before, after = change.before, change.after
    if before:
        yield _place(f"{_name(before)}:{before.line}", page(before, earlier=True))
    if after:
        name = "" if before and before.file == after.file else f"{_name(after)}:"
        yield _place(f"{name}{after.line}", page(after, earlier=False))


def _name(location: Location) -> str:
    return location.file.rpartition("/")[2]


def _place(name: str, address: str) -> str:
    return link(name, address, 120) if address else code(name, 120)
