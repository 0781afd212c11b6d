"""Findings as JSON, in a stable format."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from wavegate.findings.finding import Finding, Severity


def json_report(
    findings: Sequence[Finding], *, files: Sequence[str], verdict: str, more: Mapping[str, Any] | None = None
) -> str:
    """One object: verdict, counts, the checked files, and the findings in the given order. more: further keys."""
    counts = {f"{severity.value}s": sum(each.severity is severity for each in findings) for severity in Severity}
    report = {
        "verdict": verdict,
        **counts,
        "files": list(files),
        **(more or {}),
        "findings": [finding_values(each) for each in findings],
    }
    return json.dumps(report, indent=2)


def finding_values(finding: Finding) -> dict[str, str | int]:
    """One finding as a JSON object."""
    place = finding.location
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "message": finding.message,
        "fix": finding.fix,
    }
