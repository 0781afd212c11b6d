"""Policy violations of a release against the budgets of the manifest, by severity."""

from collections.abc import Iterable, Mapping
from math import log

from wavegate.canary.decision import BudgetRow
from wavegate.release.manifest import Budget
from wavegate.statistics.always_valid import log_e_over, log_e_under
from wavegate.statistics.canary.mixture import evidence
from wavegate.statistics.canary.violations import clean_sessions, rate_interval
from wavegate.telemetry.values import DaySum, ViolationSum

CRITICAL = "critical"
SEVERITIES = (CRITICAL, "high", "medium", "low")
_ALWAYS_SHOWN = (CRITICAL, "high")
_NONE_CRITICAL = Budget(count=0)


def judge_budgets(
    budgets: Mapping[str, Budget],
    released: Iterable[DaySum],
    arrived: Iterable[DaySum],
    complete: Iterable[DaySum],
    *,
    confidence: float,
) -> tuple[BudgetRow, ...]:
    """A row for each severity that has a budget or occurred, most severe first.

    By default, no critical one is allowed. released: all sums with the release. arrived: of days whose sessions are
    complete. complete: of days that are complete in every lane.
    """
    released, arrived, complete = tuple(released), tuple(arrived), tuple(complete)
    budgets = {CRITICAL: _NONE_CRITICAL, **budgets}
    seen = {
        name for each in released for name, found in each.violations.items() if found.confirmed or found.unconfirmed
    }
    return tuple(
        _row(severity, budgets.get(severity, Budget()), released, arrived, complete, 1 - confidence)
        for severity in SEVERITIES
        if severity in budgets or severity in seen or severity in _ALWAYS_SHOWN
    )


def log_over(row: BudgetRow, arrived: Iterable[DaySum]) -> float | None:
    """ln of the evidence that the rate is above its budget; None without a rate budget.

    Violations that did not arrive yet only make it smaller, so it waits for none.
    """
    if row.rate is None:
        return None
    confirmed, _, sessions = _counts(row.severity, arrived)
    return log_e_over(confirmed, sessions, row.rate)


def _row(
    severity: str,
    budget: Budget,
    released: tuple[DaySum, ...],
    arrived: tuple[DaySum, ...],
    complete: tuple[DaySum, ...],
    alpha: float,
) -> BudgetRow:
    confirmed, unconfirmed, sessions = _counts(severity, released)
    complete_confirmed, _, complete_sessions = _counts(severity, complete)
    bounds = rate_interval(complete_confirmed, complete_sessions, alpha)
    rate = None if budget.per_thousand is None else budget.per_thousand / 1000
    over = under = None
    if rate is not None:
        arrived_confirmed, _, arrived_sessions = _counts(severity, arrived)
        over = log_e_over(arrived_confirmed, arrived_sessions, rate)
        under = log_e_under(complete_confirmed, complete_sessions, rate)
    is_over_count = budget.count is not None and confirmed > budget.count
    return BudgetRow(
        severity=severity,
        confirmed=confirmed,
        unconfirmed=unconfirmed,
        sessions=sessions,
        complete_confirmed=complete_confirmed,
        complete_sessions=complete_sessions,
        lower=bounds.lower,
        upper=bounds.upper,
        count=budget.count,
        rate=rate,
        over=None if over is None else evidence(over),
        under=None if under is None else evidence(under),
        exceeded=is_over_count or (over is not None and over >= -log(alpha)),
        shown=under is not None and under >= -log(alpha),
        sessions_to_show=None if rate is None else clean_sessions(complete_confirmed, rate, alpha),
    )


def _counts(severity: str, sums: Iterable[DaySum]) -> tuple[int, int, int]:
    """Sessions with a confirmed one, with an unconfirmed one, and all."""
    confirmed = unconfirmed = sessions = 0
    for each in sums:
        found = each.violations.get(severity, ViolationSum())
        confirmed, unconfirmed = confirmed + found.confirmed, unconfirmed + found.unconfirmed
        sessions += each.sessions
    return confirmed, unconfirmed, sessions
