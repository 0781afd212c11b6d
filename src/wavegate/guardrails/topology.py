"""Where a conversation can go, and which variables decide it."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from wavegate.guardrails.conditions.domains import references
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

_LEADING = frozenset({ToolKind.TRANSITION, ToolKind.DELEGATION})


def steps_in(statements: Iterable[Statement]) -> Iterator[Statement]:
    """The statements with those inside of them."""
    for step in statements:
        yield step
        if isinstance(step, RunStep):
            yield from steps_in(step.then)
        elif isinstance(step, BranchStep):
            yield from steps_in((*step.then, *step.otherwise))


def steps_of(topic: Topic) -> Iterator[Statement]:
    """All statements of a topic, those beneath its tools included."""
    yield from steps_in((*topic.before, *topic.during, *topic.after))
    for tool in topic.tools:
        yield from steps_in(tool.then)


def exits(topic: Topic) -> Iterator[tuple[str, str]]:
    """The topics that a topic leads to, each with the tool that does, '' for the script itself."""
    yield from ((tool.target, tool.name) for tool in topic.tools if tool.kind in _LEADING)
    for tool in topic.tools:
        yield from ((step.topic, tool.name) for step in steps_in(tool.then) if isinstance(step, TransitionStep))
    own = steps_in((*topic.before, *topic.during, *topic.after))
    yield from ((step.topic, "") for step in own if isinstance(step, TransitionStep))


def ways(model: AgentModel) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """A shortest way from the start to each topic that can be reached: the topics and the tools that lead to them."""
    topics = {topic.name: topic for topic in model.topics}
    starts = [model.start] if model.start else list(topics)
    found: dict[str, tuple[tuple[str, str], ...]] = {name: () for name in starts if name in topics}
    waiting = deque(found)
    while waiting:
        name = waiting.popleft()
        for target, tool in exits(topics[name]):
            if target in topics and target not in found:
                found[target] = (*found[name], (target, tool))
                waiting.append(target)
    return found


def guards_of(topic: Topic) -> Iterator[Guard]:
    """The conditions of a topic's tools and branches."""
    yield from (tool.guard for tool in topic.tools if tool.guard)
    yield from (step.guard for step in steps_of(topic) if isinstance(step, BranchStep))


def variables_read(topic: Topic) -> frozenset[str]:
    """The variables that a topic's conditions read."""
    found = (each for guard in guards_of(topic) for each in references(guard.condition).values())
    return frozenset(each.name for each in found if each.space == "variables")


def variables_set(topic: Topic) -> frozenset[str]:
    """The variables that a topic sets."""
    return frozenset(step.variable for step in steps_of(topic) if isinstance(step, SetStep))


def tool_named(model: AgentModel, topic: str, name: str) -> Tool | None:
    """A tool of a topic; None if it has none of that name."""
    tools: Sequence[Tool] = next((each.tools for each in model.topics if each.name == topic), ())
    return next((each for each in tools if each.name == name), None)
