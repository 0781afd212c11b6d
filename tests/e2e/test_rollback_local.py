"""The rollback without GitHub: a local branch of the same plan."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.doubles.github.git import File
from tests.support.rollback_world import BAD, BUNDLE, GOOD, IN_SCOPE, LATER, ROOT, Files, git


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=main")
    for name, changes in {"good": GOOD, "bad": BAD, "later": LATER}.items():
        write(root, changes)
        git(root, "add", "--all")
        git(root, "commit", "--quiet", "--message", name)
        git(root, "tag", name)
    return root


def write(root: Path, changes: Files) -> None:
    for path, data in sorted(changes.items(), key=lambda item: item[1] is not None):
        place = root / path
        if place.is_symlink() or place.is_file():
            place.unlink()
        if place.is_dir():
            place.rmdir()
        if data is None:
            continue
        file = data if isinstance(data, File) else File(data=data)
        place.parent.mkdir(parents=True, exist_ok=True)
        if file.mode == "120000":
            place.symlink_to(file.data.decode())
        else:
            place.write_bytes(file.data)
            place.chmod(0o755 if file.mode == "100755" else 0o644)


def wavegate(root: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    given = {"PATH": os.environ["PATH"], "HOME": str(root.parent), "PYTHONPATH": str(ROOT / "src"), **environment}
    command = [sys.executable, "-m", "wavegate", "rollback", "production", *arguments]
    return subprocess.run(command, cwd=root, env=given, capture_output=True, text=True, check=False, timeout=120)


def differing(root: Path, one: str, other: str) -> set[str]:
    return set(git(root, "diff", "--no-renames", "--name-only", "-z", one, other).split("\0")) - {""}


def test_a_local_branch_restores_the_good_release_and_touches_nothing_else(checkout: Path) -> None:
    done = wavegate(checkout, "--local", "--live", "bad", "--target", "good")
    assert done.returncode == 0, done.stderr
    branch = git(checkout, "for-each-ref", "--format=%(refname:short)", "refs/heads/wavegate").strip()
    assert branch in done.stdout
    assert not [path for path in differing(checkout, "good", branch) if path.startswith(IN_SCOPE)]
    assert all(path.startswith(IN_SCOPE) for path in differing(checkout, "main", branch))
    assert git(checkout, "status", "--porcelain") == ""
    assert git(checkout, "rev-parse", "--abbrev-ref", "HEAD") == "main\n"
    again = wavegate(checkout, "--local", "--live", "bad", "--target", "good")
    assert again.stdout.splitlines()[-1].startswith("unchanged: ")
    assert git(checkout, "rev-list", "--count", f"main..{branch}") == "1\n"


def test_the_base_moved_and_the_branch_follows_it(checkout: Path) -> None:
    wavegate(checkout, "--local", "--live", "bad", "--target", "good")
    write(checkout, {f"{BUNDLE}/binary.bin": b"changed since"})
    git(checkout, "commit", "--quiet", "--all", "--message", "Since then")
    done = wavegate(checkout, "--local", "--live", "bad", "--target", "good")
    assert "1 conflict" in done.stdout
    branch = git(checkout, "for-each-ref", "--format=%(refname:short)", "refs/heads/wavegate").strip()
    inside = [path for path in differing(checkout, "good", branch) if path.startswith(IN_SCOPE)]
    assert inside == [f"{BUNDLE}/binary.bin"]
    git(checkout, "merge", "--quiet", "--no-edit", branch)
    assert differing(checkout, "HEAD", branch) == set()


def test_a_project_in_a_folder_of_its_repository(tmp_path: Path) -> None:
    root = tmp_path / "mono"
    (root / "salesforce").mkdir(parents=True)
    git(root, "init", "--quiet", "--initial-branch=main")
    for name, changes in {"good": GOOD, "bad": BAD}.items():
        write(root / "salesforce", changes)
        (root / "other.txt").write_text(name)
        git(root, "add", "--all")
        git(root, "commit", "--quiet", "--message", name)
        git(root, "tag", name)
    done = wavegate(root / "salesforce", "--local", "--target", "good")
    assert done.returncode == 0, done.stderr
    branch = git(root, "for-each-ref", "--format=%(refname:short)", "refs/heads/wavegate").strip()
    assert differing(root, "good", branch) == {"other.txt"}


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        ((), {}, "Run `export GITHUB_TOKEN=$(gh auth token)`"),
        # it never works on this checkout alone unless it is told to
        (("--target", "good"), {}, "Without GitHub, --local creates the branch in this checkout"),
        (("--local",), {}, "Name the good commit with --target"),
        (("--local", "--target", "absent"), {}, "absent is not a commit of this repository"),
        (("--local", "--target", "good", "--manifest", "no.yml"), {}, "has no manifest at no.yml"),
        (("--local", "--target", "good", "--base", "good"), {}, "This checkout has no branch good."),
        (("--withdraw", "--reason", "x"), {}, "so wavegate cannot withdraw the rollback"),
        ((), {"GITHUB_ACTIONS": "true"}, "GITHUB_TOKEN and GITHUB_REPOSITORY are not set"),
        (("--live", "bad"), {"GITHUB_ACTIONS": "true"}, "--live needs --local"),
    ],
)
def test_what_is_missing_is_said(
    checkout: Path, arguments: tuple[str, ...], environment: dict[str, str], said: str
) -> None:
    done = wavegate(checkout, *arguments, **environment)
    assert done.returncode == 2
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_an_environment_that_the_manifest_lacks_is_said(checkout: Path) -> None:
    command = [sys.executable, "-m", "wavegate", "rollback", "prod\n::error::x", "--target", "good", "--live", "bad"]
    given = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "src"),
        "GITHUB_ACTIONS": "true",
        "GITHUB_TOKEN": "t",
    }
    done = subprocess.run(
        [*command, "--local"], cwd=checkout, env=given, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert "has no environment" in done.stdout
    assert "It has `uat` and `production`. Did you mean" not in done.stdout
    assert "\n::error::x" not in done.stdout


def test_a_misspelled_environment_gets_the_right_ones(checkout: Path) -> None:
    command = [sys.executable, "-m", "wavegate", "rollback", "prodcution", "--local", "--target", "good"]
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, cwd=checkout, env=given, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "It has `uat` and `production`. Did you mean `production`?" in done.stderr


def test_a_tag_of_the_bases_name_is_not_the_base(checkout: Path) -> None:
    git(checkout, "tag", "main", "good")
    done = wavegate(checkout, "--local", "--live", "bad", "--target", "good", "--base", "main")
    assert done.returncode == 0, done.stderr
    branch = git(checkout, "for-each-ref", "--format=%(refname:short)", "refs/heads/wavegate").strip()
    assert all(path.startswith(IN_SCOPE) for path in differing(checkout, "refs/heads/main", branch))
    assert not [path for path in differing(checkout, "good", branch) if path.startswith(IN_SCOPE)]
    ambiguous = wavegate(checkout, "--local", "--live", "main", "--target", "good")
    assert "Write refs/heads/main or refs/tags/main." in ambiguous.stderr


def test_a_sha_256_repository_is_rolled_back_locally(tmp_path: Path) -> None:
    root = tmp_path / "sha256"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=main", "--object-format=sha256")
    for name, changes in {"good": GOOD, "bad": BAD}.items():
        write(root, changes)
        git(root, "add", "--all")
        git(root, "commit", "--quiet", "--message", name)
        git(root, "tag", name)
    done = wavegate(root, "--local", "--target", "good")
    assert done.returncode == 0, done.stderr
    branch = git(root, "for-each-ref", "--format=%(refname:short)", "refs/heads/wavegate").strip()
    assert differing(root, "good", branch) == set()
