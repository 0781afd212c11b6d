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
from tests.support.tools import node_bin

from wavegate import __version__

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


def manifest(*environments: str) -> dict[str, bytes]:
    """A manifest with these environments."""
    content = {"release": "a", "environments": [{"name": name, "prompts": ["x"]} for name in environments]}
    return {"agentforce/release.yml": json.dumps(content).encode()}


@pytest.mark.parametrize("names", [("production",), ("uat", "production"), ("dev", "uat", "production")], ids=len)
@pytest.mark.parametrize(
    "options",
    [(), ("--mirror", "acme/wavegate"), ("--server", "https://github.acme.example")],
    ids=["local", "mirror", "enterprise server"],
)
def test_what_it_writes_is_what_github_reads(
    tmp_path: Path, names: tuple[str, ...], options: tuple[str, ...]
) -> None:
    root = tmp_path / "agents"
    start(root, manifest(*names))
    assert init(root, *options).returncode == 0
    assert_clean(root)
    for caller in CALLERS:
        assert len((root / ".github" / "workflows" / caller).read_text().splitlines()) <= 52 + 20 * (len(names) > 2)


def test_a_mirrors_workflows_are_called_and_not_copied(empty: Path) -> None:
    assert init(empty, "--mirror", "acme/wavegate").returncode == 0
    folder = empty / ".github" / "workflows"
    assert {path.name for path in folder.iterdir()} == CALLERS
    for path in folder.iterdir():
        text = path.read_text()
        assert (
            f"uses: acme/wavegate/.github/workflows/{path.stem.removeprefix('wavegate-')}".replace(
                "/release", "/promote"
            )
            in text
        )
        assert f".yml@{REFERENCE} # v" in text


@pytest.mark.parametrize(
    ("origin", "is_server"),
    [
        ("https://github.com/acme/agents.git", False),
        ("git@github.com:acme/agents.git", False),
        ("git@github.com-work:acme/agents.git", False),
        ("https://acme.ghe.com/acme/agents", False),
        ("git@github.acme.example:acme/agents.git", True),
        ("https://github.acme.example/acme/agents.git", True),
    ],
)
def test_the_origin_says_for_which_server(empty: Path, origin: str, is_server: bool) -> None:
    git(empty, "remote", "add", "origin", origin)
    done = init(empty, "--mirror", "acme/copy")
    promote = empty / ".github" / "workflows" / "wavegate-reusable-promote.yml"
    # a server cannot call a reusable workflow as it is on github.com, so there a mirror has the actions only
    assert (promote.exists(), "GitHub Enterprise Server" in done.stdout) == (is_server, is_server)
    if is_server:
        assert f"uses: acme/copy/.github/actions/deploy@{REFERENCE} # v" in promote.read_text()


@pytest.mark.parametrize(
    "options", [("--mirror", "acme"), ("--mirror", "a/b c"), ("--server", "github.acme.example")]
)
def test_a_name_that_is_none_is_refused(empty: Path, options: tuple[str, ...]) -> None:
    assert (init(empty, *options).returncode, files(empty)) == (2, {"README.md": b"x"})


@pytest.mark.parametrize(
    "before", [None, b"", b"*.log", b"*.log\n", b"a\r\nobservations.jsonl\r\n/wavegate-plan\r\n"]
)
def test_what_commands_write_is_ignored_and_other_lines_stay(empty: Path, before: bytes | None) -> None:
    if before is not None:
        (empty / ".gitignore").write_bytes(before)
    done = init(empty)
    assert ("added to    .gitignore" in done.stdout) is (before is not None)
    after = (empty / ".gitignore").read_bytes()
    assert after.startswith(before or b"")
    assert len(after.splitlines()) == len({line.strip(b"/") for line in after.splitlines()})
    for name in (
        "observations.jsonl",
        "wavegate-decision.json",
        "wavegate-brief.md",
        "wavegate-plan/a",
        ".wavegate/a",
    ):
        (empty / name).parent.mkdir(exist_ok=True)
        (empty / name).write_bytes(b"")
        git(empty, "check-ignore", "--quiet", name)
    assert init(empty).returncode == 0
    assert (empty / ".gitignore").read_bytes() == after


def test_a_link_in_the_place_of_gitignore_is_left_alone(empty: Path, tmp_path: Path) -> None:
    (tmp_path / "shared").write_bytes(b"*.log\n")
    (empty / ".gitignore").symlink_to(tmp_path / "shared")
    assert "left alone  .gitignore" in init(empty).stdout
    assert (tmp_path / "shared").read_bytes() == b"*.log\n"


def assert_clean(root: Path) -> None:
    """No tool that checks workflows finds anything, GitHub's own schema and parser among them."""
    written = [str(path) for path in sorted((root / ".github" / "workflows").iterdir())]
    parse = [str(node_bin() / "node"), str(ROOT / "tests" / "tools" / "parse_workflows.mjs"), *written]
    parsed = subprocess.run(parse, capture_output=True, text=True, check=False)
    assert (parsed.returncode, parsed.stdout, parsed.stderr) == (0, "", "")
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
    canary = ("wavegate-canary.yml", "wavegate-reusable-canary.yml")
    new = {".gitignore", *(f".github/workflows/{name}" for name in (*WORKFLOWS, *canary))}
    assert after.keys() - before.keys() == new - before.keys()


def test_it_says_what_is_left_to_set_up(empty: Path) -> None:
    done = init(empty)
    for words in (
        "uat, production",
        "required reviewers",
        "SF_AUTH_URL",
        "approve pull requests",
        "check / Manifest",
        "replace the example names",
        "commit them",
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
    done = wavegate(empty, "init")
    assert done.returncode == 0
    released = f"v{__version__}" in git(ROOT, "tag", "--points-at", "HEAD").decode().split()
    assert ("which is not known to be a release's" in done.stdout) is not released
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


@pytest.mark.parametrize(
    "command",
    [
        ("validate",), ("smoke", "uat"), ("plan", "uat"), ("admit", "uat"), ("gate", "uat"), ("brief", "uat"),
        ("login", "uat"), ("deploy", "uat"), ("disable", "uat", "--reason", "x"), ("enable", "uat", "--reason", "x"),
        ("lock", "uat", "--reason", "x"), ("unlock", "uat", "--reason", "x"), ("status",), ("doctor",), ("update",),
    ],
    ids=lambda command: command[0],
)  # fmt: skip
def test_before_init_every_command_says_to_run_it(empty: Path, command: tuple[str, ...]) -> None:
    done = wavegate(empty, *command)
    assert (done.returncode, "un `wavegate init`" in done.stderr) == (2, True), done.stderr
