"""A write-ahead journal of test runs, so that a crash never starts a run twice.

The Testing API has no idempotency key for starting a run, and it cannot list runs. So the journal records an intent
before the request is sent, and the run's id as soon as it is known. A run with an intent but no id may have been
started: it is reported as such, and not started again.
"""

import errno
import fcntl
import json
import os
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from wavegate.errors import InputError
from wavegate.files.whole import sync_folder, unwritable, write_whole
from wavegate.smoke.values import PlannedRun

UNKNOWN = ""
"""The id of a run that may have been started."""


class SmokeJournal:
    """The journal of one shard of one release's smoke runs. A context manager: only one process may hold it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.agents: dict[str, int] | None = None
        self._runs: dict[str, str] = {}
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

    def run_id(self, planned: PlannedRun) -> str | None:
        """The id of the started run; UNKNOWN if it may have been started; None if it was not."""
        return self._runs.get(_key(planned))

    def observe(self, agents: dict[str, int]) -> None:
        """Record the active version of each agent before the first run is started."""
        self.agents = agents
        self._write({"agents": agents})

    def intend(self, planned: PlannedRun) -> None:
        """Record that a run is about to be started."""
        self._record(planned, UNKNOWN)

    def started(self, planned: PlannedRun, run_id: str) -> None:
        """Record the id of the started run."""
        self._record(planned, run_id)

    def refused(self, planned: PlannedRun) -> None:
        """Record that the run was certainly not started."""
        self._record(planned, None)

    def remove(self) -> None:
        """Delete the journal once all results are written: the next smoke run starts from scratch."""
        self.path.unlink(missing_ok=True)

    def _record(self, planned: PlannedRun, run_id: str | None) -> None:
        self._write({"run": _key(planned), "id": run_id})
        self._remember(_key(planned), run_id)

    def _remember(self, key: str, run_id: str | None) -> None:
        if run_id is None:
            self._runs.pop(key, None)
        else:
            self._runs[key] = run_id

    def _write(self, entry: dict[str, Any]) -> None:
        assert self._file is not None, "the journal is open"  # noqa: S101
        line = json.dumps(entry).encode() + b"\n"
        try:
            written = self._file.write(line)
            os.fsync(self._file.fileno())
        except OSError as error:
            raise unwritable(self.path, error) from None
        if written < len(line):
            raise unwritable(self.path, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    def _read(self) -> None:
        assert self._file is not None, "the journal is open"  # noqa: S101
        self._file.seek(0)
        data = self._file.read()
        # nothing was done yet after an entry that a crash truncated; if it was a run's id, the id is now unknown
        whole = data.rfind(b"\n") + 1
        self._file.truncate(whole)
        try:
            for line in data[:whole].splitlines():
                entry = json.loads(line)
                if "agents" in entry:
                    self.agents = {str(name): int(number) for name, number in entry["agents"].items()}
                else:
                    self._remember(str(entry["run"]), entry["id"])
        except (ValueError, KeyError, TypeError, AttributeError):
            raise InputError(
                "The journal of the smoke runs is damaged.",
                fix="Delete it to start all runs again.",
                file=str(self.path),
            ) from None

    def _lock(self) -> None:
        assert self._file is not None, "the journal is open"  # noqa: S101
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(
                "Another smoke run of the same release is using this journal.",
                fix="Wait for it to finish, then run the command again.",
                file=str(self.path),
            ) from None


def _key(planned: PlannedRun) -> str:
    return json.dumps([planned.suite, planned.test, planned.run])
