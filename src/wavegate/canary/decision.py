"""A canary's decision: reports render it, people read it, and the next step checks it.

On disk it is an in-toto Statement v1 whose predicate is the decision, as a gate's is.
"""

from datetime import date
from typing import Annotated, Final, Literal

import msgspec

from wavegate.canary.values import CanaryVerdict
from wavegate.evidence.observation import Moment, Wire
from wavegate.evidence.resource import STATEMENT_TYPE, Resource, statement_from_json, statement_to_json

PREDICATE_TYPE: Final = "https://github.com/wavegate/wavegate/canary-decision/v1"

Count = Annotated[int, msgspec.Meta(ge=0)]


class CanaryReason(Wire, frozen=True, kw_only=True):
    """One reason for the verdict.

    rule: stable, such as `canary/critical-violation`. weight: the verdict that it forces; None for a note. fix: what
    to do next. metric: the metric that it concerns.
    """

    rule: str
    weight: Literal["rollback", "hold"] | None
    text: str
    fix: str = ""
    metric: str | None = None


class CohortRow(Wire, frozen=True, kw_only=True):
    """A cohort that has the release. start: when it got it. sessions, days: with the release, on full days after it.

    with_live_agent: its sessions with the live agent after the start, which count nowhere.
    """

    name: str
    start: Moment
    sessions: Count
    days: Count
    with_live_agent: Count = 0


class DayRow(Wire, frozen=True, kw_only=True):
    """One day of a metric. after: whether the pilot had the release. others_total is 0 where nobody is compared."""

    day: date
    after: bool
    pilot: Count
    pilot_total: Count
    others: Count = 0
    others_total: Count = 0


class MetricRow(Wire, frozen=True, kw_only=True):
    """One metric: pilot cohorts since they have the release, against their own past and the others' change.

    margin: the largest tolerated harm, of a rate (0..1); None if there is nothing to derive it from. margin_ratio: of
    a latency; its rates are shares of sessions that are slower than the baseline's p95 (before) and than that times
    the ratio (with the release), so that its margin is 0. observed: rate with the release. baseline: the same
    cohorts' rate before. difference: change of the rate, adjusted for the others; positive is more, whether that is
    harmful or not. variance: of the difference. lower, upper: interval of the difference that holds at all looks,
    alpha/2 on each side; None without a difference. day_variance: largest variance between a cohort's days beyond
    chance, 0 if days differ no more than chance. roll_back, expand: evidence (e-value) that the harm is over half the
    margin, and that it is below the margin. proven: whether the latter is proven, burn-in included. sessions, days:
    of the pilot with the release, complete in the metric's lane; complete_sessions, complete_days: in every lane,
    which an expansion is judged by. baseline_sessions: before. others_sessions: of everybody else after. burn_in:
    sessions before an expansion. sessions_needed, days_needed: more of them until an expansion at equal quality; None
    if never, or unknown. never: the baseline is too small for the margin; smallest_margin: that it can ever settle.
    p95, baseline_p95: of a latency, in milliseconds. adjusted: whether others are compared with. daily: for charts,
    oldest first.
    """

    name: str
    direction: Literal["increase", "decrease"]
    margin: float | None
    observed: float | None
    baseline: float | None
    margin_ratio: float | None = None
    difference: float | None = None
    variance: float | None = None
    lower: float | None = None
    upper: float | None = None
    day_variance: float = 0.0
    roll_back: float = 1.0
    expand: float = 1.0
    proven: bool = False
    sessions: Count = 0
    days: Count = 0
    complete_sessions: Count = 0
    complete_days: Count = 0
    baseline_sessions: Count = 0
    others_sessions: Count = 0
    burn_in: Count = 0
    sessions_needed: Count | None = None
    days_needed: Count | None = None
    never: bool = False
    smallest_margin: float | None = None
    p95: float | None = None
    baseline_p95: float | None = None
    adjusted: bool = False
    daily: tuple[DayRow, ...] = ()


class GuardRow(Wire, frozen=True, kw_only=True):
    """A metric that holds and never decides. ratio: of the volume to its usual one. difference: of any other rate."""

    name: str
    failed: bool
    evidence: float
    proof: float
    ratio: float | None = None
    difference: float | None = None


class BudgetRow(Wire, frozen=True, kw_only=True):
    """Policy violations of one severity in the sessions with the release.

    confirmed, unconfirmed: sessions with one, of all sessions that arrived. count, rate: the budget, either of them;
    rate is a fraction; None for both if the severity has none. exceeded: by confirmed ones, or by the evidence
    `over`, that the rate is above the budget. complete_confirmed of complete_sessions: on the days that are complete
    in every lane. lower, upper: bounds of their rate that hold at all looks. under: evidence that it is below the
    budget; shown: whether that is proven. sessions_to_show: sessions in all that prove it if no further violation
    occurs.
    """

    severity: str
    confirmed: Count
    unconfirmed: Count
    sessions: Count
    complete_confirmed: Count
    complete_sessions: Count
    lower: float
    upper: float
    count: Count | None = None
    rate: float | None = None
    over: float | None = None
    under: float | None = None
    exceeded: bool = False
    shown: bool = False
    sessions_to_show: Count | None = None


class ThresholdRow(Wire, frozen=True, kw_only=True):
    """A threshold of the live release's health.

    minimum, maximum: the limit, either of them. observed: a rate, sessions a day, or the p95 in milliseconds. good
    of total: what the evidence is about; sessions slower than the limit for a latency. evidence: that the limit is
    crossed. breached: whether that is proven.
    """

    name: str
    observed: float | None
    evidence: float
    breached: bool
    events: Count = 0
    total: Count = 0
    minimum: float | None = None
    maximum: float | None = None
    lower: float | None = None
    upper: float | None = None
    guard: bool = False


class CanaryDecision(Wire, frozen=True, kw_only=True):
    """What follows from one look at a release, and why.

    stage: `canary`, or `health` of a release that everybody has. claim: one sentence with its number. reasons: in
    the order in which they are decided. critical: whether a critical violation is confirmed. evidence: mean of the
    evidence to roll back over all metrics and rate budgets; proof: what proves it, 1/alpha. sessions, days: with the
    release, on full days. watermarks: up to when each lane of the telemetry is complete. until: the first day that is
    not complete in all lanes. looks: the number of this look, from 1. deadline: when a person decides; overdue: since
    then. dry_run: nothing follows. telemetry: in words.
    """

    verdict: CanaryVerdict
    stage: Literal["canary", "health"]
    environment: str
    release: str
    claim: str
    reasons: tuple[CanaryReason, ...]
    confidence: float
    proof: float
    evidence: float
    content: str
    commit: str | None
    manifest: Resource
    agents: dict[str, str]
    time: Moment
    telemetry: str
    metrics: tuple[MetricRow, ...] = ()
    guards: tuple[GuardRow, ...] = ()
    budgets: tuple[BudgetRow, ...] = ()
    thresholds: tuple[ThresholdRow, ...] = ()
    cohorts: tuple[CohortRow, ...] = ()
    critical: bool = False
    sessions: Count = 0
    days: Count = 0
    step: Count = 0
    steps: Count = 0
    live: str = ""
    watermarks: dict[str, Moment] = msgspec.field(default_factory=dict)
    until: date | None = None
    looks: Annotated[int, msgspec.Meta(ge=1)] = 1
    deadline: Moment | None = None
    overdue: bool = False
    dry_run: bool = False
    run: str = ""

    @property
    def subject(self) -> tuple[Resource, ...]:
        """What the decision applies to: manifest, commit."""
        commit = (Resource(name="commit", digest={"gitCommit": self.commit}),) if self.commit else ()
        return (self.manifest, *commit)


class CanaryStatement(Wire, frozen=True, kw_only=True, rename={"type": "_type", "predicate_type": "predicateType"}):
    """The in-toto envelope around a canary's decision."""

    type: Literal["https://in-toto.io/Statement/v1"]
    subject: tuple[Resource, ...]
    predicate_type: Literal["https://github.com/wavegate/wavegate/canary-decision/v1"]
    predicate: CanaryDecision


def canary_to_json(decision: CanaryDecision) -> bytes:
    """Content of the decision file: UTF-8 JSON; the same decision gives the same bytes."""
    statement = CanaryStatement(
        type=STATEMENT_TYPE, subject=decision.subject, predicate_type=PREDICATE_TYPE, predicate=decision
    )
    return statement_to_json(statement)


def canary_from_json(data: bytes, *, path: str) -> CanaryDecision:
    """Parse a canary's decision file. InputError: it is not one, or its subject does not match its predicate.

    This checks the form only. Only a digest or a signature over its bytes shows who wrote the file.
    """
    fix = "Use the decision file that `wavegate watch` wrote, unchanged."
    return statement_from_json(data, CanaryStatement, path=path, what="a canary's decision", fix=fix).predicate
