"""SARIF with the lines of a source's files."""

from collections.abc import Sequence

from wavegate.files.source import Source
from wavegate.findings.as_sarif import sarif_report
from wavegate.findings.finding import Finding, Location


def sarif_of(findings: Sequence[Finding], source: Source) -> str:
    """The findings as SARIF. source: the commit that their places are in."""
    contents = source.read({each.location.file for each in findings})
    lines = {path: data.decode("utf-8", "replace").splitlines() for path, data in contents.items()}

    def source_line(location: Location) -> str | None:
        found = lines.get(location.file, [])
        return found[location.line - 1] if location.line <= len(found) else None

    return sarif_report(findings, source_line)
