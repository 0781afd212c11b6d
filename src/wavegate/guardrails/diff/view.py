"""One agent of one commit, with what the comparison derives from it: paths, effects, and which variables decide."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from wavegate.findings.finding import Location
from wavegate.guardrails.diff.expressions import TRUE, variables_in
from wavegate.guardrails.diff.steps import TakenStep, steps_after, steps_in
from wavegate.guardrails.model import (
    HARMLESS,
    Action,
    AgentModel,
    Effect,
    Guardrails,
    RunStep,
    SetStep,
    Tool,
    ToolKind,
    Topic,
    TransitionStep,
)
from wavegate.guardrails.reach import reach_of

_LEAVING = (ToolKind.TRANSITION, ToolKind.DELEGATION)


@dataclass(frozen=True, kw_only=True)
class AgentView:
    """An agent's model within all that bounds the agents of its commit."""

    model: AgentModel
    guardrails: Guardrails
    _effects: dict[str, frozenset[Effect]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def topics(self) -> Mapping[str, Topic]:
        """The topics by name; the later one if two have the same."""
        return {each.name: each for each in self.model.topics}

    def tools(self, topic: Topic) -> tuple[Tool, ...]:
        """What a topic offers, with what every topic does."""
        return (*topic.tools, *self.model.everywhere)

    def steps(self, topic: Topic) -> Iterator[TakenStep]:
        """What a topic does without the model's choice, with what follows its tools."""
        yield from steps_in(topic)
        for tool in self.model.everywhere:
            yield from steps_after(tool)

    def action(self, topic: Topic | None, name: str) -> Action | None:
        """The action that a topic calls by a name."""
        own = topic.actions if topic else ()
        return next((each for each in (*own, *self.model.everywhere_actions) if each.name == name), None)

    def effects(self, topic: Topic | None, name: str) -> frozenset[Effect]:
        """What calling an action may do."""
        action = self.action(topic, name)
        target = action.target if action and action.target else f"://{name}"
        if target not in self._effects:
            self._effects[target] = reach_of(target, self.guardrails).effects
        return self._effects[target]

    def may_write(self, topic: Topic | None, name: str) -> bool:
        """Whether an action may change something; also if nobody knows."""
        return not self.effects(topic, name) <= HARMLESS

    def calls(self, topic: Topic) -> Iterator[str]:
        """Names of the actions that a topic calls, by the model's choice or without it."""
        yield from (tool.target for tool in self.tools(topic) if tool.kind is ToolKind.ACTION)
        yield from (step.statement.action for step in self.steps(topic) if isinstance(step.statement, RunStep))

    def writing_calls(self, topic: Topic) -> tuple[str, ...]:
        """Names of the actions of a topic that may change something, sorted."""
        return tuple(sorted({name for name in self.calls(topic) if self.may_write(topic, name)}))

    def ways(self, topic: Topic) -> Iterator[str]:
        """Names of the topics that a topic can lead to."""
        yield from (tool.target for tool in self.tools(topic) if tool.kind in _LEAVING)
        yield from (step.statement.topic for step in self.steps(topic) if isinstance(step.statement, TransitionStep))

    @cached_property
    def reachable(self) -> frozenset[str]:
        """Names of the topics that a conversation can come to, if every guard can open."""
        if not self.model.start:
            return frozenset(self.topics)
        return self.reached_from(self.model.start)

    def reached_from(self, start: str) -> frozenset[str]:
        """Names of the topics that a conversation can come to from one of them, itself included."""
        reached, waiting = {start}, [start]
        while waiting:
            topic = self.topics.get(waiting.pop())
            for name in self.ways(topic) if topic else ():
                if name not in reached:
                    reached.add(name)
                    waiting.append(name)
        return frozenset(reached & self.topics.keys())

    def is_open(self, name: str) -> bool:
        """Whether a conversation can come to a topic without any condition."""
        if name == self.model.start or not self.model.start:
            return True
        return any(name in self._open_ways(self.topics[each]) for each in self.reachable)

    def _open_ways(self, topic: Topic) -> Iterator[str]:
        yield from (each.target for each in self.tools(topic) if each.kind in _LEAVING and each.guard is None)
        yield from (each.leads_to for each in self.steps(topic) if each.condition == TRUE)

    def near(self, topic: str, tool: str = "") -> Location:
        """The place of a tool or action, else of its topic, else of the agent."""
        found = self.topics.get(topic)
        if found is None:
            return self.model.location
        named = [(each.name, each.location) for each in found.tools]
        named += [(each.name, each.location) for each in found.actions]
        return next((location for name, location in named if name == tool), found.location)

    def leads_to_writing(self, name: str) -> bool:
        """Whether something may be changed in a topic or in one that it leads to; also if nobody knows."""
        if name not in self.topics:
            return True
        return any(self.writing_calls(self.topics[each]) for each in self.reached_from(name))

    @cached_property
    def decisive(self) -> frozenset[str]:
        """Names of the variables that open a guard or fill an input."""
        return frozenset(name for topic in self.model.topics for name in self._read(topic))

    def _read(self, topic: Topic) -> Iterator[str]:
        for tool in self.tools(topic):
            yield from variables_in(tool.guard.condition if tool.guard else None)
            if tool.kind is not ToolKind.SET:
                for binding in tool.bindings:
                    yield from variables_in(binding.value)
        for step in self.steps(topic):
            yield from variables_in(step.condition)
            if isinstance(step.statement, RunStep):
                for binding in step.statement.bindings:
                    yield from variables_in(binding.value)
            elif isinstance(step.statement, SetStep):
                yield from variables_in(step.statement.value)
