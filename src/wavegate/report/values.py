"""What the page shows."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from wavegate.ledger.status.values import StatusReport
from wavegate.ledger.trail.values import HistoryReport
from wavegate.telemetry.values import DaySum

EvidenceKind = Literal["gate", "canary", "unreadable"]


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricEvidence:
    """One metric of a canary's look. rollback, expand: e-values; either decides at `proof`, which is 1 / alpha.

    observed, baseline: in the metric's own unit; None if unknown.
    """

    name: str
    rollback: float
    expand: float
    observed: float | None = None
    baseline: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionFile:
    """A decision as its file says it. All texts are untrusted, and '' if unknown.

    digest: SHA-256 of the file, hexadecimal. proof: the evidence at which a canary decides; 0 for a gate's decision.
    """

    path: str
    digest: str
    kind: EvidenceKind
    verdict: str = ""
    release: str = ""
    environment: str = ""
    content: str = ""
    time: datetime | None = None
    run: str = ""
    reasons: tuple[str, ...] = ()
    metrics: tuple[MetricEvidence, ...] = ()
    proof: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Signals:
    """Daily sums of one environment. environment: '' if the file does not say it. path: of the file."""

    path: str
    days: tuple[DaySum, ...]
    environment: str = ""


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
