"""A conversation as steps: the choices from the start, with what is executed after each."""

from collections.abc import Iterator
from typing import NamedTuple

from wavegate.guardrails.conditions.emit import shown
from wavegate.guardrails.conditions.evaluate import Outcome, Undetermined
from wavegate.guardrails.conditions.expression import Literal
from wavegate.guardrails.model import ToolKind
from wavegate.guardrails.prove.choices import REPLY, START, Choice, ChoiceMade, ConversationState
from wavegate.guardrails.prove.execute import ExecutionPath, PropertyViolation, Trail
from wavegate.guardrails.prove.explore import Exploration
from wavegate.guardrails.prove.ops import GivenOp, GoOp, IfOp, RunOp, SetOp
from wavegate.guardrails.prove.program import Program
from wavegate.guardrails.prove.proof import ConversationStep


class Move(NamedTuple):
    """One choice with what is executed after it, in order. topic: where it is made, '' at the start."""

    topic: str
    choice: Choice
    trails: tuple[Trail, ...]
    path: ExecutionPath


def moves_to(exploration: Exploration, state: ConversationState | None) -> list[Move]:
    """The choices that lead to a state that was found."""
    found: list[Move] = []
    exploration.explorer.repeating = True
    while state is not None:
        before, choice = exploration.parents[state]
        explorer = exploration.explorer
        edges = explorer.first() if before is None else explorer.choices(before)
        edge = next(each for each in edges if each.target == state and (each.choice == choice))
        found.append(_move(before, choice, edge.path))
        state = before
    return found[::-1]


def moves_of(exploration: Exploration, violation: PropertyViolation) -> list[Move]:
    """The choices that lead to a violation, the last one up to where it happens."""
    at = violation.at
    if not isinstance(at, ChoiceMade):
        return []
    return [*moves_to(exploration, at.state), _move(at.state, at.choice, violation.path)]


def steps_of(program: Program, moves: list[Move]) -> tuple[ConversationStep, ...]:
    """The conversation for people."""
    return tuple(step for move in moves for step in _steps(program, move))


def _move(state: ConversationState | None, choice: Choice, path: ExecutionPath) -> Move:
    trails: list[Trail] = []
    trail = path.trail
    while trail is not None:
        trails.append(trail)
        trail = trail.before
    return Move(state.topic if state else "", choice, tuple(trails[::-1]), path)


def _steps(program: Program, move: Move) -> Iterator[ConversationStep]:
    if move.choice != START:
        yield _chosen(move.topic, move.choice)
    elif program.model.start:
        yield ConversationStep(text=f"The conversation starts in `{program.model.start}`.", by_model=False)
    for trail in move.trails:
        yield _executed(trail)


def _chosen(topic: str, choice: Choice) -> ConversationStep:
    if isinstance(choice, str):
        text = "The agent answers, and the customer writes again." if choice == REPLY else f"Back to `{choice}`."
        return ConversationStep(text=text)
    tool = choice.tool
    does = {
        ToolKind.TRANSITION: f", which leads to `{tool.target}`",
        ToolKind.DELEGATION: f", which delegates to `{tool.target}`",
        ToolKind.ESCALATION: ", which hands off to a human",
    }.get(tool.kind, "")
    guard = f" (`{shown(tool.guard.condition)}`)" if tool.guard else ""
    return ConversationStep(text=f"In `{topic}` the model calls `{tool.name}`{does}{guard}.", location=tool.location)


def _executed(trail: Trail) -> ConversationStep:
    match trail.op:
        case SetOp(location=location):
            text = _set(trail.op, trail.value)
        case GivenOp(variable=variable, location=location):
            text = f"`{variable}` is {shown_value(trail.value)}: it comes from outside."
        case GoOp(topic=topic, location=location):
            text = f"The script moves to `{topic}`."
        case RunOp(action=action, location=location):
            text = f"The script runs `{action}`."
        case IfOp(text=condition, location=location):
            text = f"`{condition}` {'holds' if trail.taken else 'does not hold'}."
    return ConversationStep(text=text, location=location, by_model=False)


def _set(op: SetOp, value: Outcome) -> str:
    if isinstance(value, Undetermined):
        return f"`{op.variable}` is set."
    chosen = ", as the model chooses" if op.chosen else ", as the action returns it" if op.read is None else ""
    return f"`{op.variable}` becomes {shown_value(value)}{chosen}."


def shown_value(value: Outcome) -> str:
    """A value as people write it in a script."""
    return "an unknown value" if isinstance(value, Undetermined) else shown(Literal(value=value))
