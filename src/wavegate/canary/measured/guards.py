"""Guards of a canary: they never decide, and hold it while they fail."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from math import exp, log
from typing import Literal

from wavegate.canary.decision import GuardRow
from wavegate.canary.measured.arms import Arms, CohortArm, Days
from wavegate.canary.measured.metrics import judge_metric
from wavegate.release.manifest import CanaryMetric
from wavegate.statistics.canary.days import join
from wavegate.statistics.canary.mixture import MAX_EVIDENCE, evidence
from wavegate.statistics.canary.usual_metrics import VOLUME
from wavegate.statistics.canary.volume import DayVolume, log_volume_evidence, volume_change

_DAY = timedelta(days=1)
_USUAL_MARGIN = 0.05
"""The change of a rate that a guard without a margin tolerates."""


def judge_guard(guard: CanaryMetric, arms: Arms, *, until: date, confidence: float) -> GuardRow:
    """Whether a guard fails. until: the first day whose sessions are not complete."""
    alpha = 1 - confidence
    if guard.name == VOLUME:
        return _volume(arms, until, alpha)
    margin = _USUAL_MARGIN if guard.margin is None and guard.margin_ratio is None else guard.margin
    directions: tuple[Literal["increase", "decrease"], ...] = ("increase", "decrease")
    if guard.direction:
        directions = (guard.direction,)
    rows = [
        judge_metric(
            CanaryMetric(name=guard.name, direction=each, margin=margin, margin_ratio=guard.margin_ratio),
            arms,
            arms,
            confidence=confidence,
            minimum_sessions=1,
        ).row
        for each in directions
    ]
    proof = len(directions) / alpha
    found = max(row.roll_back for row in rows)
    return GuardRow(
        name=guard.name, failed=found >= proof, evidence=found, proof=proof, difference=rows[0].difference
    )


def _volume(arms: Arms, until: date, alpha: float) -> GuardRow:
    changes = [found for arm in arms.cohorts if (found := volume_change(list(_volumes(arm, until))))]
    ratio, spread = join(changes)
    logarithm, proof = log_volume_evidence(ratio, spread) if changes else 0.0, 2 / alpha
    return GuardRow(
        name=VOLUME,
        failed=logarithm >= log(proof),
        evidence=evidence(logarithm),
        proof=proof,
        ratio=min(MAX_EVIDENCE, exp(ratio)) if changes else None,
    )


def _volumes(arm: CohortArm, until: date) -> Iterator[DayVolume]:
    """Every day from the first with a session to the last that is complete, those without a session too."""
    # whoever answered: a cohort that had an earlier pilot did not lose its sessions
    before = _sessions((arm.before, arm.earlier_pilots))
    seen = min((day for day, sessions in before.items() if sessions), default=None)
    if seen is None:
        return
    after = _sessions((arm.after,))
    has_others = {day < arm.switch for day in arm.others if seen <= day < until and day != arm.switch} == {
        True,
        False,
    }
    for number in range((until - seen).days):
        day = seen + number * _DAY
        if day != arm.switch:
            others = sum(each.sessions for each in arm.others.get(day, ()))
            yield DayVolume(
                after=day > arm.switch,
                sessions=(after if day > arm.switch else before)[day],
                others=others if has_others else None,
            )


def _sessions(days: Iterable[Days]) -> Counter[date]:
    found: Counter[date] = Counter()
    for each in days:
        found.update({day: sum(one.sessions for one in sums) for day, sums in each.items()})
    return found
