"""A history as terminal lines."""

from collections.abc import Iterator

from wavegate.ledger.moment import moment_text
from wavegate.ledger.trail.values import HistoryReport, TrailEntry
from wavegate.ledger.trail.words import metric_rows, notes, what, why
from wavegate.text import one_line


def history_text(report: HistoryReport) -> str:
    """The numbers of each environment, then one line per entry, newest first."""
    return "\n".join(_lines(report))


def _lines(report: HistoryReport) -> Iterator[str]:
    yield from (one_line(each) for each in notes(report))
    for metrics in report.metrics:
        yield one_line(metrics.environment)
        yield from (one_line(f"  {name:21} {value}") for name, value in metric_rows(metrics))
    for entry in report.entries:
        yield one_line(_entry(entry), 1500)


def _entry(entry: TrailEntry) -> str:
    content = f"content {entry.content[:12]}" if entry.content else ""
    parts = [
        f"{moment_text(entry.time)}  {entry.environment}  {what(entry)}",
        f"by {entry.actor or 'unknown'}",
        why(entry),
        " ".join(filter(None, (content, f"commit {entry.commit[:12]}"))),
        entry.page,
        entry.run,
    ]
    return "  ".join(filter(None, parts))
