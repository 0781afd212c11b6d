"""`init` in a consumer's repository: what it writes works, and nothing that was there is changed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.act import Act
from tests.support.consumer import RELEASE, consumer
from tests.support.git import git, start
from tests.support.product import REFERENCE, ROOT
from tests.support.projects import PROJECT

CALLERS = {f"wavegate-{name}.yml" for name in ("check", "release", "rollback", "disable", "enable", "lock")}
REUSABLE = {f"wavegate-reusable-{name}.yml" for name in ("check", "promote", "rollback", "disable", "enable", "lock")}
WORKFLOWS = CALLERS | REUSABLE
BIN = Path(sys.executable).parent


def wavegate(root: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], "HOME": str(root.parent), "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "wavegate", *arguments]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=60, check=False)


def init(root: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return wavegate(root, "init", "--pin", REFERENCE, *arguments)


def files(root: Path) -> dict[str, bytes]:
    """The content of every file but git's own."""
    paths = (path for path in root.rglob("*") if path.is_file() and ".git" not in path.relative_to(root).parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    root = tmp_path / "support agents"
    start(root, {"README.md": b"x"})
    return root


def test_an_empty_repository_gets_a_release_that_validates(empty: Path) -> None:
    done = init(empty)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (empty / ".github" / "workflows").iterdir()} == WORKFLOWS
    assert "release: support-agents-1\n" in (empty / "agentforce" / "release.yml").read_text()
    checked = wavegate(empty, "validate")
    assert (checked.returncode, "0 error" in checked.stdout) == (0, False), checked.stdout


def test_a_project_gets_a_release_of_what_it_has(empty: Path) -> None:
    shutil.copytree(PROJECT, empty, dirs_exist_ok=True)
    shutil.rmtree(empty / "agentforce", ignore_errors=True)
    assert init(empty).returncode == 0
    text = (empty / "agentforce" / "release.yml").read_text()
    assert "  - name: Support_Agent\n" in text
    assert "      - Support_Resolution\n" in text
    checked = wavegate(empty, "validate")
    assert checked.returncode == 0, checked.stdout
    release = (empty / ".github" / "workflows" / "wavegate-release.yml").read_text()
    assert '"force-app/**"' in release


def test_what_it_writes_is_what_github_reads(empty: Path) -> None:
    init(empty)
    assert_clean(empty)


def assert_clean(root: Path) -> None:
    """Nothing is said of the repository's workflows by those who check them, GitHub's schema among them."""
    written = [str(path) for path in sorted((root / ".github" / "workflows").iterdir())]
    zizmor = ["zizmor", "--quiet", "--offline", "--strict-collection", "--persona=auditor"]
    for command in (["actionlint"], zizmor, ["check-jsonschema", "--builtin-schema=vendor.github-workflows"]):
        done = subprocess.run(
            [str(BIN / command[0]), *command[1:], *written], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_run_again_it_changes_nothing(empty: Path) -> None:
    init(empty)
    before = files(empty)
    done = init(empty)
    assert done.returncode == 0
    assert "wrote" not in done.stdout
    assert files(empty) == before


def test_windows_line_endings_are_not_a_difference(empty: Path) -> None:
    init(empty)
    for path in (empty / ".github" / "workflows").iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    before = files(empty)
    assert "left alone" not in init(empty).stdout
    assert files(empty) == before


@pytest.mark.parametrize("blocked", [".github", "agentforce", ".github/workflows"])
def test_a_file_in_the_place_of_a_folder_is_an_error(empty: Path, blocked: str) -> None:
    (empty / blocked).parent.mkdir(exist_ok=True)
    (empty / blocked).write_bytes(b"")
    done = init(empty)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr


def test_a_name_that_github_would_evaluate_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    manifest = b'release: a\nenvironments: [{name: "${{ secrets.SF_AUTH_URL }}", prompts: [x]}]\n'
    root = tmp_path / "hostile"
    start(root, {"agentforce/release.yml": manifest})
    done = init(root)
    assert (done.returncode, "expression" in done.stderr) == (2, True)
    assert files(root) == {"agentforce/release.yml": manifest}


def test_names_that_need_quotes_make_workflows_that_github_reads(tmp_path: Path) -> None:
    root = tmp_path / "odd"
    names = ["on", "1.10", "- dash", "a: b #c", "größe '\"\\", "~", "a/b", "@x", "!y", "&z", "*"]
    manifest = {"release": "a", "environments": [{"name": name, "prompts": ["x"]} for name in names]}
    start(root, {"agentforce/a: b.yml": json.dumps(manifest).encode(), "agentforce/c.yml": b"release: c\n"})
    done = init(root, "--manifest", "agentforce/a: b.yml", "--branch", "release/#1")
    assert done.returncode == 0, done.stderr
    assert_clean(root)


def test_existing_files_are_not_changed(tmp_path: Path) -> None:
    root = consumer(tmp_path / "consumer", {**RELEASE, ".github/workflows/wavegate-release.yml": b"mine\n"})
    before = files(root)
    done = init(root)
    assert done.returncode == 0
    assert "left alone  .github/workflows/wavegate-release.yml\n" in done.stdout
    after = files(root)
    assert {path: after[path] for path in before} == before
    new = {".gitignore", *(f".github/workflows/{name}" for name in WORKFLOWS)}
    assert after.keys() - before.keys() == new - before.keys()


def test_it_says_what_is_left_to_set_up(empty: Path) -> None:
    done = init(empty)
    for words in (
        "uat, production",
        "required reviewers",
        "SF_AUTH_URL",
        "approve pull requests",
        "check / Manifest",
    ):
        assert words in done.stdout


@pytest.mark.parametrize("link", [".github", ".github/workflows", "agentforce"])
def test_it_writes_through_no_link_out_of_the_checkout(empty: Path, link: str) -> None:
    outside = empty.parent / "outside"
    outside.mkdir()
    (empty / link).parent.mkdir(exist_ok=True)
    (empty / link).symlink_to(outside)
    done = init(empty)
    assert done.returncode == 2
    assert [path for path in outside.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("commit", ["main", "v1", "0" * 39, "--help", "a" * 41])
def test_only_a_full_commit_id_is_a_pin(empty: Path, commit: str) -> None:
    done = wavegate(empty, "init", f"--commit={commit}")
    assert (done.returncode, files(empty)) == (2, {"README.md": b"x"})


def test_a_broken_manifest_is_named_and_no_workflow_written(tmp_path: Path) -> None:
    root = consumer(tmp_path / "consumer", {**RELEASE, "agentforce/release.yml": b"release: [\n"})
    done = init(root)
    assert (done.returncode, "agentforce/release.yml:" in done.stderr) == (2, True)
    assert not (root / ".github").exists()


def test_from_the_checkout_the_pin_is_its_own_commit(empty: Path) -> None:
    assert wavegate(empty, "init").returncode == 0
    head = git(ROOT, "rev-parse", "HEAD").decode().strip()
    for name in WORKFLOWS:
        text = (empty / ".github" / "workflows" / name).read_text()
        assert len(head) == 40
        assert "0" * 40 not in text
        assert f"@{head[:4]}" in text or "wavegate/wavegate/" not in text


def test_a_folder_within_a_repository_is_refused(empty: Path) -> None:
    (empty / "inner").mkdir()
    done = wavegate(empty / "inner", "init", "--pin", REFERENCE)
    assert (done.returncode, "--root" in done.stderr) == (2, True)


def test_the_check_that_it_writes_passes_the_release_that_it_writes(act: Act, empty: Path) -> None:
    init(empty)
    git(empty, "add", "--all")
    git(empty, "commit", "--quiet", "--message", "Init")
    git(empty, "remote", "add", "origin", "https://github.com/acme/support-agents.git")
    run = act.run(empty, "wavegate-check.yml", "pull_request")
    assert run.jobs == {"check": "success"}, run.log
    assert run.outputs["validate"]["verdict"] == "pass"
