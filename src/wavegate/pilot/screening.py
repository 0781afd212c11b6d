"""What the files of components say against copying them, or against shipping them under their own names."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from wavegate.components.component import Component, ComponentId, Project
from wavegate.components.metadata import parse_xml
from wavegate.components.scope import ReleaseScope
from wavegate.errors import InputError
from wavegate.files.source import Source
from wavegate.pilot.separable import only_schemas, unreadable, why_not_class, why_not_flow, why_not_shared
from wavegate.pilot.values import NotSeparable

_SCHEMAS_ALONE = (
    "changes in its schemas alone, which an org takes for a new action and ignores in an update, so that the pilot "
    "would show what the promotion does not do"
)


def screen(
    source: Source,
    project: Project,
    scope: ReleaseScope,
    components: AbstractSet[ComponentId],
    changed_paths: AbstractSet[str],
) -> Mapping[ComponentId, str]:
    """Why each of the components cannot be copied; no entry for one that can be. changed_paths: what differs."""
    found = {}
    for component in _known(project, components):
        files = source.read(component.paths)
        why = unreadable(files, component.paths) or _by_contents(component, files, scope, project.namespace)
        if component.id.type == "GenAiFunction" and only_schemas(changed_paths & set(component.paths)):
            why = why or _SCHEMAS_ALONE
        if why:
            found[component.id] = why
    return found


def screen_shared(source: Source, project: Project, components: AbstractSet[ComponentId]) -> Iterator[NotSeparable]:
    """The new components that take effect for everybody as soon as they are deployed."""
    for component in _known(project, components):
        files = source.read([component.path])
        why = unreadable(files, (component.path,)) or why_not_shared(component.id, files[component.path])
        if not why and component.id.type == "Flow":
            why = _flow(component, files)
        if why:
            yield NotSeparable(component=component.id, why=why)


def _by_contents(component: Component, files: Mapping[str, bytes], scope: ReleaseScope, namespace: str) -> str:
    if component.id.type == "Flow":
        return _flow(component, files)
    if component.id.type == "ApexClass":
        contents = scope.contents.get(component.id)
        text = files[component.path].decode("utf-8", "replace")
        return why_not_class(text, contents.apex if contents else None, namespace)
    return ""


def _flow(component: Component, files: Mapping[str, bytes]) -> str:
    try:
        return why_not_flow(parse_xml(files[component.path], path=component.path))
    except InputError as problem:
        return f"has a broken file, {component.path}: {problem.message.rstrip('.')}"


def _known(project: Project, components: Iterable[ComponentId]) -> Iterator[Component]:
    return (project.components[each] for each in sorted(components))
