"""Executes statements on all values that are possible at once."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Optional

from wavegate.guardrails.conditions.evaluate import UNDETERMINED, Outcome, Valuation
from wavegate.guardrails.prove.monitor import ActionCalled, Monitor, VariableWritten, Watched
from wavegate.guardrails.prove.ops import GivenOp, GoOp, IfOp, Op, RunOp, SetOp
from wavegate.guardrails.prove.proof import Bounds
from wavegate.text import pluralize


class Trail(NamedTuple):
    """What was executed, the last first. taken: the branch; value: what was set."""

    before: Optional["Trail"]
    op: Op
    taken: bool = True
    value: Outcome = None


class ExecutionPath(NamedTuple):
    """One possibility within a step. goto: the topic that the conversation moves to, None if it stays.

    certain: every condition on the way was known to go this way. answers: of the world outside, within a block.
    """

    values: Valuation
    memory: int
    goto: str | None = None
    certain: bool = True
    trail: Trail | None = None
    answers: tuple[tuple[str, Outcome], ...] = ()


class PropertyViolation(NamedTuple):
    """The property does not hold at the end of the path. text: why. at: what was chosen where."""

    text: str
    path: ExecutionPath
    certain: bool
    at: object


class ExhaustedError(Exception):
    """A bound was reached. Never leaves this package. reason: which one, as a sentence's end."""


class Execution:
    """Executes statements for one monitor within some bounds, and keeps the violations until they are taken.

    at: what is being chosen where. events: how often the property's subject was called, or set.
    """

    def __init__(self, monitor: Monitor, bounds: Bounds) -> None:
        self.monitor = monitor
        self.bounds = bounds
        self.work = 0
        self.events = 0
        self.at: object = None
        self.violations: list[PropertyViolation] = []

    def run(self, ops: Sequence[Op], paths: Iterable[ExecutionPath], *, gated: bool = False) -> list[ExecutionPath]:
        """All possibilities after a block of statements, within which the world outside does not change its answers.

        gated: nothing is executed after a transition; else both possibilities are followed, since the language does
        not say whether a hand-off ends what stands behind it.
        """
        found: _Paths = {}
        _merge(found, (each._replace(answers=()) for each in self.within(ops, paths, gated=gated)))
        return list(found.values())

    def within(self, ops: Sequence[Op], paths: Iterable[ExecutionPath], *, gated: bool) -> list[ExecutionPath]:
        """All possibilities after statements of a block."""
        current = list(paths)
        for op in ops:
            found: _Paths = {}
            for path in current:
                if path.goto is None:
                    _merge(found, self.step(op, path, gated=gated))
                elif gated:
                    _merge(found, [path])
                else:
                    unsure = path._replace(certain=False)
                    _merge(found, [unsure, *self.step(op, unsure, gated=gated)])
            current = list(found.values())
        return current

    def step(self, op: Op, path: ExecutionPath, *, gated: bool) -> list[ExecutionPath]:
        """All possibilities after one statement."""
        match op:
            case SetOp():
                return self.set(op, path)
            case GoOp(topic=topic):
                self.spend(1)
                return [path._replace(goto=topic, trail=Trail(path.trail, op))]
            case RunOp(called=called, then=then):
                self.spend(1)
                path = path._replace(trail=Trail(path.trail, op))
                before = path._replace(answers=())
                after = self.run(then, [self.call(called, before) if called else before], gated=gated)
                return [each._replace(answers=path.answers) for each in after]
            case IfOp():
                return self.branch(op, path, gated=gated)
            case GivenOp():
                return [path]

    def branch(self, op: IfOp, path: ExecutionPath, *, gated: bool) -> list[ExecutionPath]:
        self.spend(1)
        holds = op.test(path.values)
        certain = path.certain and holds is not None
        found: list[ExecutionPath] = []
        for taken, ops in ((True, op.then), (False, op.otherwise)):
            if holds is None or holds is taken:
                trail = Trail(path.trail, op, taken)
                found += self.within(ops, [path._replace(certain=certain, trail=trail)], gated=gated)
        return found

    def set(self, op: SetOp, path: ExecutionPath) -> list[ExecutionPath]:
        if op.written:
            path = self.write(op, op.written, path)
        if op.place is None or op.values is None:
            return [path]
        known = dict(path.answers)
        if op.answer in known:
            values, certain = op.values.answered(known[op.answer])
        else:
            values, certain = op.values.after(op.read, path.values)
        self.spend(len(values))
        return [self._with(op, path, value, certain=path.certain and certain) for value in values]

    def _with(self, op: SetOp, path: ExecutionPath, value: Outcome, *, certain: bool) -> ExecutionPath:
        place = op.place or 0
        values = (*path.values[:place], value, *path.values[place + 1 :])
        memory = self.monitor.valued(values, path.memory)
        answers = path.answers
        if op.answer and op.answer not in dict(answers):
            answers = (*answers, (op.answer, value))
        return ExecutionPath(values, memory, path.goto, certain, Trail(path.trail, op, value=value), answers)

    def call(self, called: ActionCalled, path: ExecutionPath) -> ExecutionPath:
        """The path after the monitor saw the call."""
        self.events += self.monitor.subject in called.names
        return self._watched(self.monitor.called(called, path.values, path.memory), path)

    def write(self, op: SetOp, written: VariableWritten, path: ExecutionPath) -> ExecutionPath:
        """The path after the monitor saw the writing."""
        self.events += 1
        seen = self.monitor.written(written, path.memory)
        self._watched(seen, path._replace(trail=Trail(path.trail, op, value=UNDETERMINED)))
        return path._replace(memory=seen.memory)

    def _watched(self, seen: Watched, path: ExecutionPath) -> ExecutionPath:
        if seen.violation:
            self.violations.append(PropertyViolation(seen.violation, path, path.certain and seen.certain, self.at))
        return path._replace(memory=seen.memory)

    def spend(self, work: int) -> None:
        """Counts work. Errors: ExhaustedError if there was too much of it, or its time is up."""
        before = self.work
        self.work += work
        if self.work > self.bounds.work:
            raise ExhaustedError(f"more than {pluralize(self.bounds.work, 'step')}")
        if before // 1_000 != self.work // 1_000 and self.bounds.late():
            raise ExhaustedError("it takes too long")


_Paths = dict[tuple[object, ...], ExecutionPath]
"""The paths to remember, one for all that go on alike."""


def _merge(found: _Paths, paths: Iterable[ExecutionPath]) -> None:
    for path in paths:
        key = (path.values, path.memory, path.goto, path.answers)
        known = found.get(key)
        if known is None or (path.certain and not known.certain):
            found[key] = path
