"""One of the two releases as the search sees it: its project, its scope and its files."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from wavegate.components.component import Component, ComponentId, Project
from wavegate.components.scope import ReleaseScope
from wavegate.files.source import PROJECT_FILE
from wavegate.git.tree import TreeEntry
from wavegate.release.manifest import Manifest

_IGNORE_FILE = ".forceignore"

UnitKey = tuple[str, str]
"""What a component is compared by: its type and its name without case. ('', name) for what is not a component."""


@dataclass(frozen=True, kw_only=True)
class ReleaseSide:
    """A release at its commit. files: all of the checkout's folder, by path relative to it."""

    project: Project
    scope: ReleaseScope
    manifest: Manifest
    environment: str
    files: Mapping[str, TreeEntry]

    @cached_property
    def components(self) -> Mapping[UnitKey, Component]:
        """The components that have files."""
        return {key_of(each.id): each for each in self.project.components.values() if each.parent is None}

    @cached_property
    def owners(self) -> Mapping[str, UnitKey]:
        """The component that each file belongs to, by path."""
        return {path: key for key, each in self.components.items() for path in each.paths}

    @cached_property
    def shipped(self) -> frozenset[UnitKey]:
        """The components that the release ships."""
        return frozenset(key_of(each.id) for each in self.scope.components if each.parent is None)

    @cached_property
    def needs(self) -> frozenset[tuple[UnitKey, UnitKey]]:
        """Pairs of components: the first one refers to the second."""
        known = {key_of(each.id): each for each in self.scope.components}

        def outermost(key: UnitKey) -> UnitKey:
            while key in known and (parent := known[key].parent):
                key = key_of(parent)
            return key

        found = {(key_of(each.source), key_of(each.target)) for each in self.scope.file_edges()}
        for source, contents in self.scope.contents.items():
            for use in contents.uses:
                target = next((key for each in use.targets if (key := key_of(each)) in self.components), None)
                if target:
                    found.add((outermost(key_of(source)), outermost(target)))
        return frozenset((source, target) for source, target in found if source != target)


def key_of(component: ComponentId) -> UnitKey:
    """A component's type and case-folded name."""
    return component.type, component.name.casefold()


def is_project_file(path: str, *sides: ReleaseSide) -> bool:
    """Whether a file belongs to the Salesforce project of one of the sides, and so is not the tests' or a tool's."""
    name = path.rpartition("/")[2]
    if name in (PROJECT_FILE, _IGNORE_FILE):
        return True
    own = (f"{folder}/" for side in sides if (folder := side.manifest.path.rpartition("/")[0]))
    if path.startswith((".github/", *own)):
        return False
    return any(
        directory and path.startswith(directory) for side in sides for directory in side.project.directories
    ) or (any("" in side.project.directories and path in side.owners for side in sides))


def project_files(side: ReleaseSide, *others: ReleaseSide) -> dict[str, TreeEntry]:
    """The files of a side that belong to a project, by path."""
    return {path: entry for path, entry in side.files.items() if is_project_file(path, side, *others)}
