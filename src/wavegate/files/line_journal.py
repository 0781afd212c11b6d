"""A journal of JSON lines that survives a crash: what was recorded is read again, and only one process holds it."""

import errno
import fcntl
import json
import os
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from wavegate.errors import InputError
from wavegate.files.whole import sync_folder, unwritable, write_whole


class LineJournal:
    """A file of entries, each durable once it is written. A context manager; entering it reads what is there.

    work: what it is the journal of, such as `smoke runs`. process: what holds it, such as `smoke run of the release`.
    """

    def __init__(self, path: Path, *, work: str, process: str) -> None:
        self.path = path
        self._work = work
        self._process = process
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        if not self.path.parent.exists():
            write_whole(self.path.parent / ".gitignore", b"*\n")
        try:
            # unbuffered: a failed write is not retried when the file is closed
            self._file = self.path.open("a+b", buffering=0)
            sync_folder(self.path.parent)
        except OSError as error:
            raise unwritable(self.path, error) from None
        try:
            self._lock()
            self._read()
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()

    def take(self, entry: Any) -> None:
        """Remember an entry that was read. Any of ValueError, KeyError, TypeError, AttributeError: it is not one."""
        raise NotImplementedError

    def write(self, entry: dict[str, Any]) -> None:
        """Record an entry."""
        assert self._file is not None, "the journal is open"  # noqa: S101
        line = json.dumps(entry).encode() + b"\n"
        try:
            written = self._file.write(line)
            os.fsync(self._file.fileno())
        except OSError as error:
            raise unwritable(self.path, error) from None
        if written < len(line):
            raise unwritable(self.path, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    def remove(self) -> None:
        """Delete the journal once the work is done: the next process starts from scratch."""
        self.path.unlink(missing_ok=True)

    def _read(self) -> None:
        assert self._file is not None, "the journal is open"  # noqa: S101
        self._file.seek(0)
        data = self._file.read()
        # nothing was done yet after an entry that a crash truncated
        whole = data.rfind(b"\n") + 1
        self._file.truncate(whole)
        try:
            for line in data[:whole].splitlines():
                self.take(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise InputError(
                f"The journal of the {self._work} is damaged.",
                fix="Delete it to start all runs again.",
                file=str(self.path),
            ) from None

    def _lock(self) -> None:
        assert self._file is not None, "the journal is open"  # noqa: S101
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(
                f"Another {self._process} is using this journal.",
                fix="Wait for it to finish, then run the command again.",
                file=str(self.path),
            ) from None
