"""The files of one commit that say what bounds an agent, and what cannot be read of them."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from wavegate.components.component import Component, Project
from wavegate.components.metadata import Element, parse_xml
from wavegate.components.project import read_project
from wavegate.components.references.known_names import KnownNames, known_names
from wavegate.errors import InputError
from wavegate.files.source import PROJECT_FILE, Source
from wavegate.findings.finding import Location
from wavegate.guardrails.model import Unknown

_WHOLE = b'{"packageDirectories": [{"path": "."}]}'
_SUFFIXES = tuple(
    f".{each.lower()}"
    for each in (
        "bot", "botVersion", "genAiPlanner", "genAiPlannerBundle", "genAiPlugin", "genAiFunction",
        "genAiPromptTemplate", "aiAgentDefinition", "aiAgentDefinitionVersion", "permissionset", "permissionsetgroup",
        "mutingpermissionset", "profile",
    )
)  # fmt: skip
_SUFFIX = re.compile(r"\.[A-Za-z]")
"""What a folder's name has rarely and a file's mostly."""
_BATCH = 250
"""Files that are in memory at the same time."""


def digest(data: bytes) -> str:
    """A short fingerprint of content that is not modelled, so that a change of it shows."""
    return hashlib.sha256(data).hexdigest()[:12]


class MetadataFiles:
    """The components of a commit and their files.

    Those of its Salesforce project, or of the whole tree if it has no usable one. unknown: what could not be read.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.unknown: list[Unknown] = []
        self.project = self._project()
        self.names: KnownNames = known_names(self.project.components, self.project.namespace)

    def _project(self) -> Project:
        project = read_project(self._source)
        self.unknown += [Unknown(text=each.message, location=each.location) for each in project.findings]
        return project if project.directories else read_project(_WholeTree(self._source))

    def contents(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Path and content of each file, in order. A file that cannot be read is unknown."""
        known = tuple(paths)
        for start in range(0, len(known), _BATCH):
            batch = known[start : start + _BATCH]
            files = self._source.read(batch)
            for path in batch:
                if path in files:
                    yield path, files[path]
                else:
                    self.refuse(path, "The file cannot be read, or is larger than 10 MiB.")

    def trees(self, paths: Iterable[str]) -> Iterator[tuple[str, Element]]:
        """Path and root element of each XML file, in order. A file that is not metadata XML is unknown."""
        for path, data in self.contents(paths):
            if root := self._tree(path, data):
                yield path, root

    def _tree(self, path: str, data: bytes) -> Element | None:
        try:
            return parse_xml(data, path=path)
        except InputError as error:
            place = Location(path, error.line or 1, error.column or 1)
            self.unknown.append(Unknown(text=f"{error.message} Content {digest(data)}.", location=place))
        return None

    def texts(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Path and text of each UTF-8 file, in order. A file in another encoding is unknown."""
        for path, data in self.contents(paths):
            try:
                yield path, data.decode("utf-8-sig")
            except UnicodeDecodeError:
                self.refuse(path, f"The file is not UTF-8. Content {digest(data)}.")

    def name_misplaced(self) -> None:
        """Note each file that has the suffix of an agent's metadata and lies where the CLI does not look for it."""
        for path in self.project.untyped:
            if path.lower().removesuffix("-meta.xml").endswith(_SUFFIXES):
                self.refuse(path, "Named as agent metadata, but in another folder, or its suffix in another case.")

    def name_links(self) -> None:
        """Note each link to a folder, and submodule, in the package directories: nothing behind it is read."""
        known = {*self.project.untyped, *(path for each in self.project.components.values() for path in each.paths)}
        known |= {each.rstrip("/") for each in self.project.directories} & set(self._source.paths())
        folders = sorted(path for path in known if not _SUFFIX.search(path.rpartition("/")[2]))
        for path in set(folders) - self._source.read(folders).keys():
            self.refuse(path, "A symbolic link or submodule is not followed: nothing behind it was read.")

    def name_opaque(self, *types: str) -> None:
        """Note the files of each component of those types, which are not modelled, with their content."""
        for path, data in self.contents(path for each in self.of_type(*types) for path in each.paths):
            self.refuse(path, f"Not modelled, content {digest(data)}.")

    def refuse(self, path: str, reason: str) -> None:
        """Note a file that was not understood."""
        self.unknown.append(Unknown(text=reason, location=Location(path)))

    def of_type(self, *types: str) -> tuple[Component, ...]:
        """The components of those types, type by type, sorted by name."""
        return self.project.of_type(*types)

    def definitions(self, *types: str) -> Iterator[tuple[Component, str, Element]]:
        """Each component of those types with the path and root element of each of its XML files."""
        return self.each_definition(self.of_type(*types))

    def each_definition(self, components: Iterable[Component]) -> Iterator[tuple[Component, str, Element]]:
        """Each of these components with the path and root element of each of its XML files."""
        owners = {path: each for each in components for path in xml_paths(each)}
        for path, root in self.trees(owners):
            yield owners[path], path, root


def xml_paths(component: Component) -> Sequence[str]:
    """The component's XML files, the one that defines it first; its other files are data of their own formats."""
    bare = f".{component.id.type[:1].lower()}{component.id.type[1:]}"
    found = [path for path in component.paths if path.endswith(("-meta.xml", bare))]
    return sorted(found, key=lambda path: path != component.path)


class _WholeTree:
    """A source as a project whose only package directory is all of it."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def paths(self) -> Sequence[str]:
        """Every file's path, sorted, and that of the project file."""
        return sorted({*self._source.paths(), PROJECT_FILE})

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """The bytes of those files."""
        requested = set(paths)
        return {**self._source.read(requested - {PROJECT_FILE}), PROJECT_FILE: _WHOLE}
