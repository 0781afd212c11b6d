"""Words that the reasons and renderings of a canary share. They are not escaped."""

from wavegate.canary.decision import CanaryDecision, MetricRow, ThresholdRow
from wavegate.canary.values import CanaryVerdict
from wavegate.statistics.canary.usual_metrics import ESCALATION, LATENCY, SUCCESS, VOLUME
from wavegate.text import percent, pluralize

_NAMES = {SUCCESS: "task success", ESCALATION: "escalation rate", LATENCY: "p95 latency", VOLUME: "volume"}
_NOTHING = 0.005
ICONS = {
    CanaryVerdict.EXPAND: "✅",
    CanaryVerdict.HEALTHY: "✅",
    CanaryVerdict.HOLD: "⏸️",
    CanaryVerdict.ROLLBACK: "❌",
}


def metric_name(name: str) -> str:
    """A metric as it is called in a sentence."""
    return _NAMES.get(name, name)


def metric_title(name: str) -> str:
    """A metric at the start of a sentence."""
    called = metric_name(name)
    return called[:1].upper() + called[1:]


def points(difference: float, *, sign: bool = False) -> str:
    """A difference of rates (0..1) in percentage points, such as `-1.9`; with a sign even if it is positive."""
    shown = 100 * difference
    if abs(shown) < _NOTHING:
        return "±0" if sign else "0"
    digits = 1 if abs(shown) >= 0.095 or shown == 0 else 2
    text = f"{shown:+.{digits}f}" if sign else f"{shown:.{digits}f}"
    return text.removesuffix(".0") if digits == 1 and not sign else text


def points_of(margin: float) -> str:
    """A margin with its unit: `5 points`, `1 point`."""
    text = points(margin)
    return f"{text} point{'' if text == '1' else 's'}"


def evidence_of(evidence: float, proof: float) -> str:
    """Evidence beside what is needed: `0.4 of 20`."""
    return f"{number(evidence)} of {number(proof)}"


def number(value: float) -> str:
    """A piece of evidence with two digits, or as a whole number."""
    if value >= 1_000:
        return "over 1,000"
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}" if value >= 0.1 else f"{value:.2g}"


def bad_change(row: MetricRow) -> str:
    """What the metric must not do: `a loss`, `a rise`."""
    return "a loss" if row.direction == "decrease" else "a rise"


def sessions_in_days(sessions: int, days: int) -> str:
    """`212 sessions in 5 days`."""
    return f"{pluralize(sessions, 'session')} in {pluralize(days, 'day')}"


def rates(row: MetricRow) -> str:
    """What was observed and what is usual: `84 % (before: 85.9 %)`; '' without both."""
    if row.observed is None or row.baseline is None:
        return ""
    if row.p95 is not None and row.baseline_p95 is not None:
        return f"{row.p95:,.0f} ms ({row.baseline_p95:,.0f} ms before)"
    return f"{percent(row.observed)} ({percent(row.baseline)} before)"


def threshold_text(row: ThresholdRow) -> str:
    """Where a signal is, and its limit: `below 80 %: 71.2 % of 340`."""
    limit = row.minimum if row.minimum is not None else row.maximum
    side = "below" if row.minimum is not None else "above"
    observed = row.observed or 0.0
    if row.name == LATENCY:
        return f"{side} {limit or 0:,.0f} ms: {observed:,.0f} ms, {row.events:,} of {row.total:,} slower"
    if row.name == VOLUME:
        return f"{side} {limit or 0:,.0f} sessions a day: {observed:,.1f}"
    return f"{side} {percent(limit or 0.0)}: {percent(observed)} of {row.total:,}"


def headline(decision: CanaryDecision) -> str:
    """The verdict in one sentence."""
    subject = f"{decision.release} in {decision.environment}"
    return {
        CanaryVerdict.EXPAND: f"EXPAND: {subject} is proven to be within its margins",
        CanaryVerdict.ROLLBACK: f"ROLL BACK: {subject}",
        CanaryVerdict.HOLD: f"HOLD: {subject}",
        CanaryVerdict.HEALTHY: f"HEALTHY: {subject} crosses none of its thresholds as far as is proven",
    }[decision.verdict]
