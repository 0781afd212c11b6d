"""The rates that kept sums show of a canary's cohorts before it starts."""

from collections.abc import Collection
from datetime import timedelta

from wavegate.statistics.canary.power import KnownRate
from wavegate.statistics.canary.usual_metrics import ESCALATION, LATENCY, SUCCESS, VIOLATIONS
from wavegate.telemetry.kept.values import KeptSums
from wavegate.telemetry.values import BusinessSum, DaySum


def known_rates(
    kept: KeptSums, *, agents: Collection[str], cohorts: Collection[str], window: timedelta
) -> tuple[KnownRate, ...]:
    """The rate of each metric that the source supplies, over all of the cohorts; none if they have no session.

    agents: live ones. window: of the baseline; earlier days do not count. The pace is that of all days from the first
    with a session on.
    """
    first = kept.closed - window
    days = [
        each
        for each in kept.days
        if each.cohort in cohorts and each.agent in agents and each.day >= first and each.sessions
    ]
    if not days:
        return ()
    number = (kept.closed - min(each.day for each in days)).days
    totals = {name: _total(name, days) for name in sorted(kept.has - {LATENCY, VIOLATIONS})}
    return tuple(
        KnownRate(metric=name, rate=total.good / total.n, sessions=total.n, days=number)
        for name, total in totals.items()
        if total.n
    )


def _total(name: str, days: Collection[DaySum]) -> BusinessSum:
    sums = [_counted(name, each) for each in days]
    return BusinessSum(good=sum(each.good for each in sums), n=sum(each.n for each in sums))


def _counted(name: str, day: DaySum) -> BusinessSum:
    usual = {SUCCESS: day.good, ESCALATION: day.escalated}
    if name in usual:
        return BusinessSum(good=usual[name], n=day.sessions)
    return day.business.get(name, BusinessSum(good=0, n=0))
