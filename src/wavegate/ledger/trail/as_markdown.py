"""A history as the step summary shows it."""

from collections.abc import Iterator

from wavegate.ledger.moment import moment_text
from wavegate.ledger.trail.values import HistoryReport, TrailEntry
from wavegate.ledger.trail.words import metric_rows, notes, what, why
from wavegate.text import code, link, markdown


def history_markdown(report: HistoryReport) -> str:
    """The numbers of each environment, then one row per entry, newest first."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: HistoryReport) -> Iterator[str]:
    yield from ("## History", "")
    yield from (f"{markdown(each)}\n" for each in notes(report))
    rows = [metric_rows(each) for each in report.metrics]
    if rows:
        yield "| | " + " | ".join(code(each.environment) for each in report.metrics) + " |"
        yield "|---" * (len(rows) + 1) + "|"
    for row in zip(*rows, strict=True):
        yield f"| {row[0][0].capitalize()} | " + " | ".join(markdown(value) for _, value in row) + " |"
    yield from ("", "| Time | Environment | What | Who | Why | Content | Commit | Links |", "|---" * 8 + "|")
    yield from (_row(each, report.repository) for each in report.entries)


def _row(entry: TrailEntry, repository: str) -> str:
    commit = link(entry.commit[:12], f"{repository}/commit/{entry.commit}") if entry.commit else ""
    links = [link(text, url) for text, url in (("page", entry.page), ("run", entry.run)) if url]
    cells = (
        moment_text(entry.time),
        code(entry.environment),
        markdown(what(entry), 300),
        markdown(entry.actor or "unknown", 100),
        markdown(why(entry), 400),
        code(entry.content[:12]) if entry.content else "",
        commit,
        " ".join(links),
    )
    return f"| {' | '.join(cells)} |"
