"""Salesforce projects whose files are written down in a test, and what is read of them."""

from collections.abc import Iterable, Mapping, Sequence

from tests.support.projects import manifest

from wavegate.components.closure import release_scope
from wavegate.components.component import Component, ComponentId, Contents, Project
from wavegate.components.project import read_project
from wavegate.components.scope import ReleaseScope
from wavegate.release.manifest import Detail, Kind

NS = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
SETTINGS = '{"packageDirectories": [{"path": "force-app"}], "namespace": "acme"}'


class WrittenFiles:
    """A source of files below `force-app`, in a project with the namespace `acme`."""

    def __init__(self, files: Mapping[str, bytes | str]) -> None:
        placed = {f"force-app/{path}": data for path, data in files.items()}
        self.files = {
            path: data if isinstance(data, bytes) else data.encode()
            for path, data in {"sfdx-project.json": SETTINGS, **placed}.items()
        }

    def paths(self) -> Sequence[str]:
        return sorted(self.files)

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        return {path: self.files[path] for path in paths if path in self.files}


def component_id(text: str) -> ComponentId:
    """The id that is written as `Type:Name`."""
    type_, _, name = text.partition(":")
    return ComponentId(type=type_, name=name)


def project_of(files: Mapping[str, bytes | str]) -> Project:
    """The project with these files; paths are relative to its only package directory."""
    return read_project(WrittenFiles(files))


def contents_of(files: Mapping[str, bytes | str], component: str) -> Contents:
    """What is read of one component of the project with these files."""
    project = project_of(files)
    found = project.find(component_id(component))
    assert found, f"{component} is not among {sorted(map(str, project.components))}"
    return project.read([found])[found.id]


def scope_of_files(files: Mapping[str, bytes | str], root: str) -> ReleaseScope:
    """The scope of a release of one component of the project with these files, as an action of its manifest."""
    details = (Detail(kind=Kind.ACTIONS, name="root", metadata=root),)
    return release_scope(manifest(actions=("root",), details=details), "uat", project_of(files))


def names(components: Iterable[Component | ComponentId]) -> set[str]:
    """The ids as `Type:Name`."""
    return {str(each.id if isinstance(each, Component) else each) for each in components}


def apex(**bodies: str) -> dict[str, bytes | str]:
    """The files of classes, by name. A body that does not declare the class is put into one."""
    return {
        f"classes/{name}.cls": body if " class " in f" {body}" else f"public class {name} {{ {body} }}"
        for name, body in bodies.items()
    }


def xml(type_: str, body: str = "") -> str:
    """A metadata file."""
    return f"<{type_} {NS}>{body}</{type_}>"
