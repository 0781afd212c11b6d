"""Reads the census of packs from the files of a project."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from wavegate.census.definition import read_definition
from wavegate.census.resolve import declared_cases, resolve
from wavegate.census.test_spec import TestSpec, may_be_spec, read_spec
from wavegate.census.values import DEFINITION_TYPES, Census, ExpectedCases, NamedDefinition, definition_of
from wavegate.components.component import ComponentId, Project
from wavegate.components.project import read_project
from wavegate.evidence.source import TestKey
from wavegate.files.folder import FolderSource
from wavegate.files.source import Source
from wavegate.findings.finding import Finding
from wavegate.release.pack import Pack

MAX_SPECS = 2_000
"""Files that are looked at for test specs."""
_BATCH = 20
"""Files that are in memory at the same time."""


def census_of_folder(root: Path, packs: Sequence[Pack]) -> Census:
    """The census of packs by the work tree at root. InputError for a folder that cannot be read."""
    source = FolderSource(root)
    return read_census(packs, read_project(source), source, read_specs(packs, source))


def read_specs(packs: Iterable[Pack], source: Source) -> Mapping[str, TestSpec]:
    """The test specs that may concern packs, by path.

    They are the YAML files in folders named `specs`, those named `…-testSpec`, and those named after a definition.
    """
    names = frozenset(definition_of(test).name.casefold() for pack in packs for test in pack.tests)
    paths = [path for path in source.paths() if may_be_spec(path, names)][:MAX_SPECS]
    batches = (paths[start : start + _BATCH] for start in range(0, len(paths), _BATCH))
    files = ((path, found.get(path)) for batch in batches for found in (source.read(batch),) for path in batch)
    return {path: spec for path, data in files if (spec := read_spec(data, path=path))}


def read_census(packs: Sequence[Pack], project: Project, source: Source, specs: Mapping[str, TestSpec]) -> Census:
    """The census of packs. Definitions count as the project has them. source: its files. specs: of `read_specs`."""
    definitions = {(pack.suite, test.name): definition_of(test) for pack in packs for test in pack.tests}
    found = _definitions(set(definitions.values()), project, source)
    tests: dict[TestKey, ExpectedCases] = {}
    problems: list[Finding] = []
    for pack in packs:
        for test in pack.tests:
            definition = definitions[pack.suite, test.name]
            declared = declared_cases(pack, test)
            sources = [*found[definition], *_of(definition, specs.values()), *([declared] if declared else [])]
            cases = resolve(test, sources)
            if isinstance(cases, Finding):
                problems.append(cases)
            elif cases:
                tests[pack.suite, test.name] = cases
    return Census(tests=tests, problems=tuple(dict.fromkeys(problems)))


def _definitions(
    named: set[NamedDefinition], project: Project, source: Source
) -> Mapping[NamedDefinition, Sequence[ExpectedCases | Finding]]:
    """What the project's definitions declare; more than one where a name has several files."""
    return {definition: list(_of_project(definition, project, source)) for definition in named}


def _of_project(definition: NamedDefinition, project: Project, source: Source) -> Iterator[ExpectedCases | Finding]:
    for type_ in (definition.type,) if definition.type else DEFINITION_TYPES:
        component = project.find(ComponentId(type=type_, name=definition.name))
        for path in component.paths if component else ():
            data = source.read([path]).get(path)
            yield read_definition(data, path=path, type_=type_, name=definition.name)


def definition_names(project: Project, specs: Mapping[str, TestSpec]) -> Mapping[str, Sequence[str]]:
    """The names of a project's definitions and specs by metadata type; '' for a spec of either type.

    A file that only has the name of a definition which a pack names does not prove that the name is right.
    """
    names = {type_: [each.id.name for each in project.of_type(type_)] for type_ in DEFINITION_TYPES}
    for spec in (spec for path, spec in specs.items() if may_be_spec(path, frozenset())):
        names.setdefault(spec.type, []).extend(sorted(spec.names))
    return names


def _of(definition: NamedDefinition, specs: Iterable[TestSpec]) -> Iterator[ExpectedCases | Finding]:
    for spec in specs:
        same_type = definition.type in ("", spec.type) or not spec.type
        if same_type and definition.name.casefold() in spec.names:
            yield spec.cases
