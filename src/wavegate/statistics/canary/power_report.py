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
    }


def _lines(powers: Sequence[CanaryPower]) -> Iterator[str]:
    for power in powers:
        baseline = f"a baseline of {pluralize(power.baseline, 'session')}"
        subject = f"  {power.metric} at {percent(power.rate)}, {baseline}, margin {_points(power.margin)}"
        if power.needed is None:
            yield f"{subject}: never; the smallest margin that can be settled is {_points(power.smallest_margin)}."
        else:
            days = f", about {pluralize(power.days, 'day')}" if power.days else ""
            yield f"{subject}: {pluralize(power.needed, 'session')} with the release{days}."
    if any(power.supposed for power in powers):
        yield "  The rates are examples, until sessions of the cohorts are known."


def _points(margin: float) -> str:
    return f"{100 * margin:.3g} points"
