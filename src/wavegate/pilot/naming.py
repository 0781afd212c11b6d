"""The names of all copies of a pilot."""

import re
from collections.abc import Iterable, Iterator, Mapping

from wavegate.components.component import COPY_SUFFIX, Component, ComponentId, Project
from wavegate.errors import InputError
from wavegate.pilot.agent_shells import PLANNERS, AgentShell
from wavegate.pilot.names import LIMIT, ChosenNames, chosen_local_names
from wavegate.pilot.sites.metadata import local_names
from wavegate.pilot.sites.new_names import NewNames
from wavegate.pilot.sites.xml_text import read_nodes

_ENDING = COPY_SUFFIX.encode()
_WORD = re.compile(rb"\w+")


def new_names(
    project: Project,
    copied: Iterable[Component],
    shells: Iterable[AgentShell],
    files: Mapping[str, bytes],
) -> NewNames:
    """The names of the copies. files: of what is copied, by path.

    A version keeps its number: a release to an org without the agent creates just such a version, and then evidence,
    telemetry and pins mean the same version by the same number.
    """
    alike = _words_alike(files.values())
    chosen = ChosenNames(project, lambda name: any(name in word for word in alike))
    components = list(copied)
    agents: dict[str, str] = {}
    names: dict[ComponentId, ComponentId] = {}
    for shell in sorted(shells, key=lambda each: each.name):
        type_ = "AiAuthoringBundle" if shell.is_script else "Bot"
        agents[shell.name] = chosen.choose(type_, shell.name)
        names |= {each: _of_agent(each, shell.name, agents[shell.name], chosen) for each in shell.members}
    for component in sorted(components, key=lambda each: each.id):
        if component.id not in names:
            new = chosen.choose(component.id.type, component.id.name)
            names[component.id] = ComponentId(type=component.id.type, name=new)
    local = chosen_local_names(set(_local(components, files)))
    return NewNames(components=names, agents=agents, local=local, namespace=project.namespace)


def _words_alike(files: Iterable[bytes]) -> set[str]:
    """The words in files that could be the name of a copy, or contain it."""
    words = (word for data in files if _ENDING in data for word in _WORD.findall(data))
    return {word.decode() for word in words if _ENDING in word}


def _of_agent(component: ComponentId, agent: str, new: str, chosen: ChosenNames) -> ComponentId:
    """The copy of an agent, its version or planner: an org names a planner `Agent` or `Agent_v5`."""
    if component.type == "BotVersion":
        return ComponentId(type=component.type, name=new + component.name[len(agent) :])
    if component.type not in PLANNERS:
        return ComponentId(type=component.type, name=new)
    rest = component.name.removeprefix(agent)
    if component.name.startswith(agent) and re.fullmatch(r"(_v[0-9]+)?", rest) and len(new + rest) <= LIMIT:
        return ComponentId(type=component.type, name=chosen.choose(component.type, component.name, own=new + rest))
    return ComponentId(type=component.type, name=chosen.choose(component.type, component.name))


def _local(components: Iterable[Component], files: Mapping[str, bytes]) -> Iterator[str]:
    for component in components:
        data = files.get(component.path)
        if component.id.type in PLANNERS and data:
            try:
                yield from local_names(read_nodes(data, path=component.path))
            except InputError:
                # reported when the file is rewritten
                continue
