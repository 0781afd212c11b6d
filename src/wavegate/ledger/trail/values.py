"""The history of environments, and the numbers that release engineers count in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from wavegate.ledger.acts.act import Act
from wavegate.ledger.canary_entry import CanaryLook
from wavegate.ledger.deployment import Deployment
from wavegate.ledger.gate_entry import GateEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerRecord:
    """One entry as it was read. One of deployment, act, decision and look is set, or none if it is unreadable.

    recorded: when GitHub recorded it. committed: committer's date of the commit, None if GitHub has not got it.
    """

    id: str
    environment: str
    task: str
    commit: str
    recorded: datetime
    committed: datetime | None = None
    deployment: Deployment | None = None
    act: Act | None = None
    decision: GateEntry | None = None
    look: CanaryLook | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerHistory:
    """What was read. records: newest first. complete: whether nothing older, or since `since`, was left unread."""

    records: tuple[LedgerRecord, ...]
    complete: bool


class EntryKind(StrEnum):
    """What an entry of the history is about."""

    PROMOTION = "promotion"
    ADOPTION = "adoption"
    OVERRIDE = "override"
    GATE = "gate"
    VERIFICATION = "verification"
    LOOK = "look"
    STOP = "stop"
    RESTART = "restart"
    LOCK = "lock"
    UNLOCK = "unlock"
    ROLLBACK = "rollback"
    ROLLBACK_DONE = "rollback-done"
    ROLLBACK_WITHDRAWN = "rollback-withdrawn"
    UNREADABLE = "unreadable"


Outcome = Literal[
    "",
    "live",
    "piloted",
    "failed",
    "in progress",
    "superseded",
    "waiting",
    "rolled back",
    "pass",
    "fail",
    "inconclusive",
    "expand",
    "hold",
    "rollback",
    "healthy",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class TrailEntry:
    """One entry of the history. Texts are untrusted, and '' if unknown.

    time: by GitHub's clock. named: the time that the entry itself names, if that differs; else None. outcome: of a
    promotion, or the verdict of a gate or of a canary's look. ended: when the promotion went live or failed.
    attempt: of a gate, or the number of a look; else 0. content: full digest. agents: version by name that a stop
    left or a restart made live. page: of a rollback.
    """

    id: str
    kind: EntryKind
    environment: str
    time: datetime
    named: datetime | None = None
    actor: str = ""
    reason: str = ""
    release: str = ""
    content: str = ""
    commit: str = ""
    run: str = ""
    outcome: Outcome = ""
    ended: datetime | None = None
    attempt: int = 0
    agents: Mapping[str, int | None] = field(default_factory=dict)
    rules: tuple[str, ...] = ()
    target: str = ""
    page: str = ""
    incident: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A promotion that went live and then failed. start: the first entry that says so. restored: None if not yet."""

    deployment: str
    start: datetime
    restored: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseMetrics:
    """What release engineers count, for one environment. docs/reference/status.md defines each number.

    start, end: the period; start is None if nothing was read. live: promotions that went live in it. lead_times: of
    the changes among them whose commit date is known. failures: of the promotions among them.
    """

    environment: str
    start: datetime | None
    end: datetime
    live: int
    lead_times: tuple[timedelta, ...]
    failures: tuple[Failure, ...]

    @property
    def per_week(self) -> float | None:
        """Promotions a week that went live; None for a period of less than a week."""
        if self.start is None or self.end - self.start < timedelta(weeks=1):
            return None
        return self.live / ((self.end - self.start) / timedelta(weeks=1))

    @property
    def failure_rate(self) -> float | None:
        """Share of failed promotions among those that went live, 0..1; None if none did."""
        return len(self.failures) / self.live if self.live else None

    @property
    def restore_times(self) -> tuple[timedelta, ...]:
        """How long each failure that is over took."""
        return tuple(each.restored - each.start for each in self.failures if each.restored)


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryReport:
    """The history of several environments.

    entries: newest first. since: None for all. until: when it was read. complete: whether all entries of the period
    were read. repository: URL of the repository's page.
    """

    environments: tuple[str, ...]
    entries: tuple[TrailEntry, ...]
    metrics: tuple[ReleaseMetrics, ...]
    repository: str
    until: datetime
    since: datetime | None = None
    assumed: str = ""
    complete: bool = True
