"""The claim of a canary's decision: one sentence with its number."""

from collections.abc import Sequence

from wavegate.canary.decision import CanaryReason, MetricRow
from wavegate.canary.values import CanaryVerdict
from wavegate.canary.why.holds import margin_text
from wavegate.canary.why.words import metric_name, points, sessions_in_days


def canary_claim(
    verdict: CanaryVerdict, reasons: Sequence[CanaryReason], metrics: Sequence[MetricRow], *, sessions: int, days: int
) -> str:
    """What was observed, and what it supports."""
    observed = sessions_in_days(sessions, days)
    if verdict is CanaryVerdict.EXPAND:
        proven = "; ".join(f"{metric_name(row.name)} {_change(row)}" for row in metrics)
        return f"{observed}. Every metric is proven to be within its margin: {proven}."
    forcing = next((each.text for each in reasons if each.weight), "")
    return f"{observed}. {forcing}"


def _change(row: MetricRow) -> str:
    if row.p95 is not None and row.baseline_p95:
        return f"×{row.p95 / row.baseline_p95:.2f} (margin {margin_text(row)})"
    return f"{points(row.difference or 0.0, sign=True)} points (margin {margin_text(row)})"
