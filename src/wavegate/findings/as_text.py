"""Findings as readable text: location, message, the source line with a caret, and the fix."""

import unicodedata
from collections.abc import Callable, Sequence

from wavegate.findings.finding import HIDDEN_LINES, Finding, Location
from wavegate.findings.selection import READABLE, most_important, rest, totals
from wavegate.text import one_line, visible

_WIDTH = 110
"""Characters shown of a source line."""

SourceLine = Callable[[Location], str | None]
"""Returns the source line at a location; None if there is no line to show."""


def text_report(findings: Sequence[Finding], source_line: SourceLine, *, files: int) -> str:
    """The worst findings, then a line with the totals. files: the number of files that were checked."""
    shown = most_important(findings, READABLE)
    blocks = [_finding(each, source_line(each.location)) for each in shown]
    return "\n".join(filter(None, [*blocks, rest(findings, shown), totals(findings, files=files)]))


def _finding(finding: Finding, line: str | None) -> str:
    place = finding.location
    where = f"{one_line(place.file)}:{place.line}:{place.column}"
    head = f"{where}: {finding.severity.value}: {one_line(finding.message)} [{finding.rule}]"
    return "\n".join(
        [head, *([] if finding.rule in HIDDEN_LINES else _frame(place, line)), f"  → {one_line(finding.fix)}", ""]
    )


def _frame(place: Location, line: str | None) -> list[str]:
    """The source line with a caret under the column. A long line is cut around the column."""
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
    """The number of columns that the text takes up in a terminal."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(each) in "WF" for each in text)
    return len(text) + wide - sum(unicodedata.combining(each) > 0 for each in text)
