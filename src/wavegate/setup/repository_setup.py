"""Reads the values that fill a repository's workflows from its checkout, and makes the workflows from them."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from wavegate import __version__
from wavegate.components.component import Project
from wavegate.components.force_ignore import FILE as FORCE_IGNORE
from wavegate.components.project import read_project
from wavegate.errors import InputError
from wavegate.files.folder import FolderSource
from wavegate.files.source import PROJECT_FILE
from wavegate.git.repository import Git
from wavegate.github.origin import is_enterprise_server, parse_origin
from wavegate.release.manifest import Manifest
from wavegate.setup.local.generated import ACTIONS, FOLDER, generate, local_name
from wavegate.setup.own_files import reusable_workflows, workflow_templates
from wavegate.setup.release_inputs import ReleaseInputs, read_release_inputs
from wavegate.setup.values import Setup
from wavegate.setup.workflow_template import fill

CANARY, REVIEW = "canary", "review"
_OPTIONAL = frozenset({CANARY, "classify", "report", REVIEW})
"""The reusable workflows that not every repository needs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SetupChoices:
    """What a person chose; '' for the default. server: URL of the GitHub server. mirror: `OWNER/REPO`.

    optional: workflows that are wanted beside the usual ones; those of canaries and reviews, even if the manifest
    has none.
    """

    pin: str
    branch: str = ""
    manifest: str = ""
    mirror: str = ""
    server: str = ""
    optional: frozenset[str] = frozenset()


def top_folder(root: Path) -> Git:
    """The repository whose top folder this is. InputError: it is another folder of a repository, or of none."""
    git = Git(root)
    if git.prefix:
        raise InputError(
            "This folder is not the top folder of its repository.", fix="Name the top folder with --root."
        )
    return git


def read_setup(root: Path, git: Git, release: Manifest, choices: SetupChoices) -> Setup:
    """The values for the workflows of a repository. release: its manifest."""
    source = FolderSource(root)
    project = read_project(source)
    folders = _folders(project) or ("force-app",)
    enterprise = is_enterprise_server(choices.server or _server(git))
    names = watched(release)
    return Setup(
        environments=tuple(each.name for each in release.environments),
        commit=choices.pin,
        version=__version__,
        branch=choices.branch or _release_branch(git),
        folders=folders,
        inputs=_inputs(read_release_inputs(source, project), folders),
        manifest=choices.manifest,
        actions=choices.mirror or ACTIONS,
        # a server takes no reusable workflow as it is on github.com, not even from a mirror
        local=enterprise or not choices.mirror,
        enterprise=enterprise,
        watched=names or ((release.environments[-1].name,) if CANARY in choices.optional else ()),
        optional=choices.optional | needed(release),
    )


def needed(release: Manifest) -> frozenset[str]:
    """The optional workflows without which a part of the manifest does nothing."""
    return frozenset({CANARY} if watched(release) else ()) | frozenset({REVIEW} if release.review_cadence else ())


def watched(release: Manifest) -> tuple[str, ...]:
    """Names of the environments that a look has something to say about."""
    return tuple(each.name for each in release.environments if each.canary or each.pilot_users or each.health)


def _release_branch(git: Git) -> str:
    """Origin's default branch. A clone knows it, but not a repository that was created here and pushed later."""
    usual = (name for name in ("main", "master") if git.branch_head(name))
    return git.default_branch() or next(usual, None) or git.head_branch() or "main"


def _folders(project: Project) -> tuple[str, ...]:
    """The package directories that have components; of one that is the whole checkout, its folders."""
    paths = [each.path for each in project.components.values()]
    directories = [each for each in project.directories if each and any(path.startswith(each) for path in paths)]
    rest = {path.partition("/")[0] for path in paths if not path.startswith(tuple(directories))}
    return tuple(sorted({each.rstrip("/") for each in directories} | rest))


def _inputs(found: ReleaseInputs, folders: Sequence[str]) -> tuple[str, ...]:
    """The files to name one by one: those outside of the folders, apart from `.forceignore`, which has a pattern."""
    inside = tuple(f"{each}/" for each in folders)
    files = (each for each in found.files if not each.startswith(inside) and not each.endswith(FORCE_IGNORE))
    return tuple(files) or (PROJECT_FILE,)


def repository_name(root: Path, git: Git) -> str:
    """The name of the repository as `origin` has it; that of its folder without an origin."""
    origin = parse_origin(git.origin())
    return origin.repository.partition("/")[2] if origin else root.resolve().name


def _server(git: Git) -> str:
    origin = parse_origin(git.origin())
    return f"https://{origin.host}" if origin else ""


def workflows(setup: Setup) -> dict[str, str]:
    """Text by path: the callers, and the local reusable workflows if there are to be some."""
    templates = wanted(workflow_templates(), setup.optional)
    files = {f"{FOLDER}/{name}": fill(text, setup) for name, text in templates.items()}
    return files | (local_workflows(setup) if setup.local else {})


def local_workflows(setup: Setup) -> dict[str, str]:
    """Text by path: the local reusable workflows."""
    sources = wanted(reusable_workflows(), setup.optional)
    return {f"{FOLDER}/{local_name(name)}": generate(name, text, setup.pin) for name, text in sources.items()}


def wanted(texts: Mapping[str, str], optional: AbstractSet[str]) -> dict[str, str]:
    """The workflows without those that are optional and not named. texts: by name, of callers or reusable ones."""
    return {name: text for name, text in texts.items() if (stem := _stem(name)) not in _OPTIONAL or stem in optional}


def optional_in(workflows: Iterable[str]) -> frozenset[str]:
    """The optional workflows whose callers are among files of that name."""
    return _OPTIONAL & {_stem(each) for each in workflows}


def _stem(name: str) -> str:
    """The name of a reusable workflow, from its own or its caller's: `wavegate-canary.yml` is `canary`."""
    return name.removeprefix("wavegate-").removesuffix(".yml")
