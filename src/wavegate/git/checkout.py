"""The checked-out commit, and how the work tree differs from it."""

from dataclasses import dataclass
from pathlib import Path

from wavegate.cli.actions import current_run
from wavegate.errors import InputError
from wavegate.git.process import GitProcess
from wavegate.git.repository import Git


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkTree:
    """How a folder's files differ from the checked-out commit. Paths are relative to the folder, sorted.

    missing: files of the commit that are not there, whether deleted or left out by a sparse checkout. changed: files
    that differ, and new ones that git does not ignore.
    """

    missing: tuple[str, ...]
    changed: tuple[str, ...]


def read_work_tree(root: Path, *, prefix: str) -> WorkTree:
    """Compare a folder with the checked-out commit. prefix: the folder's path in the repository, as `Git.prefix`."""
    git = GitProcess(root)
    options = ("--porcelain", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=dirty")
    entries = [(each[:2], each[3:].removeprefix(prefix)) for each in _paths(git.run("status", *options, "--", "."))]
    absent = {path for code, path in entries if "D" in code and code[0] != "A"}
    # git reports a file that a sparse checkout leaves out as unchanged
    sparse = {each[2:] for each in _paths(git.run("ls-files", "-t", "-z")) if each.startswith("S ")}
    return WorkTree(
        missing=tuple(sorted(absent | {path for path in sparse if not (root / path).is_file()})),
        changed=tuple(sorted({path for _, path in entries} - absent)),
    )


def commit_of(root: Path) -> str:
    """The checked-out commit, else the workflow run's; '' if neither is known."""
    try:
        return Git(root).resolve("HEAD")
    except InputError:
        return current_run().sha


def _paths(output: bytes) -> list[str]:
    return [each for each in output.decode("utf-8", "surrogateescape").split("\0") if each]
