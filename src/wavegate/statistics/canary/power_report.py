"""What a canary can settle, as text, Markdown and JSON."""

from collections.abc import Iterator, Sequence

from wavegate.statistics.canary.power import CanaryPower
from wavegate.text import markdown, one_line, percent, pluralize


def canary_power_text(powers: Sequence[CanaryPower]) -> str:
    """One line for each metric and rate, after a head."""
    return "\n".join(one_line(line) for line in ("Canary, if the release is as good as before:", *_lines(powers)))


def canary_power_markdown(powers: Sequence[CanaryPower]) -> str:
    """A list, as the plan's summary has it."""
    head = [
        "### What the canary can settle",
        "",
        "If the release is as good as what was before, and days do not vary:",
    ]
    return "\n".join([*head, "", *(f"- {markdown(line.strip())}" for line in _lines(powers)), ""])


def canary_power_values(power: CanaryPower) -> dict[str, object]:
    """One metric's power as a JSON object; rates are fractions."""
    return {
        "metric": power.metric,
        "margin": power.margin,
        "rate": power.rate,
        "baseline": power.baseline,
        "sessionsNeeded": power.needed,
        "daysNeeded": power.days,
        "smallestMargin": power.smallest_margin,
        "supposed": power.supposed,
        "deadlineDays": power.deadline,
        "late": power.is_late,
        "marginRatio": power.margin_ratio,
        "p95": power.p95,
    }


def _lines(powers: Sequence[CanaryPower]) -> Iterator[str]:
    for power in powers:
        baseline = f"a baseline of {pluralize(power.baseline, 'session')}"
        at, margin = percent(power.rate), _points(power.margin)
        if power.p95 is not None:
            at, margin = f"{power.p95:,.0f} ms", f"×{power.margin_ratio:g}"
        subject = f"  {power.metric} at {at}, {baseline}, margin {margin}"
        if power.needed is None:
            smallest = f"; the smallest margin that can be settled is {_points(power.smallest_margin)}"
            yield f"{subject}: never{smallest if power.p95 is None else ', the baseline is too small'}."
        else:
            days = f", about {pluralize(power.days, 'day')}" if power.days else ""
            yield f"{subject}: {pluralize(power.needed, 'session')} with the release{days}.{_late(power)}"
    if any(power.supposed for power in powers):
        yield "  The rates are examples, until sessions of the cohorts are known."


def _late(power: CanaryPower) -> str:
    if not power.is_late:
        return ""
    return (
        f" That is after the deadline of {power.deadline:g} days: a person will have to decide. Add users to the "
        "cohorts, raise the margin or `progressDeadline`, or take the metric out of `canary.metrics`."
    )


def _points(margin: float) -> str:
    return f"{100 * margin:.3g} points"
