"""The deterministic half of a topic as a list of steps, each with the condition under which it is taken."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from wavegate.guardrails.conditions.expression import Binary, Expression, Group, Not
from wavegate.guardrails.diff.expressions import TRUE
from wavegate.guardrails.model import (
    BranchStep,
    Guard,
    RunStep,
    SetStep,
    Statement,
    Tool,
    ToolKind,
    Topic,
    TransitionStep,
)

Phase = Literal["before", "during", "after", "then"]
"""Before reasoning, within the instructions, after reasoning, after a tool."""
PHASES: dict[Phase, str] = {
    "before": "before reasoning",
    "during": "in the instructions",
    "after": "after reasoning",
    "then": "after the tool",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenStep:
    """A step that is not a branch. condition: TRUE if it is always taken. tool: what it follows, or ''.

    text: the condition as written, '' if there is none.

    behind: names of the topics that an earlier step before reasoning may have left for instead of taking this one.
    """

    phase: Phase
    tool: str
    statement: SetStep | RunStep | TransitionStep
    condition: Expression
    text: str = ""
    behind: frozenset[str] = frozenset()

    @property
    def leads_to(self) -> str:
        """The topic that the conversation goes to, or ''."""
        return self.statement.topic if isinstance(self.statement, TransitionStep) else ""

    @property
    def when(self) -> str:
        """The condition as the end of a sentence."""
        return f"when `{self.text}`" if self.text else "always"


def steps_in(topic: Topic) -> Iterator[TakenStep]:
    """All steps of a topic."""
    yield from _with_gates(flattened(topic.before, phase="before"))
    yield from flattened(topic.during, phase="during")
    yield from flattened(topic.after, phase="after")
    for tool in topic.tools:
        yield from steps_after(tool)


def steps_after(tool: Tool) -> Iterator[TakenStep]:
    """What follows a tool without the model's choice. What the tool itself sets is its binding, and not a step."""
    own = {(each.name, each.value) for each in tool.bindings} if tool.kind is ToolKind.SET else set()
    for each in flattened(tool.then, phase="then", tool=tool.name):
        if not (isinstance(each.statement, SetStep) and (each.statement.variable, each.statement.value) in own):
            yield each


def flattened(
    statements: tuple[Statement, ...], *, phase: Phase, tool: str = "", path: tuple[Expression, str] = (TRUE, "")
) -> Iterator[TakenStep]:
    """The steps of a procedure in order, without its branches. path: condition and text that lead to it."""
    for each in statements:
        if isinstance(each, BranchStep):
            taken, passed = _branches(path, each.guard)
            yield from flattened(each.then, phase=phase, tool=tool, path=taken)
            yield from flattened(each.otherwise, phase=phase, tool=tool, path=passed)
            continue
        yield TakenStep(phase=phase, tool=tool, statement=each, condition=path[0], text=path[1])
        if isinstance(each, RunStep):
            yield from flattened(each.then, phase=phase, tool=tool, path=path)


def _branches(path: tuple[Expression, str], guard: Guard) -> tuple[tuple[Expression, str], tuple[Expression, str]]:
    """The paths into a branch and past it."""
    condition, text = path
    refused = Not(operand=Group(inner=guard.condition))
    before = f"{text} and " if text else ""
    return (
        (_and(condition, guard.condition), before + guard.text),
        (_and(condition, refused), f"{before}not ({guard.text})"),
    )


def _and(left: Expression, right: Expression) -> Expression:
    grouped = Group(inner=right)
    return grouped if left == TRUE else Binary(operator="and", left=left, right=grouped)


def _with_gates(steps: Iterator[TakenStep]) -> Iterator[TakenStep]:
    left: set[str] = set()
    for each in steps:
        yield replace(each, behind=frozenset(left))
        if each.leads_to:
            left.add(each.leads_to)
