"""The states of a conversation, and what an adversary in place of the model and the customer may choose in each."""

from collections.abc import Iterable, Iterator
from itertools import product
from typing import NamedTuple

from wavegate.guardrails.conditions.evaluate import UNDETERMINED, Valuation
from wavegate.guardrails.model import ToolKind
from wavegate.guardrails.prove.execute import Execution, ExecutionPath, Trail
from wavegate.guardrails.prove.monitor import Monitor
from wavegate.guardrails.prove.program import Program, ToolProgram, TopicProgram
from wavegate.guardrails.prove.proof import Bounds


class ConversationState(NamedTuple):
    """The conversation waits for the model. callers: topics that delegated to this one, and may go on."""

    topic: str
    values: Valuation
    memory: int
    callers: frozenset[str]


REPLY = "reply"
"""The choice to answer, after which the customer writes again."""
START = "start"
Choice = ToolProgram | str
"""What the model does: a tool, REPLY, or the name of a topic that it goes back to. START before everything."""


class ConversationEdge(NamedTuple):
    """One choice. target: None if the conversation ends. escalates: it goes to a human."""

    choice: Choice
    target: ConversationState | None
    path: ExecutionPath
    escalates: bool = False

    @property
    def certain(self) -> bool:
        """Whether the choice is possible for sure."""
        return self.path.certain


class ChoiceMade(NamedTuple):
    """What was chosen, in which state; None at the start."""

    state: ConversationState | None
    choice: Choice


class Explorer:
    """Makes the states and choices of a program.

    repeating: whether a choice is made again that leads to the same states as it did from another state.
    """

    def __init__(self, program: Program, bounds: Bounds) -> None:
        self.program = program
        self.execution = Execution(program.monitor, bounds)
        self.repeating = type(program.monitor).valued is not Monitor.valued
        self._made: set[object] = set()

    def first(self) -> Iterator[ConversationEdge]:
        """Where a conversation may begin."""
        monitor = self.program.monitor
        self.execution.at = ChoiceMade(None, START)
        for values in product(*self.program.initial):
            self.execution.spend(1)
            path = ExecutionPath(values, monitor.valued(values, 0), trail=self._given(values, self.program.given))
            for start in self.program.starts:
                yield from self._edges(START, frozenset(), self.enter(start, path))

    def choices(self, state: ConversationState) -> Iterator[ConversationEdge]:
        """What may come next."""
        topic = self.program.topics[state.topic]
        path = ExecutionPath(state.values, state.memory)
        for program in topic.tools:
            holds = program.test(state.values) if program.test else True
            if holds is not False or not program.tool.certain:
                sure = path._replace(certain=holds is True and program.tool.certain)
                self.execution.at = ChoiceMade(state, program)
                yield from self._tool(state, program, sure)
        for caller in state.callers:
            back = path._replace(certain=len(state.callers) == 1)
            self.execution.at = ChoiceMade(state, caller)
            yield from self._edges(caller, state.callers, self.resume(caller, back))
        self.execution.at = ChoiceMade(state, REPLY)
        yield from self._reply(state, topic, path)

    def enter(self, name: str, path: ExecutionPath) -> list[tuple[str, ExecutionPath]]:
        """Where the conversation waits after it entered a topic; what is executed may lead elsewhere."""
        topic = self.program.topics.get(name)
        if topic is not None and not topic.before and not topic.during:
            return [(name, path)]
        return self._settle([(name, path, True)])

    def resume(self, name: str, path: ExecutionPath) -> list[tuple[str, ExecutionPath]]:
        """Where it waits after a tool left it in the topic."""
        if not self.program.topics[name].during:
            return [(name, path)]
        return self._settle([(name, path, False)])

    def _settle(self, entries: list[tuple[str, ExecutionPath, bool]]) -> list[tuple[str, ExecutionPath]]:
        waiting: list[tuple[str, ExecutionPath]] = []
        seen: set[tuple[str, Valuation, int, bool, bool]] = set()
        while entries:
            name, path, enters = entries.pop()
            key = (name, path.values, path.memory, enters, path.certain)
            topic = self.program.topics.get(name)
            if topic is None or key in seen:
                continue
            seen.add(key)
            self.execution.spend(1)
            paths = self.execution.run(topic.before, [path], gated=True) if enters else [path]
            moved = [each for each in paths if each.goto is not None]
            stayed = [each for each in paths if each.goto is None]
            for each in [*moved, *self.execution.run(topic.during, stayed)]:
                if each.goto is None:
                    waiting.append((name, each))
                elif each.goto in self.program.topics:
                    entries.append((each.goto, each._replace(goto=None), True))
                else:
                    waiting.append((name, each._replace(goto=None, certain=False)))
        return waiting

    def _go(self, current: str, path: ExecutionPath, target: str = "") -> list[tuple[str, ExecutionPath]]:
        """Goes where a transition on the path leads, else to the target, else on in the current topic."""
        going = path._replace(goto=None)
        target = path.goto or target
        if target in self.program.topics:
            return self.enter(target, going)
        return self.resume(current, going._replace(certain=False) if target else going)

    def _tool(
        self, state: ConversationState, program: ToolProgram, path: ExecutionPath
    ) -> Iterator[ConversationEdge]:
        if program.called:
            path = self.execution.call(program.called, path)
        if program.overwrites and not self.repeating and self._was_made(state, program, path):
            return
        tool = program.tool
        if tool.kind in (ToolKind.ESCALATION, ToolKind.END):
            yield ConversationEdge(program, None, path, escalates=tool.kind is ToolKind.ESCALATION)
            return
        delegates = tool.kind is ToolKind.DELEGATION and tool.target in self.program.topics
        callers = state.callers | {state.topic} if delegates else state.callers
        target = tool.target if delegates or tool.kind is ToolKind.TRANSITION else ""
        for after in self.execution.run(program.then, [path]):
            yield from self._edges(program, callers, self._go(state.topic, after, target))

    def _was_made(self, state: ConversationState, program: ToolProgram, path: ExecutionPath) -> bool:
        values = list(path.values)
        for place in program.overwrites:
            values[place] = UNDETERMINED
        key = (id(program), state.topic, tuple(values), path.memory, path.certain, state.callers)
        known = key in self._made
        self._made.add(key)
        return known

    def _reply(
        self, state: ConversationState, topic: TopicProgram, path: ExecutionPath
    ) -> Iterator[ConversationEdge]:
        for after in self.execution.run(topic.after, [path], gated=True):
            if after.goto is not None:
                yield from self._edges(REPLY, state.callers, self._go(state.topic, after))
            else:
                yield from self._next_turn(state, after)

    def _next_turn(self, state: ConversationState, path: ExecutionPath) -> Iterator[ConversationEdge]:
        program = self.program
        for values in self._set_by_caller(path.values):
            memory = program.monitor.valued(values, path.memory)
            trail = self._given(values, (place for place, _ in program.external), path.trail)
            going = path._replace(values=values, memory=memory, trail=trail)
            if program.resets is not False:
                for start in program.starts:
                    yield from self._edges(REPLY, frozenset(), self.enter(start, going))
            if not program.resets:
                yield from self._edges(REPLY, state.callers, self.enter(state.topic, going))

    def _given(self, values: Valuation, places: Iterable[int], trail: Trail | None = None) -> Trail | None:
        for place in places:
            trail = Trail(trail, self.program.given[place], value=values[place])
        return trail

    def _set_by_caller(self, values: Valuation) -> Iterator[Valuation]:
        external = self.program.external
        if not external:
            yield values
            return
        for choice in product(*(spread for _, spread in external)):
            self.execution.spend(1)
            changed = list(values)
            for (place, _), value in zip(external, choice, strict=True):
                changed[place] = value
            yield tuple(changed)

    def _edges(
        self, choice: Choice, callers: frozenset[str], waiting: Iterable[tuple[str, ExecutionPath]]
    ) -> Iterator[ConversationEdge]:
        for name, path in waiting:
            yield ConversationEdge(choice, ConversationState(name, path.values, path.memory, callers), path)
