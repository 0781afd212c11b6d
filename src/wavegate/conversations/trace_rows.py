"""Rows of the objects of Agentforce session tracing, from the shapes in which they are exported.

A table is a list of objects, a reply of the Data Cloud query API (`metadata` and `data`), one of the query resource
(`records`), or a CSV file. Its name and those of its columns differ between orgs: `ssot__AIAgentSession__dlm`,
`ssot__AiAgentSession__dlm` and `std__AiAgentSessionDmo__dlm` are one object.
Sources: help.salesforce.com, "Data Model for Agentforce Session Tracing"; developer.salesforce.com, "Ai Agent Session
DMO" and its neighbours, "Query API v2".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wavegate.conversations.problems import duplicate, incomplete, malformed
from wavegate.findings.finding import Finding, Location
from wavegate.telemetry.discover.catalogue import fold

TABLES = {
    "aiagentsession": "session",
    "aiagentsessionparticipant": "participant",
    "aiagentinteraction": "interaction",
    "aiagentinteractionstep": "step",
    "aiagentinteractionmessage": "message",
    "session": "session",
    "sessions": "session",
    "participant": "participant",
    "participants": "participant",
    "interaction": "interaction",
    "interactions": "interaction",
    "step": "step",
    "steps": "step",
    "message": "message",
    "messages": "message",
}
"""The role of a table by its folded name."""
_COPY = re.compile(r"[ _-]{0,3}\(?[0-9]{1,6}\)?$")
"""What a browser or a split export adds to the name of a file."""
SENTINELS = frozenset({"", "not_set", "none", "null", "undefined"})
"""What stands for no value, by case-folded word."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TraceRow:
    """A row. values: by folded column, without columns that have no value. place: its file and line."""

    values: Mapping[str, str]
    place: Location

    def get(self, *columns: str) -> str:
        """The value of the first of these columns that has one; '' if none has."""
        return next((self.values[each] for each in columns if each in self.values), "")


@dataclass(kw_only=True, slots=True)
class TraceRows:
    """The rows of all files, by role and id. A row that is exported again is one row."""

    tables: dict[str, dict[str, TraceRow]] = field(default_factory=dict)
    conflicting: dict[str, set[str]] = field(default_factory=dict)
    """Ids by role of rows that two exports tell differently."""
    is_broken: bool = False
    """Whether something could not be read that may belong to any session."""

    def add(self, role: str, row: TraceRow) -> Iterator[Finding]:
        """Add a row; a finding if it contradicts an earlier one. An earlier one without a value is completed."""
        table = self.tables.setdefault(role, {})
        key = row.get("id") or f"row {len(table)} without an id"
        earlier = table.get(key)
        if earlier is None:
            table[key] = row
            return
        if any(row.values.get(name, value) != value for name, value in earlier.values.items()):
            self.conflicting.setdefault(role, set()).add(key)
            place = f"{earlier.place.file}, line {earlier.place.line}"
            message = f"This {role} row has the id of a row in {place} and other values."
            yield duplicate(row.place, message, "Remove the older of the two exports.")
            return
        table[key] = TraceRow(values={**earlier.values, **row.values}, place=earlier.place)


def role_of(name: str) -> str | None:
    """The role of a table, by its name or that of its file; None if it is not an object of session tracing."""
    return TABLES.get(fold(_COPY.sub("", name.lower()).replace(" ", "_").replace("-", "_")))


def tables_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of a document by role; empty if it is not a document of tables. A table of one row may be the row.

    Short names such as `messages` count only together, since many formats have one of them.
    """
    roles = {role: value for name, value in document.items() if (role := role_of(name)) is not None}
    is_named = any(fold(name.lower()).startswith("aiagent") for name in document)
    return roles if is_named or {"interaction", "message"} <= roles.keys() else {}


def rows_of(table: Any, place: Location) -> Iterator[TraceRow | Finding]:
    """The rows of a table in one of its shapes. place: of the table; a row in it is named by its number."""
    match table:
        case {"records": list(records)}:
            if table.get("done") is False:
                yield incomplete(place, "The reply has more pages (`done` is false).", "Export all of its pages.")
                return
            yield from _objects(records, place)
        case {"metadata": metadata, "data": list(data)}:
            yield from _arrays(metadata, data, place)
        case list():
            yield from _objects(table, place)
        case dict():
            yield from _objects([table], place)
        case _:
            yield malformed(place, "A table is neither a list of rows nor a reply of a query.")


def _objects(records: Sequence[Any], place: Location) -> Iterator[TraceRow | Finding]:
    for number, record in enumerate(records, start=1):
        if isinstance(record, dict):
            yield trace_row(record, place)
        else:
            yield malformed(place, f"Row {number} of a table is not an object.")


def _arrays(metadata: Any, data: Sequence[Any], place: Location) -> Iterator[TraceRow | Finding]:
    columns = _columns(metadata)
    if columns is None:
        yield malformed(place, "The columns of a query's reply are not named.")
        return
    for number, record in enumerate(data, start=1):
        if isinstance(record, list) and len(record) == len(columns):
            yield trace_row(dict(zip(columns, record, strict=True)), place)
        else:
            yield malformed(place, f"Row {number} of a reply does not have {len(columns)} columns.")


def _columns(metadata: Any) -> list[str] | None:
    """The columns in order: a list of objects with `name`, or an object of objects with `placeInOrder`."""
    if isinstance(metadata, list) and all(
        isinstance(each, dict) and isinstance(each.get("name"), str) for each in metadata
    ):
        return [each["name"] for each in metadata]
    if isinstance(metadata, dict) and all(
        isinstance(each, dict) and isinstance(each.get("placeInOrder"), int) for each in metadata.values()
    ):
        return sorted(metadata, key=lambda name: metadata[name]["placeInOrder"])
    return None


def trace_row(record: Mapping[str, Any], place: Location) -> TraceRow:
    """A row from its columns as exported. Values other than text are written as in JSON."""
    values = {fold(name.lower()): _text(value) for name, value in record.items() if name != "attributes"}
    return TraceRow(
        values={name: value for name, value in values.items() if value.strip().casefold() not in SENTINELS},
        place=place,
    )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None or isinstance(value, list | dict) else str(value)
