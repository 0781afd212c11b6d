"""Small random agents, with a plain enumeration of their concrete conversations to compare verdicts with."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from hypothesis import strategies as st

from wavegate.findings.finding import Location
from wavegate.guardrails.conditions.expression import Literal, Value
from wavegate.guardrails.conditions.parse import parse_expression
from wavegate.guardrails.model import (
    Action,
    AgentModel,
    AgentSource,
    BranchStep,
    Guard,
    RunStep,
    SetStep,
    Statement,
    Tool,
    ToolKind,
    Topic,
    TransitionStep,
    Variable,
    VariableKind,
)
from wavegate.guardrails.properties import UnreadableProperty, parse_property
from wavegate.guardrails.prove.checker import prove_model
from wavegate.guardrails.prove.proof import ProofVerdict

HERE = Location(file="desk.agent")
TOPICS = ("desk", "card", "fines")
ACTIONS = ("check", "pay", "look")
MAX_COUNT = 4
"""Beyond it, the enumeration counts no further: no condition has a larger number."""

BOOLEANS = ("a", "b")
CONDITIONS = st.sampled_from(
    ["a", "not a", "b", "a and b", "a or b", "a == True", "b != True", "b is None", "n < 2", "n == 1", "a and n >= 2"]
)
VALUES = st.sampled_from(["True", "False", "...", "@outputs.ok", "not @variables.a", "@variables.a"])


OUTSIDE: tuple[Value, ...] = (True, False, None)
"""What the model may choose for a boolean, and what an action may return."""


class Values(NamedTuple):
    """The variables: `b` has no default, `n` counts up."""

    a: Value = False
    b: Value = None
    n: int = 0


def guard(text: str) -> Guard:
    for name in Values._fields:
        text = " ".join(f"@variables.{word}" if word == name else word for word in text.split())
    return Guard(condition=parse_expression(text), text=text, location=HERE)


def sets(name: str, value: str) -> SetStep:
    return SetStep(variable=name, value=parse_expression(value), location=HERE)


STEPS = (
    st.builds(sets, st.sampled_from(BOOLEANS), VALUES)
    | st.just(sets("n", "@variables.n + 1"))
    | st.just(sets("n", "0"))
)  # fmt: skip
MOVES = st.builds(lambda topic: TransitionStep(topic=topic, location=HERE), st.sampled_from(TOPICS[:2]))


def branch(text: str, then: Statement, otherwise: tuple[Statement, ...]) -> BranchStep:
    return BranchStep(guard=guard(text), then=(then,), otherwise=otherwise, location=HERE)


BRANCHES = st.builds(branch, CONDITIONS, STEPS | MOVES, st.lists(STEPS, max_size=1).map(tuple))
RUNS = st.builds(
    lambda action, then: RunStep(action=action, bindings=(), then=tuple(then), location=HERE),
    st.sampled_from(ACTIONS),
    st.lists(STEPS, max_size=1),
)
DURING = st.tuples(st.lists(STEPS | RUNS, max_size=1), st.lists(BRANCHES | RUNS, max_size=1)).map(
    lambda pair: (*pair[0], *pair[1])
)
"""Steps of which only the last one may lead elsewhere: what stands behind it may be executed or not."""


@st.composite
def tools(draw: st.DrawFn, name: str) -> Tool:
    kind = draw(st.sampled_from([ToolKind.ACTION, ToolKind.ACTION, ToolKind.TRANSITION, ToolKind.ESCALATION]))
    target = {ToolKind.ACTION: ACTIONS, ToolKind.TRANSITION: TOPICS[:2]}.get(kind, ("",))
    steps = draw(st.lists(STEPS, max_size=2).map(tuple) | DURING) if kind is ToolKind.ACTION else ()
    return Tool(
        name=name,
        kind=kind,
        target=draw(st.sampled_from(target)),
        guard=draw(st.none() | st.builds(guard, CONDITIONS)),
        bindings=(),
        then=steps,
        description="",
        location=HERE,
    )


@st.composite
def topics(draw: st.DrawFn, name: str) -> Topic:
    confirmed = draw(st.booleans())
    actions = (
        Action(name=each, target="", confirmed=confirmed, inputs=(), outputs=(), description="", location=HERE)
        for each in ACTIONS
    )
    return Topic(
        name=name,
        label="",
        description="",
        tools=tuple(draw(tools(f"{name}_{number}")) for number in range(draw(st.integers(0, 3)))),
        actions=tuple(actions),
        instructions=(),
        location=HERE,
        before=tuple(draw(st.lists(BRANCHES | STEPS | RUNS, max_size=2))),
        during=draw(st.just(()) | DURING),
        after=tuple(draw(st.lists(BRANCHES | STEPS, max_size=1))),
    )


def declared(name: str, type_name: str, default: Value) -> Variable:
    given = None if default is None else Literal(value=default)
    return Variable(
        name=name, kind=VariableKind.MUTABLE, type=type_name, default=given, external=False, source="", location=HERE
    )


@st.composite
def agents(draw: st.DrawFn) -> AgentModel:
    return AgentModel(
        name="Desk",
        source=AgentSource.SCRIPT,
        start="desk",
        topics=tuple(draw(topics(name)) for name in TOPICS[: draw(st.integers(2, 3))]),
        variables=(declared("a", "boolean", False), declared("b", "boolean", None), declared("n", "number", 0)),
        instructions=(),
        settings=(),
        location=HERE,
        resets=draw(st.booleans()),
    )


class Moment(NamedTuple):
    """The conversation waits in a topic. checked: whether `check` was called. paid: how often `pay` was, up to 2."""

    topic: str
    values: Values
    checked: bool = False
    paid: int = 0
    was_true: bool = False


@dataclass
class Enumeration:
    """All concrete conversations; a value that comes from outside is each of True, False and None."""

    agent: AgentModel
    broken: dict[str, int] = field(default_factory=dict)
    """For each property its fewest choices."""
    called: set[str] = field(default_factory=set)
    back: dict[Moment, set[Moment]] = field(default_factory=dict)
    seen: dict[Moment, int] = field(default_factory=dict)
    ends: set[Moment] = field(default_factory=set)
    choices: int = 0
    """How many were made, this one included."""

    def __post_init__(self) -> None:
        self.topics = {topic.name: topic for topic in self.agent.topics}
        pending: deque[Moment] = deque()
        for moment in self.enter("desk", Moment("desk", Values()), set()):
            self.meet(None, moment, 0, pending)
        while pending:
            moment = pending.popleft()
            self.choices = self.seen[moment] + 1
            for following in self.following(moment):
                self.meet(moment, following, self.choices, pending)

    def meet(self, before: Moment | None, moment: Moment, choices: int, pending: deque[Moment]) -> None:
        if moment not in self.seen:
            self.seen[moment] = choices
            pending.append(moment)
        if before is not None:
            self.back.setdefault(moment, set()).add(before)

    def following(self, moment: Moment) -> Iterator[Moment]:
        topic = self.topics[moment.topic]
        for tool in topic.tools:
            if tool.guard and not holds(tool.guard, moment.values):
                continue
            if tool.kind is ToolKind.ESCALATION:
                self.ends.add(moment)
            elif tool.kind is ToolKind.TRANSITION:
                yield from self.enter(tool.target, moment, set())
            else:
                called = self.call(tool, topic, moment)
                for after, target in called:
                    yield from self.enter(target, after, set()) if target else self.resume(after, set())
        for after, target in self.block(topic.after, moment):
            yield from self.enter(target or ("desk" if self.agent.resets else moment.topic), after, set())

    def call(self, tool: Tool, topic: Topic, moment: Moment) -> list[tuple[Moment, str]]:
        return self.block(tool.then, self.executed(tool.target, moment, confirmed=topic.actions[0].confirmed))

    def executed(self, action: str, moment: Moment, *, confirmed: bool) -> Moment:
        self.called.add(action)
        if action == "pay":
            for line, right in (
                ("never pay unless a", bool(moment.values.a)),
                ("never pay before check", moment.checked),
                ("never pay before b is True", moment.was_true),
                ("never pay unless b is not None", moment.values.b is not None),
                ("always confirm pay", confirmed),
                ("pay only from desk", moment.topic == "desk"),
                ("pay at most 1 time", moment.paid < 1),
            ):
                if not right:
                    self.broken.setdefault(line, self.choices)
        paid = min(moment.paid + (action == "pay"), 2)
        return moment._replace(checked=moment.checked or action == "check", paid=paid)

    def enter(self, name: str, moment: Moment, entered: set[Moment]) -> Iterator[Moment]:
        here = moment._replace(topic=name)
        if here in entered:
            return
        entered.add(here)
        for after, target in self.block(self.topics[name].before, here):
            if target:
                yield from self.enter(target, after, entered)
            else:
                yield from self.resume(after, entered)

    def resume(self, moment: Moment, entered: set[Moment]) -> Iterator[Moment]:
        for after, target in self.block(self.topics[moment.topic].during, moment):
            if target:
                yield from self.enter(target, after, entered)
            else:
                yield after

    def block(self, statements: Iterable[Statement], moment: Moment) -> list[tuple[Moment, str]]:
        """What the statements lead to with each answer of the world outside, which stays the same within them."""
        statements = tuple(statements)
        ends = (each for answer in OUTSIDE for each in self.steps(statements, moment, answer))
        return list(dict.fromkeys(ends))

    def steps(self, statements: Iterable[Statement], moment: Moment, answer: Value) -> list[tuple[Moment, str]]:
        current = [(moment, "")]
        for statement in statements:
            current = [
                each
                for at, target in current
                for each in ([(at, target)] if target else self.step(statement, at, answer))
            ]
        return current

    def step(self, statement: Statement, moment: Moment, answer: Value) -> list[tuple[Moment, str]]:
        match statement:
            case SetStep(variable=name, value=value):
                return [(self.assigned(moment, name, each), "") for each in outcomes(value, moment.values, answer)]
            case TransitionStep(topic=topic):
                return [(moment, topic)]
            case BranchStep(guard=guard, then=then, otherwise=otherwise):
                return self.steps(then if holds(guard, moment.values) else otherwise, moment, answer)
            case RunStep(action=action, then=then):
                return self.block(then, self.executed(action, moment, confirmed=False))
            case _:
                raise AssertionError

    def assigned(self, moment: Moment, name: str, value: Value) -> Moment:
        values = Values(**{**moment.values._asdict(), name: value})
        return moment._replace(values=values, was_true=moment.was_true or values.b is True)

    def trapped(self) -> bool:
        reaching, pending = set(self.ends), list(self.ends)
        while pending:
            for before in self.back.get(pending.pop(), set()) - reaching:
                reaching.add(before)
                pending.append(before)
        return bool(self.seen.keys() - reaching)


def holds(guarded: Guard, values: Values) -> bool:
    return bool(eval(guarded.text.replace("@variables.", ""), {}, values._asdict()))  # noqa: S307


def outcomes(value: object, values: Values, answer: Value) -> list[Value]:
    if value == parse_expression("..."):
        return list(OUTSIDE)
    if value == parse_expression("@outputs.ok"):
        return [answer]
    known = {
        parse_expression("@variables.n + 1"): min(values.n + 1, MAX_COUNT),
        parse_expression("not @variables.a"): not values.a,
        parse_expression("@variables.a"): values.a,
    }
    return [value.value] if isinstance(value, Literal) else [known[value]]  # type: ignore[index]


PROPERTIES = (
    "never pay unless a", "never pay before check", "never pay before b is True",
    "never pay unless b is not None", "always confirm pay", "pay only from desk", "pay at most 1 time",
)  # fmt: skip


def verdicts_agree(agent: AgentModel) -> None:
    """Every verdict, and the fewest choices of the model that refute it, are those of the enumeration."""
    enumerated = Enumeration(agent)
    for line in PROPERTIES:
        watched = parse_property(line)
        assert not isinstance(watched, UnreadableProperty)
        found = prove_model(agent, watched)
        if line in enumerated.broken:
            choices = [step for step in found.conversation if step.by_model]
            assert (found.verdict, found.confirmed, line) == (ProofVerdict.REFUTED, True, line)
            assert len(choices) == enumerated.broken[line]
        else:
            expected = ProofVerdict.PROVED if "pay" in enumerated.called else ProofVerdict.VACUOUS
            assert (found.verdict, line) == (expected, line)


def traps_agree(agent: AgentModel) -> None:
    """A human is reachable from everywhere if the enumeration finds it so."""
    watched = parse_property("escalation reachable from every topic")
    assert not isinstance(watched, UnreadableProperty)
    enumerated = Enumeration(agent)
    expected = ProofVerdict.REFUTED if enumerated.trapped() else ProofVerdict.PROVED
    if not enumerated.seen:
        expected = ProofVerdict.VACUOUS
    assert prove_model(agent, watched).verdict is expected
