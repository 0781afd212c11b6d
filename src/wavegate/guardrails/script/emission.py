"""What the compiler makes of a tool's lines, kind by kind, and what it drops on the way."""

import re
from collections.abc import Iterable

from wavegate.guardrails.conditions.expression import Chosen
from wavegate.guardrails.model import Binding, Guard, Statement, ToolKind
from wavegate.guardrails.script.body import Body, Step
from wavegate.guardrails.script.found import Both, Scope
from wavegate.guardrails.script.kinds import ToolSort
from wavegate.guardrails.script.lines import keyword, place
from wavegate.guardrails.script.steps import drop
from wavegate.guardrails.script.tree import ScriptLine

_VARIABLE = re.compile(r"@variables\.(\w+)", re.ASCII)
_KEPT = {
    ToolKind.ACTION: frozenset({"with", "set", "run", "if"}),
    ToolKind.SET: frozenset({"with", "set"}),
    ToolKind.TRANSITION: frozenset({"transition"}),
    ToolKind.DELEGATION: frozenset({"transition"}),
    ToolKind.ESCALATION: frozenset[str](),
    ToolKind.END: frozenset[str](),
}
_PLACES = {
    ToolKind.ACTION: "directly beneath a tool that calls an action",
    ToolKind.SET: "beneath a tool that sets variables",
    ToolKind.TRANSITION: "beneath a tool that leads to a topic",
    ToolKind.DELEGATION: "beneath a tool that delegates to a topic",
    ToolKind.ESCALATION: "beneath a tool that escalates",
    ToolKind.END: "beneath a tool that ends the session",
}


def kept_words(kind: ToolSort) -> frozenset[str]:
    """The statements that take effect beneath a tool of this kind."""
    return _KEPT[ToolKind.ACTION if kind.connected else kind.kind]


def drop_lines(body: Body, kind: ToolSort, scope: Scope) -> None:
    """Notes the lines of a tool that the compiler drops."""
    kept = kept_words(kind)
    for node in (*body.withs, *(step.node for step in body.steps)):
        if keyword(node) not in kept:
            drop(node, _PLACES[kind.kind], scope)


def overwrite_guards(guards: Iterable[Both[Guard]], scope: Scope) -> None:
    """Notes the guards that a later one replaces."""
    *earlier, last = guards
    for guard in earlier:
        message = (
            f"`available when {guard.written.text}` never takes effect: of several guards of one tool the compiler "
            f"keeps the last, `{last.written.text}`."
        )
        fix = "Join the conditions with `and` in one `available when`."
        scope.lose("guard/overwritten", guard.written.location, message, fix)


def emitted_guards(body: Body, kind: ToolSort, scope: Scope) -> list[Guard | None]:
    """The guard of each tool that is emitted: one for each topic that a transition leads to, else one."""
    if kind.kind is not ToolKind.TRANSITION:
        return [body.guards[-1].emitted if body.guards else None]
    guards = [target.guard for target in body.targets]
    _note_lost(body.guards, guards, scope, behind=body.behind is not None)
    return [guard.emitted if guard else None for guard in guards]


def _note_lost(guards: list[Both[Guard]], used: list[Both[Guard] | None], scope: Scope, *, behind: bool) -> None:
    """Notes the guards of a transition that the compiler does not use. behind: one stands behind every target."""
    pending: list[Both[Guard]] = []
    for guard in guards:
        pending.append(guard)
        if any(guard is each for each in used):
            overwrite_guards(pending, scope)
            pending = []
    for guard in pending if behind else ():
        _lose_partly(guard, "stands behind the `transition to`", scope)
    if None in used and len(pending) < len(guards):
        first = next(guard for guard in guards if any(guard is each for each in used))
        _lose_partly(first, "guards only the first of the topics that this tool leads to", scope)


def _lose_partly(guard: Both[Guard], why: str, scope: Scope) -> None:
    message = f"`available when {guard.written.text}` {why}: the compiler offers a transition without it."
    fix = "Write `@utils.transition to @subagent.NAME` in one line, with one `available when` beneath it."
    scope.lose("guard/misplaced", guard.written.location, message, fix)


def emitted_bindings(body: Body, kind: ToolSort, scope: Scope) -> tuple[Binding, ...]:
    """The inputs that the compiler emits: of two values that bind one input, the later one."""
    if "with" not in kept_words(kind):
        return ()
    bound = {each.emitted.name: each for each in body.bindings if not isinstance(each.written.value, Chosen)}
    kept = []
    for each in body.bindings:
        if isinstance(each.written.value, Chosen) or bound[each.emitted.name] is each or kind.kind is ToolKind.SET:
            kept.append(each.emitted)
            continue
        message = f"`with {each.written.name}=…` stands twice beneath this tool: the compiler keeps the later value."
        scope.lose("input/overwritten", each.written.location, message, "Keep one of the two.")
    return tuple(kept)


def emitted_steps(steps: list[Step], kind: ToolSort, scope: Scope) -> tuple[Statement, ...]:
    """What follows a tool without the model's choice: every `set` comes before the first `if` or `run`."""
    kept = [step for step in steps if keyword(step.node) in kept_words(kind) - {"transition"}]
    if not _moved(kept, scope):
        return tuple(step.step.emitted for step in kept)
    sets = [step.step.emitted for step in kept if keyword(step.node) == "set"]
    others = [step.step.emitted for step in kept if keyword(step.node) != "set"]
    return (*sets, *others)


def _moved(steps: list[Step], scope: Scope) -> bool:
    """Whether a `set` that the compiler moves up meets a variable of what it is moved before."""
    before: set[str] = set()
    moved = False
    for each in steps:
        names = _names(each.node)
        if keyword(each.node) != "set":
            before |= names
            before |= {"@outputs"} if keyword(each.node) == "run" else set()
        elif names & before:
            moved = True
            message = f"`{each.node.text}` takes effect before the `if` or `run` above it: the compiler moves it up."
            fix = "Write it above them, or put it beneath `if True:`."
            scope.lose("statement/moved", place(each.node, scope.path), message, fix)
    return moved


def _names(node: ScriptLine) -> set[str]:
    """The variables that a line and those beneath it name, and `@outputs`."""
    names: set[str] = set()
    pending = [node]
    while pending:
        each = pending.pop()
        names.update(_VARIABLE.findall(each.text))
        names |= {"@outputs"} if "@outputs" in each.text and each is node else set()
        pending.extend(each.children)
    return names
