"""Judge one metric of a canary: the evidence that it got worse, and that it did not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, log
from typing import Literal

import msgspec

from wavegate.canary.decision import DayRow, MetricRow
from wavegate.canary.measured.arms import Arms, CohortArm
from wavegate.canary.measured.signals import P95, Signal, counted, latencies, signal_of, slower_than
from wavegate.release.manifest import CanaryMetric
from wavegate.statistics.canary.days import RateChange, change, join
from wavegate.statistics.canary.mixture import evidence, half_width, log_evidence
from wavegate.statistics.canary.settling import CohortPace, days_needed, smallest_margin, variance_that_proves
from wavegate.statistics.canary.usual_metrics import LATENCY
from wavegate.statistics.latency import bucket_latency, buckets_of_ratio, quantile_bucket

LEAST_DAYS = 3
"""Full days before an expansion: one day says nothing about how much days vary."""
_BURN_IN = 15
"""Bad outcomes to be expected at the margin before an expansion: with fewer, the normal approximation is too bold."""
_SLOW = 0.05
_SLOW_SCALES = (0.05, 0.025)
"""Scales of the mixture for a latency: to roll back, to expand."""
_CHART_DAYS = timedelta(days=14)
_ROUNDING = 1e-9
_MAX_DAYS = 3650
"""More days are the same as never."""


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedMetric:
    """A metric's row, and ln of its evidence to roll back. problem: why it cannot be judged, as a clause, or ''.

    not_compared: cohorts that have values of it with the release, and none before.
    """

    row: MetricRow
    log_roll_back: float = 0.0
    problem: str = ""
    not_compared: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bounds:
    """What is asked of a change. harm: 1 if more is worse, else -1. line: harm beyond which it is rolled back.

    limit: harm below which it is expanded. scale: of the mixture, for each of both.
    """

    harm: int
    line: float
    limit: float
    scale: tuple[float, float]
    bad_rate: float


@dataclass(frozen=True, kw_only=True, slots=True)
class _JoinedChange:
    """How a rate changed, over the cohorts that can be compared."""

    arms: tuple[CohortArm, ...]
    changes: tuple[RateChange, ...]
    difference: float
    variance: float


def judge_metric(
    metric: CanaryMetric, arms: Arms, complete: Arms, *, confidence: float, minimum_sessions: int
) -> JudgedMetric:
    """Judge a metric that is a rate or a latency.

    arms: with the days that are complete in the metric's own lane, by which it is rolled back. complete: in every
    lane, by which it is expanded.
    """
    direction: Literal["increase", "decrease"] = metric.direction or "decrease"
    if metric.name == LATENCY:
        return _judge_latency(metric, arms, complete, confidence, minimum_sessions)
    signal = signal_of(metric.name)
    found = _changes(arms, signal)
    before = _totals(found, signal, after=False)
    rate = before[0] / before[1] if before[1] else None
    margin = metric.margin
    if margin is None and metric.margin_ratio is not None and rate is not None:
        margin = rate * abs(metric.margin_ratio - 1)
    row = MetricRow(name=metric.name, direction=direction, margin=margin, observed=None, baseline=rate)
    if not margin:
        return JudgedMetric(row=row, problem="" if rate is None else "its margin is 0 at the baseline's rate")
    asked = _Bounds(
        harm=1 if direction == "increase" else -1,
        line=margin / 2,
        limit=margin,
        scale=(margin, margin),
        bad_rate=0.0 if rate is None else rate if direction == "increase" else 1 - rate,
    )
    burn_in = max(minimum_sessions, ceil(_BURN_IN / (asked.bad_rate + margin) - _ROUNDING))
    return _judged(row, asked, (signal, signal, signal), arms, complete, confidence, burn_in)


def _judge_latency(
    metric: CanaryMetric, arms: Arms, complete: Arms, confidence: float, minimum_sessions: int
) -> JudgedMetric:
    p95 = quantile_bucket(latencies(each for arm in arms.cohorts for each in arm.sums_before()), P95)
    row = MetricRow(name=LATENCY, direction="increase", margin=0.0, observed=None, baseline=None)
    if p95 is None:
        return JudgedMetric(row=row)
    ratio = metric.margin_ratio or 1 + (metric.margin or 0) / bucket_latency(p95)
    if ratio <= 1 or metric.direction == "decrease":
        return JudgedMetric(row=row, problem="a latency is judged by a ratio above 1 in the direction `increase`")
    now = quantile_bucket(latencies(each for arm in arms.cohorts for each in arm.sums_after()), P95)
    row = MetricRow(
        name=LATENCY,
        direction="increase",
        margin=0.0,
        margin_ratio=round(ratio, 6),
        observed=None,
        baseline=None,
        p95=None if now is None else round(bucket_latency(now), 1),
        baseline_p95=round(bucket_latency(p95), 1),
    )
    half = p95 + buckets_of_ratio(ratio**0.5)
    whole = p95 + buckets_of_ratio(ratio)
    asked = _Bounds(harm=1, line=0.0, limit=0.0, scale=_SLOW_SCALES, bad_rate=_SLOW)
    burn_in = max(minimum_sessions, ceil(_BURN_IN / _SLOW - _ROUNDING))
    signals = (slower_than(p95), slower_than(half), slower_than(whole))
    return _judged(row, asked, signals, arms, complete, confidence, burn_in)


def _judged(
    row: MetricRow,
    asked: _Bounds,
    signals: tuple[Signal, Signal, Signal],
    arms: Arms,
    complete: Arms,
    confidence: float,
    burn_in: int,
) -> JudgedMetric:
    """signals: before the release, and with it: to roll back, and to expand."""
    alpha = 1 - confidence
    before, to_roll_back, to_expand = signals
    rolled, shown, proven = (
        _changes(of, before, after=after)
        for of, after in ((arms, to_roll_back), (arms, to_expand), (complete, to_expand))
    )
    log_roll_back = log_evidence(asked.harm * rolled.difference - asked.line, rolled.variance, asked.scale[0])
    log_expand = log_evidence(asked.limit - asked.harm * proven.difference, proven.variance, asked.scale[1])
    sessions, days = _totals(proven, to_expand, after=True)[1], _days(proven)
    is_proven = log_expand >= -log(alpha) and sessions >= burn_in and days >= LEAST_DAYS
    row = msgspec.structs.replace(
        _with_change(row, asked, shown, (before, to_expand), alpha),
        roll_back=evidence(log_roll_back),
        expand=evidence(log_expand),
        proven=is_proven,
        complete_sessions=sessions,
        complete_days=days,
        burn_in=burn_in,
        daily=_daily(arms, to_expand),
    )
    if not is_proven and proven.changes:
        row = _with_need(row, asked, proven, (before, to_expand), alpha)
    return JudgedMetric(
        row=row, log_roll_back=log_roll_back, not_compared=tuple(_not_compared(complete, proven, to_expand))
    )


def _not_compared(arms: Arms, found: _JoinedChange, signal: Signal) -> Iterator[str]:
    compared = {arm.name for arm in found.arms}
    return (arm.name for arm in arms.cohorts if arm.name not in compared and counted(signal, arm.sums_after())[1])


def _with_change(
    row: MetricRow, asked: _Bounds, found: _JoinedChange, signals: tuple[Signal, Signal], alpha: float
) -> MetricRow:
    """The row with what was observed, and the interval of the change that holds at all looks."""
    before, after = _totals(found, signals[0], after=False), _totals(found, signals[1], after=True)
    row = msgspec.structs.replace(
        row,
        observed=after[0] / after[1] if after[1] else None,
        baseline=before[0] / before[1] if before[1] else row.baseline,
        sessions=after[1],
        days=_days(found),
        baseline_sessions=before[1],
    )
    if not found.changes:
        return row
    width = half_width(found.variance, asked.scale[1], alpha / 2)
    others = (counted(signals[0], arm.others.get(day, ())) for arm in found.arms for day in arm.after)
    return msgspec.structs.replace(
        row,
        difference=found.difference,
        variance=found.variance,
        lower=max(-1.0, found.difference - width),
        upper=min(1.0, found.difference + width),
        day_variance=max(each.day_variance for each in found.changes),
        adjusted=all(each.adjusted for each in found.changes),
        others_sessions=sum(total for _, total in others),
    )


def _with_need(
    row: MetricRow, asked: _Bounds, found: _JoinedChange, signals: tuple[Signal, Signal], alpha: float
) -> MetricRow:
    """The row with what is still needed to expand, if the release is as good as what was before it."""
    same, other = (_totals(found, signal, after=False) for signal in signals)
    unchanged = asked.harm * (other[0] / other[1] - same[0] / same[1]) if same[1] and other[1] else 0.0
    paces = [
        CohortPace(before=each.before.variance, day=each.day_chance + each.day_variance, days=each.after.days)
        for each in found.changes
    ]
    days = days_needed(paces, variance_that_proves(asked.limit - unchanged, asked.scale[1], alpha))
    if days is None or days > _MAX_DAYS:
        margin = smallest_margin([pace.before for pace in paces], alpha) if asked.limit else None
        return msgspec.structs.replace(row, never=True, smallest_margin=margin)
    pace = row.complete_sessions / row.complete_days
    sessions = max(ceil(days * pace - _ROUNDING), row.burn_in - row.complete_sessions, 0)
    needed = max(ceil(days - _ROUNDING), ceil(sessions / pace - _ROUNDING), LEAST_DAYS - row.complete_days, 0)
    return msgspec.structs.replace(row, sessions_needed=sessions, days_needed=needed)


def _changes(arms: Arms, signal: Signal, *, after: Signal | None = None) -> _JoinedChange:
    found = [(arm, change(arm.counts(signal, after=after))) for arm in arms.cohorts]
    known = [(arm, each) for arm, each in found if each]
    difference, variance = join((each.difference, each.variance) for _, each in known)
    return _JoinedChange(
        arms=tuple(arm for arm, _ in known),
        changes=tuple(each for _, each in known),
        difference=difference,
        variance=variance,
    )


def _totals(found: _JoinedChange, signal: Signal, *, after: bool) -> tuple[int, int]:
    """Events and total of the cohorts that can be compared."""
    return counted(
        signal, (each for arm in found.arms for each in (arm.sums_after() if after else arm.sums_before()))
    )


def _days(found: _JoinedChange) -> int:
    return len({day for arm in found.arms for day, sums in arm.after.items() if any(each.sessions for each in sums)})


def _daily(arms: Arms, signal: Signal) -> tuple[DayRow, ...]:
    """The days of a chart: two weeks before the first start, and all days with the release."""
    first = min((arm.switch for arm in arms.cohorts), default=None)
    if first is None:
        return ()
    days = sorted({day for arm in arms.cohorts for day in (*arm.before, *arm.after) if day >= first - _CHART_DAYS})
    return tuple(_day(arms, day, signal, after=day > first) for day in days if day != first)


def _day(arms: Arms, day: date, signal: Signal, *, after: bool) -> DayRow:
    sums = (each for arm in arms.cohorts for each in (arm.after if after else arm.before).get(day, ()))
    pilot, pilot_total = counted(signal, sums)
    others, others_total = counted(signal, arms.cohorts[0].others.get(day, ()))
    return DayRow(
        day=day, after=after, pilot=pilot, pilot_total=pilot_total, others=others, others_total=others_total
    )
