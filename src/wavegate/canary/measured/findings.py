"""Everything that one look at a canary measures, before anything is decided."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from wavegate.canary.decision import BudgetRow, GuardRow
from wavegate.canary.measured.arms import Arms, arms_of, complete_until
from wavegate.canary.measured.budgets import judge_budgets, log_over
from wavegate.canary.measured.guards import judge_guard
from wavegate.canary.measured.metrics import JudgedMetric, judge_metric
from wavegate.canary.values import CanaryQuestion
from wavegate.release.manifest import CanaryMetric
from wavegate.statistics.canary.mixture import log_mean
from wavegate.statistics.canary.usual_metrics import ESCALATION, LATENCY, SUCCESS, USUAL_METRICS, VIOLATIONS, VOLUME
from wavegate.telemetry.values import Lane, TelemetryLook

FAST_SIGNALS = frozenset({SUCCESS, ESCALATION, VOLUME})
"""Signals that are complete as soon as sessions are. The others wait for the slow lane, if there is one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MeasuredCanary:
    """What a canary is decided by.

    arms: with the days whose sessions are complete. complete: with those that are complete in every one of `lanes`;
    until: the first that is not, None if that is unknown. missing: what the manifest names and the source lacks.
    log_over: ln of the evidence that each rate of violations is over its budget.
    """

    question: CanaryQuestion
    arms: Arms
    complete: Arms
    lanes: tuple[Lane, ...]
    until: date | None
    metrics: tuple[JudgedMetric, ...]
    guards: tuple[GuardRow, ...]
    budgets: tuple[BudgetRow, ...]
    log_over: tuple[float, ...]
    missing: tuple[str, ...]

    @property
    def log_evidence(self) -> float:
        """ln of the mean of all evidence to roll back: of metrics, and of rates of violations."""
        return log_mean([*(each.log_roll_back for each in self.metrics), *self.log_over])


def measure(question: CanaryQuestion) -> MeasuredCanary:
    """Measure everything that a canary is decided by."""
    settings, look = question.settings, question.look
    arms = arms_of(look.days, agents=question.agents, starts=question.starts, window=settings.baseline_window)
    chosen = tuple(_chosen(settings.metrics, look))
    lanes = lanes_of(look, (each.name for each in chosen))
    fast = complete_until(look.watermarks, (Lane.FAST,), question.now)
    until = complete_until(look.watermarks, lanes, question.now)
    arrived, complete = arms.until(fast or date.min), arms.until(until or date.min)
    metrics = tuple(
        judge_metric(
            each,
            arrived if each.name in FAST_SIGNALS else complete,
            complete,
            confidence=settings.confidence,
            minimum_sessions=settings.minimum_sessions,
        )
        for each in chosen
        if not each.guard
    )
    guards = tuple(
        judge_guard(each, arrived, until=fast, confidence=settings.confidence)
        for each in chosen
        if each.guard and fast
    )
    budgets = (
        judge_budgets(
            settings.policy_budget,
            arms.released,
            arrived.released,
            complete.released,
            confidence=settings.confidence,
        )
        if VIOLATIONS in look.has
        else ()
    )
    over = (log_over(each, arrived.released) for each in budgets)
    return MeasuredCanary(
        question=question,
        arms=arrived,
        complete=complete,
        lanes=lanes,
        until=until,
        metrics=metrics,
        guards=guards,
        budgets=budgets,
        log_over=tuple(each for each in over if each is not None),
        missing=tuple(_missing(question)),
    )


def lanes_of(look: TelemetryLook, names: Iterable[str]) -> tuple[Lane, ...]:
    """The lanes that must be complete. names: of the signals that are judged."""
    business = set(names) - FAST_SIGNALS - {LATENCY}
    is_slow = Lane.SLOW in look.watermarks or VIOLATIONS in look.has or business
    return (Lane.FAST, Lane.SLOW) if is_slow else (Lane.FAST,)


def _chosen(metrics: tuple[CanaryMetric, ...], look: TelemetryLook) -> Iterator[CanaryMetric]:
    """The metrics that can be judged: those of the manifest, or the usual ones, as far as the source has them."""
    return (each for each in metrics or USUAL_METRICS if each.name == VOLUME or each.name in look.has)


def _missing(question: CanaryQuestion) -> Iterator[str]:
    has = question.look.has | {VOLUME}
    yield from (each.name for each in question.settings.metrics if each.name not in has)
    if question.settings.policy_budget and VIOLATIONS not in has:
        yield VIOLATIONS
