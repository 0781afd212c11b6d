"""What needs what among the files of a release, as a pilot's copies see it."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from wavegate.components.component import AGENT_TYPES, ComponentId, Project
from wavegate.components.scope import ReleaseScope
from wavegate.pilot.agent_shells import OF_AGENTS, AgentShells

Arrows = Mapping[ComponentId, frozenset[ComponentId]]
"""What each component needs."""


def arrows_of(project: Project, scope: ReleaseScope, shells: AgentShells) -> Arrows:
    """What each component of the release needs, each agent in the form that is copied.

    A class or flow that provides a prompt template's data (`FlexTemplate://Template`) needs the template as well: the
    two are bound to each other.
    """
    for component in scope.components:
        if component.id.type in (*AGENT_TYPES, "BotVersion"):
            shells.holding(component.id)
    found: dict[ComponentId, set[ComponentId]] = {}
    for source, target in _pairs(project, scope):
        needed = _as_copied(target, shells)
        if needed and needed != source and _as_copied(source, shells) == source:
            found.setdefault(source, set()).add(needed)
    return {source: frozenset(targets) for source, targets in found.items()}


def reachable(start: Iterable[ComponentId], arrows: Arrows) -> set[ComponentId]:
    """Those components and everything that they need, directly or through others."""
    found: set[ComponentId] = set()
    frontier = set(start)
    while frontier:
        found |= frontier
        frontier = {target for each in frontier for target in arrows.get(each, ())} - found
    return found


def reversed_arrows(arrows: Arrows) -> Arrows:
    """What needs each component."""
    found: dict[ComponentId, set[ComponentId]] = {}
    for source, targets in arrows.items():
        for target in targets:
            found.setdefault(target, set()).add(source)
    return {target: frozenset(sources) for target, sources in found.items()}


def between(start: AbstractSet[ComponentId], goals: AbstractSet[ComponentId], arrows: Arrows) -> set[ComponentId]:
    """Everything on a path from the start to a goal, both included; a goal out of reach is left out."""
    return reachable(start, arrows) & reachable(goals, reversed_arrows(arrows))


def _pairs(project: Project, scope: ReleaseScope) -> Iterable[tuple[ComponentId, ComponentId]]:
    yield from ((edge.source, edge.target) for edge in scope.file_edges())
    for component in scope.components:
        contents = scope.contents.get(component.id)
        for use in contents.uses if contents and component.parent is None else ():
            target = project.find(use.targets[0])
            if target and target.id.type == "GenAiPromptTemplate":
                yield component.id, target.id


def _as_copied(component: ComponentId, shells: AgentShells) -> ComponentId | None:
    """The component itself, or the entry of the agent that it is another form of; None for another version of it."""
    shell = shells.holding(component) if component.type in OF_AGENTS else None
    if component.type not in OF_AGENTS or (shell and component in shell.members):
        return component
    if component.type in AGENT_TYPES and shell:
        return shell.members[0] if shell.members else component
    return None
