"""What a release changes, compared with what is live."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from wavegate.components.agent_versions import with_agents
from wavegate.components.component import AGENT_TYPES, Component, Project
from wavegate.components.removal import reasons_to_leave
from wavegate.components.scope import ReleaseScope
from wavegate.git.tree import Tree, TreeEntry

_VERSIONS = frozenset({*AGENT_TYPES, "BotVersion", "AiAgentDefinitionVersion", "GenAiPlannerBundle", "GenAiPlanner"})


class ChangeKind(StrEnum):
    """What a release does to a component of the environment.

    unchanged: sent along, because the CLI makes one file of an agent and its version. removed: deleted, because the
    commit has it nowhere. kept: no longer shipped, but kept in the org, because a
    rollback needs an agent's earlier versions. left: no longer shipped, and left in the org for want of proof.
    """

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "sent along"
    REMOVED = "removed"
    KEPT = "kept"
    LEFT = "left"


SHIPPED = frozenset({ChangeKind.ADDED, ChangeKind.CHANGED, ChangeKind.UNCHANGED})
"""The kinds of change that a deployment sends."""
EFFECTIVE = frozenset({ChangeKind.ADDED, ChangeKind.CHANGED, ChangeKind.REMOVED})
"""The kinds of change that alter the org."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ComponentChange:
    """What happens to one component. A component inside another's file is not listed.

    reason: why a component is left in the org, plain text; '' for every other kind.
    """

    component: Component
    kind: ChangeKind
    reason: str = ""


def compare(
    now: ReleaseScope, before: ReleaseScope | None, project: Project, *, head: Tree, live: Tree | None, prefix: str
) -> tuple[ComponentChange, ...]:
    """What happens to each component that the release adds, changes or no longer ships, sorted by id.

    before: scope of the live release; if None, everything is added. project: the current one. head, live: trees of
    the two commits. prefix: the checkout's folder in them. A file is compared by its mode and object id, which no
    checkout changes. Moving a component to another folder is not a change.
    """
    earlier = {each.id: each for each in before.components if each.parent is None} if before else {}
    changes = []
    for component in now.components:
        old = earlier.get(component.id)
        if component.parent is None and (old is None or _files(component, head, prefix) != _files(old, live, prefix)):
            kind = ChangeKind.CHANGED if old else ChangeKind.ADDED
            changes.append(ComponentChange(component=component, kind=kind))
    changed = [each.component for each in changes]
    along = (each for each in with_agents(changed, now.components) if each not in changed)
    changes += [ComponentChange(component=each, kind=ChangeKind.UNCHANGED) for each in along]
    if live:
        shipped = {each.id for each in now.components}
        dropped = [each for each in earlier.values() if (project.find(each.id) or each).id not in shipped]
        changes += _dropped(dropped, project, head=head, live=live, prefix=prefix)
    return tuple(sorted(changes, key=lambda each: each.component.id))


def _dropped(
    components: Iterable[Component], project: Project, *, head: Tree, live: Tree, prefix: str
) -> Iterator[ComponentChange]:
    """What happens to components of the live release that this one does not ship."""
    versions: list[Component] = []
    others: list[Component] = []
    for component in components:
        (versions if component.id.type in _VERSIONS else others).append(component)
    yield from (ComponentChange(component=each, kind=ChangeKind.KEPT) for each in versions)
    reasons = {each.id: "the release no longer needs it" for each in others if project.find(each.id)}
    gone = [each for each in others if each.id not in reasons]
    reasons |= reasons_to_leave(gone, project, head=head, live=live, prefix=prefix)
    for component in others:
        reason = reasons.get(component.id, "")
        kind = ChangeKind.LEFT if reason else ChangeKind.REMOVED
        yield ComponentChange(component=component, kind=kind, reason=reason)


def _files(component: Component, tree: Tree | None, prefix: str) -> frozenset[tuple[str, TreeEntry | None]]:
    folder = PurePosixPath(component.path).parent
    files = tree.files if tree else {}
    return frozenset((_within(path, folder), files.get(prefix + path)) for path in component.paths)


def _within(path: str, folder: PurePosixPath) -> str:
    place = PurePosixPath(path)
    return str(place.relative_to(folder)) if place.is_relative_to(folder) else place.name
