"""One attempt to copy a selection of components, checked against the release."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple

from wavegate.components.component import ApexRole, Component, ComponentId, Project
from wavegate.components.references.known_names import known_names
from wavegate.components.references.read import read_contents
from wavegate.components.scope import ReleaseScope
from wavegate.files.source import Source
from wavegate.pilot.agent_shells import AgentShell
from wavegate.pilot.copied_paths import copied_path
from wavegate.pilot.naming import new_names
from wavegate.pilot.references import wrong_references
from wavegate.pilot.rewriting import Rewriting
from wavegate.pilot.separable import unreadable
from wavegate.pilot.sites.edits import UnwritableError
from wavegate.pilot.sites.new_names import NewNames
from wavegate.pilot.undo import original_names, undone
from wavegate.pilot.values import PilotCopy
from wavegate.text import join_names


@dataclass(kw_only=True, slots=True)
class CopyAttempt:
    """names: of all copies. files, originals, labelled: as in PilotCopy. problems: why not, by component."""

    names: NewNames
    files: dict[str, bytes] = field(default_factory=dict)
    originals: dict[str, str] = field(default_factory=dict)
    labelled: set[str] = field(default_factory=set)
    problems: dict[ComponentId, str] = field(default_factory=dict)

    def as_copy(self) -> PilotCopy:
        """The copies so far."""
        return PilotCopy(
            agents=self.names.agents,
            names=self.names.components,
            files=dict(sorted(self.files.items())),
            originals=dict(sorted(self.originals.items())),
            local_names=self.names.local,
            labelled=frozenset(self.labelled),
        )


def attempt_copy(
    source: Source, project: Project, scope: ReleaseScope, shells: Sequence[AgentShell], ids: AbstractSet[ComponentId]
) -> CopyAttempt:
    """Copy the components with these ids, as far as it goes. What is wrong with any of them is a problem of it."""
    components = [project.components[each] for each in sorted(ids)]
    data = source.read(path for each in components for path in each.paths)
    names = new_names(project, components, shells, data)
    attempt = CopyAttempt(names=names)
    tests = (each for each in ids if scope.contents[each].apex in (ApexRole.TEST, ApexRole.SUPPORT))
    rewriting = Rewriting(
        names=names,
        agents={member: each.name for each in shells if each.is_script for member in each.members},
        tests=frozenset(tests),
    )
    existing = frozenset(source.paths())
    for component in components:
        if why := unreadable(data, component.paths):
            attempt.problems[component.id] = why
        for path in component.paths:
            if path in data:
                target = copied_path(
                    path, component, names.components[component.id], names.local, project.directories
                )
                _copy_file(_FileToCopy(component, path, data[path], target), rewriting, existing, attempt)
    if not attempt.problems:
        attempt.problems |= dict(_misdirected(components, project, attempt))
    attempt.problems |= {**dict(_not_undone(components, data, attempt)), **attempt.problems}
    return attempt


class _FileToCopy(NamedTuple):
    component: Component
    path: str
    data: bytes
    target: str


def _copy_file(file: _FileToCopy, rewriting: Rewriting, existing: AbstractSet[str], attempt: CopyAttempt) -> None:
    owner = file.component.id
    if file.target in existing or file.target in attempt.files:
        attempt.problems.setdefault(owner, f"would be copied over a file that is there: {file.target}")
        return
    try:
        written = rewriting.file(file.component, file.path, file.data)
    except UnwritableError as problem:
        attempt.problems.setdefault(owner, str(problem))
        return
    for doubt in written.doubts:
        # a test that cannot be copied is left out; what it tests is as good as without it
        named = owner if owner in rewriting.tests else ComponentId(type="ApexClass", name=doubt.name)
        attempt.problems.setdefault(named, f"{doubt.why} in {file.path}, line {doubt.line}")
    attempt.files[file.target] = written.data
    attempt.originals[file.target] = file.path
    if written.is_labelled(file.data):
        attempt.labelled.add(file.target)


def _misdirected(
    components: Iterable[Component], project: Project, attempt: CopyAttempt
) -> Iterator[tuple[ComponentId, str]]:
    """The copies that do not refer to what their originals refer to, in its copied form."""
    names = attempt.names
    known = known_names((*project.components, *names.components.values()), project.namespace)
    contents = project.read(components)
    targets = {original: target for target, original in attempt.originals.items()}
    for component in components:
        paths = tuple(targets[path] for path in component.paths)
        copy = Component(id=names.components[component.id], path=targets[component.path], paths=paths)
        wrong = wrong_references(
            (component, contents[component.id]),
            (copy, read_contents(copy, attempt.files, known)),
            project,
            names,
        )
        if wrong:
            yield component.id, f"refers to {join_names(wrong)} in a way that its copy cannot follow"


def _not_undone(
    components: Iterable[Component], data: Mapping[str, bytes], attempt: CopyAttempt
) -> Iterator[tuple[ComponentId, str]]:
    """The copies that are not the release's bytes again once their names are taken out."""
    words = original_names(attempt.as_copy())
    targets = {original: target for target, original in attempt.originals.items()}
    for component in components:
        for path in component.paths:
            target = targets.get(path)
            if target and undone(attempt.files[target], words, labelled=target in attempt.labelled) != data[path]:
                yield component.id, f"has a copy that is more than renamed: {path}"
