"""What a look found, in sentences that every rendering shares. They are not escaped."""

from collections.abc import Iterator
from math import log

from wavegate.canary.decision import BudgetRow, CanaryDecision, GuardRow, MetricRow, ThresholdRow
from wavegate.canary.why.holds import margin_text
from wavegate.canary.why.rollbacks import bounds_of_violations
from wavegate.canary.why.words import (
    bad_change,
    evidence_of,
    metric_title,
    number,
    points,
    points_of,
    rates,
    threshold_text,
)
from wavegate.statistics.canary.usual_metrics import VOLUME
from wavegate.text import percent, pluralize

BAR_WIDTH = 21
"""Characters of a bar of evidence; its middle is 1, no evidence either way."""


def evidence_bar(evidence: float, proof: float) -> str:
    """Where the evidence (●) is on a logarithmic scale from 1/proof to proof."""
    share = (log(max(evidence, 1 / proof)) + log(proof)) / (2 * log(proof))
    cells = ["·"] * BAR_WIDTH
    cells[BAR_WIDTH // 2] = "│"
    cells[min(BAR_WIDTH - 1, int(share * (BAR_WIDTH - 1) + 0.5))] = "●"
    return "".join(cells)


def metric_sentences(row: MetricRow, proof: float) -> Iterator[str]:
    """What was observed of a metric, what it proves, and what is still needed."""
    if row.difference is None or row.observed is None:
        yield f"{metric_title(row.name)}: nothing to compare yet."
        return
    yield _observed(row)
    yield _lines(row, proof)
    if row.days_needed:
        needed = pluralize(row.days_needed, "more day")
        yield f"At this pace, {needed} with {pluralize(row.sessions_needed or 0, 'session')} if it is really equal."
    if row.day_variance:
        yield "Days differ more than chance: the bounds are wider for it."
    else:
        yield "Days differ no more than chance."


def _observed(row: MetricRow) -> str:
    difference, lower, upper = (points(each or 0.0, sign=True) for each in (row.difference, row.lower, row.upper))
    margin = margin_text(row)
    if row.margin_ratio is not None:
        return f"{metric_title(row.name)} {rates(row)}; margin {margin}."
    sign = "-" if row.direction == "decrease" else "+"
    adjusted = (row.observed or 0.0) - (row.difference or 0.0)
    past = f"own past{', adjusted for the others' if row.adjusted else ''}: {percent(adjusted)}"
    change = f"{difference} points, {lower} to {upper} at any time; margin {sign}{margin}"
    return f"{metric_title(row.name)} {percent(row.observed or 0.0)} ({past}): {change}."


def _lines(row: MetricRow, proof: float) -> str:
    line, margin = f"{bad_change(row)} over {points_of((row.margin or 0.0) / 2)}", f"{bad_change(row)} under "
    margin += points_of(row.margin or 0.0)
    if row.margin_ratio is not None:
        line, margin = f"a p95 over ×{row.margin_ratio**0.5:.2f}", f"a p95 under ×{row.margin_ratio:g}"
    return (
        f"Rolls back when {line} is proven (evidence {evidence_of(row.roll_back, proof)}), "
        f"expands when {margin} is ({evidence_of(row.expand, proof)})."
    )


def budget_sentence(row: BudgetRow) -> str:
    """The violations of one severity, and what they show about its budget."""
    text = bounds_of_violations(row)
    if row.count is not None:
        text += f"; budget {row.count:,}, {row.confirmed:,} confirmed so far"
    if row.unconfirmed:
        text += f"; {row.unconfirmed:,} not reviewed yet"
    if row.rate is not None and row.shown:
        text += f"; within the budget of {percent(row.rate)}"
    elif row.rate is not None and row.sessions_to_show is not None:
        text += f"; showing the budget of {percent(row.rate)} takes {row.sessions_to_show:,}"
    return f"{text[:1].upper()}{text[1:]}."


def guard_sentence(row: GuardRow) -> str:
    """A guard, and whether it fails."""
    outcome = "the guard fails" if row.failed else "no concern"
    if row.name == VOLUME:
        return (
            f"Volume {row.ratio:.2f} of usual: {outcome}." if row.ratio is not None else "Volume: nothing usual yet."
        )
    change = f"{points(row.difference, sign=True)} points" if row.difference is not None else "nothing to compare yet"
    return f"{metric_title(row.name)} (guard) {change}: {outcome}."


def threshold_sentence(row: ThresholdRow, proof: float) -> str:
    """A threshold of a live release's health, and the evidence that it is crossed."""
    if row.observed is None:
        return f"{metric_title(row.name)}: no data."
    outcome = "crossed" if row.breached else "not proven to be crossed"
    return f"{metric_title(row.name)}, limit {threshold_text(row)}: {outcome} ({evidence_of(row.evidence, proof)})."


def look_sentence(decision: CanaryDecision) -> str:
    """How often the release was looked at, and that this costs nothing."""
    times = (
        f"Looked {'once' if decision.looks == 1 else pluralize(decision.looks, 'time')}; looking again costs nothing."
    )
    return f"Evidence to roll back: {number(decision.evidence)} of {number(decision.proof)}. {times}"
