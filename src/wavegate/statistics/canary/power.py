"""What a canary can settle, before it starts: sessions and days until an unchanged release is expanded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import ceil

from wavegate.release.manifest import Canary, CanaryMetric
from wavegate.statistics.canary.settling import sessions_needed, smallest_margin, variance_that_proves
from wavegate.statistics.canary.usual_metrics import LATENCY, SUCCESS, USUAL_METRICS
from wavegate.statistics.latency import bucket_latency, buckets_of_ratio, quantile_bucket

AMPLE = 5000
"""Sessions of a baseline that hardly limits what can be settled."""
P95 = 0.95
SLOW_SCALE = 0.025
"""Scale of the mixture by which a latency is proven not to have grown."""
_USUAL_RATES = (0.80, 0.86, 0.95)
_BURN_IN = 15
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownRate:
    """What is known of a metric before a canary: its rate (0..1), of how many sessions, on how many days.

    latency: of a latency, the number of sessions by `latency_bucket`; its rate does not count.
    """

    metric: str
    rate: float
    sessions: int
    days: int
    latency: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class CanaryPower:
    """What a canary can settle of one metric at one rate, if the release is as good and days do not vary.

    baseline: sessions of the cohorts before. needed: sessions with the release, burn-in included; None if no number
    is enough, because the baseline is too small; smallest_margin: that it can settle. days: at the known pace; None
    without one. supposed: whether rate and baseline are only examples. deadline: days that the canary has.
    margin_ratio, p95: of a latency, by what factor it may grow, and where it is in milliseconds; its rate is the
    share of slower sessions.
    """

    metric: str
    margin: float
    rate: float
    baseline: int
    needed: int | None
    smallest_margin: float
    days: int | None = None
    supposed: bool = True
    deadline: float | None = None
    margin_ratio: float | None = None
    p95: float | None = None

    @property
    def is_late(self) -> bool:
        """Whether so few sessions come in that it is not settled by the deadline."""
        return self.days is not None and self.deadline is not None and self.days > self.deadline


def canary_powers(canary: Canary | None, known: Sequence[KnownRate] = ()) -> tuple[CanaryPower, ...]:
    """What a canary can settle of each metric with a margin whose rate is known; if none is, of some usual rates.

    canary: None for the default settings.
    """
    canary = canary or Canary(steps=())
    metrics = {each.name: each for each in canary.metrics or USUAL_METRICS if not each.guard}
    deadline = canary.progress_deadline / timedelta(days=1)
    powers = (_known(canary, metrics.get(each.metric), each) for each in known)
    found = [replace(power, deadline=deadline) for power in powers if power]
    success = metrics.get(SUCCESS)
    return tuple(found or _supposed(canary, success if success and success.margin else None))


def _known(canary: Canary, metric: CanaryMetric | None, known: KnownRate) -> CanaryPower | None:
    if metric and metric.name == LATENCY:
        return _latency_power(canary, metric, known)
    return _power(canary, metric, known, supposed=False) if metric and metric.margin else None


def _supposed(canary: Canary, metric: CanaryMetric | None) -> Iterator[CanaryPower]:
    for rate in _USUAL_RATES if metric else ():
        example = KnownRate(metric=SUCCESS, rate=rate, sessions=AMPLE, days=0)
        yield _power(canary, metric or USUAL_METRICS[0], example, supposed=True)


def _power(canary: Canary, metric: CanaryMetric, known: KnownRate, *, supposed: bool) -> CanaryPower:
    alpha, margin = 1 - canary.confidence, metric.margin or 0.0
    # a rate of 0 or 1 in few sessions is not certain
    rate = min(max(known.rate, 1 / (known.sessions + 2)), 1 - 1 / (known.sessions + 2))
    before = rate * (1 - rate) / max(1, known.sessions)
    needed = sessions_needed(rate, before, margin, alpha)
    bad = 1 - rate if metric.direction == "decrease" else rate
    least = max(canary.minimum_sessions, ceil(_BURN_IN / (bad + margin) - _ROUNDING))
    sessions = None if needed is None else max(least, ceil(needed - _ROUNDING))
    pace = known.sessions / known.days if known.days else 0.0
    return CanaryPower(
        metric=metric.name,
        margin=margin,
        rate=known.rate,
        baseline=known.sessions,
        needed=sessions,
        smallest_margin=smallest_margin([before], alpha) or 0.0,
        days=ceil(sessions / pace - _ROUNDING) if sessions and pace else None,
        supposed=supposed,
    )


def _latency_power(canary: Canary, metric: CanaryMetric, known: KnownRate) -> CanaryPower | None:
    """As the canary judges it: no more sessions may be slower than before by the factor than were slower than P95."""
    total, p95 = sum(known.latency.values()), quantile_bucket(known.latency, P95)
    if p95 is None:
        return None
    ratio = metric.margin_ratio or 1 + (metric.margin or 0) / bucket_latency(p95)
    if ratio <= 1:
        return None
    slow, slower = (
        sum(number for bucket, number in known.latency.items() if bucket > edge) / total
        for edge in (p95, p95 + buckets_of_ratio(ratio))
    )
    enough = variance_that_proves(slow - slower, SLOW_SCALE, 1 - canary.confidence)
    room = enough - slow * (1 - slow) / total
    least = max(canary.minimum_sessions, ceil(_BURN_IN / (1 - P95) - _ROUNDING))
    needed = max(least, ceil(slower * (1 - slower) / room - _ROUNDING)) if room > 0 else None
    pace = total / known.days if known.days else 0.0
    return CanaryPower(
        metric=LATENCY,
        margin=0.0,
        rate=slow,
        baseline=total,
        needed=needed,
        smallest_margin=0.0,
        days=ceil(needed / pace - _ROUNDING) if needed and pace else None,
        supposed=False,
        margin_ratio=round(ratio, 6),
        p95=round(bucket_latency(p95), 1),
    )
