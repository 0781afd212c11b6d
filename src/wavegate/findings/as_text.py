"""Findings as readable text: place, message, the line with a caret, and what to do."""

import unicodedata
from collections.abc import Callable, Sequence

from wavegate.findings.finding import Finding, Location
from wavegate.findings.selection import READABLE, most_important, rest, totals
from wavegate.text import one_line, visible

_WIDTH = 110
"""Characters of a source line that are shown."""

SourceLine = Callable[[Location], str | None]
"""The line of a file that a location is in; None where there is none to show."""


def text_report(findings: Sequence[Finding], source_line: SourceLine, *, files: int) -> str:
    """The worst findings, and a last line that counts all. files: how many were checked."""
    shown = most_important(findings, READABLE)
    told = [_finding(each, source_line(each.location)) for each in shown]
    return "\n".join(filter(None, [*told, rest(findings, shown), totals(findings, files=files)]))


def _finding(finding: Finding, line: str | None) -> str:
    place = finding.location
    where = f"{one_line(place.file)}:{place.line}:{place.column}"
    head = f"{where}: {finding.severity.value}: {one_line(finding.message)} [{finding.rule}]"
    return "\n".join([head, *_frame(place, line), f"  → {one_line(finding.fix)}", ""])


def _frame(place: Location, line: str | None) -> list[str]:
    """The source line with a caret under the column, cut around it where it is long."""
    if line is None or not line.strip():
        return []
    start = max(0, place.column - 1 - _WIDTH // 2) if len(line) > _WIDTH else 0
    before = visible(line[start : place.column - 1])
    shown = before + visible(line[place.column - 1 : start + _WIDTH])
    number = str(place.line)
    return [
        f"  {number} | {one_line(shown, 2 * _WIDTH)}",
        f"  {' ' * len(number)} | {' ' * _columns(before)}^",
    ]


def _columns(text: str) -> int:
    """Columns that a terminal uses for the text."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(each) in "WF" for each in text)
    return len(text) + wide - sum(unicodedata.combining(each) > 0 for each in text)
