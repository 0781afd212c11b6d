"""A canary's decision as lines for a log or terminal, and its reasons as annotations."""

from collections.abc import Iterator

from wavegate.canary.decision import CanaryDecision
from wavegate.canary.why.sentences import (
    budget_sentence,
    evidence_bar,
    guard_sentence,
    look_sentence,
    metric_sentences,
    threshold_sentence,
)
from wavegate.canary.why.words import headline, metric_name
from wavegate.findings.selection import MAX_ANNOTATIONS
from wavegate.text import one_line

_ANNOTATIONS = {"rollback": "error", "hold": "warning", None: "notice"}
MAX_ROWS = 50


def canary_text(decision: CanaryDecision) -> str:
    """Readable lines; no text from the manifest or telemetry can break out of its line."""
    return "\n".join(one_line(line, 1000) for line in _lines(decision))


def _lines(decision: CanaryDecision) -> Iterator[str]:
    yield headline(decision)
    yield f"  {decision.claim}"
    if decision.dry_run:
        yield "  Dry run: nothing follows."
    for reason in decision.reasons[:MAX_ROWS]:
        yield f"  {reason.weight or 'note'}: {reason.rule}: {reason.text}"
        if reason.fix:
            yield f"    → {reason.fix}"
    for row in decision.metrics[:MAX_ROWS]:
        yield from (f"  {sentence}" for sentence in metric_sentences(row, decision.proof))
        if row.difference is not None:
            yield f"    roll back {evidence_bar(row.roll_back, decision.proof)} {metric_name(row.name)}"
            yield f"    expand    {evidence_bar(row.expand, decision.proof)}"
    yield from (f"  {threshold_sentence(row, decision.proof)}" for row in decision.thresholds[:MAX_ROWS])
    yield from (f"  {guard_sentence(row)}" for row in decision.guards[:MAX_ROWS])
    yield from (f"  {budget_sentence(row)}" for row in decision.budgets)
    yield f"  {look_sentence(decision)}"


def canary_annotations(decision: CanaryDecision) -> Iterator[tuple[str, str]]:
    """Level and message of every annotation, most severe first, as many as GitHub shows."""
    counts = dict.fromkeys(_ANNOTATIONS.values(), 0)
    for reason in decision.reasons:
        level = _ANNOTATIONS[reason.weight]
        counts[level] += 1
        if counts[level] <= MAX_ANNOTATIONS:
            yield level, one_line(f"{reason.rule}: {reason.text}", 1000) + "\n" + one_line(reason.fix, 1000)
