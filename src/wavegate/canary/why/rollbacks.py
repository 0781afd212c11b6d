"""Why a canary is rolled back."""

from collections.abc import Iterator
from math import log

from wavegate.canary.decision import BudgetRow, CanaryReason, MetricRow
from wavegate.canary.measured.budgets import CRITICAL
from wavegate.canary.measured.findings import MeasuredCanary
from wavegate.canary.why.words import bad_change, evidence_of, metric_title, number, points, points_of, rates
from wavegate.statistics.canary.mixture import evidence
from wavegate.text import percent, percent_up, pluralize

LEAST_SESSIONS = 20
"""Sessions with the release before metrics may roll it back."""
_FIX = "Roll back. The release can return with a fix."


def _roll_back(rule: str, text: str, metric: str | None = None) -> CanaryReason:
    return CanaryReason(rule=rule, weight="rollback", text=text, fix=_FIX, metric=metric)


def count_reasons(budgets: tuple[BudgetRow, ...]) -> Iterator[CanaryReason]:
    """Confirmed violations beyond a count budget; without one, any critical violation."""
    for row in budgets:
        if is_over_count(row):
            yield _roll_back(
                "canary/critical-violation" if row.severity == CRITICAL else "canary/violation-budget",
                f"{pluralize(row.confirmed, 'session')} with a confirmed {row.severity} violation, in "
                f"{pluralize(row.sessions, 'session')}; the budget is {row.count}.",
            )


def is_over_count(row: BudgetRow) -> bool:
    """Whether confirmed violations exceed a count budget."""
    return row.count is not None and row.confirmed > row.count


def rate_reasons(budgets: tuple[BudgetRow, ...], proof: float) -> Iterator[CanaryReason]:
    """Rates of violations that are proven to be over their budgets."""
    for row in budgets:
        if row.rate is not None and row.exceeded:
            yield _roll_back(
                "canary/violation-rate",
                f"{row.severity.capitalize()} violations are proven to be over their budget of {percent(row.rate)}: "
                f"{row.confirmed:,} confirmed in {pluralize(row.sessions, 'session')} "
                f"(evidence {evidence_of(row.over or 0.0, proof)}).",
            )


def loss_reasons(measured: MeasuredCanary, proof: float) -> Iterator[CanaryReason]:
    """That metrics are proven to be worse by over half their margins, all taken together. It names the worst one."""
    if measured.log_evidence < log(proof) or measured.arms.sessions() < LEAST_SESSIONS:
        return
    mean = f"mean of all {number(evidence(measured.log_evidence))}"
    worst = max(measured.metrics, key=lambda each: each.log_roll_back, default=None)
    # a rate of violations that outweighs every metric has a reason of its own
    if worst and worst.log_roll_back >= max(measured.log_over, default=worst.log_roll_back):
        row = worst.row
        yield _roll_back(
            "canary/loss", f"{_change(row)}: evidence {evidence_of(row.roll_back, proof)}, {mean}.", row.name
        )


def _change(row: MetricRow) -> str:
    name = metric_title(row.name)
    shown = f"{name} {rates(row)}" if rates(row) else name
    if row.margin_ratio is not None:
        return f"{shown}, proven to be slower by more than half the tolerated ratio of {row.margin_ratio:g}"
    change = f"{points(row.difference or 0.0, sign=True)} points"
    return f"{shown}, {change}: {bad_change(row)} of over {points_of((row.margin or 0.0) / 2)} is proven"


def bounds_of_violations(row: BudgetRow) -> str:
    """What is shown of a severity: `high violations: 0 in 212, below 2.9 % at any time`."""
    counts = f"{row.severity} violations: {row.complete_confirmed:,} in {row.complete_sessions:,}"
    if not row.complete_sessions:
        return f"{row.severity} violations: no complete session yet"
    lower = f"above {percent(row.lower, down=True)} and " if row.lower else ""
    return f"{counts}, {lower}below {percent_up(row.upper)} at any time"
