"""The README's first command, as a stranger runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.product import ROOT

README = ROOT / "tests" / "examples" / "valid" / "readme"
RELEASE = ROOT / "src" / "wavegate" / "demo" / "release" / "agentforce"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("demo") / "a folder"
    done = subprocess.run(
        [sys.executable, "-I", ROOT / "launch.py", "demo", "--folder", folder],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def test_it_shows_the_examples_that_the_documentation_gives() -> None:
    for name in ("release.yml", "packs/production-readiness.json"):
        assert (RELEASE / name).read_bytes() == (README / name).read_bytes()


def test_the_good_release_passes_and_the_bad_one_is_caught(demo: tuple[Path, str]) -> None:
    folder, _ = demo
    verdicts = {
        name: json.loads((folder / "evidence" / f"{name}-decision.json").read_text())["predicate"]["verdict"]
        for name in ("good", "bad")
    }
    assert verdicts == {"good": "pass", "bad": "fail"}


def test_the_rollback_branch_holds_the_good_release(demo: tuple[Path, str]) -> None:
    folder, _ = demo
    branch = git(folder, "for-each-ref", "--format=%(refname)", "refs/heads/wavegate/")
    assert git(folder, "rev-parse", f"{branch}^{{tree}}") == git(folder, "rev-parse", "main~1^{tree}")
    assert git(folder, "rev-parse", f"{branch}^{{tree}}") != git(folder, "rev-parse", "main^{tree}")


def test_it_names_every_file_that_it_wrote(demo: tuple[Path, str]) -> None:
    folder, text = demo
    written = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    named = text[text.index("All files are in") :]
    assert [path for path in written if path.parts[0] != ".git" and f"  {path}\n" not in named] == []


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    done = subprocess.run(
        [sys.executable, "-I", ROOT / "launch.py", "demo", "--folder", tmp_path],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "is not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
