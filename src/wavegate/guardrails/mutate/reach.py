"""Which tests of a pack could notice a change at all, from what they say that they expect."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from wavegate.components.action_names import folded_action
from wavegate.evidence.source import TestKey
from wavegate.guardrails.model import AgentModel, Topic
from wavegate.guardrails.mutate.values import Bound
from wavegate.guardrails.topology import variables_read, variables_set, ways


@dataclass(frozen=True, kw_only=True, slots=True)
class TestAim:
    """What a test is about. topics, actions: those that it expects or forbids. utterances: what it says.

    agent: the one that its definition names, '' if it names none. Without topics and actions, it may reach anything.
    """

    __test__ = False

    key: TestKey
    topics: frozenset[str] = frozenset()
    actions: frozenset[str] = frozenset()
    utterances: tuple[str, ...] = field(default=(), compare=False)
    agent: str = ""

    @property
    def known(self) -> bool:
        """Whether it says what it expects."""
        return bool(self.topics or self.actions)


class Relevance(IntEnum):
    """How a test relates to a place, the likeliest to notice a change first."""

    NAMES = 0
    PASSES = 1
    UNKNOWN = 2
    NEVER = 3


def reach(bound: Bound, aim: TestAim, model: AgentModel) -> Relevance:
    """How a test relates to a place of an agent. model: what is emitted."""
    if aim.agent and aim.agent.casefold() != bound.agent.casefold():
        return Relevance.NEVER
    if _names(bound, aim):
        return Relevance.NAMES
    if not aim.known:
        return Relevance.UNKNOWN
    return Relevance.PASSES if bound.topic in {"", *passed_topics(aim, model)} else Relevance.NEVER


def relevant_tests(bound: Bound, aims: Iterable[TestAim], model: AgentModel) -> tuple[TestKey, ...]:
    """The tests that could notice a change of a place, the likeliest first."""
    ranked = [(reach(bound, aim, model), aim.key) for aim in aims]
    return tuple(key for found, key in sorted(ranked, key=lambda each: each[0]) if found is not Relevance.NEVER)


def passed_topics(aim: TestAim, model: AgentModel) -> frozenset[str]:
    """The topics that a test's conversation may have to pass.

    Those on a shortest way to what it expects, and those where a variable is set that decides on such a way.
    """
    shortest = ways(model)
    by_name = {topic.name: topic for topic in model.topics}
    wanted = [topic.name for topic in model.topics if _is_aimed_at(topic, aim)]
    passed = {model.start, *wanted}
    while True:
        before = len(passed)
        passed |= {name for target in passed for name, _ in shortest.get(target, ())}
        read = frozenset[str]().union(*(variables_read(by_name[name]) for name in passed if name in by_name))
        passed |= {topic.name for topic in model.topics if variables_set(topic) & read}
        if len(passed) == before:
            return frozenset(passed)


def _is_aimed_at(topic: Topic, aim: TestAim) -> bool:
    names = {topic.name, topic.label}
    if {folded_action(each) for each in aim.topics} & {folded_action(each) for each in names if each}:
        return True
    return bool(_folded(topic_actions(topic)) & _folded(aim.actions))


def topic_actions(topic: Topic) -> Sequence[str]:
    """The names by which a topic's actions may be known: their own, their tools' and their targets'."""
    tools = [name for tool in topic.tools for name in (tool.name, tool.target)]
    return [*tools, *(name for each in topic.actions for name in (each.name, each.target.partition("://")[2]))]


def _names(bound: Bound, aim: TestAim) -> bool:
    own = _folded([bound.tool, bound.action])
    if own & _folded(aim.actions):
        return True
    return bool(_folded([bound.topic, bound.action]) & _folded(aim.topics))


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(folded_action(name) for name in names if name)
