"""Which findings become annotations: GitHub shows ten of each severity for a step and drops the rest in silence."""

from collections.abc import Sequence
from itertools import islice

from wavegate.model.finding import Finding, Severity, worst_first

MOST = 10
"""Annotations of one severity that GitHub shows for a step."""


def most_important(findings: Sequence[Finding]) -> list[Finding]:
    """The findings to annotate, worst first, within the platform's limits."""
    ordered = sorted(findings, key=worst_first)
    return [found for severity in Severity for found in islice((e for e in ordered if e.severity is severity), MOST)]
