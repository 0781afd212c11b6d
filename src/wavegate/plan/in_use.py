"""Components that a release no longer has, but that the org still uses: they are left there."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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
    What is left keeps what it uses itself.
    """
    if before is None:
        return tuple(changes)
    users = _users(changes, before, project)
    going, reasons = set(users), dict[ComponentId, str]()
    while used := {each: staying for each in going if (staying := _staying(each, users, going))}:
        going -= used.keys()
        reasons |= {each: _reason(staying) for each, staying in used.items()}
    return tuple(
        replace(each, kind=ChangeKind.LEFT, reason=reasons[each.component.id])
        if each.component.id in reasons
        else each
        for each in changes
    )


def users_of_removed(
    changes: Sequence[ComponentChange], before: ReleaseScope, project: Project | None = None
) -> Iterator[tuple[Component, tuple[ComponentId, ...]]]:
    """Each deleted component that something in the org still uses afterwards, with its users, sorted.

    before: scope of the live release. project: the current one, or None to look at the live release alone.
    """
    users = _users(changes, before, project)
    for component in (each.component for each in changes if each.component.id in users):
        if staying := _staying(component.id, users, users.keys()):
            yield component, staying


_Users = Mapping[ComponentId, set[ComponentId]]


def _users(changes: Sequence[ComponentChange], before: ReleaseScope, project: Project | None) -> _Users:
    """What uses each deleted component, deleted or not.

    Users are: components of the live release that keep what they refer to, such as an agent's earlier version; its
    flows, because their earlier versions stay; and any component of the project that still refers to it. A class
    outside the live release that names a deleted one is not found: text is searched for the project's classes only.
    """
    users: _Users = {each.component.id: set() for each in changes if each.kind is ChangeKind.REMOVED}
    if users:
        _add_live_users(users, changes, before)
    if users and project:
        _add_current_users(users, project)
    return users


def _staying(component: ComponentId, users: _Users, going: Collection[ComponentId]) -> tuple[ComponentId, ...]:
    """The users of a deleted component that are in the org when it is deleted. going: what is deleted.

    A deleted flow goes last, when nothing else can be deleted any more.
    """
    if component.type in _BESIDE:
        return ()
    return tuple(
        sorted(
            each
            for each in users[component]
            if each.type not in _GRANTING and (each not in going or (each.type == "Flow" != component.type))
        )
    )


def _reason(users: Sequence[ComponentId]) -> str:
    names = join_names([str(each) for each in users], 3)
    return f"{names} in the org still {'uses' if len(users) == 1 else 'use'} it"


def _add_live_users(users: _Users, changes: Iterable[ComponentChange], before: ReleaseScope) -> None:
    """Add the components of the live release that keep what they refer to."""
    changed = {each.component.id for each in changes if each.kind is ChangeKind.CHANGED}
    for edge in before.file_edges():
        if edge.target in users and (edge.source not in changed or _keeps_earlier_version(edge.source, edge.target)):
            users[edge.target].add(edge.source)


def _keeps_earlier_version(user: ComponentId, used: ComponentId) -> bool:
    """Whether a changed component still uses it in an earlier version that stays in the org.

    A flow that only earlier versions of another one call can be deactivated, even if the org refuses to delete it.
    """
    return user.type == "Flow" and used.type != "Flow"


def _add_current_users(users: _Users, project: Project) -> None:
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
