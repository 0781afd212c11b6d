"""The tools of a topic, in both readings."""

from collections.abc import Sequence
from dataclasses import replace

from wavegate.guardrails.conditions.expression import Opaque
from wavegate.guardrails.model import Binding, Guard, SetStep, Statement, Tool, ToolKind
from wavegate.guardrails.script.body import Body, Step, read_body, read_guard, stacked
from wavegate.guardrails.script.emission import (
    drop_lines,
    emitted_bindings,
    emitted_guards,
    emitted_steps,
    kept_words,
    overwrite_guards,
)
from wavegate.guardrails.script.found import Both, Scope, either
from wavegate.guardrails.script.kinds import ToolSort, emitted_kind, written_kind
from wavegate.guardrails.script.lines import Entry, entry, keyword, place
from wavegate.guardrails.script.steps import can_drop, drop, misplaced
from wavegate.guardrails.script.tree import ScriptLine

Tools = Both[tuple[Tool, ...]]


def read_tools(nodes: Sequence[ScriptLine], scope: Scope) -> Tools:
    """The tools of a topic's `reasoning.actions`."""
    written: list[Tool] = []
    emitted: dict[str, tuple[Tool, ...]] = {}
    at = 0
    while at < len(nodes):
        found = entry(nodes[at])
        following = at + 1
        while following < len(nodes) and keyword(nodes[following]):
            following += 1
        strays = nodes[at + 1 : following]
        if found is None or found.name:
            scope.not_understood(nodes[at])
            _note_strays(strays, scope)
        else:
            inside = scope.within(found.key)
            _note_duplicate(found, emitted, inside)
            both = _tool(found, strays, inside)
            written += both.written
            emitted[found.key] = both.emitted
        at = following
    kept = [tool for tools in emitted.values() for tool in tools]
    _note_shared_names(kept, scope)
    return either(written, kept)


def _note_shared_names(tools: Sequence[Tool], scope: Scope) -> None:
    """Notes a tool whose label gives it the name of another one."""
    seen: dict[str, str] = {}
    for tool in tools:
        name = tool.label or tool.name
        if seen.setdefault(name, tool.name) != tool.name:
            message = (
                f"The tools `{seen[name]}` and `{tool.name}` both come to the model as `{name}`, by their labels."
            )
            fix = "Give each tool of a topic its own label: the guard of the one may stand before the other."
            scope.within(tool.name).lose("tool/duplicate", tool.location, message, fix)


def _note_duplicate(found: Entry, emitted: dict[str, tuple[Tool, ...]], scope: Scope) -> None:
    if found.key in emitted:
        message = f"The tool `{found.key}` is defined twice: the compiler keeps the later one."
        scope.lose("tool/duplicate", place(found.node, scope.path), message, "Rename or remove one of the two.")


def _note_strays(nodes: Sequence[ScriptLine], scope: Scope) -> None:
    """Notes the lines that belong to a tool and are not indented beneath it."""
    for node in nodes:
        if keyword(node) == "available when":
            misplaced(node, scope)
        elif can_drop(node):
            drop(node, "at the indentation of the tools", scope, "Indent it beneath its tool.")
        else:
            scope.not_understood(node)


def _tool(found: Entry, strays: Sequence[ScriptLine], scope: Scope) -> Tools:
    """A tool with the lines that are meant for it."""
    unknown = scope.found.not_understood
    kind = written_kind(found)
    body = read_body(found, kind, scope)
    if not kind.known or (kind.kind is ToolKind.TRANSITION and not body.targets):
        scope.not_understood(found.node)
    emission = emitted_kind(found, kind)
    _note_losses(body, kind, emission, found, scope)
    emitted = _emitted(found, body, emission, scope)
    _note_strays(strays, scope)
    for node in strays:
        if keyword(node) == "available when":
            read_guard(body, node, scope)
    certain = scope.found.not_understood == unknown and not _opaque(body)
    written = _written(found, body, kind, scope)
    marked = tuple(_with_certainty(tool, certain=certain) for tool in written)
    if emitted == written:
        return Both(marked, marked)
    return Both(marked, tuple(_with_certainty(tool, certain=certain) for tool in emitted))


def _note_losses(body: Body, written: ToolSort, emission: ToolSort, found: Entry, scope: Scope) -> None:
    if emission.kind is not written.kind:
        message = (
            f"The name `{found.key}` makes the compiler treat this tool as {_MEANING[emission.kind]}: "
            f"`{found.value}` is never called."
        )
        scope.lose("tool/reserved-name", place(found.node, scope.path), message, "Rename the tool.")
    else:
        drop_lines(body, emission, scope)
    if emission.kind is not ToolKind.TRANSITION and len(body.guards) > 1:
        overwrite_guards(body.guards, scope)


_MEANING = {
    ToolKind.SET: "one that sets variables",
    ToolKind.ESCALATION: "one that hands off to a human",
    ToolKind.DELEGATION: "one that delegates to a topic of this name",
}


def _opaque(body: Body) -> bool:
    return any(isinstance(each.condition, Opaque) for guard in body.guards for each in guard)


def _with_certainty(tool: Tool, *, certain: bool) -> Tool:
    return tool if tool.certain is certain else replace(tool, certain=certain)


def _written(found: Entry, body: Body, kind: ToolSort, scope: Scope) -> tuple[Tool, ...]:
    guard = stacked([each.written for each in body.guards])
    steps = tuple(step.step.written for step in body.steps if not _leads(step, kind))
    bindings = tuple(each.written for each in body.bindings)
    topics = [target.topic for target in body.targets] if kind.kind is ToolKind.TRANSITION else [_led(body, kind)]
    then = (*_filled(bindings, kind), *steps)
    return tuple(_made(found, body, kind, topic, guard, bindings, then, scope) for topic in topics)


def _emitted(found: Entry, body: Body, kind: ToolSort, scope: Scope) -> tuple[Tool, ...]:
    bindings = emitted_bindings(body, kind, scope)
    then = (*_filled(bindings, kind), *emitted_steps(body.steps, kind, scope))
    guards = emitted_guards(body, kind, scope)
    topics = [target.topic for target in body.targets] if kind.kind is ToolKind.TRANSITION else [_led(body, kind)]
    return tuple(
        _made(found, body, kind, topic, guard, bindings, then, scope)
        for topic, guard in zip(topics, guards, strict=True)
    )


def _led(body: Body, kind: ToolSort) -> str:
    """The target; a `to` beneath a delegation to a topic replaces it."""
    replaces = kind.kind is ToolKind.DELEGATION and not kind.connected and body.targets
    return body.targets[-1].topic if replaces else kind.target


def _leads(step: Step, kind: ToolSort) -> bool:
    """Whether the statement is the tool's own target."""
    return keyword(step.node) == "transition" and "transition" in kept_words(kind)


def _filled(bindings: tuple[Binding, ...], kind: ToolSort) -> tuple[Statement, ...]:
    """What a tool that sets variables sets by its inputs."""
    if kind.kind is not ToolKind.SET:
        return ()
    return tuple(SetStep(variable=each.name, value=each.value, location=each.location) for each in bindings)


def _made(
    found: Entry,
    body: Body,
    kind: ToolSort,
    target: str,
    guard: Guard | None,
    bindings: tuple[Binding, ...],
    then: tuple[Statement, ...],
    scope: Scope,
) -> Tool:
    return Tool(
        name=found.key,
        kind=kind.kind,
        target=target,
        guard=guard,
        bindings=bindings,
        then=then,
        description=body.texts.get("description", ""),
        label=body.texts.get("label", ""),
        location=place(found.node, scope.path),
    )
