"""Findings as the step summary's Markdown."""

from collections.abc import Sequence

from wavegate.model.finding import Finding, Severity
from wavegate.report.findings_text import totals
from wavegate.text import clip, code, markdown

_MOST = 500
"""Rows; more would not help a reader, and the log has all."""
_SIGN = {Severity.ERROR: "❌ error", Severity.WARNING: "⚠️ warning", Severity.NOTICE: "💡 notice"}


def markdown_report(findings: Sequence[Finding], *, files: int, passed: bool) -> str:
    """A heading with the verdict, and a table of the findings in the given order."""
    verdict = "✅ wavegate validate: pass" if passed else "❌ wavegate validate: fail"
    lines = [f"### {verdict}", "", totals(findings, files=files), ""]
    if findings:
        lines += [
            "| | Where | What | What to do |",
            "|---|---|---|---|",
            *(_row(each) for each in findings[:_MOST]),
            "",
        ]
    if len(findings) > _MOST:
        lines += [f"The log has {len(findings) - _MOST:,} more.", ""]
    return "\n".join(lines)


def _row(finding: Finding) -> str:
    place = finding.location
    where = code(f"{place.file}:{place.line}:{place.column}")
    what = f"{_with_code(finding.message)}<br><sub>{finding.rule}</sub>"
    return f"| {_SIGN[finding.severity]} | {where} | {what} | {_with_code(finding.fix)} |"


def _with_code(message: str) -> str:
    """The message with what it quotes in backticks as code. A backtick within a quote shifts this, to no harm."""
    pieces = clip(message, 800).split("`")
    return "".join(code(piece) if index % 2 else markdown(piece) for index, piece in enumerate(pieces))
