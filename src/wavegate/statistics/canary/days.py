"""How a cohort's rate changed with a release: a difference in differences by day, with the variance between days.

Before and after the release, each day's rate of the cohort is compared with everybody else's on the same day. Days
vary by more than chance: that variance is estimated from them, and widens the bounds.
Source: DerSimonian & Laird 1986 (moments), with both periods together; weights by inverse variance.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, kw_only=True, slots=True)
class DayCounts:
    """One day of one cohort: events of total, and the same of everybody else. after: whether it had the release."""

    after: bool
    events: int
    total: int
    others: int = 0
    others_total: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class PeriodMean:
    """The weighted mean of a period's daily differences, its variance, and the number of its days."""

    mean: float
    variance: float
    days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RateChange:
    """How a rate changed. before, after: mean differences to the others, or mean rates if nobody is compared with.

    day_variance: between days, beyond chance. heterogeneity: Cochran's Q of both periods; freedom: its degrees.
    adjusted: whether others are compared with. day_chance: variance that chance alone gives a day like those after.
    """

    before: PeriodMean
    after: PeriodMean
    day_variance: float
    heterogeneity: float
    freedom: int
    adjusted: bool
    day_chance: float

    @property
    def difference(self) -> float:
        """After less before."""
        return self.after.mean - self.before.mean

    @property
    def variance(self) -> float:
        """Of the difference."""
        return self.after.variance + self.before.variance


def rate_variance(events: int, total: int) -> float:
    """Variance of one outcome, with one event and one other added (Laplace): a few equal ones are no certainty."""
    rate = (events + 1) / (total + 2)
    return rate * (1 - rate)


def change(days: Sequence[DayCounts]) -> RateChange | None:
    """How the rate of one cohort changed; None without a day before or after that can be compared.

    Others are compared with if they had sessions both before and after, and then only days on which they had some
    count.
    """
    used = [day for day in days if day.total]
    shared = [day for day in used if day.others_total]
    adjusted = _has_both(shared)
    if adjusted:
        used = shared
    if not _has_both(used):
        return None
    periods = tuple(
        _differences([day for day in used if day.after is after], adjusted=adjusted) for after in (False, True)
    )
    day_variance, heterogeneity, freedom = _between_days(periods)
    before, after = (_mean(period, day_variance) for period in periods)
    chances = [variance for _, variance in periods[1]]
    return RateChange(
        before=before,
        after=after,
        day_variance=day_variance,
        heterogeneity=heterogeneity,
        freedom=freedom,
        adjusted=adjusted,
        day_chance=len(chances) / sum(1 / each for each in chances),
    )


def join(changes: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """Difference and variance of several cohorts together, weighted by inverse variance; (0, inf) of none.

    changes: difference and variance of each.
    """
    known = [(difference, 1 / variance) for difference, variance in changes]
    weight = sum(each for _, each in known)
    if not weight:
        return 0.0, inf
    return sum(difference * each for difference, each in known) / weight, 1 / weight


_Differences = Sequence[tuple[float, float]]


def _has_both(days: Sequence[DayCounts]) -> bool:
    return {day.after for day in days} == {False, True}


def _differences(days: Sequence[DayCounts], *, adjusted: bool) -> _Differences:
    """Each day's difference, and its variance by chance: from the rates of the whole period, not of the day."""
    own = rate_variance(sum(day.events for day in days), sum(day.total for day in days))
    if not adjusted:
        return [(day.events / day.total, own / day.total) for day in days]
    other = rate_variance(sum(day.others for day in days), sum(day.others_total for day in days))
    return [
        (day.events / day.total - day.others / day.others_total, own / day.total + other / day.others_total)
        for day in days
    ]


def _between_days(periods: Sequence[_Differences]) -> tuple[float, float, int]:
    """The variance between days beyond chance, Cochran's Q, and its degrees of freedom, of all periods together."""
    heterogeneity = capacity = 0.0
    for days in periods:
        weights = [1 / variance for _, variance in days]
        whole = sum(weights)
        mean = sum(weight * value for weight, (value, _) in zip(weights, days, strict=True)) / whole
        heterogeneity += sum(weight * (value - mean) ** 2 for weight, (value, _) in zip(weights, days, strict=True))
        capacity += whole - sum(weight * weight for weight in weights) / whole
    freedom = sum(map(len, periods)) - len(periods)
    excess = heterogeneity - freedom
    return (excess / capacity if freedom and excess > 0 else 0.0), heterogeneity, freedom


def _mean(days: _Differences, day_variance: float) -> PeriodMean:
    weights = [1 / (variance + day_variance) for _, variance in days]
    whole = sum(weights)
    mean = sum(weight * value for weight, (value, _) in zip(weights, days, strict=True)) / whole
    return PeriodMean(mean=mean, variance=1 / whole, days=len(days))
