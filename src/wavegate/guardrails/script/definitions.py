"""What a topic's actions are: their targets, inputs, outputs and confirmation."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from wavegate.findings.finding import Location
from wavegate.guardrails.conditions.parse import parse_expression
from wavegate.guardrails.model import Action, Binding, Parameter, Tool, ToolKind
from wavegate.guardrails.script.found import Both, Scope, either
from wavegate.guardrails.script.keys import first_of_each
from wavegate.guardrails.script.lines import Entry, Piece, assigned, boolean, entry, keyword, place, unquoted
from wavegate.guardrails.script.steps import misplaced
from wavegate.guardrails.script.texts import text_of
from wavegate.guardrails.script.tree import ScriptLine

_COSMETIC = frozenset({
    "label", "source", "include_in_progress_indicator", "progress_indicator_message",
})  # fmt: skip
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_VARIABLE = re.compile(r"@variables\.\w+$", re.ASCII)
_PROPERTIES = frozenset({
    "label", "description", "developer_name", "complex_data_type_name", "schema", "is_user_input",
    "is_required", "is_displayable", "is_used_by_planner", "filter_from_agent",
})  # fmt: skip
_TYPE = re.compile(r"(?!(?:True|False|None)$)[A-Za-z_]\w*(?:\[\w+\])?$", re.ASCII)
Actions = Both[tuple[Action, ...]]


def bound_tools(nodes: Sequence[ScriptLine], scope: Scope) -> tuple[Tool, ...]:
    """The tools that the compiler makes of actions whose inputs name variables, in a topic that other code runs."""
    return tuple(_bound_tools(nodes, scope))


def _bound_tools(nodes: Sequence[ScriptLine], scope: Scope) -> Iterator[Tool]:
    for node in nodes:
        found = entry(node)
        inputs = [
            child
            for each in node.children
            if (line := entry(each)) and line.key == "inputs"
            for child in each.children
        ]
        bindings = tuple(
            Binding(name=line.key, value=parse_expression(line.value), location=place(line.node, scope.path))
            for each in inputs
            if (line := entry(each)) and _VARIABLE.match(line.value)
        )
        if found and bindings:
            yield Tool(
                name=found.key,
                kind=ToolKind.ACTION,
                target=found.key,
                guard=None,
                bindings=bindings,
                then=(),
                description="",
                location=place(node, scope.path),
            )


def read_actions(nodes: Sequence[ScriptLine], scope: Scope) -> Actions:
    """The definitions of a topic's `actions`."""
    written: list[Action] = []
    emitted: dict[str, Action] = {}
    for node in nodes:
        found = entry(node)
        if found is None or found.name:
            _note_line(node, scope)
            continue
        inside = scope.within(found.key)
        if found.key in emitted:
            message = f"The action `{found.key}` is defined twice: the compiler keeps the later one."
            inside.lose("action/duplicate", place(node, scope.path), message, "Rename or remove one of the two.")
        both = _action(found, inside)
        written.append(both.written)
        emitted[found.key] = both.emitted
    return either(written, list(emitted.values()))


def _note_line(node: ScriptLine, scope: Scope) -> None:
    if keyword(node) == "available when":
        misplaced(node, scope)
    else:
        scope.not_understood(node)


def _action(found: Entry, scope: Scope) -> Both[Action]:
    action = Action(
        name=found.key,
        target="",
        confirmed=False,
        inputs=(),
        outputs=(),
        description="",
        location=place(found.node, scope.path),
    )
    if found.value:
        scope.not_understood(found.node)
    confirmed = Both(written=False, emitted=False)
    for node, line in first_of_each(found.node.children, scope):
        if line is None or line.name:
            _note_line(node, scope)
        elif line.key == "require_user_confirmation":
            confirmed = _confirmed(line, scope)
            scope.no_lines_beneath(node)
            action = replace(action, confirmed_at=place(node, scope.path))
        else:
            action = _with_line(action, line, scope)
    written = replace(action, confirmed=confirmed.written)
    emitted = written if confirmed.written == confirmed.emitted else replace(action, confirmed=confirmed.emitted)
    return Both(written, emitted)


def _with_line(action: Action, line: Entry, scope: Scope) -> Action:
    if line.key not in {"inputs", "outputs"}:
        scope.only_text_beneath(line.node)
    match line.key:
        case "target" if line.value.startswith('"') and not _STRING.fullmatch(line.value):
            scope.not_understood(line.node)
        case "target":
            return replace(action, target=unquoted(line.value))
        case "description":
            return replace(action, description=text_of(line))
        case "inputs":
            return replace(action, inputs=_last(_parameters(line.node.children, scope, inputs=True)))
        case "outputs":
            return replace(action, outputs=_last(_parameters(line.node.children, scope, inputs=False)))
        case key if key not in _COSMETIC:
            _note_line(line.node, scope)
    return action


def _confirmed(line: Entry, scope: Scope) -> Both[bool]:
    truth = boolean(line.value)
    if truth is not None:
        return Both(written=truth, emitted=truth)
    meant = line.value.lower() in {"true", "yes", "on", "1"}
    message = f"`{line.value}` is not `True` or `False`: the compiler leaves the action without confirmation."
    location = Location(file=scope.path, line=line.node.line, column=line.column)
    scope.lose("confirm/unreadable", location, message, "Write `require_user_confirmation: True`.")
    return Both(written=meant, emitted=False)


def _flags(nodes: Sequence[ScriptLine], scope: Scope) -> Iterator[tuple[str, bool | None]]:
    for node, line in first_of_each(nodes, scope):
        if line and line.key in _PROPERTIES:
            yield line.key, boolean(line.value)
        else:
            scope.not_understood(node)


def _last(parameters: Iterable[Parameter]) -> tuple[Parameter, ...]:
    """The parameters; of two with one name, which the compiler refuses, the later one."""
    return tuple({each.name: each for each in parameters}.values())


def _parameters(nodes: Sequence[ScriptLine], scope: Scope, *, inputs: bool) -> Iterator[Parameter]:
    for node in nodes:
        found = entry(node)
        if found is None or found.name or not found.value:
            _note_line(node, scope)
            continue
        kind, default = assigned(Piece(text=found.value, column=found.column))
        if not _TYPE.match(kind.text):
            if not (scope.custom and _VARIABLE.match(kind.text)):
                _note_line(node, scope)
            continue
        flags = dict(_flags(node.children, scope))
        yield Parameter(
            name=found.key,
            type=kind.text,
            location=place(node, scope.path),
            required=inputs and flags.get("is_required") is True,
            default=parse_expression(default.text) if default and default.text else None,
            shown=not inputs and flags.get("is_displayable") is True,
            used=flags.get("filter_from_agent") is not True and flags.get("is_used_by_planner") is not False,
        )
