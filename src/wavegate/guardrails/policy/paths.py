"""How an agent gets from topic to topic, and what the model may choose on the way. Of one reading of the agent."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from wavegate.guardrails.conditions.domains import readable
from wavegate.guardrails.conditions.truth import always, never
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

_ENTERS = frozenset({ToolKind.TRANSITION, ToolKind.DELEGATION})


@dataclass(frozen=True, kw_only=True, slots=True)
class TopicEntry:
    """One way into a topic. source: the topic it starts in. guards: what must hold on it, outermost first."""

    source: str
    target: str
    guards: tuple[Guard, ...]
    tool: Tool | None = None


class AgentPaths:
    """The topics of an agent and the ways between them."""

    def __init__(self, agent: AgentModel) -> None:
        self.agent = agent
        self.topics = {each.name: each for each in agent.topics}

    def binding(self, guards: Iterable[Guard | None]) -> tuple[Guard, ...]:
        """The guards among these that can be read and do not hold always."""
        return tuple(
            each
            for each in guards
            if each and readable(each.condition) and not always(each.condition, self.agent.variables)
        )

    def tools(self, topic: Topic) -> tuple[Tool, ...]:
        """The tools that the model may choose in a topic, those of the whole agent included."""
        return (*topic.tools, *self.agent.everywhere)

    @cached_property
    def entries(self) -> tuple[TopicEntry, ...]:
        """Every way from one topic to another."""
        return tuple(entry for topic in self.agent.topics for entry in self._leaving(topic))

    @cached_property
    def starts(self) -> tuple[str, ...]:
        """The topics that a conversation may enter first."""
        return (self.agent.start,) if self.agent.start else tuple(self.topics)

    @cached_property
    def reachable(self) -> tuple[Topic, ...]:
        """The topics that a conversation may enter, in order."""
        names = self.closure(self.starts, self.entries)
        return tuple(each for each in self.agent.topics if each.name in names)

    @cached_property
    def unguarded(self) -> frozenset[str]:
        """Names of the topics that a conversation may enter although no guard was ever checked."""
        return self.closure(self.starts, (each for each in self.entries if not each.guards and self._lets_stay(each)))

    def _lets_stay(self, entry: TopicEntry) -> bool:
        target = self.topics.get(entry.target)
        return target is None or not any(not self._never(each) for each in gates(target))

    def _never(self, guard: Guard) -> bool:
        return never(guard.condition, self.agent.variables)

    def closure(self, names: Iterable[str], entries: Iterable[TopicEntry]) -> frozenset[str]:
        """The topics that are reached from those named over the entries, and those themselves."""
        following: dict[str, list[str]] = {}
        for each in entries:
            following.setdefault(each.source, []).append(each.target)
        found, waiting = set(names), list(names)
        while waiting:
            new = [each for each in following.get(waiting.pop(), ()) if each not in found]
            found.update(new)
            waiting.extend(new)
        return frozenset(found)

    def leading_to(self, accepts: Callable[[Topic], bool]) -> frozenset[str]:
        """Names of the topics from which one that is accepted can be reached, and of those themselves."""
        reverse = [TopicEntry(source=each.target, target=each.source, guards=()) for each in self.entries]
        return self.closure([each.name for each in self.agent.topics if accepts(each)], reverse)

    def _leaving(self, topic: Topic) -> Iterator[TopicEntry]:
        for tool in self.tools(topic):
            own = self.binding((tool.guard,))
            if tool.kind in _ENTERS:
                yield TopicEntry(source=topic.name, target=tool.target, guards=own, tool=tool)
            for target, guards in self._moves(tool.then, own):
                yield TopicEntry(source=topic.name, target=target, guards=guards, tool=tool)
        for target, guards in self._moves((*topic.before, *topic.during, *topic.after), ()):
            yield TopicEntry(source=topic.name, target=target, guards=guards)

    def _moves(
        self, steps: Iterable[Statement], around: tuple[Guard, ...]
    ) -> Iterator[tuple[str, tuple[Guard, ...]]]:
        """Where steps may lead, and what must hold for it: nothing for a topic that both branches lead to."""
        for step in steps:
            match step:
                case TransitionStep(topic=target):
                    yield target, around
                case RunStep(then=then):
                    yield from self._moves(then, around)
                case BranchStep(guard=guard, then=then, otherwise=otherwise):
                    inner = (*around, *self.binding((guard,)))
                    found = [tuple(self._moves(branch, inner)) for branch in (then, otherwise)]
                    surely = [{target for target, guards in branch if guards == inner} for branch in found]
                    for target, guards in (*found[0], *found[1]):
                        yield target, around if target in surely[0] & surely[1] else guards
                case SetStep():
                    pass


def walk(steps: Iterable[Statement], guards: tuple[Guard, ...] = ()) -> Iterator[tuple[Statement, tuple[Guard, ...]]]:
    """Every step at any depth, with the conditions around it. The guard of an `else` is that of its `if`."""
    waiting = [(each, guards) for each in reversed(tuple(steps))]
    while waiting:
        step, around = waiting.pop()
        yield step, around
        if isinstance(step, BranchStep):
            inner = (*around, step.guard)
            waiting += [(each, inner) for each in reversed((*step.then, *step.otherwise))]
        elif isinstance(step, RunStep):
            waiting += [(each, around) for each in reversed(step.then)]


def gates(topic: Topic) -> tuple[Guard, ...]:
    """The conditions at a topic's entry that send the conversation elsewhere."""
    steps = walk((*topic.before, *topic.during))
    return tuple(guards[-1] for step, guards in steps if isinstance(step, TransitionStep) and guards)


def every_step(agent: AgentModel) -> Iterator[tuple[Topic | None, Statement, tuple[Guard, ...]]]:
    """Every deterministic step of an agent with its topic and the conditions around it."""
    for topic in agent.topics:
        for step, guards in walk((*topic.before, *topic.during, *topic.after)):
            yield topic, step, guards
        for tool in topic.tools:
            for step, guards in walk(tool.then, (tool.guard,) if tool.guard else ()):
                yield topic, step, guards
    for tool in agent.everywhere:
        for step, guards in walk(tool.then, (tool.guard,) if tool.guard else ()):
            yield None, step, guards
