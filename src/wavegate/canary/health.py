"""Judge the health of a release that everybody has, by the thresholds of its environment.

A threshold is crossed when always-valid evidence proves it on the sessions of the window. Too little evidence of a
breach is what a healthy release has.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from wavegate.canary.decision import BudgetRow, CanaryDecision, CanaryReason, ThresholdRow
from wavegate.canary.measured.arms import complete_until, utc_day
from wavegate.canary.measured.budgets import CRITICAL, judge_budgets
from wavegate.canary.measured.findings import FAST_SIGNALS, lanes_of
from wavegate.canary.measured.thresholds import judge_threshold
from wavegate.canary.values import CanaryVerdict, HealthQuestion
from wavegate.canary.why.doubts import doubts, hold
from wavegate.canary.why.holds import violation_holds
from wavegate.canary.why.rollbacks import count_reasons, is_over_count, rate_reasons
from wavegate.canary.why.words import evidence_of, metric_name, metric_title, sessions_in_days, threshold_text
from wavegate.statistics.canary.mixture import evidence
from wavegate.statistics.canary.usual_metrics import VIOLATIONS, VOLUME
from wavegate.telemetry.values import DaySum, Lane
from wavegate.text import pluralize

LEAST_SESSIONS = 20
"""Sessions below which nothing is said about a release's health."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MeasuredHealth:
    """What the health of a release is decided by. arrived: sums of days whose sessions are complete."""

    lanes: tuple[Lane, ...]
    until: date | None
    arrived: tuple[DaySum, ...]
    thresholds: tuple[ThresholdRow, ...]
    budgets: tuple[BudgetRow, ...]

    @property
    def sessions(self) -> int:
        """Sessions of the release on the complete days of the window."""
        return sum(each.sessions for each in self.arrived)

    @property
    def days(self) -> int:
        """The days on which there were any."""
        return len({each.day for each in self.arrived if each.sessions})


def judge_health(question: HealthQuestion) -> CanaryDecision:
    """Whether the live release crosses a threshold. Never an exception for what the telemetry says."""
    measured = _measure(question)
    proof = round(1 / (1 - question.settings.confidence), 9)
    against = (
        *count_reasons(measured.budgets),
        *rate_reasons(measured.budgets, proof),
        *(_crossed(row, proof) for row in measured.thresholds if row.breached and not row.guard),
    )
    holds = (
        *doubts(question, measured.lanes),
        *_missing(question),
        *(_guard(row, proof) for row in measured.thresholds if row.breached and row.guard),
        *violation_holds(measured.budgets),
        *_too_few(measured.sessions, measured.days),
    )
    verdict = CanaryVerdict.ROLLBACK if against else CanaryVerdict.HOLD if holds else CanaryVerdict.HEALTHY
    return _decision(question, measured, proof, verdict, (*against, *holds))


def _measure(question: HealthQuestion) -> MeasuredHealth:
    settings, look = question.settings, question.look
    lanes = lanes_of(look, (each.name for each in settings.thresholds))
    until = complete_until(look.watermarks, lanes, question.now)
    days = _live(question)
    arrived = _before(days, complete_until(look.watermarks, (Lane.FAST,), question.now))
    complete = _before(days, until)
    supplied = [each for each in settings.thresholds if each.name == VOLUME or each.name in look.has]
    budgets: tuple[BudgetRow, ...] = ()
    if VIOLATIONS in look.has:
        budgets = judge_budgets(settings.policy_budget, days, arrived, complete, confidence=settings.confidence)
    return MeasuredHealth(
        lanes=lanes,
        until=until,
        arrived=tuple(arrived),
        thresholds=tuple(
            row
            for each in supplied
            for row in judge_threshold(
                each, arrived if each.name in FAST_SIGNALS else complete, alpha=1 - settings.confidence
            )
        ),
        budgets=budgets,
    )


def _decision(
    question: HealthQuestion,
    measured: MeasuredHealth,
    proof: float,
    verdict: CanaryVerdict,
    reasons: tuple[CanaryReason, ...],
) -> CanaryDecision:
    forcing = reasons[0].text if reasons else "No threshold is proven to be crossed."
    return CanaryDecision(
        verdict=verdict,
        stage="health",
        environment=question.environment,
        release=question.release,
        claim=f"{sessions_in_days(measured.sessions, measured.days)}. {forcing}",
        reasons=reasons,
        confidence=question.settings.confidence,
        proof=proof,
        evidence=max((row.evidence for row in measured.thresholds), default=evidence(0.0)),
        content=question.content,
        commit=question.commit,
        manifest=question.manifest,
        agents=dict(question.agents),
        time=question.now,
        telemetry=question.look.source,
        budgets=measured.budgets,
        thresholds=measured.thresholds,
        critical=any(row.severity == CRITICAL and is_over_count(row) for row in measured.budgets),
        sessions=measured.sessions,
        days=measured.days,
        watermarks={lane.value: mark for lane, mark in sorted(question.look.watermarks.items())},
        until=measured.until,
        looks=question.earlier_looks + 1,
        run=question.run,
    )


def _live(question: HealthQuestion) -> list[DaySum]:
    """The sums of the live release within the window. The day on which it became live is not its own."""
    agents = frozenset(question.agents.values())
    first, switch = utc_day(question.now - question.settings.window), utc_day(question.since)
    found = [each for each in question.look.days if each.agent in agents and each.day >= first and each.day > switch]
    return sorted(found, key=lambda each: (each.day, each.cohort, each.agent, each.version))


def _before(sums: list[DaySum], end: date | None) -> list[DaySum]:
    return [each for each in sums if end and each.day < end]


def _missing(question: HealthQuestion) -> Iterator[CanaryReason]:
    has = question.look.has | {VOLUME}
    names = [each.name for each in question.settings.thresholds]
    for name in (*names, *((VIOLATIONS,) if question.settings.policy_budget else ())):
        if name not in has:
            yield hold(
                "canary/missing-signal",
                f"The telemetry does not supply `{name}`, which `health` limits.",
                "Add it to the telemetry file, or take it out of the manifest.",
                name,
            )


def _crossed(row: ThresholdRow, proof: float) -> CanaryReason:
    return CanaryReason(
        rule="health/threshold",
        weight="rollback",
        text=f"{metric_title(row.name)} is proven to be {threshold_text(row)} (evidence "
        f"{evidence_of(row.evidence, proof)}).",
        fix="Roll back. The release can return with a fix.",
        metric=row.name,
    )


def _guard(row: ThresholdRow, proof: float) -> CanaryReason:
    return CanaryReason(
        rule="health/guard",
        weight="hold",
        text=f"The guard {metric_name(row.name)} is {threshold_text(row)} (evidence "
        f"{evidence_of(row.evidence, proof)}).",
        fix="Find out why; a guard never leads to a rollback.",
        metric=row.name,
    )


def _too_few(sessions: int, days: int) -> Iterator[CanaryReason]:
    if sessions < LEAST_SESSIONS:
        yield hold(
            "canary/no-data" if not sessions else "canary/too-few-sessions",
            f"{sessions_in_days(sessions, days)} are complete in the window; at least "
            f"{pluralize(LEAST_SESSIONS, 'session')} are needed to say anything.",
            "Wait, or lengthen `health.window`.",
        )
