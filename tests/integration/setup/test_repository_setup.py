"""What `init` reads from a checkout: the release branch, the folders whose changes start a release, and the name."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from tests.support.git import git, start
from tests.support.product import REFERENCE

from wavegate.__main__ import main
from wavegate.components.project import read_project
from wavegate.files.folder import FolderSource
from wavegate.git.repository import Git
from wavegate.release.reading import load_manifest
from wavegate.setup.release_inputs import read_release_inputs
from wavegate.setup.repository_setup import SetupChoices, read_setup, repository_name
from wavegate.setup.values import Setup

MANIFEST = b"release: r\nenvironments: [{name: uat, prompts: [p]}]\n"


def read(root: Path) -> Setup:
    return read_setup(root, Git(root), load_manifest(root), SetupChoices(pin=REFERENCE))


def repository(root: Path, files: Mapping[str, bytes] = {}) -> Path:
    start(root, {"agentforce/release.yml": MANIFEST, **files})
    return root


def project(at: str, *directories: str) -> dict[str, bytes]:
    """A project with one class in each package directory."""
    listed = ", ".join(f'{{"path": "{each}"}}' for each in directories)
    classes = [f"{at}{each}/classes/C{number}.cls" for number, each in enumerate(directories)]
    return {f"{at}sfdx-project.json": f'{{"packageDirectories": [{listed}]}}'.encode()} | dict.fromkeys(classes, b"x")


@pytest.mark.parametrize(
    ("files", "folders"),
    [
        (project("", "force-app"), ["force-app"]),
        (project("", "src/app", "src/service"), ["src/app", "src/service"]),
        (project("packages/salesforce/", "force-app"), ["packages/salesforce/force-app"]),
        ({"sfdx-project.json": b'{"packageDirectories": [{"path": "."}]}', "a/classes/A.cls": b"x"}, ["a"]),
        ({}, ["force-app"]),
    ],
)
def test_only_the_projects_own_folders_start_a_release(
    tmp_path: Path, files: Mapping[str, bytes], folders: Sequence[str]
) -> None:
    root = repository(tmp_path, {**files, "packages/web/package.json": b"{}"})
    assert list(read(root).folders) == folders


REPLACEMENTS = (
    b'{"packageDirectories": [{"path": "force-app"}], "replacements": ['
    b'{"filename": "/C.cls", "stringToReplace": "a", "replaceWithFile": "../config/key.txt"},'
    b'{"glob": "force-app/**", "stringToReplace": "a", "replaceWithFile": "force-app/b.txt"},'
    b'{"filename": "/Other.cls", "stringToReplace": "b", "replaceWithEnv": "UNUSED"},'
    b'{"filename": "/C.cls", "stringToReplace": "b", "replaceWithEnv": "SUPPORT_URL"},'
    b'{"filename": "/C.cls", "stringToReplace": "c", "replaceWithEnv": "MAYBE", "allowUnsetEnvVariable": true},'
    b'{"filename": "/C.cls", "stringToReplace": "d", "replaceWithEnv": "ONCE",'
    b' "replaceWhenEnv": [{"env": "X", "value": "1"}]}]}'
)
PROJECT = {
    "sales/sfdx-project.json": REPLACEMENTS,
    "sales/force-app/classes/C.cls": b"x",
    "sales/force-app/.forceignore": b"",
    "sales/.forceignore": b"",
    "web/.forceignore": b"",
    "config/key.txt": b"key",
}


def test_whatever_decides_what_is_shipped_starts_a_release(tmp_path: Path) -> None:
    assert read(repository(tmp_path / "a", project("", "force-app"))).inputs == ("sfdx-project.json",)
    assert read(repository(tmp_path / "b", PROJECT)).inputs == ("sales/sfdx-project.json", "config/key.txt")
    whole = {"sfdx-project.json": b'{"packageDirectories": [{"path": "."}]}', "a/classes/A.cls": b"x"}
    assert read(repository(tmp_path / "c", whole)).inputs == ("sfdx-project.json",)


def test_the_inputs_of_a_release(tmp_path: Path) -> None:
    source = FolderSource(repository(tmp_path, PROJECT))
    found = read_release_inputs(source, read_project(source))
    assert found.files == (
        *("sales/sfdx-project.json", "sales/.forceignore", "sales/force-app/.forceignore", "config/key.txt"),
    )
    assert (found.variables, found.always, found.problem) == (("ONCE", "SUPPORT_URL"), ("SUPPORT_URL",), "")
    broken = FolderSource(repository(tmp_path / "broken", {"sfdx-project.json": b'{"replacements": 1}'}))
    found = read_release_inputs(broken, read_project(broken))
    assert (found.files, found.variables) == (("sfdx-project.json",), ())
    assert "`replacements` is not a list" in found.problem


def test_init_names_the_variables_that_need_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = repository(tmp_path, PROJECT)
    assert main(["init", "--root", str(root), "--pin", REFERENCE]) == 0
    shown = capsys.readouterr().out
    assert "need values for `ONCE` and `SUPPORT_URL`: pass them with `deploy-env`" in shown
    workflow = (root / ".github" / "workflows" / "wavegate-release.yml").read_text()
    assert '"sales/force-app/**", "sales/sfdx-project.json", "config/key.txt", "**/.forceignore"]' in workflow


@pytest.mark.parametrize(
    ("branches", "branch"),
    [(["main", "feature"], "main"), (["master", "feature"], "master"), (["trunk"], "trunk")],
)
def test_without_a_clone_of_origin_the_release_branch_is_one_that_exists(
    tmp_path: Path, branches: Sequence[str], branch: str
) -> None:
    root = repository(tmp_path)
    git(root, "branch", "--move", branches[0])
    for each in branches[1:]:
        git(root, "checkout", "--quiet", "-b", each)
    assert read(root).branch == branch


def test_the_release_branch_of_an_empty_repository_is_the_one_that_its_first_commit_makes(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch=master")
    (tmp_path / "agentforce").mkdir()
    (tmp_path / "agentforce" / "release.yml").write_bytes(MANIFEST)
    assert read(tmp_path).branch == "master"


def test_origins_default_branch_is_the_release_branch(tmp_path: Path) -> None:
    root = repository(tmp_path)
    git(root, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/develop")
    assert read(root).branch == "develop"


def test_a_first_release_is_named_after_the_repository_and_not_after_the_folder(tmp_path: Path) -> None:
    root = repository(tmp_path / "wt2")
    assert repository_name(root, Git(root)) == "wt2"
    git(root, "remote", "add", "origin", "git@github.com:acme/agents.git")
    assert repository_name(root, Git(root)) == "agents"


CANARY_FILES = {".github/workflows/wavegate-canary.yml", ".github/workflows/wavegate-reusable-canary.yml"}


@pytest.mark.parametrize(
    ("more", "options", "written"),
    [
        ("", (), False),
        ("", ("--with", "canary"), True),
        ("    rollout: canary\n    pilotUsers: [vip]\n", (), True),
        ("    health: {thresholds: [{name: taskSuccess, minimum: 0.8}]}\n", (), True),
    ],
)
def test_the_workflow_of_canaries_is_written_where_there_is_something_to_watch(
    tmp_path: Path, more: str, options: tuple[str, ...], *, written: bool
) -> None:
    manifest = f"release: r\nenvironments:\n  - name: production\n    prompts: [p]\n{more}"
    root = repository(tmp_path / "here", {"agentforce/release.yml": manifest.encode(), **project("force-app")})
    assert main(["init", "--root", str(root), "--pin", "a1" * 20, *options]) == 0
    files = {each.relative_to(root).as_posix() for each in root.glob(".github/workflows/*")}
    assert files & CANARY_FILES == (CANARY_FILES if written else set())


@pytest.mark.parametrize(
    ("more", "is_written"), [("review: {cadence: 7d}\n", True), ('review: {owner: "@a/b"}\n', False)]
)
def test_a_review_cadence_brings_the_workflow_that_reviews(tmp_path: Path, more: str, *, is_written: bool) -> None:
    manifest = f"release: r\n{more}environments:\n  - name: production\n    prompts: [p]\n"
    root = repository(tmp_path / "here", {"agentforce/release.yml": manifest.encode(), **project("force-app")})
    assert main(["init", "--root", str(root), "--pin", "a1" * 20]) == 0
    names = ("wavegate-review.yml", "wavegate-reusable-review.yml")
    assert [(root / ".github/workflows" / each).exists() for each in names] == [is_written] * 2
