"""What a release changes, compared with what is live."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from wavegate.components.agent_versions import with_agents
from wavegate.components.component import AGENT_TYPES, Component, ComponentId, Project
from wavegate.components.scope import ReleaseScope
from wavegate.components.types import classify
from wavegate.git.tree import LINK_MODE, SUBMODULE_MODE, Tree, TreeEntry, parents

_VERSIONS = frozenset({*AGENT_TYPES, "BotVersion", "AiAgentDefinitionVersion", "GenAiPlannerBundle", "GenAiPlanner"})
_HIDING = {LINK_MODE: "a link", SUBMODULE_MODE: "a submodule"}


class ChangeKind(StrEnum):
    """What a release does to a component of the environment.

    unchanged: sent along, because the CLI makes one file of an agent and its version. removed: deleted, because the
    commit has it nowhere. kept: no longer shipped, but kept in the org, because a rollback needs an agent's earlier
    versions. left: no longer shipped, and left in the org: its deletion is not proven, or something uses it.
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
    changed = {each.component.id: each.component for each in changes}
    along = (each for each in with_agents(changed.values(), now.components) if each.id not in changed)
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
    reasons |= _reasons_to_leave(gone, project, head=head, live=live, prefix=prefix)
    for component in others:
        reason = reasons.get(component.id, "")
        kind = ChangeKind.LEFT if reason else ChangeKind.REMOVED
        yield ComponentChange(component=component, kind=kind, reason=reason)


def _reasons_to_leave(
    gone: Iterable[Component], project: Project, *, head: Tree, live: Tree, prefix: str
) -> dict[ComponentId, str]:
    """Why components that the project no longer has are not proven deleted, in plain text; no entry if one is.

    One is gone only if the commit has none of its files, no other definition of it anywhere, and no link or submodule
    that could hide it: git's tree does not show what is behind one.

    gone: components of the live release. project: the current one. head, live: the commits' trees. prefix: the
    project's checkout folder in them.
    """
    components = tuple(gone)
    elsewhere = _definitions({each.id for each in components}, head) if components else {}
    namesakes = _namesakes({_file_name(each.path) for each in components}, head)
    submodules = tuple(_new_submodules(project, head=head, live=live, prefix=prefix)) if components else ()
    reasons = {}
    for component in components:
        paths = [prefix + path for path in component.paths]
        found = next((path for path in paths if path in head.files), None)
        found = found or elsewhere.get(_key(component.id)) or namesakes.get(_file_name(component.path))
        if found:
            reasons[component.id] = _why_undeployable(found, project, prefix)
        elif hiding := next(_hidden_behind(paths, head), None):
            reasons[component.id] = hiding
        elif submodules:
            reasons[component.id] = f"it may be in the submodule {submodules[0]}"
    return reasons


def _definitions(missing: Iterable[ComponentId], tree: Tree) -> Mapping[tuple[str, str], str]:
    """Paths of files that belong to these components in any folder of a tree, by type and case-folded name."""
    wanted = {_key(each) for each in missing}
    names = {name for _, name in wanted} | {name.partition(".")[0] for _, name in wanted}
    found: dict[tuple[str, str], str] = {}
    for path in tree.files:
        folded = path.casefold()
        # classifying every path of a large repository from every folder on would take seconds
        if any(name in folded for name in names):
            for key in _belongs_to(path):
                if key in wanted:
                    found.setdefault(key, path)
    return found


def _namesakes(names: AbstractSet[str], tree: Tree) -> Mapping[str, str]:
    """Files with these names, in any folder: a file whose type is unknown can only be recognized by its name."""
    return {name: path for path in tree.files if (name := _file_name(path)) in names} if names else {}


def _file_name(path: str) -> str:
    return path.rpartition("/")[2]


def _belongs_to(path: str) -> Iterator[tuple[str, str]]:
    """What a file may belong to, whichever of its folders is the package directory."""
    parts = path.split("/")
    for start in range(len(parts)):
        if kind := classify(parts[start:]):
            yield _key(kind[0])


def _key(component: ComponentId) -> tuple[str, str]:
    return component.type, component.name.casefold()


def _why_undeployable(path: str, project: Project, prefix: str) -> str:
    own = path.removeprefix(prefix)
    if not path.startswith(prefix) or not own.startswith(project.directories):
        return f"{path} is outside the package directories"
    if own in project.untyped:
        return f"the release no longer includes {path}"
    return f".forceignore excludes {path}"


def _hidden_behind(paths: Iterable[str], tree: Tree) -> Iterator[str]:
    for path in paths:
        for folder in parents(path):
            entry = tree.files.get(folder)
            if entry and entry.mode in _HIDING:
                yield f"{folder} is now {_HIDING[entry.mode]}"


def _new_submodules(project: Project, *, head: Tree, live: Tree, prefix: str) -> Iterator[str]:
    """Submodules in or above a package directory whose contents are not those of the live commit."""
    directories = tuple(prefix + each for each in project.directories)
    for path, entry in head.files.items():
        if entry.mode == SUBMODULE_MODE and live.files.get(path) != entry:
            inside = path.startswith(directories)
            if inside or any(each.startswith(f"{path}/") for each in directories):
                yield path


def _files(component: Component, tree: Tree | None, prefix: str) -> frozenset[tuple[str, TreeEntry | None]]:
    """Mode and object id of each file, by its path from the component's folder, so that a moved one is the same."""
    folder = component.path.rpartition("/")[0] + "/"
    files = tree.files if tree else {}
    return frozenset((_within(path, folder), files.get(prefix + path)) for path in component.paths)


def _within(path: str, folder: str) -> str:
    return path.removeprefix(folder) if path.startswith(folder) else path.rpartition("/")[2]
