"""The journal of a deployment: written to disk before each step.

So a crash neither leads to a second job nor loses the version that was live before.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from wavegate.errors import InputError, ServiceError
from wavegate.files.whole import write_whole
from wavegate.ledger.publication import Publication
from wavegate.salesforce.org_values import FlowVersions


@dataclass(frozen=True, kw_only=True, slots=True)
class DeployJournalEntry:
    """An unfinished deployment to one org.

    subject: digest of what is deployed. before: the version that was live before it, by agent name; None for
    inactive. job: id of its job, once known. previous_job: the newest job before it, '' for none; None until its own
    job is about to start, and if the org does not show it. flows: versions before it, by name of the flows that it
    ships or removes.

    With several stages, job and previous_job are those of the current one. finished: ids of the jobs of the stages
    before it. failed: id of the job of the stage that failed, '' if that had none; then the current job restores what
    the finished stages changed, and reason says why the stage failed.

    publications: of the scripts that it was about to publish, each with its version once that is known.
    """

    subject: str
    before: Mapping[str, int | None] = field(default_factory=dict)
    job: str | None = None
    previous_job: str | None = None
    finished: tuple[str, ...] = ()
    failed: str | None = None
    reason: str = ""
    flows: Mapping[str, FlowVersions] = field(default_factory=dict)
    publications: tuple[Publication, ...] = ()


class DeployJournal:
    """The journal of deployments to one org. entry: the unfinished one, if there is one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.entry = self._read()

    @property
    def begun(self) -> DeployJournalEntry:
        """The entry of a deployment that has begun."""
        if self.entry is None:
            raise AssertionError("a deployment begins with an entry")
        return self.entry

    def before(self, subject: str) -> Mapping[str, int | None]:
        """The version by agent name that was live before the unfinished deployment of this subject."""
        return self.entry.before if self.entry and self.entry.subject == subject else {}

    def begin(
        self, subject: str, live: Mapping[str, int | None], flows: Mapping[str, FlowVersions] | None = None
    ) -> DeployJournalEntry:
        """Resume the unfinished deployment of this subject, or begin one.

        live: current version by agent name. flows: current versions by flow name. What is inactive now but was active
        when an unfinished deployment began was deactivated by that one.
        """
        old, flows = self.entry, flows or {}
        known, known_flows = (old.before, old.flows) if old else ({}, {})
        before = {name: number if number is not None else known.get(name) for name, number in live.items()}
        if old and old.subject == subject:
            return self.note(replace(old, before={**before, **known}, flows={**flows, **known_flows}))
        kept = {name: now if now.active else known_flows.get(name, now) for name, now in flows.items()}
        new = DeployJournalEntry(subject=subject, before={**known, **before}, flows={**known_flows, **kept})
        return self.note(replace(new, publications=old.publications if old else ()))

    def note(self, entry: DeployJournalEntry) -> DeployJournalEntry:
        """Write an entry to disk, durably. ServiceError: it cannot be written; its job may continue in the org."""
        try:
            write_whole(self._path, json.dumps(asdict(entry)).encode(), private=True)
        except InputError as error:
            raise ServiceError(error.message, fix=error.fix) from error
        self.entry = entry
        return entry

    def end(self) -> None:
        """The deployment is over."""
        self._path.unlink(missing_ok=True)
        self.entry = None

    def _read(self) -> DeployJournalEntry | None:
        try:
            content: Any = json.loads(self._path.read_text(encoding="utf-8"))
            before = {
                str(name): number if number is None else int(number) for name, number in content["before"].items()
            }
            return DeployJournalEntry(
                subject=str(content["subject"]),
                before=before,
                job=content.get("job"),
                previous_job=content.get("previous_job"),
                flows={str(name): _versions(each) for name, each in content.get("flows", {}).items()},
                finished=tuple(str(each) for each in content.get("finished", ())),
                failed=content.get("failed"),
                reason=str(content.get("reason", "")),
                publications=tuple(Publication(**each) for each in content.get("publications", ())),
            )
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise InputError(
                f"The journal of an unfinished deployment is damaged: {self._path}",
                fix="Check in the org that no deployment is in progress and which version is active, then delete it.",
            ) from None


def _versions(content: Mapping[str, Any]) -> FlowVersions:
    active, latest = (None if content[key] is None else int(content[key]) for key in ("active", "latest"))
    return FlowVersions(active=active, latest=latest)
