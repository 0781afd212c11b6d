"""What a reader of the docs has: the example project in a checkout, its repository on GitHub, and wavegate."""

import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.doubles.github import GitHubDouble
from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.testing import center_case
from tests.support import library_desk
from tests.support.git import git
from tests.support.pages import Block
from tests.support.places import ROOT

DEMO = ROOT / "src" / "wavegate" / "demo"
SHELL = ("console", "sh", "bash", "shell")
PYTHON = shlex.quote(sys.executable)
LAUNCHER = f"{PYTHON} -I {shlex.quote(str(ROOT / 'launch.py'))}"
"""Starts wavegate as from a checkout, with the locked dependencies."""
MODULE = f"env PYTHONPATH={shlex.quote(str(ROOT / 'src'))} {PYTHON} -m wavegate"
"""Starts wavegate with the dependencies of the tests, which is faster."""
RUNNER = ("GITHUB_ACTIONS", "GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT", "GITHUB_ACTOR")
"""What a laptop does not have."""


def runs(block: Block) -> bool:
    """Whether the tests run a block."""
    return block.language in SHELL and not block.comment.startswith("not run: ")


def is_file(block: Block) -> bool:
    """Whether a block is the content of a file, which the comment above it names."""
    return block.comment.startswith("file: ")


def script(blocks: Sequence[Block]) -> str:
    """A shell script that writes the files of a page and runs its commands, in order, in one shell.

    A command that fails ends it, unless the comment above its block says `exits: CODE`.
    """
    return "\n".join(["set -eu", *map(_step, (each for each in blocks if runs(each) or is_file(each)))])


def _step(block: Block) -> str:
    if is_file(block):
        path = shlex.quote(block.comment.removeprefix("file: "))
        return f"mkdir -p \"$(dirname {path})\"\ncat > {path} <<'END-OF-FILE'\n{block.text}END-OF-FILE"
    code = block.comment.removeprefix("exits: ") if block.comment.startswith("exits: ") else "0"
    if code == "0":
        return f"echo '== {block}'\n{block.text}"
    check = f'if [ $code != {code} ]; then echo "ended with $code, not {code}"; exit 99; fi'
    return f"echo '== {block}'\nset +e\n{block.text}code=$?\nset -e\n{check}"


def run(text: str, folder: Path, environment: Mapping[str, str], *, program: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a folder, as somebody who has Python, git and wavegate. program: what starts wavegate."""
    folder.mkdir(exist_ok=True)
    programs = folder.parent / "bin"
    programs.mkdir(exist_ok=True)
    command = programs / "wavegate"
    command.write_text(f'#!/bin/sh\nexec {program} "$@"\n')
    command.chmod(0o755)
    found = {"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(folder.parent), "LC_ALL": "C.UTF-8", **environment}
    return subprocess.run(
        ["bash", "-c", text],
        cwd=folder,
        env=found,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=240,
    )


@contextmanager
def world(folder: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """A checkout of the example project, whose good and bad releases were live, and a laptop's environment."""
    with GitHubDouble(folder / "github") as github, SalesforceDouble() as org:
        org.testing.define("Shipment_Status", cases=[center_case(1), center_case(2)])
        good = github.seed({**_files("release", "transcripts"), **_desk()}, "Release agentforce-wave-3")
        bad = github.seed(_files("change"), "Make the agent more talkative")
        for environment in ("uat", "production"):
            for commit, content in ((good, "a" * 64), (bad, "b" * 64)):
                payload = {
                    "schema": 1,
                    "release": "agentforce-wave-3",
                    "manifest": "agentforce/release.yml",
                    "content": content,
                }
                github.deploy(environment, commit, payload=payload)
        checkout = folder / "support-agent"
        git(folder, "clone", "--quiet", f"file://{github.git_dir}", str(checkout))
        git(checkout, "remote", "set-url", "origin", github.clone_url)
        variables = {**github.environment(github.admin_token), **org.environment()}
        yield checkout, {name: value for name, value in variables.items() if name not in RUNNER}


def _desk() -> dict[str, bytes]:
    """The agent of the pages about guardrails, with a guard that another one overwrites."""
    guard = " " * 16 + "available when @variables.{}\n"
    stacked = guard.format("member_ok == True") + guard.format("attempts < 3")
    return {library_desk.PATH: library_desk.SCRIPT.replace(guard.format("member_ok == True"), stacked).encode()}


def _files(*folders: str) -> dict[str, bytes]:
    return {
        (f"recordings/{path.name}" if name == "transcripts" else path.relative_to(DEMO / name).as_posix()): (
            path.read_bytes()
        )
        for name in folders
        for path in sorted((DEMO / name).rglob("*"))
        if path.is_file()
    }
