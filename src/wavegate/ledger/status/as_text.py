"""A status as terminal lines."""

from collections.abc import Iterator

from wavegate.ledger.moment import moment_text
from wavegate.ledger.status.lines import StatusLine, headline, hold_lines, live_lines
from wavegate.ledger.status.values import EnvironmentStatus, StatusReport
from wavegate.text import one_line

_WIDTH = 13


def status_text(report: StatusReport) -> str:
    """Readable lines, in the order of promotion, holds first."""
    return "\n".join(_lines(report))


def moment_note(report: StatusReport) -> str:
    """Which moment the report is about and what was assumed; '' for now."""
    if report.at is None:
        return ""
    assumed = f" ({report.assumed})" if report.assumed else ""
    return f"As of {moment_text(report.at)}{assumed}, by GitHub's clock."


def _lines(report: StatusReport) -> Iterator[str]:
    if note := moment_note(report):
        yield note
    for status in report.environments:
        yield from _environment(status)


def _environment(status: EnvironmentStatus) -> Iterator[str]:
    yield one_line(headline(status))
    for line in hold_lines(status):
        yield from _shown(line)
    for line in live_lines(status):
        yield from _shown(line)


def _shown(line: StatusLine) -> Iterator[str]:
    links = " ".join(url for _, url in line.links if url)
    yield one_line(f"  {line.label:{_WIDTH}} {line.text} {links}".rstrip(), 1500)
    if line.fix:
        yield one_line(f"  {'':{_WIDTH}} → {line.fix}")
