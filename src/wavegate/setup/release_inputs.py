"""What decides what a release ships, besides the components and the files in `agentforce/`."""

from dataclasses import dataclass
from posixpath import dirname, join, normpath

from wavegate.components.component import Project
from wavegate.components.force_ignore import FILE as FORCE_IGNORE
from wavegate.errors import InputError
from wavegate.files.source import Source
from wavegate.staging.replacements import applying, needed_variables, read_replacements
from wavegate.staging.settings import read_settings


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseInputs:
    """files: paths of `sfdx-project.json`, of `.forceignore`, and of what replacements insert; those that exist.

    variables: names of those that replacements insert. always: of these, the ones that no condition leaves out.
    problem: why the replacements could not be read, or ''.
    """

    files: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    problem: str = ""


def read_release_inputs(source: Source, project: Project) -> ReleaseInputs:
    """The inputs of a project. A project without its file has none."""
    if project.file is None:
        return ReleaseInputs()
    paths = source.paths()
    ignoring = [path for path in paths if path.rpartition("/")[2] == FORCE_IGNORE and _concerns(path, project)]
    try:
        settings = read_settings(source.read([project.file]).get(project.file), file=project.file)
        replacements = read_replacements(settings, file=project.file)
    except InputError as error:
        return ReleaseInputs(files=(project.file, *ignoring), problem=error.message)
    components = [path for each in project.components.values() for path in each.paths]
    applied = applying(replacements, components)
    folder = dirname(project.file)
    inserted = {normpath(join(folder, each.file)) for each in applied if each.file}
    return ReleaseInputs(
        files=(project.file, *ignoring, *sorted(inserted.intersection(paths))),
        variables=needed_variables(applied),
        always=needed_variables(each for each in applied if not each.when),
    )


def component_samples(project: Project) -> list[str]:
    """The path of a component of each package directory that has some."""
    paths = [each.path for each in project.components.values()]
    found = (next((path for path in paths if path.startswith(each)), "") for each in project.directories)
    return [path for path in found if path]


def _concerns(path: str, project: Project) -> bool:
    """Whether a `.forceignore` is in a package directory or above it."""
    folder = path.removesuffix(FORCE_IGNORE)
    return any(folder.startswith(each) or each.startswith(folder) for each in project.directories)
