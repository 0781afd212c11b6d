"""How many sessions and days an unchanged release still needs until it is proven to be within a margin."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log, sqrt

from wavegate.statistics.canary.mixture import crossing, log_evidence, settled_variance


@dataclass(frozen=True, kw_only=True, slots=True)
class CohortPace:
    """How a cohort's variance shrinks. before: variance of its baseline. day: of a day after. days: seen."""

    before: float
    day: float
    days: int = 0


def variance_needed(margin: float, alpha: float) -> float:
    """The variance at which an unchanged rate is proven to be within the margin."""
    return settled_variance(alpha) * margin * margin


def variance_that_proves(gain: float, scale: float, alpha: float) -> float:
    """The variance at which an observed difference proves that the true one is above 0; 0.0 if none does."""
    if gain <= 0:
        return 0.0
    return crossing(lambda variance: log_evidence(gain, variance, scale) < -log(alpha), scale * scale)


def sessions_needed(rate: float, before: float, margin: float, alpha: float) -> float | None:
    """Sessions since the release at which an unchanged rate is settled if days do not vary; None if never.

    before: variance of the baseline's rate. Not rounded.
    """
    room = variance_needed(margin, alpha) - before
    return rate * (1 - rate) / room if room > 0 else None


def days_needed(paces: Sequence[CohortPace], enough: float) -> float | None:
    """Further days, all like those seen, until the variance of the difference is small enough; None if never.

    enough: as `variance_needed` has it. Not rounded.
    """
    if not paces or _joined(pace.before for pace in paces) >= enough:
        return None

    def is_settled(more: float) -> bool:
        return _joined(_after(pace, more) for pace in paces) <= enough

    return 0.0 if all(pace.days for pace in paces) and is_settled(0.0) else crossing(is_settled, 1.0)


def smallest_margin(before: Iterable[float], alpha: float) -> float | None:
    """The smallest margin that can ever be settled. before: variance of each cohort's baseline; None without any."""
    known = list(before)
    return sqrt(_joined(known) / settled_variance(alpha)) if known else None


def _after(pace: CohortPace, more: float) -> float:
    return pace.before + pace.day / (pace.days + more)


def _joined(variances: Iterable[float]) -> float:
    return 1 / sum(1 / each for each in variances)
