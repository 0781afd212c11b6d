"""What a release changes, compared with what is live."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from wavegate.components.component import AGENT_TYPES, Component, Project
from wavegate.components.scope import ReleaseScope

_VERSIONS = frozenset({*AGENT_TYPES, "BotVersion", "AiAgentDefinitionVersion", "GenAiPlannerBundle", "GenAiPlanner"})
Digests = Mapping[str, bytes]
"""File digests by path."""


class ChangeKind(StrEnum):
    """What a release does to a component of the environment.

    kept: gone from the project, but kept in the org, because a rollback needs an agent's earlier versions.
    """

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    KEPT = "kept"


SHIPPED = frozenset({ChangeKind.ADDED, ChangeKind.CHANGED})
"""The kinds of change that a deployment sends."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ComponentChange:
    """One component that the release adds, changes or removes. A component inside another's file is not listed."""

    component: Component
    kind: ChangeKind


def compare(
    now: ReleaseScope, before: ReleaseScope | None, project: Project, *, digests: Digests, earlier: Digests
) -> tuple[ComponentChange, ...]:
    """The components that the release adds, changes or removes, sorted by id.

    before: scope of the live release; if None, everything is added. project: the current one. A component that the
    release no longer needs is removed only if it is gone from the project; an agent's versions are kept even then.
    digests, earlier: file digests now and in the live release. Moving a component to another folder is not a change.
    """
    live = {each.id: each for each in before.components if each.parent is None} if before else {}
    changes = []
    for component in now.components:
        old = live.get(component.id)
        if component.parent is None and (old is None or _files(component, digests) != _files(old, earlier)):
            kind = ChangeKind.CHANGED if old else ChangeKind.ADDED
            changes.append(ComponentChange(component=component, kind=kind))
    shipped = {each.id for each in now.components}
    gone = (each for each in live.values() if each.id not in shipped and project.find(each.id) is None)
    changes += [ComponentChange(component=each, kind=_removal_kind(each)) for each in gone]
    return tuple(sorted(changes, key=lambda each: each.component.id))


def _removal_kind(component: Component) -> ChangeKind:
    return ChangeKind.KEPT if component.id.type in _VERSIONS else ChangeKind.REMOVED


def _files(component: Component, digests: Digests) -> frozenset[tuple[str, bytes | None]]:
    folder = PurePosixPath(component.path).parent
    return frozenset((_within(path, folder), digests.get(path)) for path in component.paths)


def _within(path: str, folder: PurePosixPath) -> str:
    place = PurePosixPath(path)
    return str(place.relative_to(folder)) if place.is_relative_to(folder) else place.name
