"""A canary's decision as a step summary: what it is, why, and how near it is to either side."""

from collections.abc import Iterator

from wavegate.canary.decision import CanaryDecision, CanaryReason, MetricRow
from wavegate.canary.values import CanaryVerdict
from wavegate.canary.why.chart import daily_chart
from wavegate.canary.why.holds import margin_text
from wavegate.canary.why.sentences import (
    budget_sentence,
    evidence_bar,
    guard_sentence,
    look_sentence,
    metric_sentences,
    threshold_sentence,
)
from wavegate.canary.why.words import ICONS, headline, metric_title, number, points, rates, sessions_in_days
from wavegate.ledger.moment import moment_text
from wavegate.text import code, markdown, pluralize, prose

MAX_REASONS = 20
MAX_ROWS = 50
_OPEN_CHARTS = 1


def canary_markdown(decision: CanaryDecision) -> str:
    """GitHub-flavored Markdown; text from the manifest and telemetry is escaped."""
    return "\n".join(
        (
            *_head(decision),
            *_reasons(decision),
            *_table(decision),
            *_words(decision),
            *_charts(decision),
            *_judged(decision),
        )
    )


def _head(decision: CanaryDecision) -> Iterator[str]:
    yield f"## {ICONS[decision.verdict]} {markdown(headline(decision))}\n"
    is_forced = any(reason.weight for reason in decision.reasons)
    # the reasons below have the rest of the claim
    claim = f"{sessions_in_days(decision.sessions, decision.days)}." if is_forced else decision.claim
    yield f"{markdown(claim, 1000)}\n"
    if decision.dry_run:
        yield "**Dry run:** this is recorded, and nothing follows.\n"
    if decision.steps:
        yield f"The pilot is at step {decision.step} of {decision.steps}.\n"


def _reasons(decision: CanaryDecision) -> Iterator[str]:
    shown = decision.reasons[:MAX_REASONS]
    yield from (f"- {_reason(reason)}" for reason in shown)
    if len(decision.reasons) > len(shown):
        yield f"- and {len(decision.reasons) - len(shown)} more in the decision file"
    yield ""


def _reason(reason: CanaryReason) -> str:
    icon = {"rollback": ICONS[CanaryVerdict.ROLLBACK], "hold": ICONS[CanaryVerdict.HOLD], None: "ℹ️"}[reason.weight]
    fix = f" → {prose(reason.fix)}" if reason.fix else ""
    return f"{icon} {code(reason.rule)} {prose(reason.text, 1000)}{fix}"


def _table(decision: CanaryDecision) -> Iterator[str]:
    if not decision.metrics:
        return
    scale = f"1/{number(decision.proof)} to {number(decision.proof)}"
    columns = ("With the release", "Change, at any time", "Margin", f"Roll back: {scale}", f"Expand: {scale}")
    yield from (f"| | Metric | {' | '.join(columns)} | Still needed |", "|---|---|--:|--:|--:|---|---|--:|")
    yield from (_row(row, decision.proof) for row in decision.metrics[:MAX_ROWS])
    yield ""


def _row(row: MetricRow, proof: float) -> str:
    icon = "✅" if row.proven else "❌" if row.roll_back >= proof else "⏸️"
    name = markdown(metric_title(row.name), 80)
    if row.difference is None:
        return f"| {icon} | {name} | – | – | – | – | – | – |"
    bars = " | ".join(
        f"<code>{evidence_bar(each, proof)}</code> {number(each)}" for each in (row.roll_back, row.expand)
    )
    return (
        f"| {icon} | {name} | {markdown(rates(row))} | {markdown(_change(row))} | {markdown(margin_text(row))} "
        f"| {bars} | {_needed(row)} |"
    )


def _change(row: MetricRow) -> str:
    """How a rate changed, with its interval; of a latency, whose margin is a factor, the factor that was observed."""
    if row.margin_ratio is not None:
        return f"×{row.p95 / row.baseline_p95:.2f}" if row.p95 is not None and row.baseline_p95 else "–"
    interval = f"{points(row.lower or 0.0, sign=True)} to {points(row.upper or 0.0, sign=True)}"
    return f"{points(row.difference or 0.0, sign=True)} points ({interval})"


def _needed(row: MetricRow) -> str:
    if row.proven:
        return "nothing"
    if row.never:
        return "never"
    return pluralize(row.days_needed, "day") if row.days_needed else "–"


def _words(decision: CanaryDecision) -> Iterator[str]:
    for row in decision.metrics[:MAX_ROWS]:
        yield f"- {markdown(' '.join(metric_sentences(row, decision.proof)), 1000)}"
    sentences = (
        *(threshold_sentence(row, decision.proof) for row in decision.thresholds[:MAX_ROWS]),
        *(guard_sentence(row) for row in decision.guards[:MAX_ROWS]),
        *(budget_sentence(row) for row in decision.budgets),
        look_sentence(decision),
    )
    yield from (f"- {markdown(sentence)}" for sentence in sentences)
    yield ""


def _charts(decision: CanaryDecision) -> Iterator[str]:
    charts = [chart for row in decision.metrics[:MAX_ROWS] if (chart := daily_chart(row))]
    for chart in charts[:_OPEN_CHARTS]:
        yield from chart
    if len(charts) > _OPEN_CHARTS:
        yield f"<details><summary>{pluralize(len(charts) - _OPEN_CHARTS, 'more chart')}</summary>\n"
        for chart in charts[_OPEN_CHARTS:]:
            yield from chart
        yield "</details>\n"


def _judged(decision: CanaryDecision) -> Iterator[str]:
    yield "<details><summary>What was judged</summary>\n"
    for row in decision.cohorts[:MAX_ROWS]:
        yield (
            f"- cohort {code(row.name, 100)} since {moment_text(row.start)}: {pluralize(row.sessions, 'session')} on "
            f"{pluralize(row.days, 'full day')}"
        )
    yield f"- sessions: {markdown(decision.telemetry, 200)}"
    for lane, mark in decision.watermarks.items():
        yield f"- {code(lane)} lane complete until {moment_text(mark)}"
    if decision.commit:
        yield f"- commit {code(decision.commit)}"
    yield f"- {code(decision.manifest.name, 120)} sha256 {code(decision.manifest.digest.get('sha256', ''))}"
    if decision.deadline:
        yield f"- a person decides after {moment_text(decision.deadline)}"
    yield "\n</details>"
