"""The wheel, built from the source distribution, runs on its own."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatch_build import of_checkout
from tests.support.git import git, start
from tests.support.product_files import TEMPLATES, WORKFLOWS, read

from wavegate import __version__
from wavegate.setup.repository_setup import local_workflows
from wavegate.setup.values import Setup

ROOT = Path(__file__).resolve().parents[2]
PATH = os.environ["PATH"]
RELEASES, TAG = "https://github.com/wavegate/wavegate", f"v{__version__}"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean repository with this checkout's files."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("src", "schemas", "workflows-templates", ".github/workflows"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "CHANGELOG.md"):
        shutil.copy(ROOT / name, folder)
    start(folder, {})
    return folder


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built without network, from the source distribution built from the checkout."""
    folder = tmp_path_factory.mktemp("dist")
    run([sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(checkout)], folder, PATH=PATH)
    return next(folder.glob("*.whl"))


@pytest.fixture
def site(wheel: Path, tmp_path: Path) -> Path:
    """The wheel's files, as an installer puts them."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    return tmp_path / "site"


def test_the_wheel_holds_every_schema_and_module(site: Path) -> None:
    packaged = site / "wavegate"
    assert {path.name for path in (packaged / "schemas").glob("*.json")} == {
        path.name for path in (ROOT / "schemas").glob("*.json")
    }
    sources = {path.relative_to(ROOT / "src" / "wavegate") for path in (ROOT / "src" / "wavegate").rglob("*.py")}
    assert {path.relative_to(packaged) for path in packaged.rglob("*.py")} == sources
    assert (packaged / "py.typed").is_file()


def test_the_wheel_has_the_version_of_the_package(wheel: Path) -> None:
    assert wheel.name.split("-")[1] == __version__


def test_init_from_the_wheel_pins_the_commit_it_was_built_from(checkout: Path, site: Path, tmp_path: Path) -> None:
    run(["git", "init", "--quiet", str(tmp_path / "repository")], tmp_path)
    wavegate = [sys.executable, "-P", "-m", "wavegate", "init"]
    run(wavegate, tmp_path / "repository", PYTHONPATH=str(site), PATH=PATH)
    check = tmp_path / "repository" / ".github" / "workflows" / "wavegate-reusable-check.yml"
    assert f"@{head(checkout)} " in check.read_text()


@pytest.mark.parametrize(
    ("source", "released"),
    [
        (None, True),
        ({"url": RELEASES, "vcs_info": {"vcs": "git", "commit_id": "a" * 40, "requested_revision": TAG}}, True),
        ({"url": RELEASES, "vcs_info": {"vcs": "git", "commit_id": "a" * 40}}, False),
        ({"url": f"{RELEASES}/releases/download/{TAG}/wavegate.whl", "archive_info": {}}, True),
        ({"url": "file:///home/ada/wavegate.whl", "archive_info": {}}, False),
        ({"url": "file:///home/ada/wavegate", "dir_info": {}}, False),
    ],
)
def test_init_says_where_the_commit_may_be_no_release(
    site: Path, tmp_path: Path, source: object, *, released: bool
) -> None:
    (folder,) = site.glob("*.dist-info")
    if source:
        (folder / "direct_url.json").write_text(json.dumps(source))
    run(["git", "init", "--quiet", str(tmp_path / "repository")], tmp_path)
    wavegate = [sys.executable, "-P", "-m", "wavegate", "init"]
    said = run(wavegate, tmp_path / "repository", PYTHONPATH=str(site), PATH=PATH)
    assert ("not known to be a release's" in said) is not released


def test_a_checkout_with_changes_gives_no_commit(checkout: Path, tmp_path: Path) -> None:
    changed = shutil.copytree(checkout, tmp_path / "changed")
    (changed / "README.md").write_text("changed")
    assert of_checkout(checkout) == head(checkout)
    assert of_checkout(changed) == of_checkout(tmp_path) == ""


def test_the_wheel_validates_the_given_example(site: Path, tmp_path: Path) -> None:
    example = ROOT / "tests" / "examples" / "valid" / "given"
    project = tmp_path / "project" / "agentforce"
    (project / "packs").mkdir(parents=True)
    for source in example.rglob("*.*"):
        (project / source.relative_to(example)).write_bytes(source.read_bytes())
    run([sys.executable, "-P", "-m", "wavegate", "validate"], project.parent, PYTHONPATH=str(site))


def test_the_wheel_writes_the_workflow_templates(site: Path, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    run(["git", "init", "--quiet"], repository)
    wavegate = [sys.executable, "-P", "-m", "wavegate", "init"]
    run(
        [
            *wavegate,
            "--pin",
            "f" * 40,
            "--with",
            "canary",
            "--with",
            "classify",
            "--with",
            "report",
            "--with",
            "review",
        ],
        repository,
        PYTHONPATH=str(site),
        PATH=PATH,
    )
    written = {path.name for path in (repository / ".github" / "workflows").iterdir()}
    reusable = {f"wavegate-reusable-{path.name}" for path in WORKFLOWS if "workflow_call" in read(path)["on"]}
    assert written == {path.name for path in TEMPLATES} | reusable
    checked_out = local_workflows(
        Setup(
            environments=(),
            commit="f" * 40,
            version=__version__,
            optional=frozenset({"canary", "classify", "report", "review"}),
        )
    )
    for path, text in checked_out.items():
        assert (repository / path).read_text("utf-8") == text


def head(repository: Path) -> str:
    """The full SHA of a repository's HEAD."""
    return git(repository, "rev-parse", "HEAD").decode().strip()


def run(command: list[str], folder: Path, **environment: str) -> str:
    """Run a command in a folder and return its output; what it says is the failure."""
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
