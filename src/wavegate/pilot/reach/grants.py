"""Who gives people an agent: the permission sets, groups of them and profiles of a project."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wavegate.components.component import AGENT_TYPES, ComponentId, Project
from wavegate.findings.finding import Location

_SETS = ("PermissionSet", "Profile")
WORDS = {"PermissionSet": "permission set", "PermissionSetGroup": "permission set group", "Profile": "profile"}
"""The types that give access to agents, in words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentGrant:
    """A permission set, group or profile that gives its holders an agent. agent: its API name, as asked for."""

    component: ComponentId
    agent: str
    location: Location

    @property
    def title(self) -> str:
        """What gives access, in words."""
        return f"{WORDS[self.component.type]} {self.component.name}"


def project_grants(project: Project, agents: Iterable[str]) -> tuple[AgentGrant, ...]:
    """What gives access to these agents in a project, by component. A group gives what its permission sets give."""
    asked = {name.casefold(): name for name in agents}
    if not asked:
        return ()
    direct = tuple(_granted(project, _SETS, AGENT_TYPES, asked))
    given = {
        each.component.name.casefold(): each.component.name
        for each in direct
        if each.component.type == "PermissionSet"
    }
    groups = []
    for each in _granted(project, ("PermissionSetGroup",), ("PermissionSet",), given):
        agents_of = dict.fromkeys(own.agent for own in direct if own.component.name == each.agent)
        groups += [AgentGrant(component=each.component, agent=agent, location=each.location) for agent in agents_of]
    return tuple(sorted((*direct, *groups), key=lambda each: (each.component, each.agent)))


def _granted(
    project: Project, holders: tuple[str, ...], types: tuple[str, ...], asked: dict[str, str]
) -> Iterator[AgentGrant]:
    """The grants of what has one of these types and names, once for each holder."""
    components = project.of_type(*holders)
    contents = project.read(components)
    for component in components:
        seen = set()
        for reference in contents[component.id].references:
            target = reference.targets[0]
            name = asked.get(target.name.casefold())
            if name and target.type in types and name not in seen:
                seen.add(name)
                yield AgentGrant(component=component.id, agent=name, location=reference.location)
