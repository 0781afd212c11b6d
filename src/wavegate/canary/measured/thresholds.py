"""Thresholds of a live release: always-valid evidence that its signals are beyond them."""

from collections.abc import Iterator, Sequence
from math import exp, log
from statistics import fmean, variance

from wavegate.canary.decision import ThresholdRow
from wavegate.canary.measured.signals import P95, counted, latencies, signal_of, slower_than
from wavegate.release.manifest import Threshold
from wavegate.statistics.always_valid import log_e_over
from wavegate.statistics.canary.mixture import evidence, log_evidence
from wavegate.statistics.canary.usual_metrics import LATENCY, VOLUME
from wavegate.statistics.canary.violations import rate_interval
from wavegate.statistics.canary.volume import TOLERATED
from wavegate.statistics.latency import bucket_latency, latency_bucket, quantile_bucket
from wavegate.telemetry.values import DaySum

_SLOW = 0.05


def judge_threshold(threshold: Threshold, sums: Sequence[DaySum], *, alpha: float) -> Iterator[ThresholdRow]:
    """A row for each bound of a threshold: `minimum`, `maximum`."""
    if threshold.minimum is not None:
        yield _judge(threshold, threshold.minimum, sums, alpha, is_minimum=True)
    if threshold.maximum is not None:
        yield _judge(threshold, threshold.maximum, sums, alpha, is_minimum=False)


def _judge(
    threshold: Threshold, limit: float, sums: Sequence[DaySum], alpha: float, *, is_minimum: bool
) -> ThresholdRow:
    if threshold.name == VOLUME:
        observed, logarithm = _volume(sums, limit, is_minimum=is_minimum)
        events = total = sum(each.sessions for each in sums)
    else:
        events, total, limit_rate, observed = _counts(threshold.name, limit, sums)
        bad = total - events if is_minimum else events
        logarithm = log_e_over(bad, total, 1 - limit_rate if is_minimum else limit_rate)
    is_rate = threshold.name not in (VOLUME, LATENCY)
    bounds = rate_interval(events, total, alpha) if is_rate else None
    return ThresholdRow(
        name=threshold.name,
        observed=observed,
        evidence=evidence(logarithm),
        breached=logarithm >= -log(alpha),
        events=events,
        total=total,
        minimum=limit if is_minimum else None,
        maximum=None if is_minimum else limit,
        lower=bounds.lower if bounds else None,
        upper=bounds.upper if bounds else None,
        guard=threshold.guard,
    )


def _counts(name: str, limit: float, sums: Sequence[DaySum]) -> tuple[int, int, float, float | None]:
    """Events, their total, the rate that limits them, and what was observed in the threshold's own unit."""
    if name != LATENCY:
        events, total = counted(signal_of(name), sums)
        return events, total, limit, events / total if total else None
    # a p95 beyond a limit is a share of over 5 % that is slower than it
    slow, known = counted(slower_than(latency_bucket(limit)), sums)
    p95 = quantile_bucket(latencies(sums), P95)
    return slow, known, _SLOW, None if p95 is None else round(bucket_latency(p95), 1)


def _volume(sums: Sequence[DaySum], limit: float, *, is_minimum: bool) -> tuple[float | None, float]:
    """Mean sessions a day, and ln of the evidence that the volume is beyond the limit."""
    days: dict[object, int] = {}
    for each in sums:
        days[each.day] = days.get(each.day, 0) + each.sessions
    if not any(days.values()):
        return None, 0.0
    logs = [log(max(sessions, 0.5)) for sessions in days.values()]
    spread = max(variance(logs) if len(logs) > 1 else 0.0, 1 / fmean(days.values())) / len(logs)
    beyond = log(max(limit, 0.5)) - fmean(logs)
    return exp(fmean(logs)), log_evidence(beyond if is_minimum else -beyond, spread, TOLERATED)
