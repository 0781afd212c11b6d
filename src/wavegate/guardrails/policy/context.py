"""What the rules look at: the guardrails of a commit, the policy, and what both say about one agent."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from wavegate.findings.finding import Location
from wavegate.guardrails.conditions.domains import references
from wavegate.guardrails.model import (
    Action,
    AgentModel,
    AgentReading,
    AgentSource,
    Code,
    Guardrails,
    RunStep,
    Setting,
    Tool,
    ToolKind,
    Topic,
)
from wavegate.guardrails.policy.effects import ActionEffects, effects_of
from wavegate.guardrails.policy.paths import AgentPaths, gates, walk
from wavegate.guardrails.policy.scoped import RuleScope
from wavegate.guardrails.reach import Reach, reach_of_action
from wavegate.release.policy.values import GuardrailPolicy

_EMPLOYEE_TYPES = ("AgentforceEmployeeAgent", "InternalCopilot", "Employee")


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelCall:
    """An action that the model can have executed. tool: the one that it chooses. guards: what must hold for it."""

    topic: Topic
    tool: Tool
    action: Action
    guarded: bool


@dataclass(frozen=True, kw_only=True)
class AgentContext:
    """One agent with all that its rules need. name: its key in the guardrails."""

    name: str
    reading: AgentReading
    guardrails: Guardrails
    policy: GuardrailPolicy

    @property
    def agent(self) -> AgentModel:
        """The agent as the compiler emits it, which is what runs."""
        return self.reading.emitted

    @cached_property
    def paths(self) -> AgentPaths:
        """The ways between its topics."""
        return AgentPaths(self.agent)

    @cached_property
    def guard_variables(self) -> frozenset[str]:
        """Variables that the guards of tools and the gates of topics read."""
        tools = [*self.agent.everywhere, *(tool for topic in self.agent.topics for tool in topic.tools)]
        guards = [tool.guard for tool in tools if tool.guard]
        guards += [guard for topic in self.agent.topics for guard in gates(topic)]
        found = (reference for guard in guards for reference in references(guard.condition).values())
        return frozenset(each.name for each in found if each.space == "variables")

    def scope(self, topic: Topic | None = None, tool: str = "") -> RuleScope:
        """The scope of a finding."""
        return RuleScope(agent=self.name, topic=topic.name if topic else "", tool=tool)

    def setting(self, name: str) -> Setting | None:
        """A setting of the agent, by its last name: `agent_type` finds `config.agent_type`."""
        return next((each for each in self.agent.settings if each.name.rpartition(".")[2] == name), None)

    @cached_property
    def customer_facing(self) -> bool | None:
        """Whether people outside the company talk to it; None if that is not said."""
        if self.policy.customer_facing:
            return self.name in {each.name for each in self.policy.customer_facing}
        kind = self.setting("agent_type") or self.setting("agentType") or self.setting("type")
        if kind is None:
            return None
        return not any(each.casefold() in kind.value.casefold() for each in _EMPLOYEE_TYPES)

    def actions(self, topic: Topic) -> Mapping[str, Action]:
        """The actions that a topic can call, by name."""
        return {each.name: each for each in (*self.agent.everywhere_actions, *topic.actions)}

    @cached_property
    def calls(self) -> tuple[ModelCall, ...]:
        """The actions that the model can have executed in a topic that a conversation can reach."""
        return tuple(call for topic in self.paths.reachable for call in self._calls(topic))

    def _calls(self, topic: Topic) -> Iterator[ModelCall]:
        actions = self.actions(topic)
        for tool in self.paths.tools(topic):
            guarded = bool(self.paths.binding((tool.guard,)))
            if tool.kind is ToolKind.ACTION and (action := self.called(actions, tool.target, tool.location)):
                yield ModelCall(topic=topic, tool=tool, action=action, guarded=guarded)
            for step, guards in walk(tool.then):
                if isinstance(step, RunStep) and (action := self.called(actions, step.action, step.location)):
                    inner = guarded or bool(self.paths.binding(guards))
                    yield ModelCall(topic=topic, tool=tool, action=action, guarded=inner)

    def called(self, actions: Mapping[str, Action], name: str, location: Location) -> Action | None:
        """The action that a call in a script means, without a target if its topic does not define it."""
        if name in actions or self.agent.source is not AgentSource.SCRIPT or not name:
            return actions.get(name)
        return Action(name=name, target="", confirmed=False, inputs=(), outputs=(), description="", location=location)

    @cached_property
    def _reaches(self) -> dict[tuple[str, str], Reach]:
        return {}

    def reach(self, action: Action) -> Reach:
        """What an action may do outside the conversation."""
        key = (action.target, action.name)
        if key not in self._reaches:
            self._reaches[key] = reach_of_action(action, self.guardrails)
        return self._reaches[key]

    def effects(self, action: Action) -> ActionEffects:
        """What an action changes, and who says so."""
        return effects_of(action, self.reach(action), self.guardrails)

    def code_of(self, action: Action) -> tuple[Code, ...]:
        """The flows and classes in the project that an action runs, those that they run included."""
        return tuple(self.guardrails.code[each] for each in self.reach(action).code)
