"""The wheel, built from the source distribution, runs on its own."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.support.product_files import TEMPLATES, WORKFLOWS, read

from wavegate import __version__
from wavegate.setup.repository_setup import local_workflows
from wavegate.setup.values import Setup

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built without network, from the source distribution built from this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    run([sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)], folder)
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
    run([*wavegate, "--pin", "f" * 40], repository, PYTHONPATH=str(site), PATH=os.environ["PATH"])
    written = {path.name for path in (repository / ".github" / "workflows").iterdir()}
    reusable = {f"wavegate-reusable-{path.name}" for path in WORKFLOWS if "workflow_call" in read(path)["on"]}
    assert written == {path.name for path in TEMPLATES} | reusable
    checked_out = local_workflows(Setup(environments=(), commit="f" * 40, version=__version__))
    for path, text in checked_out.items():
        assert (repository / path).read_text("utf-8") == text


def run(command: list[str], folder: Path, **environment: str) -> None:
    """Run a command in a folder; what it says is the failure."""
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
