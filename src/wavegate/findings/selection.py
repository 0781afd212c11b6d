"""Selects the findings to show when there are too many for a reader or for GitHub, and counts them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice

from wavegate.findings.finding import Finding, Severity, worst_first
from wavegate.text import pluralize

MAX_ANNOTATIONS = 10
"""Annotations of one level that GitHub shows per step; it silently drops the rest."""
ANNOTATED = dict.fromkeys(Severity, MAX_ANNOTATIONS)
READABLE = {Severity.ERROR: 200, Severity.WARNING: 50, Severity.NOTICE: 50}
"""Maximum findings that a log or a summary shows to a reader."""


def most_important(findings: Sequence[Finding], limits: Mapping[Severity, int]) -> list[Finding]:
    """The first findings of each severity by location, worst first. limits: maximum findings of each severity."""
    ordered = sorted(findings, key=worst_first)
    return [
        finding
        for severity, limit in limits.items()
        for finding in islice((each for each in ordered if each.severity is severity), limit)
    ]


def totals(findings: Sequence[Finding], *, files: int) -> str:
    """How many findings there are: '2 errors and 1 notice in 4 files.'"""
    return f"{_counted(Counter(each.severity for each in findings))} in {pluralize(files, 'file')}."


def rest(findings: Sequence[Finding], shown: Sequence[Finding]) -> str:
    """How many findings are not shown, and how to list them; '' if all are shown."""
    hidden = Counter(each.severity for each in findings) - Counter(each.severity for each in shown)
    return f"Not shown: {_counted(hidden)}. Use `--format json` to list all findings." if hidden else ""


def _counted(counts: Mapping[Severity, int]) -> str:
    parts = [pluralize(counts[severity], severity.value) for severity in Severity if counts[severity]]
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:]))) or "No findings"
