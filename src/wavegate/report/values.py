"""What the page shows."""

from dataclasses import dataclass, field
from datetime import datetime

from wavegate.canary.decision import CanaryDecision
from wavegate.gate.decision import Decision
from wavegate.ledger.status.values import StatusReport
from wavegate.ledger.trail.values import HistoryReport
from wavegate.telemetry.kept.values import KeptSums
from wavegate.telemetry.values import DaySum


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionFile:
    """A decision file. digest: SHA-256 of the file, hexadecimal. decision None: it cannot be read, problem says why.

    All texts of the decision are untrusted.
    """

    path: str
    digest: str
    decision: Decision | CanaryDecision | None = None
    problem: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Signals:
    """Daily sums of one environment. path: of their file, which does not name the environment."""

    path: str
    kept: KeptSums

    @property
    def days(self) -> tuple[DaySum, ...]:
        """The sums."""
        return self.kept.days


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseReport:
    """All of the page. title: of the manifest's release. problems: what could not be read, one sentence each."""

    title: str
    manifest: str
    status: StatusReport
    history: HistoryReport
    made: datetime
    decisions: tuple[DecisionFile, ...] = ()
    signals: tuple[Signals, ...] = ()
    problems: tuple[str, ...] = field(default_factory=tuple)
