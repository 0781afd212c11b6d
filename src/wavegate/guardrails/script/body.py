"""The lines beneath a tool."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from wavegate.guardrails.conditions.expression import Binary, Expression, Group
from wavegate.guardrails.model import Binding, Guard, Statement, ToolKind, TransitionStep
from wavegate.guardrails.script.found import Both, Scope, condition
from wavegate.guardrails.script.keys import drop_key
from wavegate.guardrails.script.kinds import ToolSort
from wavegate.guardrails.script.lines import Entry, Piece, entry, keyword, place, rest, separated
from wavegate.guardrails.script.steps import read_branch, read_run, read_set, read_transition, read_with, topic_of
from wavegate.guardrails.script.texts import text_of
from wavegate.guardrails.script.tree import ScriptLine

MAX_GUARDS = 20
"""Guards of one tool that are read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A statement beneath a tool, and its line."""

    node: ScriptLine
    step: Both[Statement]


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A topic that a tool leads to, and the guard that stands before it since the target before."""

    topic: str
    guard: Both[Guard] | None


@dataclass(kw_only=True, slots=True)
class Body:
    """What stands beneath a tool.

    texts: its description and label. withs: the lines of the bindings. behind: a guard behind every target.
    """

    texts: dict[str, str] = field(default_factory=dict)
    guards: list[Both[Guard]] = field(default_factory=list)
    bindings: list[Both[Binding]] = field(default_factory=list)
    withs: list[ScriptLine] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    behind: Both[Guard] | None = None


def read_body(found: Entry, kind: ToolSort, scope: Scope) -> Body:
    """The lines beneath a tool, and what follows the reference in its own line."""
    body = Body()
    nodes = found.node.children
    at = 0
    while at < len(nodes):
        at = _read(body, nodes, at, kind, scope)
    _read_inline(body, found, kind.inline, scope)
    return body


def _read(body: Body, nodes: Sequence[ScriptLine], at: int, kind: ToolSort, scope: Scope) -> int:
    """Reads the line at this index; returns the index of the next."""
    node = nodes[at]
    word = keyword(node)
    match word:
        case "if":
            following, branch = read_branch(nodes, at, scope)
            body.steps.append(Step(node=node, step=branch))
            return following
        case "available when":
            read_guard(body, node, scope)
        case "with":
            body.bindings += read_with(rest(node, word), node.line, scope)
            body.withs.append(node)
            scope.no_lines_beneath(node)
        case "set" | "run" | "transition":
            _read_step(body, node, word, scope)
        case "to" if kind.kind in (ToolKind.TRANSITION, ToolKind.DELEGATION):
            _read_target(body, node.text, node, scope)
        case _:
            _read_key(body, node, scope)
    return at + 1


def read_guard(body: Body, node: ScriptLine, scope: Scope) -> None:
    """Reads an `available when` line."""
    scope.no_lines_beneath(node)
    piece = rest(node, "available when")
    if not piece.text or piece.text.startswith(":"):
        message = "This guard has no condition: the compiler offers the tool without it."
        fix = "Write the condition in the same line: `available when @variables.NAME == True`."
        scope.lose("guard/unreadable", place(node, scope.path), message, fix)
        scope.not_understood(node)
        return
    if len(body.guards) == MAX_GUARDS:
        scope.not_understood(node)
        return
    body.behind = condition(piece, node.line, scope)
    body.guards.append(body.behind)


def _read_step(body: Body, node: ScriptLine, word: str, scope: Scope) -> None:
    step = {"set": read_set, "run": read_run, "transition": read_transition}[word](node, scope)
    if step:
        body.steps.append(Step(node=node, step=step))
    if step and isinstance(step.written, TransitionStep):
        _add_target(body, step.written.topic)


def _read_target(body: Body, text: str, node: ScriptLine, scope: Scope) -> None:
    topic = topic_of(text)
    if topic:
        _add_target(body, topic)
    else:
        scope.not_understood(node)


def _add_target(body: Body, topic: str) -> None:
    body.targets.append(Target(topic=topic, guard=body.behind))
    body.behind = None


def _read_key(body: Body, node: ScriptLine, scope: Scope) -> None:
    found = entry(node)
    if found is None or found.key not in {"description", "label"} or found.name:
        scope.not_understood(node)
    elif found.key in body.texts:
        drop_key(node, found.key, scope)
    else:
        body.texts[found.key] = text_of(found)
        scope.only_text_beneath(node)


def _read_inline(body: Body, found: Entry, inline: Piece, scope: Scope) -> None:
    """Reads `with a=1, to @subagent.b` behind the reference."""
    if not inline.text:
        return
    for piece in _clauses(inline):
        word = piece.text.split(maxsplit=1)[0] if piece.text else ""
        if word == "to":
            _read_target(body, piece.text, found.node, scope)
        elif word == "with":
            after = Piece(text=piece.text[4:].strip(), column=piece.column + 5)
            body.bindings += read_with(after, found.node.line, scope)
        else:
            scope.not_understood(found.node)


def _clauses(inline: Piece) -> list[Piece]:
    """The parts that start with `with` or `to`; a part without either belongs to the `with` before it."""
    clauses: list[Piece] = []
    for piece in separated(inline):
        head = piece.text.split(maxsplit=1)
        if clauses and head and head[0] not in {"with", "to"} and clauses[-1].text.startswith("with "):
            clauses[-1] = Piece(text=f"{clauses[-1].text}, {piece.text}", column=clauses[-1].column)
        else:
            clauses.append(piece)
    return clauses


def stacked(guards: Sequence[Guard]) -> Guard | None:
    """The guard that holds when all of these do; None if there are none."""
    if len(guards) < 2:
        return guards[0] if guards else None
    joined: Expression = Group(inner=guards[0].condition)
    for guard in guards[1:]:
        joined = Binary(operator="and", left=joined, right=Group(inner=guard.condition))
    text = " and ".join(f"({guard.text})" for guard in guards)
    return Guard(condition=joined, text=text, location=guards[0].location)
