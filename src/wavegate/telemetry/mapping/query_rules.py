"""Rules for the queries of business metrics: one that reads, with the columns and placeholders that are needed."""

import re
from collections.abc import Iterator

from wavegate.findings.finding import Finding, Locate, error
from wavegate.telemetry.mapping.values import BusinessQuery, SourceKind, TelemetryMapping
from wavegate.text import join_names

COLUMNS = ("day", "cohort", "good", "n")
PLACEHOLDERS = ("{since}", "{until}")
_WRITES = {
    *("insert", "update", "delete", "merge", "create", "drop", "alter", "truncate", "copy", "attach", "install"),
    *("load", "pragma", "call", "export", "import", "into"),
}
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|\{[^{}]*\}|\w+|\S", re.DOTALL)


def query_findings(mapping: TelemetryMapping, locate: Locate) -> Iterator[Finding]:
    """What is wrong with the queries of the business metrics."""
    for metric in mapping.business:
        if found := _problem(mapping, metric):
            yield error("telemetry/metric-query", locate("metrics", metric.name, "query"), *found)


def _problem(mapping: TelemetryMapping, metric: BusinessQuery) -> tuple[str, str] | None:
    """What is wrong with a query, and what to do."""
    if mapping.source is SourceKind.FILES:
        return (
            f"The metric `{metric.name}` is a query, and nothing runs one on exported files.",
            "Use `source: data-cloud` or `source: soql`, or delete the metric here and in `canary.metrics`.",
        )
    problem = query_problem(metric.query, mapping.source)
    fix = (
        "Write one SELECT with the result columns `day`, `cohort`, `good` and `n`, bounded by `{since}` and "
        "`{until}`, which is exclusive."
    )
    return (f"The query of `{metric.name}` {problem}.", fix) if problem else None


def query_problem(query: str, source: SourceKind) -> str | None:
    """Why a query cannot be that of a business metric; None if it can."""
    tokens = _TOKEN.findall(query.strip().removesuffix(";"))
    outside = [each.lower() for each in tokens if each[0] not in "'\"" and not each.startswith(("--", "/*"))]
    starts = ("select",) if source is SourceKind.SOQL else ("select", "with")
    if not outside or outside[0] not in starts:
        return "does not start with SELECT"
    if ";" in outside:
        return "has more than one statement"
    if writes := sorted(_WRITES & set(outside)):
        return f"has `{writes[0].upper()}`, which changes something"
    names = {*outside, *(each.strip('"').lower() for each in tokens if each.startswith('"'))}
    if absent := [each for each in COLUMNS if each not in names]:
        return f"has no column {join_names(absent)}"
    return _wrong_placeholder(query)


def _wrong_placeholder(query: str) -> str | None:
    if absent := [each for each in PLACEHOLDERS if each not in query]:
        return f"is not bounded by {join_names(absent)}"
    unknown = [each for each in re.findall(r"\{[^{}]*\}", query) if each not in PLACEHOLDERS]
    return f"has the unknown placeholder {unknown[0]}" if unknown else None
