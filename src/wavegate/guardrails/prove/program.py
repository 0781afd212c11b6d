"""An agent as a program to explore: what concerns the property, with its conditions as functions."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from wavegate.guardrails.conditions.domains import walk
from wavegate.guardrails.conditions.emit import shown
from wavegate.guardrails.conditions.evaluate import UNDETERMINED, Evaluator, Outcome, Read, Test, Valuation
from wavegate.guardrails.conditions.expression import Binary, Chosen, Expression
from wavegate.guardrails.model import (
    AgentModel,
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
from wavegate.guardrails.prove.answers import answer_of, blocks_of, is_free, shared_answers
from wavegate.guardrails.prove.meanings import NameMeanings
from wavegate.guardrails.prove.monitor import ActionCalled, Monitor, VariableWritten
from wavegate.guardrails.prove.ops import GivenOp, GoOp, IfOp, Op, RunOp, SetOp
from wavegate.guardrails.prove.relevance import is_confirmed, statements_of, tools_of
from wavegate.guardrails.prove.values import VariableDomains, VariableValues


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolProgram:
    """What the model may choose. test: of its guard, None if it has none. called: for the monitor, or None.

    overwrites: places of the values that are set first, whatever they were before.
    """

    tool: Tool
    test: Test | None
    called: ActionCalled | None
    then: tuple[Op, ...]
    overwrites: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TopicProgram:
    """One topic. before, during, after: what is executed without a choice."""

    name: str
    before: tuple[Op, ...]
    during: tuple[Op, ...]
    after: tuple[Op, ...]
    tools: tuple[ToolProgram, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """An agent to explore.

    variables: those that are followed, in the order of their places. initial: their values at the start. external:
    places and values of those that the caller may set at each turn. given: what is known of a value that comes from
    outside, by place. starts: topics that the conversation may start in. resets: whether each turn begins there;
    None: it may or may not.
    """

    model: AgentModel
    topics: Mapping[str, TopicProgram]
    variables: tuple[str, ...]
    initial: tuple[tuple[Outcome, ...], ...]
    external: tuple[tuple[int, tuple[Outcome, ...]], ...]
    given: Mapping[int, "GivenOp"]
    starts: tuple[str, ...]
    monitor: Monitor
    resets: bool | None


def build_program(model: AgentModel, monitor: Monitor, relevant: Iterable[str], dropped: Iterable[str]) -> Program:
    """The program of an agent for one property.

    relevant: the variables that bear on it. dropped: those among them whose values are not followed.
    """
    relevant, dropped = frozenset(relevant), frozenset(dropped)
    declared = {variable.name: variable for variable in model.variables}
    followed = [name for name in declared if name in relevant and name not in dropped]
    domains = _domains(model, monitor, followed)
    values = {name: domains.of(name) for name in followed}
    places = {name: place for place, name in enumerate(followed)}
    evaluator = Evaluator({f"@variables.{name}": place for name, place in places.items()})
    monitor.bind(evaluator)
    builder = _Builder(model, monitor, evaluator, places, values)
    return Program(
        model=model,
        topics={topic.name: builder.topic(topic) for topic in model.topics},
        variables=tuple(followed),
        initial=tuple(values[name].initial for name in followed),
        external=tuple((places[name], values[name].spread) for name in followed if declared[name].external),
        given={
            places[name]: GivenOp(variable=name, location=declared[name].location)
            for name in followed
            if len(values[name].initial) > 1
        },
        starts=(model.start,) if model.start else tuple(topic.name for topic in model.topics),
        monitor=monitor,
        resets=model.resets if model.start else True,
    )


def _domains(model: AgentModel, monitor: Monitor, followed: Sequence[str]) -> VariableDomains:
    statements = [each for topic in model.topics for each, _ in statements_of(model, topic)]
    conditions = [each.guard.condition for each in statements if isinstance(each, BranchStep)]
    tools = (tool for topic in model.topics for tool in tools_of(model, topic))
    conditions += [tool.guard.condition for tool in tools if tool.guard]
    conditions += [monitor.condition] if monitor.condition is not None else []
    assignments = [each for each in statements if isinstance(each, SetStep) and each.variable in followed]
    alike = {names for block in blocks_of(model) for names in shared_answers(block, followed).values()}
    return VariableDomains(model.variables, list(dict.fromkeys(conditions)), assignments, sorted(alike, key=sorted))


class _Builder:
    def __init__(
        self,
        model: AgentModel,
        monitor: Monitor,
        evaluator: Evaluator,
        places: Mapping[str, int],
        values: Mapping[str, VariableValues],
    ) -> None:
        self.model, self.monitor, self.evaluator = model, monitor, evaluator
        self.places, self.values = places, values
        self.shared: frozenset[str] = frozenset()
        self.meanings = NameMeanings(model)

    def topic(self, topic: Topic) -> TopicProgram:
        here = self.meanings.of_topic(topic.name)
        during = self.block(topic.during, here, topic)
        tools = (self.tool(tool, topic, again=bool(during)) for tool in tools_of(self.model, topic))
        return TopicProgram(
            name=topic.name,
            before=self.block(topic.before, here, topic),
            during=during,
            after=self.block(topic.after, here, topic),
            tools=tuple(tool for tool in tools if tool is not None),
        )

    def tool(self, tool: Tool, topic: Topic, *, again: bool) -> ToolProgram | None:
        """The tool; None if its call changes nothing that concerns the property.

        again: the topic's instructions do, and every call has them executed once more.
        """
        names = self.meanings.of_tool(tool)
        then = self.block(tool.then, names | self.meanings.of_topic(topic.name), topic)
        watched = bool(names & self.monitor.actions)
        if not then and not watched and not again and tool.kind in (ToolKind.ACTION, ToolKind.SET):
            return None
        confirmed = tool.kind is ToolKind.ACTION and is_confirmed(self.model, topic, tool.target)
        called = ActionCalled(names=names, topic=topic.name, confirmed=confirmed) if watched else None
        return ToolProgram(
            tool=tool, test=self.test(tool.guard), called=called, then=then, overwrites=_overwritten(then)
        )

    def test(self, guard: Guard | None) -> Test | None:
        return self.evaluator.test(guard.condition) if guard else None

    def block(self, statements: Sequence[Statement], sources: frozenset[str], topic: Topic) -> tuple[Op, ...]:
        """Statements within which the world outside does not change its answers."""
        outer, self.shared = self.shared, frozenset(shared_answers(statements, self.places))
        found = self.ops(statements, sources, topic)
        self.shared = outer
        return found

    def ops(self, statements: Iterable[Statement], sources: frozenset[str], topic: Topic) -> tuple[Op, ...]:
        found = (self.op(statement, sources, topic) for statement in statements)
        return tuple(op for op in found if op is not None)

    def op(self, statement: Statement, sources: frozenset[str], topic: Topic) -> Op | None:
        """The statement; None if it changes nothing that concerns the property."""
        match statement:
            case SetStep():
                return self.set(statement, sources)
            case TransitionStep(topic=target, location=location):
                return GoOp(topic=target, location=location)
            case RunStep():
                return self.run(statement, sources, topic)
            case BranchStep(guard=guard, location=location):
                then = self.ops(statement.then, sources, topic)
                otherwise = self.ops(statement.otherwise, sources, topic)
                if not then and not otherwise:
                    return None
                test = self.evaluator.test(guard.condition)
                text = shown(guard.condition)
                return IfOp(test=test, text=text, then=then, otherwise=otherwise, location=location)

    def run(self, step: RunStep, sources: frozenset[str], topic: Topic) -> Op | None:
        then = self.block(step.then, sources | {step.action}, topic)
        watched = step.action in self.monitor.actions
        if not then and not watched:
            return None
        called = ActionCalled(names=frozenset({step.action}), topic=topic.name, confirmed=False) if watched else None
        return RunOp(action=step.action, called=called, then=then, location=step.location)

    def set(self, step: SetStep, sources: frozenset[str]) -> Op | None:
        place = self.places.get(step.variable)
        chosen = isinstance(step.value, Chosen)
        watched = step.variable == self.monitor.variable
        if place is None and not watched:
            return None
        answer = answer_of(step)
        return SetOp(
            variable=step.variable,
            chosen=chosen,
            place=place,
            values=self.values.get(step.variable),
            read=None if is_free(step.value) else self.read(step.value),
            written=VariableWritten(variable=step.variable, sources=sources, chosen=chosen) if watched else None,
            location=step.location,
            answer=answer if answer in self.shared else "",
        )

    def read(self, value: Expression) -> Read:
        read = self.evaluator.read(value)
        return _without_growing_text(read) if _joins(value) else read


def _overwritten(ops: Iterable[Op]) -> tuple[int, ...]:
    free = takewhile(lambda op: isinstance(op, SetOp) and op.read is None, ops)
    return tuple(op.place for op in free if isinstance(op, SetOp) and op.place is not None)


def _joins(value: Expression) -> bool:
    return any(isinstance(part, Binary) and part.operator == "+" for part in walk(value))


def _without_growing_text(read: Read) -> Callable[[Valuation], Outcome]:
    """Text that is put together is not followed: it could grow for ever."""

    def limited(valuation: Valuation) -> Outcome:
        value = read(valuation)
        return UNDETERMINED if isinstance(value, str) else value

    return limited
