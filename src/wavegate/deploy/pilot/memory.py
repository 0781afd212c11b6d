"""Remembers in the ledger whose access to a live agent a pilot has taken away."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from wavegate.cli.actions import Run
from wavegate.github.client import GitHub
from wavegate.ledger.events import Event, NewEvent, add_event, read_events
from wavegate.ledger.pilot_access import (
    ACCESS_TASK,
    AccessChange,
    AccessEntry,
    access_entries,
    access_payload,
    parse_access,
    taken_access,
)
from wavegate.text import pluralize


@dataclass(kw_only=True, slots=True)
class LedgerAccessMemory:
    """The entries of one environment and manifest.

    commit: of the new entries, one that GitHub has. complete: whether the newest entry is known to have its status.
    """

    github: GitHub
    run: Run
    environment: str
    manifest: str
    commit: str
    complete: bool = False

    def taken(self) -> Mapping[str, frozenset[str]]:
        """Ids of the users whose access is taken, by permission set. Raises a WavegateError."""
        return taken_access(entry for _, entry in self._read())

    def note(self, change: AccessChange, permission_set: str, users: Iterable[str]) -> None:
        """Write an entry, exactly once. Raises a WavegateError."""
        for entry in access_entries(change, self.manifest, permission_set, users):
            known = self._read()
            chained = replace(entry, after=known[-1][0].id if known else "")
            self._write(chained)

    def _read(self) -> list[tuple[Event, AccessEntry]]:
        """The entries, oldest first. One whose writer was interrupted gets its status."""
        events = read_events(self.github, self.run.repository, self.environment, ACCESS_TASK)
        parsed = [(event, entry) for event in events if (entry := parse_access(event.payload))]
        known = [each for each in reversed(parsed) if each[1].manifest == self.manifest]
        if known and not self.complete:
            event, entry = known[-1]
            self._write(entry, found=event.id)
        self.complete = True
        return known

    def _write(self, entry: AccessEntry, *, found: str | None = None) -> None:
        """Write an entry. found: id of its deployment, if there is one."""
        people = pluralize(len(entry.users), "user")
        word = "taken from" if entry.change == "taken" else "given back to"
        event = NewEvent(
            environment=self.environment,
            task=ACCESS_TASK,
            commit=self.commit,
            payload=access_payload(entry),
            description=f"{entry.permission_set} {word} {people}",
        )
        repository = self.run.repository
        add_event(self.github, repository, event, found=found, is_this=lambda known: parse_access(known) == entry)
