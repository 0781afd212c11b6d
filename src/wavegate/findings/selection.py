"""Which findings are shown where nobody would read, or GitHub not show, all of them; and how they are counted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice

from wavegate.findings.finding import Finding, Severity, worst_first
from wavegate.text import pluralize

MAX_ANNOTATIONS = 10
"""Annotations of one level that GitHub shows for a step; it drops the rest in silence."""
ANNOTATED = dict.fromkeys(Severity, MAX_ANNOTATIONS)
READABLE = {Severity.ERROR: 200, Severity.WARNING: 50, Severity.NOTICE: 50}
"""Findings that a person still reads, in a log or a summary."""


def most_important(findings: Sequence[Finding], most: Mapping[Severity, int]) -> list[Finding]:
    """The first findings of each severity by place, worst first. most: how many of each."""
    ordered = sorted(findings, key=worst_first)
    return [
        found
        for severity, limit in most.items()
        for found in islice((each for each in ordered if each.severity is severity), limit)
    ]


def totals(findings: Sequence[Finding], *, files: int) -> str:
    """How many findings there are: '2 errors and 1 notice in 4 files.'"""
    return f"{_counted(Counter(each.severity for each in findings))} in {pluralize(files, 'file')}."


def rest(findings: Sequence[Finding], shown: Sequence[Finding]) -> str:
    """How many findings are not among those shown, and where they are; '' where all are."""
    hidden = Counter(each.severity for each in findings) - Counter(each.severity for each in shown)
    return f"Not shown: {_counted(hidden)} more. `--format json` lists all." if hidden else ""


def _counted(counts: Mapping[Severity, int]) -> str:
    said = [pluralize(counts[severity], severity.value) for severity in Severity if counts[severity]]
    return " and ".join(filter(None, (", ".join(said[:-1]), *said[-1:]))) or "No findings"
