"""Findings as Markdown, for the step summary."""

from collections.abc import Sequence

from wavegate.findings.finding import Finding, Severity
from wavegate.findings.selection import READABLE, most_important, rest, totals
from wavegate.text import clip, code, markdown

_SIGN = {Severity.ERROR: "❌ error", Severity.WARNING: "⚠️ warning", Severity.NOTICE: "💡 notice"}


_VERDICTS = {"pass": "✅", "fail": "❌", "inconclusive": "❔"}


def markdown_report(
    findings: Sequence[Finding], *, files: int, verdict: str, title: str = "wavegate validate"
) -> str:
    """A heading with the verdict, the totals, and a table of the worst findings.

    verdict: pass, fail or inconclusive.
    """
    lines = [f"### {_VERDICTS[verdict]} {title}: {verdict}", "", totals(findings, files=files), ""]
    if shown := most_important(findings, READABLE):
        lines += ["| | What | What to do |", "|---|---|---|", *map(_row, shown), ""]
    if more := rest(findings, shown):
        lines += [more, ""]
    return "\n".join(lines)


def _row(finding: Finding) -> str:
    place = finding.location
    # no column of its own: a phone would show nothing else
    where = code(f"{place.file}:{place.line}:{place.column}")
    what = f"{_with_code(finding.message)}<br><sub>{finding.rule} · {where}</sub>"
    return f"| {_SIGN[finding.severity]} | {what} | {_with_code(finding.fix)} |"


def _with_code(message: str) -> str:
    """The message with its backtick quotes as code. A backtick inside a quote shifts them, which is harmless."""
    pieces = clip(message, 800).split("`")
    return "".join(code(piece) if index % 2 else markdown(piece) for index, piece in enumerate(pieces))
