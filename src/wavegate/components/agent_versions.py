"""An agent's versions in a project, in both metadata generations, and the version that a release ships.

Version names: BotVersion `Agent.vN`, AiAgentDefinitionVersion `Agent#N`, authoring bundle `Agent_N`. The numbers of
bundles and bot versions drift apart, so a bundle's `target` records the version it was published as.
"""

import re
from collections.abc import Iterable, Mapping

from wavegate.components.component import AGENT_TYPES, Component, ComponentId, Contents, Project
from wavegate.findings.finding import Finding, Location, error
from wavegate.findings.suggestions import suggestion
from wavegate.release.manifest import Agent
from wavegate.text import join_names

_VERSIONED = re.compile(r"^(?P<agent>.+?)(?:\.v|#|_v?)(?P<number>[0-9]{1,9})$")
_VERSION_TYPES = {"Bot": "BotVersion", "AiAgentDefinition": "AiAgentDefinitionVersion"}


def agent_version(name: str) -> tuple[str, int] | None:
    """Agent and number of a version name, in any of its forms; None if the name has no number."""
    match = _VERSIONED.match(name)
    return (match["agent"], int(match["number"])) if match else None


def versions(project: Project, type_: str, agent: str) -> Mapping[int, Component]:
    """An agent's versions among the project's components of that type, by number, ascending."""
    by_number = {}
    for component in project.of_type(type_):
        version = agent_version(component.id.name)
        if version and version[0].casefold() == agent.casefold():
            by_number[version[1]] = component
    return dict(sorted(by_number.items()))


def shipped_version(project: Project, agent: ComponentId, pinned: int | None) -> Component | None:
    """The version that a release ships for an agent: the pinned one, otherwise the newest; None if it is missing."""
    type_ = _VERSION_TYPES.get(agent.type)
    known = versions(project, type_, agent.name) if type_ else {}
    number = max(known, default=0) if pinned is None else pinned
    return known.get(number)


def with_agents(components: Iterable[Component], available: Iterable[Component]) -> tuple[Component, ...]:
    """These components, and those available that the CLI sends in one file with them: an agent and its versions."""
    known = {each.id: each for each in components}
    agents = {_sent_with(each) for each in known} - {None}
    along = {each.id: each for each in available if each.parent is None and _sent_with(each.id) in agents}
    return tuple(each for _, each in sorted({**along, **known}.items()))


def _sent_with(component: ComponentId) -> str | None:
    if component.type == "Bot":
        return component.name
    return component.name.rpartition(".")[0] if component.type == "BotVersion" else None


def agent_components(project: Project, agent: Agent) -> tuple[Component, ...]:
    """The components behind an agent's name: the agent itself, its script, and the script of its pinned version."""
    named = [project.find(ComponentId(type=type_, name=agent.name)) for type_ in ("Bot", "AiAgentDefinition")]
    scripts = versions(project, "AiAuthoringBundle", agent.name)
    draft = project.find(ComponentId(type="AiAuthoringBundle", name=agent.name))
    published = _published_as(project, agent, scripts)
    if published is None and draft is None and not any(named):
        published = scripts[max(scripts)] if scripts else None
    return tuple(each for each in (*named, draft, published) if each)


def _published_as(project: Project, agent: Agent, scripts: Mapping[int, Component]) -> Component | None:
    """The script that the pinned version was published from."""
    if agent.version is None:
        return None
    contents = project.read(scripts.values())
    pinned = (agent.name.casefold(), agent.version)
    for number, script in scripts.items():
        target = contents[script.id].target
        version = agent_version(target) if target else (agent.name, number)
        if version and (version[0].casefold(), version[1]) == pinned:
            return script
    return None


def drafts(components: Iterable[Component], contents: Mapping[ComponentId, Contents]) -> list[Component]:
    """The Agent Scripts that are not a published version: deploying them does not publish them."""
    return [
        each
        for each in components
        if each.id.type == "AiAuthoringBundle" and not contents[each.id].target and not agent_version(each.id.name)
    ]


def agent_findings(
    project: Project, agent: Agent, components: tuple[Component, ...], place: Location
) -> tuple[Finding, ...]:
    """Findings about an agent in the manifest: its name or its pinned version is unknown."""
    if not components:
        known = sorted({each.id.name for each in project.of_type(*AGENT_TYPES)})
        fix = f"Retrieve the agent into the project, or correct the name.{suggestion(agent.name, known)}"
        return (error("agent/unknown", place, f"The project has no agent named `{agent.name}`.", fix),)
    missing = []
    for component in components:
        type_ = _VERSION_TYPES.get(component.id.type)
        existing = versions(project, type_, agent.name) if type_ else {}
        if agent.version is not None and existing and agent.version not in existing:
            message = f"The project has no version {agent.version} of agent `{agent.name}`."
            fix = f"Pin an existing version: {join_names([str(number) for number in existing])}."
            missing.append(error("agent/unknown-version", place, message, fix))
    return tuple(missing)
