"""`wavegate demo`: a whole release on this machine, with the real commands, in a scratch repository."""

import contextlib
import shlex
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from wavegate.cli.options import takes
from wavegate.errors import ExitCode, InputError, ServiceError
from wavegate.git.process import GitProcess
from wavegate.text import one_line

EXAMPLE = Path(__file__).parents[1] / "demo"
"""release/: the good release. change/: what the bad one changes. transcripts/: the agent's answers in each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoOptions:
    """The command's options, as click reads them."""

    folder: Path | None


@click.command("demo")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    show_default="a new temporary folder",
    help="New or empty folder to work in.",
)
@takes(DemoOptions)
def command(options: DemoOptions) -> int:
    """Run a whole release on this machine: a good release passes the gate, a bad one fails and is rolled back.

    Needs only git. The agent's answers are recordings.
    """
    folder = _empty(options.folder)
    with contextlib.chdir(folder):
        _story(folder)
    _list_files(folder)
    return ExitCode.OK


def _story(folder: Path) -> None:
    git = _repository(folder)
    _say("A release is a manifest, smoke packs and a Salesforce project in git")
    good = _commit(git, "release", "Release agentforce-wave-3")

    _say("1. Does the project have everything that the release ships?")
    _run("validate")

    _say("2. The smoke pack ran in uat, with recorded answers. May the release enter production?")
    _smoke("good", good)
    _gate("good", good, ExitCode.OK)

    _say("3. The next release is more talkative, and waits longer for the carrier. May it enter, too?")
    bad = _commit(git, "change", "Make the agent more talkative")
    _smoke("bad", bad)
    _gate("bad", bad, ExitCode.FAIL)

    _say("4. It was released anyway. The rollback, as one branch:")
    _run("rollback", "production", "--local", "--live", bad, "--target", good, "--reason", "It repeats card numbers.")
    branch = git.text("for-each-ref", "--format=%(refname:short)", "refs/heads/wavegate/")
    print(git.text("diff", "--stat", "HEAD", branch))
    _say(f"Its tree is identical to the good release's: git diff {good[:7]} {branch}")
    print(git.text("diff", "--stat", good, branch) or "(no difference)")


def _smoke(name: str, commit: str) -> None:
    recorded = str(EXAMPLE / "transcripts" / f"{name}.jsonl")
    output = f"evidence/{name}.jsonl"
    _run("smoke", "uat", "--runner", "replay", "--recorded", recorded, "--commit", commit, "--output", output)


def _gate(name: str, commit: str, expected: ExitCode) -> None:
    evidence = ("--observations", f"evidence/{name}.jsonl", "--commit", commit)
    _run("gate", "production", *evidence, "--output", f"evidence/{name}-decision.json", expected=expected)


def _run(*arguments: str, expected: ExitCode = ExitCode.OK) -> None:
    from wavegate.__main__ import main

    print(f"$ wavegate {shlex.join(arguments)}", flush=True)
    code = main(arguments)
    if code != expected:
        kind = ServiceError if code == ExitCode.SERVICE else InputError
        raise kind(
            f"The demo's `wavegate {arguments[0]}` ended with exit code {code} instead of {expected}.",
            fix="Read its message above.",
        )


def _repository(folder: Path) -> GitProcess:
    git = GitProcess(folder, trusted=True)
    git.run("init", "--quiet", "--initial-branch=main")
    git.run("config", "user.name", "wavegate demo")
    git.run("config", "user.email", "demo@wavegate.invalid")
    return git


def _commit(git: GitProcess, part: str, message: str) -> str:
    shutil.copytree(EXAMPLE / part, Path.cwd(), dirs_exist_ok=True)
    git.run("add", "--all", "--", "agentforce", "force-app", "sfdx-project.json")
    git.run("-c", "commit.gpgSign=false", "commit", "--quiet", f"--message={message}")
    return git.text("rev-parse", "HEAD")


def _empty(folder: Path | None) -> Path:
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="wavegate-demo-"))
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"The folder {one_line(str(folder))} is not empty.", fix="Name a new one with --folder.")
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


def _list_files(folder: Path) -> None:
    _say(f"All files are in {folder}:")
    files: Sequence[Path] = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        relative = path.relative_to(folder)
        if relative.parts[0] != ".git":
            print(f"  {relative}")
    print("  .git (the scratch repository; `git log --all --graph` shows the rollback branch)")


def _say(text: str) -> None:
    print(f"\n\033[1m{text}\033[0m" if sys.stdout.isatty() else f"\n== {text}", flush=True)
