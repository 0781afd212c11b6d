"""Whether a cohort's volume changed by more than half of it again, judged by how much its days vary.

A volume that collapses or doubles means that the cohort, or what is measured of it, is another one: no rate of it can
be compared then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from statistics import fmean, variance

from wavegate.statistics.canary.mixture import log_evidence

TOLERATED = log(1.5)
"""ln of the ratio, up or down, that does not fail."""
_LEAST = 0.5
"""A day without a session counts as this many, since it has no logarithm."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DayVolume:
    """Sessions of one day of a cohort. others: of everybody else; None where nobody is compared with."""

    after: bool
    sessions: int
    others: int | None = None


def volume_change(days: Sequence[DayVolume]) -> tuple[float, float] | None:
    """ln of the ratio of the volume to what it was, and its variance; None without days or sessions to compare.

    Days on which nobody else had a session are left out.
    """
    before, after = ([day for day in days if day.after is period and day.others != 0] for period in (False, True))
    if not after or not any(day.sessions for day in before):
        return None
    logs_before, logs_after = ([_log_volume(day) for day in period] for period in (before, after))
    by_chance = 1 / fmean(day.sessions for day in before)
    spread = max(variance(logs_before) if len(before) > 1 else 0.0, by_chance)
    return fmean(logs_after) - fmean(logs_before), spread * (1 / len(before) + 1 / len(after))


def log_volume_evidence(ratio: float, spread: float) -> float:
    """ln of the evidence that a volume changed by more than is tolerated, up or down; 2/alpha proves it.

    ratio: ln of the observed ratio. spread: its variance.
    """
    return log_evidence(abs(ratio) - TOLERATED, spread, TOLERATED)


def _log_volume(day: DayVolume) -> float:
    own = log(max(day.sessions, _LEAST))
    return own if day.others is None else own - log(day.others)
