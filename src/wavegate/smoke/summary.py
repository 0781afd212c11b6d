"""A smoke run as text for the log and as Markdown for the step summary."""

from collections.abc import Sequence

from wavegate.smoke.values import TestReport
from wavegate.text import code, markdown, one_line, pluralize

MAX_REMARKS = 30
"""Remarks that a summary lists; the log has all of them."""


def text_lines(environment: str, tests: Sequence[TestReport]) -> list[str]:
    """One line per test, and one for the total."""
    lines = [f"{one_line(each.test, 60):<40} {_counts(each)}" for each in tests]
    return [*lines, f"Smoke run in {one_line(environment, 60)}: {_counts(_total(tests))}"]


def markdown_summary(environment: str, tests: Sequence[TestReport], remarks: Sequence[str]) -> str:
    """Counts by test, and remarks about the runs. It contains nothing that an agent said."""
    rows = [
        f"| {markdown(each.test, 80)} | {each.runs} | {each.passed} | {each.failed} | {each.errors} "
        f"| {each.violations} |"
        for each in (*tests, _total(tests))
    ]
    shown = [f"- {markdown(each, 300)}" for each in remarks[:MAX_REMARKS]]
    rest = len(remarks) - len(shown)
    return "\n".join(
        [
            f"### Smoke run in {code(environment, 80)}",
            "",
            "| Test | Runs | Passed | Failed | Errors | Violations |",
            "| --- | --: | --: | --: | --: | --: |",
            *rows,
            "",
            *shown,
            *([f"- and {rest} more, in the log"] if rest else []),
            "",
            "This is evidence, not a verdict: the gate judges it.",
        ]
    )


def _counts(each: TestReport) -> str:
    text = f"{each.passed:,} passed, {each.failed:,} failed, {pluralize(each.errors, 'error')}"
    return f"{text}, {pluralize(each.violations, 'policy violation')}" if each.violations else text


def _total(tests: Sequence[TestReport]) -> TestReport:
    return TestReport(
        suite="",
        test="all",
        runs=sum(each.runs for each in tests),
        passed=sum(each.passed for each in tests),
        failed=sum(each.failed for each in tests),
        errors=sum(each.errors for each in tests),
        violations=sum(each.violations for each in tests),
    )
