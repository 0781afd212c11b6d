"""Inputs of an action: which are bound, and which the model fills in."""

from collections.abc import Iterator, Mapping

from wavegate.findings.finding import Location
from wavegate.guardrails.conditions.emit import shown as written
from wavegate.guardrails.conditions.expression import Chosen, Expression
from wavegate.guardrails.diff.agent_pair import TopicPair
from wavegate.guardrails.diff.change import ChangeSubject, GuardrailChange, Sides, changed
from wavegate.guardrails.diff.expressions import plain
from wavegate.guardrails.diff.view import AgentView
from wavegate.guardrails.model import Binding, Tool, ToolKind, Topic

Filled = Mapping[str, tuple[Expression, Location]]
"""What each input gets, and where that is said."""


def binding_changes(topic: TopicPair, old: Tool, new: Tool) -> Iterator[GuardrailChange]:
    """How the inputs of a tool that calls an action are filled; what it sets is compared with the variables."""
    if new.kind is ToolKind.SET:
        return
    before = filled(old, topic.before, topic.agent.before)
    after = filled(new, topic.after, topic.agent.after)
    places = (old.location, new.location)
    yield from input_changes(before, after, topic.subject(new.name), places, f"`{new.name}`")


def filled(tool: Tool, topic: Topic, view: AgentView) -> Filled:
    """The inputs of a tool: as bound, else their default, else what the model fills in."""
    found: dict[str, tuple[Expression, Location]] = {}
    action = view.action(topic, tool.target) if tool.kind is ToolKind.ACTION else None
    for each in action.inputs if action else ():
        if each.default is not None:
            found[each.name] = (each.default, each.location)
        elif each.required:
            found[each.name] = (Chosen(), tool.location)
    return {**found, **bound(tool.bindings)}


def bound(bindings: tuple[Binding, ...]) -> Filled:
    """The inputs that a call binds; the last one counts."""
    return {each.name: (each.value, each.location) for each in bindings}


def input_changes(
    before: Filled,
    after: Filled,
    subject: ChangeSubject,
    places: tuple[Location | None, Location | None],
    name: str,
) -> Iterator[GuardrailChange]:
    """How the inputs of one call changed. places: of the call. name: of the call, for people."""
    for each in {**before, **after}:
        if each not in before:
            value, place = after[each]
            sides = Sides(before=places[0], after=place, texts=("", shown(value)))
            yield changed("input/changed", subject, sides, f"{name} gives the new input `{each}` {_what(value)}.")
        elif each not in after:
            value, place = before[each]
            sides = Sides(before=place, after=places[1], texts=(shown(value), ""))
            yield _dropped(each, value, subject, sides, name)
        elif plain(before[each][0]) != plain(after[each][0]):
            yield _rebound(each, before[each], after[each], subject, name)


def _dropped(each: str, value: Expression, subject: ChangeSubject, sides: Sides, name: str) -> GuardrailChange:
    return changed("input/changed", subject, sides, f"{name} no longer gives the input `{each}` {_what(value)}.")


def _rebound(
    each: str,
    before: tuple[Expression, Location],
    after: tuple[Expression, Location],
    subject: ChangeSubject,
    name: str,
) -> GuardrailChange:
    sides = Sides(before=before[1], after=after[1], texts=(shown(before[0]), shown(after[0])))
    if isinstance(after[0], Chosen):
        message = f"The model fills in the input `{each}` of {name}, which was bound to `{shown(before[0])}`."
        return changed("input/unpinned", subject, sides, message)
    if isinstance(before[0], Chosen):
        message = f"The input `{each}` of {name} is bound to `{shown(after[0])}`; the model filled it in before."
        return changed("input/pinned", subject, sides, message)
    message = f"The input `{each}` of {name} is bound to `{shown(after[0])}`, not `{shown(before[0])}`."
    return changed("input/rebound", subject, sides, message)


def _what(value: Expression) -> str:
    return "what the model fills in" if isinstance(value, Chosen) else f"`{shown(value)}`"


def shown(value: Expression | None) -> str:
    """A value for people."""
    return "no value" if value is None else written(value)
