"""What makes an agent itself in a copy: its script, or its definition, its version and the version's planner."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from wavegate.components.agent_versions import (
    agent_components,
    drafts,
    find_agent,
    script_agent,
    shipped_version,
)
from wavegate.components.component import AGENT_TYPES, Component, ComponentId, Project
from wavegate.pilot.values import NotSeparable
from wavegate.release.manifest import Agent

PLANNERS = ("GenAiPlannerBundle", "GenAiPlanner")
OF_AGENTS = frozenset({*AGENT_TYPES, *PLANNERS, "BotVersion", "AiAgentDefinitionVersion"})
"""Types whose components are an agent or a version of one."""
_GRAPH = "/agentGraph/"


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentShell:
    """An agent's own components. name: its API name. members: what is copied with it, its entry first.

    components: everything in the project that belongs to it, copied or not. refused: why it cannot be copied.
    """

    name: str
    members: tuple[ComponentId, ...] = ()
    components: frozenset[ComponentId] = frozenset()
    refused: tuple[NotSeparable, ...] = ()

    @property
    def is_script(self) -> bool:
        """Whether the copy is published from a script."""
        return bool(self.members) and self.members[0].type == "AiAuthoringBundle"


@dataclass(frozen=True, kw_only=True)
class AgentShells:
    """The shells of one project, found when they are asked for.

    pins: version by folded name of the agent. shipped: what the release ships, which is all that can be copied.
    """

    project: Project
    pins: Mapping[str, int | None]
    shipped: AbstractSet[ComponentId]
    _known: dict[str, AgentShell] = field(default_factory=dict)

    def of(self, agent: str) -> AgentShell:
        """The shell of an agent with that API name."""
        key = agent.casefold()
        if key not in self._known:
            found = Agent(name=agent, version=self.pins.get(key))
            self._known[key] = _shell(self.project, found, self.shipped)
        return self._known[key]

    def holding(self, component: ComponentId) -> AgentShell | None:
        """The shell of the agent that a component of its kind is, or belongs to."""
        if component.type in ("Bot", "AiAgentDefinition"):
            return self.of(component.name)
        if component.type in ("BotVersion", "AiAgentDefinitionVersion"):
            return self.of(component.name.rpartition("." if component.type == "BotVersion" else "#")[0])
        if component.type == "AiAuthoringBundle" and (found := find_agent(self.project, component)):
            return self.of(script_agent(found, self.project.read([found])[found.id]))
        return next((each for each in self._known.values() if component in each.components), None)


def _shell(project: Project, agent: Agent, shipped: AbstractSet[ComponentId]) -> AgentShell:
    own = agent_components(project, agent)
    bot = next((each for each in own if each.id.type == "Bot"), None)
    scripts = [each for each in own if each.id.type == "AiAuthoringBundle"]
    version = bot and shipped_version(project, bot.id, agent.version)
    planner = _planner(project, version) if version else None
    everything = frozenset(each.id for each in (*own, version, planner) if each)
    name = _name(project, agent, bot, scripts)
    if bot and version and planner and not _is_compiled(planner):
        return AgentShell(name=name, members=(bot.id, version.id, planner.id), components=everything)
    published = _published(project, scripts)
    script = published[0] if published else scripts[0] if scripts and not version else None
    if script and script.id in shipped:
        return AgentShell(name=name, members=(script.id,), components=everything)
    reason = _reason(own, version, planner, scripts, script)
    refused = NotSeparable(component=_first(own, agent), why=reason)
    return AgentShell(name=name, components=everything, refused=(refused,))


def _name(project: Project, agent: Agent, bot: Component | None, scripts: list[Component]) -> str:
    if bot:
        return bot.id.name
    return script_agent(scripts[0], project.read(scripts)[scripts[0].id]) if scripts else agent.name


def _planner(project: Project, version: Component) -> Component | None:
    references = project.read([version])[version.id].references
    targets = (target for each in references for target in each.targets if target.type in PLANNERS)
    return next((found for each in targets if (found := project.find(each))), None)


def _is_compiled(planner: Component) -> bool:
    return any(_GRAPH in path for path in planner.paths)


def _published(project: Project, scripts: Iterable[Component]) -> list[Component]:
    """The scripts that are a published version: of several, `agent_components` chose the one that ships."""
    own = list(scripts)
    unpublished = {each.id for each in drafts(own, project.read(own))}
    return [each for each in own if each.id not in unpublished]


def _first(own: tuple[Component, ...], agent: Agent) -> ComponentId:
    return own[0].id if own else ComponentId(type="Bot", name=agent.name)


def _reason(
    own: tuple[Component, ...],
    version: Component | None,
    planner: Component | None,
    scripts: list[Component],
    script: Component | None,
) -> str:
    if not own:
        return "is not in the project"
    if any(each.id.type == "AiAgentDefinition" for each in own):
        return "is an agent of a kind that wavegate cannot copy"
    if planner and script:
        return f"is compiled from {script.id.name}, which ships only if the manifest pins the version"
    if planner and scripts:
        return (
            f"is compiled from a script, and the one in git, {scripts[0].id.name}, is a draft that may differ from "
            "the version that ships"
        )
    if planner:
        return "is compiled from a script that is not in git"
    return "has no planner in the project" if version else "has no version in the project"
