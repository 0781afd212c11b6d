"""Rules for a telemetry file that its schema cannot express."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from wavegate.findings.finding import Finding, Locate, error
from wavegate.telemetry.mapping.query_rules import query_findings
from wavegate.telemetry.mapping.values import LINKS, CohortBy, SourceKind, TableMapping, TelemetryMapping
from wavegate.text import join_names

Values = Mapping[str, Any]

_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SOQL_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*){0,5}")
_EMPTY = TableMapping()


def mapping_findings(mapping: TelemetryMapping, values: Values, locate: Locate) -> Iterator[Finding]:
    """All problems of a telemetry file that can be found without other files. values: of the file."""
    yield from _repeated_words(values, locate)
    yield from _unused(mapping, values, locate)
    yield from _missing(mapping, locate)
    yield from _meanings(mapping, values, locate)
    yield from _names(mapping, locate)
    yield from query_findings(mapping, locate)


def _repeated_words(values: Values, locate: Locate) -> Iterator[Finding]:
    """Words that mean two things."""
    places: list[tuple[tuple[str, ...], Mapping[str, list[str]]]] = [
        *(((key,), values.get(key, {})) for key in ("agents", "endTypes", "severities")),
        (("cohort", "values"), values.get("cohort", {}).get("values", {})),
    ]
    for place, lists in places:
        first: dict[str, str] = {}
        for meaning, words in lists.items():
            for index, word in enumerate(words):
                if first.setdefault(word, meaning) != meaning:
                    message = f"`{word}` is listed under both `{first[word]}` and `{meaning}`."
                    where = locate(*place, meaning, index)
                    yield error("telemetry/repeated-word", where, message, "Keep it in one of the two lists.")


def _unused(mapping: TelemetryMapping, values: Values, locate: Locate) -> Iterator[Finding]:
    """Settings that the source does not read."""
    rule = "telemetry/unused-setting"
    if mapping.files and mapping.source is not SourceKind.FILES:
        message = f"`files` has no effect: the source is `{mapping.source}`."
        yield error(rule, locate("files", key=True), message, "Delete it, or set `source: files`.")
    for role in values.get("tables", {}) if mapping.source is not SourceKind.DATA_CLOUD else ():
        if role != "session":
            message = f"The table `{role}` has no effect: the source `{mapping.source}` reads `session` only."
            yield error(rule, locate("tables", role, key=True), message, "Name its columns under `session`.")
    if mapping.source is SourceKind.SOQL and _has(mapping, "session", "latency"):
        message = "`latency` has no effect: SOQL cannot count sessions by a range of numbers."
        fix = "Delete it, or use files or Data Cloud for latencies."
        yield error(rule, locate("tables", "session", "columns", "latency", key=True), message, fix)
    if mapping.cohort and mapping.cohort.by is CohortBy.USER and mapping.cohort.values:
        message = "`values` has no effect: the users of a cohort are read from the org."
        fix = "Delete it, or set `by: column` or `by: channel`."
        yield error(rule, locate("cohort", "values", key=True), message, fix)


def _missing(mapping: TelemetryMapping, locate: Locate) -> Iterator[Finding]:
    """Columns, tables and files that the source cannot do without."""
    rule = "telemetry/missing-column"
    if mapping.source is SourceKind.FILES and not mapping.files:
        message = "The source is `files`, and no file is named."
        yield error("telemetry/no-files", locate("source"), message, "Add `files:` with their paths or patterns.")
    for role, alternatives, why in _needed(mapping):
        if not any(_has(mapping, *each) for each in alternatives):
            wanted = " or ".join(f"`{column}` of `{table}`" for table, column in alternatives)
            message = f"There is no column {wanted}, {why}."
            yield error(rule, locate("tables", role, key=True), message, "Name the column under `tables`.")
    if problem := broken_chain(mapping):
        yield error(rule, locate("tables", "violation"), problem, "Name the columns, or set `violation: none`.")


def _has(mapping: TelemetryMapping, table: str, column: str) -> bool:
    return column in mapping.tables.get(table, _EMPTY).columns


def _needed(mapping: TelemetryMapping) -> Iterator[tuple[str, list[tuple[str, str]], str]]:
    """A table's role, the columns of which one is needed, and what it is needed for."""
    yield "session", [("session", "id")], "by which sessions are counted"
    yield "session", [("session", "start")], "which says to which day a session belongs"
    yield "session", [("session", "agent"), ("participant", "agent")], "which says who answered"
    for table, columns in (("participant", ("session",)), ("interaction", ("session", "start", "end"))):
        for column in columns if table in mapping.tables else ():
            yield table, [(table, column)], "without which the table is of no use"
    if "violation" in mapping.tables:
        yield "violation", [("violation", "severity")], "without which the table is of no use"
    if mapping.cohort:
        yield "session", _cohort_columns(mapping.cohort.by), f"and cohorts are found by {mapping.cohort.by}"


def _cohort_columns(by: CohortBy) -> list[tuple[str, str]]:
    match by:
        case CohortBy.COLUMN:
            return [("session", "cohort")]
        case CohortBy.CHANNEL:
            return [("session", "channel")]
        case CohortBy.USER:
            return [("session", "user"), ("participant", "user")]


def violation_chain(mapping: TelemetryMapping) -> tuple[TableMapping, ...]:
    """The tables from a violation to its session: the violation's own, then those of LINKS up to one with a session.

    Empty without a table of violations.
    """
    if "violation" not in mapping.tables:
        return ()
    tables = [mapping.tables["violation"], *(mapping.tables[role] for role in LINKS if role in mapping.tables)]
    last = next((index for index, each in enumerate(tables) if "session" in each.columns), len(tables) - 1)
    return tuple(tables[: last + 1])


def broken_chain(mapping: TelemetryMapping) -> str | None:
    """Why violations cannot be counted with their sessions; None if they can, or there are none."""
    chain = violation_chain(mapping)
    if chain and "session" not in chain[-1].columns:
        return "No table leads from violations to their sessions."
    for index, table in enumerate(chain):
        wanted = {"parent"} if index < len(chain) - 1 else set()
        wanted |= {"id"} if index else set()
        if absent := sorted(wanted - table.columns.keys()):
            return f"`{table.name}` has no column {join_names(absent)} to lead from violations to their sessions."
    return None


def _meanings(mapping: TelemetryMapping, values: Values, locate: Locate) -> Iterator[Finding]:
    """Columns whose words nobody explained, and words without a column."""
    rule = "telemetry/no-meaning"
    severity = _has(mapping, "session", "severity") or _has(mapping, "violation", "severity")
    for key, column, known, present in (
        ("endTypes", "endType", mapping.outcomes, _has(mapping, "session", "endType")),
        ("severities", "severity", mapping.severities, severity),
    ):
        if present and not known:
            message = f"`{key}` does not say what the words of the column `{column}` mean."
            fix = f"Add `{key}:`, or set the column to `none`. `wavegate telemetry discover` lists the words."
            yield error(rule, locate("tables"), message, fix)
        if not present and key in values:
            message = f"`{key}` has no effect: there is no column `{column}`."
            fix = f"Name the column under `tables`, or delete `{key}`."
            yield error("telemetry/unused-setting", locate(key, key=True), message, fix)


def _names(mapping: TelemetryMapping, locate: Locate) -> Iterator[Finding]:
    """Columns that no object can have."""
    if mapping.source is SourceKind.FILES:
        return
    form = _SOQL_FIELD if mapping.source is SourceKind.SOQL else _FIELD
    for role, table in mapping.tables.items():
        for column, name in table.columns.items():
            if not form.fullmatch(name):
                message = f"`{name}` cannot be a field of `{table.name}`."
                fix = "Write the field's API name: letters, digits and _."
                yield error("telemetry/invalid-name", locate("tables", role, "columns", column), message, fix)
        if not table.name:
            message = f"The table `{role}` has no name."
            yield error("telemetry/invalid-name", locate("tables", role), message, "Add `name:`.")
