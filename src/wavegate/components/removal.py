"""Whether a component that left a project was deleted, or can only no longer be deployed from it.

A deletion needs proof. A component is gone only if the commit has none of its files, no other definition of it
anywhere, and no link or submodule that could hide it: git's tree does not show what is behind one.
"""

from collections.abc import Iterable, Iterator, Mapping

from wavegate.components.component import Component, ComponentId, Project
from wavegate.components.types import classify
from wavegate.git.tree import LINK_MODE, SUBMODULE_MODE, Tree, parents

_HIDING = {LINK_MODE: "a link", SUBMODULE_MODE: "a submodule"}


def reasons_to_leave(
    gone: Iterable[Component], project: Project, *, head: Tree, live: Tree, prefix: str
) -> dict[ComponentId, str]:
    """Why components that the project no longer has are not proven deleted, in plain text; no entry if one is.

    gone: components of the live release. project: the current one. head, live: the commits' trees. prefix: the
    project's checkout folder in them.
    """
    components = tuple(gone)
    elsewhere = _definitions({each.id for each in components}, head) if components else {}
    submodules = tuple(_new_submodules(project, head=head, live=live, prefix=prefix)) if components else ()
    reasons = {}
    for component in components:
        paths = [prefix + path for path in component.paths]
        found = next((path for path in paths if path in head.files), None) or elsewhere.get(_key(component.id))
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
