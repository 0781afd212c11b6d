"""Writes trees with `git mktree`, which checks that every object exists and that its type matches its mode."""

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "LC_ALL": "C.UTF-8",
}
KINDS = {"100644": "blob", "100755": "blob", "120000": "blob", "040000": "tree", "160000": "commit"}
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


class GitError(Exception):
    """git refused; the message is git's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """The new entry at a path of a tree. sha: None removes the path."""

    mode: str
    sha: str | None


Changes = Mapping[tuple[str, ...], Entry]
"""Entries by path segments."""


def splice(
    base: str | None,
    changes: Changes,
    *,
    read: Callable[[str], Mapping[str, Entry] | None],
    write: Callable[[Mapping[str, Entry]], str],
) -> str:
    """Write base (None: an empty tree) with changes, and return the SHA of the result.

    read: a folder's entries by the SHA of its tree. write: writes a folder, and returns its SHA.
    """
    entries = dict(read(base) or {}) if base else {}
    below: dict[str, dict[tuple[str, ...], Entry]] = {}
    for (name, *rest), entry in changes.items():
        if rest:
            below.setdefault(name, {})[tuple(rest)] = entry
        elif entry.sha is not None:
            entries[name] = entry
        elif entries.pop(name, None) is None:
            raise GitError("GitRPC::BadObjectState")
    for name, inside in below.items():
        old = entries.get(name)
        folder = old.sha if old and old.mode == "040000" else None
        entries[name] = Entry(mode="040000", sha=splice(folder, inside, read=read, write=write))
    return write({name: entry for name, entry in entries.items() if entry.sha != EMPTY_TREE})


class TreeWriter:
    """Writes trees in one repository. read: returns a folder's entries by the SHA of its tree."""

    def __init__(self, repository: Path, read: Callable[[str], Mapping[str, Entry] | None]) -> None:
        self._read = read
        self._process = subprocess.Popen(
            ["git", "--git-dir", str(repository), "mktree", "-z", "--batch"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        reason = self._process.communicate()[1].decode().strip()
        if isinstance(error, BrokenPipeError):
            raise GitError(reason) from error

    def splice(self, base: str | None, changes: Changes) -> str:
        """Write base with changes, and return the SHA of the result."""
        return splice(base, changes, read=self._read, write=self._write)

    def _write(self, entries: Mapping[str, Entry]) -> str:
        assert self._process.stdin
        assert self._process.stdout
        for name, entry in entries.items():
            line = f"{entry.mode} {KINDS[entry.mode]} {entry.sha}\t".encode()
            self._process.stdin.write(line + os.fsencode(name) + b"\0")
        self._process.stdin.write(b"\0")
        self._process.stdin.flush()
        sha = self._process.stdout.readline().decode().strip()
        if not sha:
            raise BrokenPipeError
        return sha
