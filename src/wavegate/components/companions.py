"""Components that belong to a release although nothing in it refers to them: an agent's tests and permission sets."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from wavegate.components.agent_versions import drafts, script_agent
from wavegate.components.component import AGENT_TYPES, Component, ComponentId, Project
from wavegate.components.scope import Edge
from wavegate.findings.finding import Finding, Location, notice
from wavegate.text import join_names, pluralize

_TESTS = ("AiEvaluationDefinition", "AiTestingDefinition")
_CALLED = ("ApexClass", "Flow")


@dataclass(frozen=True, kw_only=True, slots=True)
class Companions:
    """components: to ship. shared: permission sets that serve other features as well, so that they are left out."""

    components: tuple[Component, ...]
    shared: tuple[Component, ...] = ()


def companions(project: Project, shipped: AbstractSet[ComponentId], edges: Iterable[Edge]) -> Companions:
    """The tests of the agents that ship, and the permission sets that serve them.

    A permission set serves an agent if it grants access to it, or to a class or flow that the agent's actions call:
    the user of a service agent needs the second. One that grants no agent, and classes or flows that the release does
    not ship, serves other features as well. shipped: what the release ships so far. edges: between its components.
    """
    agents = {(each.type, each.name.casefold()) for each in shipped if each.type in AGENT_TYPES}
    scripts = [project.components[each] for each in shipped if each.type == "AiAuthoringBundle"]
    drafted = drafts(scripts, read := project.read(scripts))
    agents |= {("AiAuthoringBundle", script_agent(each, read[each.id]).casefold()) for each in drafted}
    if not agents:
        return Companions(components=())
    called = {each.target for each in edges if each.source.type == "GenAiFunction" and each.target.type in _CALLED}
    candidates = project.of_type("PermissionSet", *_TESTS)
    contents = project.read(candidates)
    found, shared = [], []
    for component in candidates:
        targets = [target for each in contents[component.id].references for target in each.targets]
        named = {(each.type, each.name.casefold()) for each in targets if each.type in AGENT_TYPES}
        granted = {known.id for each in targets if each.type in _CALLED and (known := project.find(each))}
        if named & agents or (not named and granted & called and granted <= shipped):
            found.append(component)
        elif not named and granted & called and component.id not in shipped:
            shared.append(component)
    return Companions(components=tuple(found), shared=tuple(shared))


def shared_permission_sets(shared: Iterable[Component]) -> Iterable[Finding]:
    """A notice about the permission sets that a release leaves out because they serve other features as well."""
    sets = tuple(shared)
    if sets:
        message = (
            f"{pluralize(len(sets), 'permission set')} that the release leaves out also "
            f"{'grants' if len(sets) == 1 else 'grant'} access to what its actions call: "
            f"{join_names([each.id.name for each in sets])}."
        )
        fix = f'If the agent\'s user needs one of them, ship it with `include: ["{sets[0].id}"]`.'
        yield notice("release/permission-set-outside", Location(file=sets[0].path), message, fix)
