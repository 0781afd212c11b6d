"""An agent's versions in a project, in both metadata generations, and the version that a release ships.

Version names: BotVersion `Agent.vN`, AiAgentDefinitionVersion `Agent#N`, authoring bundle `Agent_N`. The numbers of
bundles and bot versions drift apart, so a bundle's `target` records the version it was published as. An authoring
bundle's agent has the name in its script (`config: developer_name`); the folder usually has the same name.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from wavegate.components.component import Component, ComponentId, Contents, Project
from wavegate.findings.finding import Finding, Location, error, warning
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


def script_agent(script: Component, contents: Contents) -> str:
    """The API name of an authoring bundle's agent: the one in its script, else by the name of its folder."""
    if contents.script and contents.script.developer_name:
        return contents.script.developer_name
    version = agent_version(script.id.name)
    return version[0] if version else script.id.name


def script_version(script: Component, contents: Contents) -> int | None:
    """The number of the published version that an authoring bundle holds, by its folder's name; None for a draft."""
    version = agent_version(script.id.name)
    is_version = version and version[0].casefold() == script_agent(script, contents).casefold()
    return version[1] if version and is_version else None


def agent_names(project: Project) -> tuple[str, ...]:
    """The API names of the project's agents, of both metadata generations and of Agent Scripts, sorted."""
    scripts = project.of_type("AiAuthoringBundle")
    contents = project.read(scripts)
    names = {each.id.name for each in project.of_type("Bot", "AiAgentDefinition")}
    return tuple(sorted(names | {script_agent(each, contents[each.id]) for each in scripts}))


def find_agent(project: Project, component: ComponentId) -> Component | None:
    """The component with that id; for an authoring bundle, else the draft of the agent with that name."""
    found = project.find(component)
    if found or component.type != "AiAuthoringBundle":
        return found
    return next(iter(_scripts(project, component.name).get(None, ())), None)


def _scripts(project: Project, agent: str) -> Mapping[int | None, list[Component]]:
    """An agent's authoring bundles by version number; None for drafts."""
    known = project.of_type("AiAuthoringBundle")
    contents = project.read(known)
    by_number: dict[int | None, list[Component]] = {}
    for each in known:
        if script_agent(each, contents[each.id]).casefold() == agent.casefold():
            by_number.setdefault(script_version(each, contents[each.id]), []).append(each)
    return by_number


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
    bundles = _scripts(project, agent.name)
    drafts_ = bundles.get(None, [])
    scripts = {number: found[0] for number, found in bundles.items() if number is not None}
    published = _published_as(project, agent, scripts)
    if published is None and not drafts_ and not any(named):
        published = scripts[max(scripts)] if scripts else None
    return tuple(each for each in (*named, *drafts_, published) if each)


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
        if each.id.type == "AiAuthoringBundle"
        and not contents[each.id].target
        and script_version(each, contents[each.id]) is None
    ]


def agent_findings(
    project: Project, agent: Agent, components: tuple[Component, ...], place: Location
) -> tuple[Finding, ...]:
    """Findings about an agent in the manifest: its name or its pinned version is unknown."""
    if not components:
        known = agent_names(project)
        fix = f"Retrieve the agent into the project, or correct the name.{suggestion(agent.name, known)}"
        return (error("agent/unknown", place, f"The project has no agent named `{agent.name}`.", fix),)
    missing = [*_other_folder(project, components), *_duplicate_scripts(project, agent, components)]
    for component in components:
        type_ = _VERSION_TYPES.get(component.id.type)
        existing = versions(project, type_, agent.name) if type_ else {}
        if agent.version is not None and existing and agent.version not in existing:
            message = f"The project has no version {agent.version} of agent `{agent.name}`."
            fix = f"Pin an existing version: {join_names([str(number) for number in existing])}."
            missing.append(error("agent/unknown-version", place, message, fix))
    return tuple(missing)


def _other_folder(project: Project, components: tuple[Component, ...]) -> Iterator[Finding]:
    """A warning for each script whose folder is not named after its agent: the CLI does not find it to publish it."""
    contents = project.read(each for each in components if each.id.type == "AiAuthoringBundle")
    for component in drafts(components, contents):
        script = contents[component.id].script
        if script and script.developer_name not in ("", component.id.name):
            message = (
                f"The folder `{component.id.name}` holds the script of agent `{script.developer_name}`: "
                "the Salesforce CLI publishes an agent only from a folder of its name, so a deployment that has to "
                "publish it is refused."
            )
            fix = f"Rename the folder and its files to `{script.developer_name}`."
            yield warning("agent/other-folder", script.location, message, fix)


def _duplicate_scripts(project: Project, agent: Agent, components: tuple[Component, ...]) -> Iterator[Finding]:
    """An error for each script beside the agent's first one: which of them goes live would be a matter of chance."""
    contents = project.read(each for each in components if each.id.type == "AiAuthoringBundle")
    scripts = drafts(components, contents)
    for component in scripts[1:]:
        script = contents[component.id].script
        place = script.location if script else Location(file=component.path)
        message = f"Duplicate script of agent `{agent.name}`; {scripts[0].id} is another one."
        yield error(
            "agent/duplicate-script", place, message, "Delete one of them, or give it a developer_name of its own."
        )
