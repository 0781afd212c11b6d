"""A write-ahead journal of test runs, so that a crash never starts a run twice.

The Testing API has no idempotency key for starting a run, and it cannot list runs. So the journal records an intent
before the request is sent, and the run's id as soon as it is known. A run with an intent but no id may have been
started: it is reported as such, and not started again.
"""

import json
from pathlib import Path
from typing import Any

from wavegate.files.line_journal import LineJournal
from wavegate.smoke.values import PlannedRun

UNKNOWN = ""
"""The id of a run that may have been started."""


class SmokeJournal(LineJournal):
    """The journal of one shard of one release's smoke runs. A context manager: only one process may hold it.

    If a crash truncated an entry with a run's id, the id is unknown.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, work="smoke runs", process="smoke run of the same release")
        self.agents: dict[str, int] | None = None
        self._runs: dict[str, str] = {}

    def take(self, entry: Any) -> None:
        """Remember an entry that was read."""
        if "agents" in entry:
            self.agents = {str(name): int(number) for name, number in entry["agents"].items()}
        else:
            self._remember(str(entry["run"]), entry["id"])

    def run_id(self, planned: PlannedRun) -> str | None:
        """The id of the started run; UNKNOWN if it may have been started; None if it was not."""
        return self._runs.get(_key(planned))

    def observe(self, agents: dict[str, int]) -> None:
        """Record the active version of each agent before the first run is started."""
        self.agents = agents
        self.write({"agents": agents})

    def intend(self, planned: PlannedRun) -> None:
        """Record that a run is about to be started."""
        self._record(planned, UNKNOWN)

    def started(self, planned: PlannedRun, run_id: str) -> None:
        """Record the id of the started run."""
        self._record(planned, run_id)

    def refused(self, planned: PlannedRun) -> None:
        """Record that the run was certainly not started."""
        self._record(planned, None)

    def _record(self, planned: PlannedRun, run_id: str | None) -> None:
        self.write({"run": _key(planned), "id": run_id})
        self._remember(_key(planned), run_id)

    def _remember(self, key: str, run_id: str | None) -> None:
        if run_id is None:
            self._runs.pop(key, None)
        else:
            self._runs[key] = run_id


def _key(planned: PlannedRun) -> str:
    return json.dumps([planned.suite, planned.test, planned.run])
