"""Judge the health of a release that everybody has, by the thresholds of its environment.

A threshold is crossed when always-valid evidence proves it on the sessions of the window. Too little evidence of a
breach is what a healthy release has.
"""

from collections.abc import Iterator
from datetime import date

from wavegate.canary.decision import CanaryDecision, CanaryReason, ThresholdRow
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


def judge_health(question: HealthQuestion) -> CanaryDecision:
    """Whether the live release crosses a threshold. Never an exception for what the telemetry says."""
    settings, look = question.settings, question.look
    alpha, proof = 1 - settings.confidence, round(1 / (1 - settings.confidence), 9)
    lanes = lanes_of(look, (each.name for each in settings.thresholds))
    until = complete_until(look.watermarks, lanes, question.now)
    fast = complete_until(look.watermarks, (Lane.FAST,), question.now)
    all_days = _live(question)
    arrived, complete = _before(all_days, fast), _before(all_days, until)
    supplied = [each for each in settings.thresholds if each.name == VOLUME or each.name in look.has]
    judged = [
        judge_threshold(each, arrived if each.name in FAST_SIGNALS else complete, alpha=alpha) for each in supplied
    ]
    budgets = (
        judge_budgets(settings.policy_budget, all_days, arrived, complete, confidence=settings.confidence)
        if VIOLATIONS in look.has
        else ()
    )
    thresholds = tuple(row for rows in judged for row in rows)
    sessions, days = sum(each.sessions for each in arrived), len({each.day for each in arrived if each.sessions})
    against = (
        *count_reasons(budgets),
        *rate_reasons(budgets, proof),
        *(_crossed(row, proof) for row in thresholds if row.breached and not row.guard),
    )
    holds = (
        *doubts(question, lanes),
        *_missing(question),
        *(_guard(row, proof) for row in thresholds if row.breached and row.guard),
        *violation_holds(budgets),
        *_too_few(sessions, days),
    )
    verdict = CanaryVerdict.ROLLBACK if against else CanaryVerdict.HOLD if holds else CanaryVerdict.HEALTHY
    reasons = (*against, *holds)
    forcing = reasons[0].text if reasons else "No threshold is proven to be crossed."
    return CanaryDecision(
        verdict=verdict,
        stage="health",
        environment=question.environment,
        release=question.release,
        claim=f"{sessions_in_days(sessions, days)}. {forcing}",
        reasons=reasons,
        confidence=settings.confidence,
        proof=proof,
        evidence=max((row.evidence for row in thresholds), default=evidence(0.0)),
        content=question.content,
        commit=question.commit,
        manifest=question.manifest,
        agents=dict(question.agents),
        time=question.now,
        telemetry=look.source,
        budgets=budgets,
        thresholds=thresholds,
        critical=any(row.severity == CRITICAL and is_over_count(row) for row in budgets),
        sessions=sessions,
        days=days,
        watermarks={lane.value: mark for lane, mark in sorted(look.watermarks.items())},
        until=until,
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
