"""Components that a release no longer has, but that the org still uses: they are left there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from wavegate.components.changes import ChangeKind, ComponentChange
from wavegate.components.component import Component, ComponentId, Contents, Project, Reference
from wavegate.components.scope import ReleaseScope
from wavegate.text import join_names

_GRANTING = frozenset({"PermissionSet", "PermissionSetGroup", "MutingPermissionSet", "Profile"})
"""Types that the org itself cleans of what is deleted."""

_BESIDE = frozenset({"FlowDefinition", "GenAiPromptTemplateActv"})
"""Types whose components belong to another one that works without them."""


def leave_what_is_used(
    changes: Sequence[ComponentChange], before: ReleaseScope | None, project: Project
) -> tuple[ComponentChange, ...]:
    """The changes, where a component that something in the org still uses is left there instead of deleted.

    The org refuses to delete it, or would break what uses it: an earlier version of an agent after a rollback, say.
    """
    left = list(changes)
    while before and (used := dict(users_of_removed(left, before, project))):
        for index, change in enumerate(left):
            if change.kind is ChangeKind.REMOVED and (users := used.get(change.component)):
                names = join_names([str(each) for each in users], 3)
                reason = f"{names} in the org still {'uses' if len(users) == 1 else 'use'} it"
                left[index] = replace(change, kind=ChangeKind.LEFT, reason=reason)
    return tuple(left)


def users_of_removed(
    changes: Sequence[ComponentChange], before: ReleaseScope, project: Project | None = None
) -> Iterator[tuple[Component, tuple[ComponentId, ...]]]:
    """Each deleted component that something in the org still uses afterwards, with its users, sorted.

    Users are: components of the live release that stay in the org as they are, such as an agent's earlier version;
    its flows, because their earlier versions stay, and a deleted flow is deleted after everything else; and any
    component of the project that still refers to it. before: scope of the live release. project: the current, or None
    to look at the live release alone. A class outside that release that names a deleted one is not found: text is
    searched for the project's classes only.
    """
    removed = [each.component for each in changes if each.kind is ChangeKind.REMOVED]
    ids = {each.id for each in removed}
    users: dict[ComponentId, set[ComponentId]] = {each: set() for each in ids if each.type not in _BESIDE}
    if removed:
        _add_live_users(users, changes, before)
    if removed and project:
        _add_current_users(users, project)
    for component in removed:
        # a deleted flow goes last, when nothing else can be deleted any more
        going = {each for each in ids if each.type != "Flow" or component.id.type == "Flow"}
        staying = sorted(each for each in users.get(component.id, set()) - going if each.type not in _GRANTING)
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
        if edge.target in users and (source not in changed or _keeps_earlier_version(source, edge.target)):
            users[edge.target].add(source)


def _keeps_earlier_version(user: ComponentId, used: ComponentId) -> bool:
    """Whether a changed component still uses it in an earlier version that stays in the org.

    A flow that only earlier versions of another one call can be deactivated, even if the org refuses to delete it.
    """
    return user.type == "Flow" and used.type != "Flow"


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
