"""What a release changes, compared with what is live."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from wavegate.components.component import AGENT_TYPES, Component, Project
from wavegate.components.scope import ReleaseScope

_VERSIONS = frozenset({*AGENT_TYPES, "BotVersion", "AiAgentDefinitionVersion", "GenAiPlannerBundle", "GenAiPlanner"})
Digests = Mapping[str, bytes]
"""A digest of each file by its path."""


class ChangeKind(StrEnum):
    """What a release does to a component of the environment.

    kept: the project has it no more, and the org keeps it, since an agent's earlier version is the way back.
    """

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    KEPT = "kept"


SHIPPED = frozenset({ChangeKind.ADDED, ChangeKind.CHANGED})
"""What a deployment sends."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ComponentChange:
    """One component that the release adds, changes or removes. One inside another's file counts as that one."""

    component: Component
    kind: ChangeKind


def compare(
    now: ReleaseScope, before: ReleaseScope | None, project: Project, *, digests: Digests, earlier: Digests
) -> tuple[ComponentChange, ...]:
    """The components that the release adds, changes or removes, sorted by id.

    before: the scope of what is live; without it everything is added. project: as it is now: what the release no
    longer needs is removed only if the project has it no more, and an agent's version not even then.
    digests, earlier: of the files now and then. A component that only moved to another folder is unchanged.
    """
    then = {each.id: each for each in before.components if each.parent is None} if before else {}
    changes = []
    for component in now.components:
        old = then.get(component.id)
        if component.parent is None and (old is None or _files(component, digests) != _files(old, earlier)):
            kind = ChangeKind.CHANGED if old else ChangeKind.ADDED
            changes.append(ComponentChange(component=component, kind=kind))
    gone = (each for each in then.values() if project.find(each.id) is None)
    changes += [ComponentChange(component=each, kind=_end(each)) for each in gone]
    return tuple(sorted(changes, key=lambda each: each.component.id))


def _end(component: Component) -> ChangeKind:
    return ChangeKind.KEPT if component.id.type in _VERSIONS else ChangeKind.REMOVED


def _files(component: Component, digests: Digests) -> frozenset[tuple[str, bytes | None]]:
    folder = PurePosixPath(component.path).parent
    return frozenset((_within(path, folder), digests.get(path)) for path in component.paths)


def _within(path: str, folder: PurePosixPath) -> str:
    place = PurePosixPath(path)
    return str(place.relative_to(folder)) if place.is_relative_to(folder) else place.name
