"""The versions of an agent in a project, of both generations, and which of them a release ships.

Version names: BotVersion `Agent.vN`, AiAgentDefinitionVersion `Agent#N`, authoring bundle `Agent_N`. The numbers of
bundles and bot versions drift apart, so a bundle's `target` says which version it was published as.
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
    """Agent and number of a version's name, in any of its forms; None for a name without a number."""
    match = _VERSIONED.match(name)
    return (match["agent"], int(match["number"])) if match else None


def versions(project: Project, type_: str, agent: str) -> Mapping[int, Component]:
    """The versions of an agent among the project's components of that type, by number, ascending."""
    found = {}
    for component in project.of_type(type_):
        version = agent_version(component.id.name)
        if version and version[0].casefold() == agent.casefold():
            found[version[1]] = component
    return dict(sorted(found.items()))


def shipped_version(project: Project, agent: ComponentId, pinned: int | None) -> Component | None:
    """The version component that a release ships of an agent: the pinned one, else the newest, else None."""
    type_ = _VERSION_TYPES.get(agent.type)
    found = versions(project, type_, agent.name) if type_ else {}
    number = max(found, default=0) if pinned is None else pinned
    return found.get(number)


def agent_components(project: Project, agent: Agent) -> tuple[Component, ...]:
    """What an agent's name means: the agent itself, its script, and the script of its pinned version."""
    named = [project.find(ComponentId(type=each, name=agent.name)) for each in ("Bot", "AiAgentDefinition")]
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
    wanted = (agent.name.casefold(), agent.version)
    for number, script in scripts.items():
        target = contents[script.id].target
        version = agent_version(target) if target else (agent.name, number)
        if version and (version[0].casefold(), version[1]) == wanted:
            return script
    return None


def drafts(components: Iterable[Component], contents: Mapping[ComponentId, Contents]) -> list[Component]:
    """The Agent Scripts among them that are no published version: deployed, they wait to be published."""
    return [
        each
        for each in components
        if each.id.type == "AiAuthoringBundle" and not contents[each.id].target and not agent_version(each.id.name)
    ]


def agent_findings(
    project: Project, agent: Agent, components: tuple[Component, ...], place: Location
) -> tuple[Finding, ...]:
    """What is wrong with an agent that the manifest names: nothing has that name, or its pinned version."""
    if not components:
        known = sorted({each.id.name for each in project.of_type(*AGENT_TYPES)})
        fix = f"Retrieve the agent into the project, or correct the name.{suggestion(agent.name, known)}"
        return (error("agent/unknown", place, f"The project has no agent named `{agent.name}`.", fix),)
    missing = []
    for each in components:
        type_ = _VERSION_TYPES.get(each.id.type)
        found = versions(project, type_, agent.name) if type_ else {}
        if agent.version is not None and found and agent.version not in found:
            message = f"The project has no version {agent.version} of agent `{agent.name}`."
            fix = f"Pin one that it has: {join_names([str(number) for number in found])}."
            missing.append(error("agent/unknown-version", place, message, fix))
    return tuple(missing)
