"""Remembers the outcome of every run, so that a process that was killed goes on instead of starting again."""

import json
from pathlib import Path
from typing import Any

from wavegate.evidence.observation import Outcome
from wavegate.evidence.source import TestKey
from wavegate.files.line_journal import LineJournal


class VariantJournal(LineJournal):
    """The journal of one set of variants. copies: folders with copies of the checkout that were not removed.

    work, process: as of a `LineJournal`.
    """

    def __init__(self, path: Path, *, work: str, process: str) -> None:
        super().__init__(path, work=work, process=process)
        self.copies: list[str] = []
        self._outcomes: dict[str, Outcome] = {}

    def take(self, entry: Any) -> None:
        """Remember an entry that was read."""
        if "copy" in entry:
            self.copies.append(str(entry["copy"]))
        else:
            self._outcomes[str(entry["run"])] = Outcome(entry["outcome"])

    def outcome(self, variant: str, test: TestKey, number: int) -> Outcome | None:
        """What a run was that is over; None if it is to be made. variant: its id."""
        return self._outcomes.get(_key(variant, test, number))

    def record(self, variant: str, test: TestKey, number: int, outcome: Outcome) -> None:
        """Record the outcome of a run."""
        key = _key(variant, test, number)
        self.write({"run": key, "outcome": outcome.value})
        self._outcomes[key] = outcome

    def copied(self, folder: Path) -> None:
        """Record the folder of a copy before it is filled."""
        self.write({"copy": str(folder)})


def _key(variant: str, test: TestKey, number: int) -> str:
    return json.dumps([variant, *test, number])
