"""The SOQL that counts a day's sessions by the words of the mapping.

SOQL has no CASE: sessions are grouped by the fields as they are, and their words are understood here. A query with
GROUP BY has at most 2,000 rows and no further pages, so that a day with more is asked for in parts.
Source: SOQL and SOSL Reference, "Considerations for GROUP BY".
"""

from datetime import UTC, datetime

from wavegate.salesforce.org import literal
from wavegate.telemetry.mapping.values import CohortBy, TelemetryMapping
from wavegate.telemetry.session_relation import agent_words
from wavegate.telemetry.source import LookRequest

MAX_GROUPS = 2_000
ROLES = ("agent", "version", "endType", "channel", "cohort", "user", "severity", "confirmed")
"""Columns by which sessions are grouped, where the mapping has and needs them."""


def grouped_fields(mapping: TelemetryMapping) -> tuple[str, ...]:
    """The fields to group by; a field that has two roles occurs once, since SOQL refuses a duplicate."""
    columns = mapping.tables["session"].columns
    by = mapping.cohort.by if mapping.cohort else None
    unused = {role for role, needs in (("cohort", CohortBy.COLUMN), ("user", CohortBy.USER)) if needs is not by}
    return tuple(dict.fromkeys(columns[role] for role in ROLES if role in columns and role not in unused))


def count_query(mapping: TelemetryMapping, request: LookRequest, start: datetime, end: datetime) -> str:
    """Sessions that start between two moments, by group: `f0`, `f1` …, `n`, `newest_start` and `newest_end`."""
    columns = mapping.tables["session"].columns
    fields = grouped_fields(mapping)
    selected = [f"{field} f{index}" for index, field in enumerate(fields)]
    selected += [f"COUNT({columns['id']}) n", f"MAX({columns['start']}) newest_start"]
    if "end" in columns:
        selected.append(f"MAX({columns['end']}) newest_end")
    return (
        f"SELECT {', '.join(selected)} FROM {mapping.tables['session'].name} "  # noqa: S608 - names are checked
        f"WHERE {columns['start']} >= {moment(start)} AND {columns['start']} < {moment(end)} "
        f"AND {_agents(mapping, request)} GROUP BY {', '.join(fields)}"
    )


def future_query(mapping: TelemetryMapping, request: LookRequest) -> str:
    """The number of sessions that start after the look."""
    columns = mapping.tables["session"].columns
    return (
        f"SELECT COUNT({columns['id']}) n FROM {mapping.tables['session'].name} "  # noqa: S608
        f"WHERE {columns['start']} > {moment(request.now)} AND {_agents(mapping, request)}"
    )


def without_time_query(mapping: TelemetryMapping, request: LookRequest) -> str:
    """The number of sessions without a start time that were created since the first day asked for."""
    columns = mapping.tables["session"].columns
    return (
        f"SELECT COUNT({columns['id']}) n FROM {mapping.tables['session'].name} "  # noqa: S608
        f"WHERE {columns['start']} = null AND CreatedDate >= {request.since.isoformat()}T00:00:00Z "
        f"AND {_agents(mapping, request)}"
    )


def moment(value: datetime) -> str:
    """A moment as SOQL has it, to the second."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _agents(mapping: TelemetryMapping, request: LookRequest) -> str:
    words = ", ".join(literal(word) for word in agent_words(mapping, request))
    # SOQL refuses IN with an empty list
    return f"{mapping.tables['session'].columns['agent']} IN ({words or literal('')})"
