"""The real git, without any user configuration."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

_ENVIRONMENT = {
    **os.environ,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    # without git's sample hooks, which are most of the files of a small repository
    "GIT_TEMPLATE_DIR": "",
    "GIT_AUTHOR_NAME": "Consumer",
    "GIT_AUTHOR_EMAIL": "consumer@example.org",
    "GIT_COMMITTER_NAME": "Consumer",
    "GIT_COMMITTER_EMAIL": "consumer@example.org",
}


def git(repository: Path, *arguments: str, stdin: bytes | None = None) -> bytes:
    """Run git and return its output. A failure of git fails the test."""
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, input=stdin, stdout=subprocess.PIPE, check=True, env=_ENVIRONMENT).stdout


def start(repository: Path, files: Mapping[str, bytes], message: str = "Start") -> str:
    """Create a repository with these files on main, and return the commit's id. files: path to content."""
    repository.mkdir(parents=True, exist_ok=True)
    git(repository, "init", "--quiet", "--initial-branch=main")
    return commit(repository, files, message)


def commit(repository: Path, files: Mapping[str, bytes], message: str) -> str:
    """Write files, commit everything in the folder, and return the commit's id."""
    write(repository, files)
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(repository, "rev-parse", "HEAD").decode().strip()


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files. files: path to content."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
