"""Checks of pilot copies that share nothing with what makes them but the index of a project."""

from collections.abc import Iterator

from wavegate.components.component import AGENT_TYPES, ComponentId, Contents, Project, Reference
from wavegate.components.project import read_project
from wavegate.files.source import Source
from wavegate.pilot.overlay import CopySource
from wavegate.pilot.undo import undo
from wavegate.pilot.values import PilotCopy


def copy_faults(source: Source, project: Project, copy: PilotCopy) -> Iterator[str]:
    """What is wrong with a copy, once it is indexed beside the originals."""
    overlaid = read_project(CopySource(source, copy))
    yield from _clashes(project, overlaid, copy)
    yield from _changed_originals(source, copy)
    for path, data in undo(copy).items():
        if source.read([path])[path] != data:
            yield f"undo does not give {path}"
    for new in copy.names.values():
        if new in overlaid.components:
            contents = overlaid.read([overlaid.components[new]])[new]
            yield from (f"{new}: {finding.message}" for finding in contents.findings)
            yield from _wrong_references(new, contents, project, overlaid, copy)


def _clashes(project: Project, overlaid: Project, copy: PilotCopy) -> Iterator[str]:
    for old, new in copy.names.items():
        if project.find(new):
            yield f"{new} is in the project already"
        if new not in overlaid.components:
            yield f"{new} is not indexed"
        elif len(overlaid.components[new].paths) != len(project.components[old].paths):
            yield f"{new} has other files than {old}"
    if len(set(copy.names.values())) != len(copy.names):
        yield "two copies have one name"
    extra = overlaid.components.keys() - project.components.keys() - set(copy.names.values())
    expected = {ComponentId(type="PermissionSet", name=copy.permission_set)}
    if extra != expected:
        yield f"the overlay adds {extra ^ expected}"


def _changed_originals(source: Source, copy: PilotCopy) -> Iterator[str]:
    for path in source.paths():
        if path in copy.files:
            yield f"{path} is overwritten"


def _wrong_references(
    component: ComponentId, contents: Contents, project: Project, overlaid: Project, copy: PilotCopy
) -> Iterator[str]:
    inline = set(_inline(contents))
    for reference in _all_references(contents):
        target = _found(reference, overlaid, inline)
        if target in copy.names or (
            reference.targets[0].type in AGENT_TYPES and target and target.name in copy.agents
        ):
            yield f"{component} refers to {target}, which is copied"
        elif target is None and not reference.external and not _was_missing(reference, project):
            yield f"{component} refers to {reference.targets[0]}, which is not there"


def _was_missing(reference: Reference, project: Project) -> bool:
    """Whether the project does not have it either."""
    return all("_Pilot" not in each.name for each in reference.targets) and not any(
        project.find(each) for each in reference.targets
    )


def _found(reference: Reference, project: Project, inline: set[ComponentId]) -> ComponentId | None:
    for each in reference.targets:
        if each in inline:
            return each
        if found := project.find(each):
            return found.id
    return None


def _inline(contents: Contents) -> Iterator[ComponentId]:
    for component, inner in contents.inline.items():
        yield component.id
        yield from _inline(inner)


def _all_references(contents: Contents) -> Iterator[Reference]:
    yield from contents.references
    yield from (each for each in contents.uses if each.targets[0].type == "GenAiPromptTemplate")
    for inner in contents.inline.values():
        yield from _all_references(inner)
