"""The components that a manifest's `include` names: by type and name, by path, or both."""

from collections.abc import Iterator
from dataclasses import dataclass

from wavegate.components.component import Component, ComponentId, Project, at_or_below
from wavegate.components.names import unknown_type
from wavegate.components.types import CHILDREN, KNOWN_TYPES
from wavegate.findings.finding import Finding, Location, error, warning
from wavegate.findings.suggestions import suggestion
from wavegate.release.manifest import Included
from wavegate.text import join_names, pluralize


@dataclass(frozen=True, kw_only=True, slots=True)
class IncludedComponents:
    """What one entry of `include` means. components: empty with an error among the findings."""

    components: tuple[Component, ...] = ()
    findings: tuple[Finding, ...] = ()


def included_components(project: Project, included: Included, place: Location) -> IncludedComponents:
    """The components that an entry names. place: of the entry, for the findings.

    A type that wavegate does not know needs both a name and a path: the component then has all files at the path.
    """
    if included.metadata is None:
        return _by_path(project, included.path or "", place)
    type_, _, name = included.metadata.partition(":")
    component = ComponentId(type=type_, name=name)
    if type_ in KNOWN_TYPES:
        return _by_name(project, component, included.path, place)
    if included.path is None:
        return IncludedComponents(findings=(unknown_type(included.metadata, place),))
    return _of_other_type(project, component, included.path, place)


def _by_name(project: Project, component: ComponentId, path: str | None, place: Location) -> IncludedComponents:
    found = project.find(component)
    if found is None:
        known = (each.id.name for each in project.of_type(component.type))
        fix = f"Retrieve it into the project, or correct it.{suggestion(component.name, known)}"
        return _error("include/unknown", place, f"The project has no `{component}`.", fix)
    if path is not None and not at_or_below(found.paths, path):
        message = f"`{component}` has no file at `{path}`: it is defined in `{found.path}`."
        return _error("include/other-path", place, message, "Correct the path, or write the name alone.")
    return IncludedComponents(components=(found, *_parts(project, found)))


def _parts(project: Project, component: Component) -> Iterator[Component]:
    """The parts of a custom object: the CLI sends all of them with the object."""
    prefix = f"{component.id.name.casefold()}."
    if component.id.type == "CustomObject":
        parts = project.of_type(*dict.fromkeys(CHILDREN.values()))
        yield from (each for each in parts if each.id.name.casefold().startswith(prefix))


def _by_path(project: Project, path: str, place: Location) -> IncludedComponents:
    components = project.at(path)
    untyped = [each for each in at_or_below(project.untyped, path) if not components or each.endswith("-meta.xml")]
    if not components and not untyped:
        return _nothing_at(project, path, place)
    if not untyped:
        return IncludedComponents(components=components)
    message = (
        f"wavegate does not know the type of {pluralize(len(untyped), 'file')} at `{path}`, such as `{untyped[0]}`."
    )
    fix = f'Include each of their components with type and path: {{metadata: "Type:Name", path: "{untyped[0]}"}}.'
    if not components:
        return _error("component/unknown-type", place, message, fix)
    return IncludedComponents(
        components=components, findings=(warning("component/unknown-type", place, message, fix),)
    )


def _of_other_type(project: Project, component: ComponentId, path: str, place: Location) -> IncludedComponents:
    files = tuple(at_or_below(project.untyped, path))
    others = project.at(path)
    if others:
        message = f"`{path}` holds components of their own: {join_names([str(each.id) for each in others])}."
        return _error(
            "include/overlap", place, message, f"Name a file or folder with the files of `{component}` alone."
        )
    if not files:
        return _nothing_at(project, path, place)
    described = next((each for each in files if each.endswith("-meta.xml")), files[0])
    return IncludedComponents(components=(Component(id=component, path=described, paths=files),))


def _nothing_at(project: Project, path: str, place: Location) -> IncludedComponents:
    message = f"The project's package directories have no file at `{path}`."
    parent = path.rstrip("/").rpartition("/")[0]
    files = (*at_or_below(project.untyped, parent), *(file for each in project.at(parent) for file in each.paths))
    depth = parent.count("/") + 2 if parent else 1
    beside = {"/".join(each.split("/")[:depth]) for each in files}
    fix = (
        f"Correct the path; it is relative to the root of the checkout.{suggestion(path.rstrip('/'), sorted(beside))}"
    )
    return _error("include/unknown", place, message, fix)


def _error(rule: str, place: Location, message: str, fix: str) -> IncludedComponents:
    return IncludedComponents(findings=(error(rule, place, message, fix),))
