"""What a canary can settle, before it starts: sessions and days until an unchanged release is expanded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from wavegate.release.manifest import Canary, CanaryMetric
from wavegate.statistics.canary.settling import sessions_needed, smallest_margin
from wavegate.statistics.canary.usual_metrics import SUCCESS, USUAL_METRICS

AMPLE = 5000
"""Sessions of a baseline that hardly limits what can be settled."""
_USUAL_RATES = (0.80, 0.86, 0.95)
_BURN_IN = 15
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownRate:
    """What is known of a metric before a canary: its rate (0..1), of how many sessions, on how many days."""

    metric: str
    rate: float
    sessions: int
    days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CanaryPower:
    """What a canary can settle of one metric at one rate, if the release is as good and days do not vary.

    baseline: sessions of the cohorts before. needed: sessions with the release, burn-in included; None if no number
    is enough, because the baseline is too small; smallest_margin: that it can settle. days: at the known pace; None
    without one. supposed: whether rate and baseline are only examples.
    """

    metric: str
    margin: float
    rate: float
    baseline: int
    needed: int | None
    smallest_margin: float
    days: int | None = None
    supposed: bool = True


def canary_powers(canary: Canary | None, known: Sequence[KnownRate] = ()) -> tuple[CanaryPower, ...]:
    """What a canary can settle of each metric with a margin whose rate is known; if none is, of some usual rates.

    canary: None for the default settings.
    """
    canary = canary or Canary(steps=())
    metrics = {each.name: each for each in canary.metrics or USUAL_METRICS if not each.guard and each.margin}
    found = [_power(canary, metrics[each.metric], each, supposed=False) for each in known if each.metric in metrics]
    return tuple(found or _supposed(canary, metrics.get(SUCCESS)))


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
