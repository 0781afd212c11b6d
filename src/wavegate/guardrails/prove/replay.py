"""Executes one conversation with concrete values, statement by statement, to check what the exploration found."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from wavegate.findings.finding import Location
from wavegate.guardrails.conditions.evaluate import UNDETERMINED, Evaluator, Outcome, Valuation
from wavegate.guardrails.conditions.expression import Chosen, Expression
from wavegate.guardrails.model import (
    AgentModel,
    BranchStep,
    RunStep,
    SetStep,
    Statement,
    Tool,
    ToolKind,
    TransitionStep,
    VariableKind,
)
from wavegate.guardrails.prove.answers import answer_of, is_free
from wavegate.guardrails.prove.choices import REPLY, START
from wavegate.guardrails.prove.concrete import some_value, start_value
from wavegate.guardrails.prove.conversation import Move
from wavegate.guardrails.prove.execute import Trail
from wavegate.guardrails.prove.meanings import NameMeanings
from wavegate.guardrails.prove.monitor import ActionCalled, VariableWritten
from wavegate.guardrails.prove.ops import GivenOp, IfOp, SetOp
from wavegate.guardrails.prove.outside import answers_for
from wavegate.guardrails.prove.relevance import is_confirmed, tools_of
from wavegate.guardrails.topology import steps_in


class Recorded(NamedTuple):
    """What happened, with the values of all variables at that moment. event: None if only the values changed."""

    values: Valuation
    event: ActionCalled | VariableWritten | None = None


class _ImpossibleError(Exception):
    """The conversation cannot be executed as it was found, or not for sure."""


class _EndlessError(Exception):
    """The script moves from topic to topic without an end."""


_MAX_ENTERED = 1_000
"""How often one conversation enters a topic."""


def replayed(
    model: AgentModel, moves: Sequence[Move], followed: Iterable[str], *, resets: bool | None
) -> "ConcreteExecution | None":
    """The execution of the conversation; None if it is not shown to be possible.

    followed: variables whose values the exploration chose. resets: whether each turn begins in the start topic.
    """
    starts = [model.start] if model.start else [topic.name for topic in model.topics]
    for start in starts:
        replay = ConcreteExecution(model, followed, resets=resets)
        try:
            replay.all(moves, start)
        except _ImpossibleError:
            continue
        except _EndlessError:
            return replay  # what happened until then did happen
        return replay
    return None


class ConcreteExecution:
    """One execution. log: what happened, in order. topic: where the conversation waits."""

    def __init__(self, model: AgentModel, followed: Iterable[str], *, resets: bool | None) -> None:
        self.model = model
        self.resets = resets
        self.followed = frozenset(followed)
        self.meanings = NameMeanings(model)
        self.topics = {topic.name: topic for topic in model.topics}
        self.variables = {variable.name: variable for variable in model.variables}
        self.places = {name: place for place, name in enumerate(self.variables)}
        self.evaluator = Evaluator({f"@variables.{name}": place for name, place in self.places.items()})
        self.values = [start_value(variable) for variable in self.variables.values()]
        self.topic = ""
        self.callers: set[str] = set()
        self.log: list[Recorded] = []
        self.picks: list[tuple[str, Outcome]] = []
        self.taken: list[tuple[Location, bool]] = []
        self.answers: dict[str, Outcome] = {}
        self.entered = 0

    def all(self, moves: Sequence[Move], start: str) -> None:
        """Executes the moves. Errors: _ImpossibleError."""
        for move in moves:
            self.picks = [pick for trail in move.trails for pick in _picks(trail)]
            self.taken = [(op.location, trail.taken) for trail in move.trails if isinstance(op := trail.op, IfOp)]
            self.answers = {}
            if move.choice == START:
                self.give()
                self.enter(start)
            elif move.topic != self.topic:
                raise _ImpossibleError
            elif move.choice == REPLY:
                self.reply(start)
            elif isinstance(move.choice, str):
                self.go_back(move.choice)
            else:
                self.call(move.choice.tool)

    def give(self) -> None:
        """Takes the values that come from outside."""
        while self.picks and any(
            name == self.picks[0][0] and (variable.external or variable.kind is VariableKind.LINKED)
            for name, variable in self.variables.items()
        ):
            self.assign(*self.picks.pop(0))
        self.log.append(Recorded(tuple(self.values)))

    def enter(self, name: str) -> None:
        target = name
        while target:
            self.entered += 1
            if target not in self.topics:
                raise _ImpossibleError
            if self.entered > _MAX_ENTERED:
                raise _EndlessError
            self.topic = target
            topic, sources = self.topics[target], self.meanings.of_topic(target)
            target = self.block(topic.before, sources) or self.block(topic.during, sources)

    def resume(self) -> None:
        target = self.block(self.topics[self.topic].during, self.meanings.of_topic(self.topic))
        if target:
            self.enter(target)

    def reply(self, start: str) -> None:
        target = self.block(self.topics[self.topic].after, self.meanings.of_topic(self.topic))
        if target:
            self.enter(target)
            return
        self.give()
        if self.resets or not self.model.start:
            self.callers.clear()
            self.enter(start)
        else:
            self.enter(self.topic)

    def go_back(self, caller: str) -> None:
        if caller not in self.callers:
            raise _ImpossibleError
        self.topic = caller
        self.resume()

    def call(self, tool: Tool) -> None:
        here = self.topics[self.topic]
        if tool not in tools_of(self.model, here) or not tool.certain:
            raise _ImpossibleError
        if tool.guard and not self.decided(tool.guard.condition, wanted=True):
            raise _ImpossibleError
        names = self.meanings.of_tool(tool)
        confirmed = tool.kind is ToolKind.ACTION and is_confirmed(self.model, here, tool.target)
        self.log.append(Recorded(tuple(self.values), ActionCalled(names=names, topic=here.name, confirmed=confirmed)))
        if tool.kind in (ToolKind.ESCALATION, ToolKind.END):
            return
        target = self.block(tool.then, names | self.meanings.of_topic(here.name))
        if tool.kind is ToolKind.DELEGATION and tool.target in self.topics:
            self.callers.add(here.name)
        if tool.kind is ToolKind.TRANSITION or (tool.kind is ToolKind.DELEGATION and tool.target in self.topics):
            target = target or tool.target
        if target:
            self.enter(target)
        else:
            self.resume()

    def execute(self, statements: Iterable[Statement], sources: frozenset[str]) -> str:
        """Executes statements up to a transition. Returns the topic that it leads to, or ''."""
        for statement in statements:
            target = self.step(statement, sources)
            if target:
                return target
        return ""

    def step(self, statement: Statement, sources: frozenset[str]) -> str:
        match statement:
            case TransitionStep(topic=topic):
                return topic
            case SetStep():
                self.set(statement, sources)
                return ""
            case RunStep(action=action, then=then):
                called = ActionCalled(names=frozenset({action}), topic=self.topic, confirmed=False)
                self.log.append(Recorded(tuple(self.values), called))
                return self.block(then, sources | {action})
            case BranchStep():
                return self.branch(statement, sources)

    def block(self, statements: Iterable[Statement], sources: frozenset[str]) -> str:
        """Executes statements that have answers of the world outside of their own."""
        outer, self.answers = self.answers, {}
        target = self.execute(statements, sources)
        self.answers = outer
        return target

    def branch(self, step: BranchStep, sources: frozenset[str]) -> str:
        if self.matters(step):
            wanted = next((taken for location, taken in self.taken if location == step.location), True)
            self.taken = [each for each in self.taken if each != (step.location, wanted)]
            holds = self.decided(step.guard.condition, wanted=wanted)
        else:
            holds = bool(self.holds(step.guard.condition))
        return self.execute(step.then if holds else step.otherwise, sources)

    def decided(self, condition: Expression, *, wanted: bool) -> bool:
        """Whether the condition holds; what comes from outside is answered as wanted. Errors: _ImpossibleError."""
        holds = self.holds(condition)
        if holds is not None:
            return holds
        answers = answers_for(condition, tuple(self.values), self.evaluator.places, self.answers, wanted=wanted)
        if answers is None:
            raise _ImpossibleError
        self.answers |= answers
        return wanted

    def matters(self, step: BranchStep) -> bool:
        """Whether it matters which way an unknown condition goes."""
        inside = steps_in((*step.then, *step.otherwise))
        return any(not isinstance(each, BranchStep | SetStep) or self.is_followed(each) for each in inside)

    def is_followed(self, statement: Statement) -> bool:
        return isinstance(statement, SetStep) and statement.variable in self.followed

    def set(self, step: SetStep, sources: frozenset[str]) -> None:
        written = VariableWritten(variable=step.variable, sources=sources, chosen=isinstance(step.value, Chosen))
        self.log.append(Recorded(tuple(self.values), written))
        if is_free(step.value):
            answer = answer_of(step)
            picked = self.picked(step.variable)
            self.assign(step.variable, self.answers.setdefault(answer, picked) if answer else picked)
        else:
            self.assign(step.variable, self.evaluator.read(step.value)(tuple(self.values)))
        self.log.append(Recorded(tuple(self.values)))

    def picked(self, name: str) -> Outcome:
        if self.picks and self.picks[0][0] == name:
            return self.picks.pop(0)[1]
        variable = self.variables.get(name)
        return UNDETERMINED if variable is None else some_value(variable)

    def assign(self, name: str, value: Outcome) -> None:
        if name in self.places:
            self.values[self.places[name]] = value

    def holds(self, condition: Expression) -> bool | None:
        return self.evaluator.test(condition)(tuple(self.values))


def _picks(trail: Trail) -> list[tuple[str, Outcome]]:
    match trail.op:
        case GivenOp(variable=variable) | SetOp(variable=variable, read=None, place=int()):
            return [] if trail.value is UNDETERMINED else [(variable, trail.value)]
        case _:
            return []
