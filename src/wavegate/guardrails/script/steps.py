"""The deterministic half: `if`, `run`, `set` and `transition to`, in both readings."""

from collections.abc import Sequence

from wavegate.guardrails.model import Binding, BranchStep, RunStep, SetStep, Statement, TransitionStep
from wavegate.guardrails.script.found import Both, Scope, chosen, condition, either, value
from wavegate.guardrails.script.lines import (
    Piece,
    assigned,
    entry,
    keyword,
    place,
    reference,
    rest,
    separated,
    unquoted,
)
from wavegate.guardrails.script.tree import ScriptLine

TOPIC_SPACES = frozenset({"topic", "subagent", "start_agent", "connected_subagent"})
_MAX_LINKS = 30
"""Links of an `else if` chain that are read; those behind them are not understood."""
_MAX_BRANCHES = 3
"""Levels of `if` inside of `if` that are read. The compiler refuses the second one."""
Steps = Both[tuple[Statement, ...]]


def read_steps(nodes: Sequence[ScriptLine], scope: Scope, depth: int = 0) -> Steps:
    """The statements of a procedure or branch. depth: how many `if` and `run` they stand inside of."""
    written: list[Statement] = []
    emitted: list[Statement] = []
    at = 0
    step: Both[Statement] | None
    while at < len(nodes):
        word = keyword(nodes[at])
        if word == "if" and depth:
            scope.not_understood(nodes[at], "the compiler refuses an `if` inside of an `if`")
        if word == "if" and depth < _MAX_BRANCHES:
            at, step = read_branch(nodes, at, scope, depth)
        else:
            step = _step(nodes[at], word, scope, depth) if word != "if" else None
            at += 1
        if step:
            written.append(step.written)
            emitted.append(step.emitted)
    return either(written, emitted)


def read_branch(nodes: Sequence[ScriptLine], at: int, scope: Scope, depth: int = 0) -> tuple[int, Both[Statement]]:
    """The `if` at this index with its `else if` and `else`, and the index of the statement behind it."""
    last = at + 1
    while last < len(nodes) and last - at < _MAX_LINKS and keyword(nodes[last]) == "else":
        last += 1
        if not _asks(nodes[last - 1]):
            break
    otherwise: Steps = Both((), ())
    for node in reversed(nodes[at + 1 : last]):
        question = _asks(node)
        _note_colon(node, scope)
        inside = read_steps(node.children, scope, depth + 1)
        if question is None:
            otherwise = inside
            if rest(node, "else").text.rstrip(":"):
                scope.not_understood(node)
        else:
            step = _branch(node, question, inside, otherwise, scope)
            otherwise = either([step.written], [step.emitted])
    first = nodes[at]
    _note_colon(first, scope)
    question = _asks(first) or Piece(text="", column=first.column)
    return last, _branch(first, question, read_steps(first.children, scope, depth + 1), otherwise, scope)


def _branch(node: ScriptLine, question: Piece, then: Steps, otherwise: Steps, scope: Scope) -> Both[Statement]:
    guard = condition(question, node.line, scope)
    location = place(node, scope.path)
    written = BranchStep(guard=guard.written, then=then.written, otherwise=otherwise.written, location=location)
    if guard.same and then.same and otherwise.same:
        return Both(written, written)
    emitted = BranchStep(guard=guard.emitted, then=then.emitted, otherwise=otherwise.emitted, location=location)
    return Both(written, emitted)


def _note_colon(node: ScriptLine, scope: Scope) -> None:
    """Notes an `if` or `else` without the colon at its end, which is a syntax error."""
    if not node.text.rstrip().endswith(":"):
        scope.not_understood(node, "a `:` is missing at its end")


def _asks(node: ScriptLine) -> Piece | None:
    """The condition of an `if` or `else if`; None for `else`."""
    word = keyword(node)
    piece = rest(node, word)
    if word == "else":
        head, _, tail = piece.text.partition(" ")
        if head != "if":
            return None
        piece = Piece(text=tail.strip(), column=piece.column + len(piece.text) - len(tail.lstrip()))
    return Piece(text=piece.text.removesuffix(":").rstrip(), column=piece.column)


def _step(node: ScriptLine, word: str, scope: Scope, depth: int) -> Both[Statement] | None:
    match word:
        case "set":
            return read_set(node, scope)
        case "run":
            return read_run(node, scope, depth)
        case "transition":
            return read_transition(node, scope)
        case "available when":
            misplaced(node, scope)
        case "collect" if reference(rest(node, word).text)[0] == "variables":
            return None
        case _ if node.text or word:
            scope.not_understood(node)
    return None


def misplaced(node: ScriptLine, scope: Scope) -> None:
    """Notes an `available when` that guards nothing."""
    message = f"`{node.text}` stands where it guards nothing: the compiler drops it without an error."
    fix = "Indent it beneath the tool in `reasoning.actions` that it is meant for."
    scope.lose("guard/misplaced", place(node, scope.path), message, fix)
    scope.no_lines_beneath(node)


def read_set(node: ScriptLine, scope: Scope) -> Both[Statement] | None:
    """`set @variables.NAME = value`; None if it is not understood."""
    scope.no_lines_beneath(node)
    left, right = assigned(rest(node, "set"))
    space, name, extra = reference(left.text)
    if right is None or not right.text or space not in {"variables", "outputs"} or extra:
        scope.not_understood(node)
        return None
    values = value(right, node.line, scope)
    location = place(node, scope.path)
    written = SetStep(variable=name, value=values.written, location=location)
    return Both(written, written if values.same else SetStep(variable=name, value=values.emitted, location=location))


def read_transition(node: ScriptLine, scope: Scope) -> Both[Statement] | None:
    """`transition to @subagent.NAME`; None if it is not understood."""
    scope.no_lines_beneath(node)
    name = topic_of(rest(node, "transition").text)
    if not name:
        scope.not_understood(node)
        return None
    step = TransitionStep(topic=name, location=place(node, scope.path))
    return Both(step, step)


def topic_of(text: str) -> str:
    """The topic that `to @subagent.NAME`, with or without `to`, names; '' if it names none."""
    first, _, tail = text.partition(" ")
    space, name, extra = reference(tail.strip() if first == "to" else text)
    return name if space in TOPIC_SPACES and not extra.strip(" ,") else ""


def read_run(node: ScriptLine, scope: Scope, depth: int = 0) -> Both[Statement] | None:
    """`run @actions.NAME` with its inputs and what it sets; None if it is not understood."""
    space, name, extra = reference(rest(node, "run").text)
    if space != "actions" or extra:
        scope.not_understood(node)
        return None
    bindings: list[Both[Binding]] = []
    sets: list[Both[Statement]] = []
    others: list[ScriptLine] = []
    for child in node.children:
        word = keyword(child)
        if word == "with":
            bindings += read_with(rest(child, "with"), child.line, scope)
            scope.no_lines_beneath(child)
        elif word == "set":
            step = read_set(child, scope)
            sets += [step] if step else []
        else:
            others.append(child)
    dropped = _dropped(others, name, scope, depth)
    location = place(node, scope.path)
    written = RunStep(
        action=name,
        bindings=tuple(each.written for each in bindings),
        then=(*(each.written for each in sets), *dropped),
        location=location,
    )
    if not dropped and all(each.same for each in bindings) and all(each.same for each in sets):
        return Both(written, written)
    emitted = RunStep(
        action=name,
        bindings=tuple(each.emitted for each in bindings),
        then=tuple(each.emitted for each in sets),
        location=location,
    )
    return Both(written, emitted)


def _dropped(nodes: list[ScriptLine], action: str, scope: Scope, depth: int) -> tuple[Statement, ...]:
    """What stands beneath a `run` and is not emitted, as it is written."""
    for node in nodes:
        if keyword(node) in {"if", "run", "transition"}:
            drop(node, f"beneath `run @actions.{action}`", scope)
    return read_steps(nodes, scope, depth).written


def drop(node: ScriptLine, where: str, scope: Scope, fix: str = "") -> None:
    """Notes a statement that the compiler drops without an error. fix: if another one than for its kind."""
    message = f"`{node.text}` {where} never takes effect: the compiler drops it without an error."
    scope.lose("statement/dropped", place(node, scope.path), message, fix or _FIXES.get(keyword(node), _MOVE))


_MOVE = "Move it out of the `run` above it, or beneath a tool that calls an action."


def can_drop(node: ScriptLine) -> bool:
    """Whether the line is a statement of which it is known what to do if the compiler drops it."""
    return keyword(node) in _FIXES


_FIXES = {
    "transition": "Put it beneath `if True:`, or make it a tool or a step of its own.",
    "set": "Set the variable in a tool with `@utils.setVariables`, or beneath an action.",
    "with": "Remove it: this kind of tool has no inputs.",
}


def read_with(piece: Piece, line: int, scope: Scope) -> list[Both[Binding]]:
    """The inputs of `with a=1, b=...`."""
    found = []
    for each in separated(piece):
        left, right = assigned(each)
        name = unquoted(left.text)
        if not name:
            continue
        values = chosen(right, line, scope)
        location = scope.at(line, left)
        written = Binding(name=name, value=values.written, location=location)
        found.append(
            Both(written, written if values.same else Binding(name=name, value=values.emitted, location=location))
        )
    return found


def prose_of(nodes: Sequence[ScriptLine]) -> list[ScriptLine]:
    """The lines with text of a procedure, in order, whichever branch they stand in."""
    found: list[ScriptLine] = []
    pending = list(reversed(nodes))
    while pending:
        node = pending.pop()
        if node.prose:
            found.append(node)
        elif not entry(node):
            pending.extend(reversed(node.children))
    return found
