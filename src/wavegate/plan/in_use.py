"""Which components a release would delete although the org still uses them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from wavegate.components.changes import ChangeKind, ComponentChange
from wavegate.components.component import Component, ComponentId, Contents, Project, Reference
from wavegate.components.scope import ReleaseScope

_GRANTING = frozenset({"PermissionSet", "PermissionSetGroup", "MutingPermissionSet", "Profile"})
"""Types that the org itself cleans of what is deleted."""

_BESIDE = frozenset({"FlowDefinition", "GenAiPromptTemplateActv"})
"""Types whose components belong to another one that works without them."""


def users_of_removed(
    changes: Sequence[ComponentChange], before: ReleaseScope, project: Project | None = None
) -> Iterator[tuple[Component, tuple[ComponentId, ...]]]:
    """Each deleted component that something in the org still uses afterwards, with its users, sorted.

    Users are: components of the live release that stay in the org as they are, such as an agent's earlier version;
    its flows, because their earlier versions stay; and any component of the project that still refers to it.
    before: scope of the live release. project: the current one; None to look at the live release alone. A class
    outside that release that names a deleted class is not found: text is searched for the project's classes only.
    """
    removed = [each.component for each in changes if each.kind is ChangeKind.REMOVED]
    ids = {each.id for each in removed}
    users: dict[ComponentId, set[ComponentId]] = {each: set() for each in ids if each.type not in _BESIDE}
    if removed:
        _add_live_users(users, changes, before)
    if removed and project:
        _add_current_users(users, project)
    for component in removed:
        staying = sorted(each for each in users.get(component.id, set()) - ids if each.type not in _GRANTING)
        if staying:
            yield component, tuple(staying)


def _add_live_users(
    users: Mapping[ComponentId, set[ComponentId]], changes: Iterable[ComponentChange], before: ReleaseScope
) -> None:
    """Add the components of the live release that keep what they refer to."""
    changed = {each.component.id for each in changes if each.kind is ChangeKind.CHANGED}
    parents = {each.id: each.parent for each in before.components if each.parent}
    for edge in before.edges:
        source = _outermost(edge.source, parents)
        if edge.target in users and (source not in changed or source.type == "Flow"):
            users[edge.target].add(source)


def _add_current_users(users: Mapping[ComponentId, set[ComponentId]], project: Project) -> None:
    """Add the components of the project that refer to what the project no longer has."""
    gone = {(each.type, each.name.casefold()): each for each in users}
    for source, contents in project.read(project.components.values()).items():
        for reference in _all_references(contents):
            keys = {(each.type, each.name.casefold()) for each in reference.targets}
            if keys & gone.keys() and not any(project.find(each) for each in reference.targets):
                for key in keys & gone.keys():
                    users[gone[key]].add(source)


def _all_references(contents: Contents) -> Iterator[Reference]:
    yield from contents.references
    for inner in contents.inline.values():
        yield from _all_references(inner)


def _outermost(component: ComponentId, parents: Mapping[ComponentId, ComponentId]) -> ComponentId:
    while component in parents:
        component = parents[component]
    return component
