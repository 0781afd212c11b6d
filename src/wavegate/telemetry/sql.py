"""The queries that sum sessions up, in the SQL that DuckDB and Data Cloud share.

Data Cloud's SQL is Hyper's, near PostgreSQL: no FILTER, QUALIFY, GROUP BY ALL or `::`, and LOG has base 10 there, so
that buckets are computed with LN. Every name and word of a mapping is quoted.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from wavegate.telemetry.mapping.values import CohortBy, SessionEnd, TelemetryMapping
from wavegate.telemetry.session_relation import (
    SessionRelation,
    agent_words,
    column_of,
    end_words,
    known_words,
    text_of,
)
from wavegate.telemetry.source import LookRequest
from wavegate.telemetry.sql_words import is_any, quote_name, quote_text, quote_time
from wavegate.telemetry.values import OTHERS, UNKNOWN_LATENCY, Reject

SEVERITIES = ("critical", "high", "medium", "low")
UNKNOWN_PLACES = ("endTypes", "severities", "channels")
"""Places of words that a mapping may not know; the sums have a column for each."""
REJECT_BUCKETS = {
    -2: Reject.NOT_A_NUMBER,
    -3: Reject.NEGATIVE,
    -4: Reject.FUTURE,
    -5: Reject.NO_TIME,
    -6: Reject.NO_ID,
}
"""Rows that do not count are groups of their own, with a number below UNKNOWN_LATENCY in place of the bucket."""
KEYS = ("cohort", "agent", "version", "day", "bucket")
COUNTS = (
    "sessions",
    "good",
    "escalated",
    *(f"{severity}_{kind}" for severity in SEVERITIES for kind in ("confirmed", "all")),
    *(f"unknown_{place}" for place in UNKNOWN_PLACES),
)
COLUMNS = (*KEYS, *COUNTS, "newest_start", "newest_end")
"""Columns of `sums_sql`, in this order. agent: the word of the agent column, which `mapping.agents` may translate."""

_LATEST_MILLISECONDS = "1000000000000"
_WORDS = {
    "endTypes": "endType",
    "severities": "severity",
    "confirmed": "confirmed",
    "channels": "channel",
    "confirmedSeverity": "confirmedSeverity",
}
"""Columns by the place in which the mapping has their words."""


def sums_sql(relation: SessionRelation, mapping: TelemetryMapping, request: LookRequest) -> str:
    """The query of daily sums; its columns are COLUMNS, its rows are for `telemetry.sums.collect`."""
    return sums_of(f"({grouped_sql(relation, mapping, request)})", relation, mapping)


def unknown_sql(relation: SessionRelation, mapping: TelemetryMapping, request: LookRequest, place: str) -> str:
    """The words of a place that the mapping does not know, as rows of word and sessions, the most frequent first."""
    return unknown_of(f"({grouped_sql(relation, mapping, request)})", relation, mapping, place)


def grouped_sql(
    relation: SessionRelation,
    mapping: TelemetryMapping,
    request: LookRequest,
    *,
    keys: Iterable[str] = (),
    sums: Mapping[str, str] | None = None,
) -> str:
    """The rows counted by day, cohort and every word that they have: few groups, whatever the words mean.

    It is faster than counting by what the words mean, since few groups are left then. keys: further columns of the
    relation to group by. sums: further aggregates by name; they may use the columns "id" and "cohort".
    """
    columns = _grouped(relation, mapping, request) | {name: column_of(name) for name in keys}
    names = ", ".join(map(quote_name, columns))
    times = {role: column_of(role) for role in ("start", "end") if role in relation.roles}
    counts = {"sessions": "COUNT(*)", **{f"newest_{role}": f"MAX({quote_name(role)})" for role in times}}
    inner = _named(columns | {"id": column_of("id")} | times)
    where = conditions_sql(relation, mapping, request)
    return (
        f"SELECT {names}, {_named(counts | dict(sums or {}))} "  # noqa: S608 - quoted here
        f'FROM (SELECT {inner} FROM {_from(relation, mapping, request)} WHERE {where}) AS "rows" GROUP BY {names}'
    )


def sums_of(grouped: str, relation: SessionRelation, mapping: TelemetryMapping) -> str:
    """The query of daily sums over the groups of `grouped_sql`: a table's quoted name, or a query in parentheses."""
    keys = ", ".join(map(quote_name, KEYS))
    counts = _named(_counts(relation, mapping))
    return f'SELECT {keys}, {counts} FROM {grouped} AS "groups" GROUP BY {keys}'  # noqa: S608 - quoted here


def unknown_of(grouped: str, relation: SessionRelation, mapping: TelemetryMapping, place: str) -> str:
    """The unknown words of a place among the groups of `grouped_sql`."""
    word, known = f"COALESCE({quote_name(place)}, '')", known_words(relation, mapping)[place]
    return (
        f'SELECT {word} AS "word", SUM("sessions") AS "sessions" FROM {grouped} AS "groups" '  # noqa: S608
        f'WHERE "bucket" >= {UNKNOWN_LATENCY} AND NOT ({is_any(word, known)}) '
        f"GROUP BY {word} ORDER BY 2 DESC, 1 LIMIT 20"
    )


def cohort_sql(relation: SessionRelation, mapping: TelemetryMapping, request: LookRequest) -> str:
    """The expression of a row's cohort, OTHERS for a row in none."""
    cohort = mapping.cohort
    if cohort is None or (cohort.by is CohortBy.USER and not request.users):
        return quote_text(OTHERS)
    if cohort.by is CohortBy.USER:
        return f'COALESCE("members"."cohort", {quote_text(OTHERS)})'
    role = "cohort" if cohort.by is CohortBy.COLUMN else "channel"
    column = text_of(role, relation)
    if not cohort.values:
        return column
    if role in relation.roles and not any("" in words for words in cohort.values.values()):
        column = column_of(role)  # a missing value equals no word anyway
    cases = [(is_any(column, words), quote_text(name)) for name, words in sorted(cohort.values.items())]
    return f"{_case(cases)} ELSE {quote_text(OTHERS)} END"


def _from(relation: SessionRelation, mapping: TelemetryMapping, request: LookRequest) -> str:
    """The rows, with the cohorts of their users where cohorts are found by user."""
    if mapping.cohort is None or mapping.cohort.by is not CohortBy.USER or not request.users:
        return f'{relation.source} AS "sessions"'
    rows = ", ".join(f"({quote_text(user)}, {quote_text(name)})" for user, name in sorted(request.users.items()))
    members = f'(VALUES {rows}) AS "members" ("member", "cohort")'
    user = column_of("user")
    return f'{relation.source} AS "sessions" LEFT JOIN {members} ON SUBSTR({user}, 1, 15) = "members"."member"'


def conditions_sql(relation: SessionRelation, mapping: TelemetryMapping, request: LookRequest) -> str:
    """Which rows are looked at, as one condition."""
    return " AND ".join(_conditions(relation, mapping, request))


def _conditions(relation: SessionRelation, mapping: TelemetryMapping, request: LookRequest) -> Iterator[str]:
    """Which rows are looked at: those of the agents and days asked for, without what does not count as a session.

    Rows without a time are among them, to be counted as rejects.
    """
    yield is_any(column_of("agent"), agent_words(mapping, request))
    yield f"({column_of('start')} >= {quote_time(request.first)} OR {column_of('start')} IS NULL)"
    if mapping.excluded_channels and "channel" in relation.roles:
        # COALESCE over each row costs more than a second condition
        channel = column_of("channel")
        yield f"({channel} IS NULL OR NOT ({is_any(channel, mapping.excluded_channels)}))"
    ignored = end_words(mapping, SessionEnd.IGNORED)
    if ignored and "endType" in relation.roles:
        yield f"NOT ({is_any(text_of('endType', relation), ignored)})"


def _grouped(relation: SessionRelation, mapping: TelemetryMapping, request: LookRequest) -> dict[str, str]:
    """The columns that rows are grouped by: the keys of a sum, and the words as they are.

    A missing version stays NULL here, as the words do: expressions over them cost time for each row.
    """
    values = (
        cohort_sql(relation, mapping, request),
        column_of("agent"),
        column_of("version") if "version" in relation.roles else "''",
        f"CAST({column_of('start')} AS DATE)",
        _bucket(relation, request.now),
    )
    known = {*known_words(relation, mapping), "confirmed", "confirmedSeverity"}
    places = {place: column_of(role) for place, role in _WORDS.items() if place in known and role in relation.roles}
    return dict(zip(KEYS, values, strict=True)) | places


def _named(expressions: Mapping[str, str]) -> str:
    return ", ".join(f"{text} AS {quote_name(name)}" for name, text in expressions.items())


def _bucket(relation: SessionRelation, now: datetime) -> str:
    """As `statistics.comparison.latency_bucket`, and the numbers of REJECT_BUCKETS.

    The usual row is recognized first: a database then looks at nothing else for it.
    """
    id_, start, end = column_of("id"), column_of("start"), column_of("end")
    late = f"{start} > {quote_time(now)}"
    usual = f"{id_} <> '' AND {start} <= {quote_time(now)}"
    if "end" in relation.roles:
        late += f" OR {end} > {quote_time(now)}"
        usual += f" AND ({end} <= {quote_time(now)} OR {end} IS NULL)"
    rejects = [(f"{id_} IS NULL OR {id_} = ''", "-6"), (f"{start} IS NULL", "-5"), (late, "-4")]
    if "latency" not in relation.roles:
        return f"{_case([(usual, str(UNKNOWN_LATENCY)), *rejects])} ELSE {UNKNOWN_LATENCY} END"
    latency = column_of("latency")
    usual += f" AND {latency} > 1 AND {latency} <= {_LATEST_MILLISECONDS}"
    bucket = f"CAST(FLOOR(LN({latency}) / LN(1.02)) AS INTEGER)"
    rejects += [
        (f"{latency} IS NULL", str(UNKNOWN_LATENCY)),
        # not a number comes first: it compares as larger than all numbers
        (f"{latency} = CAST('NaN' AS DOUBLE PRECISION) OR {latency} > {_LATEST_MILLISECONDS}", "-2"),
        (f"{latency} < 0", "-3"),
    ]
    return f"{_case([(usual, bucket), *rejects])} ELSE 0 END"


def _case(cases: Iterable[tuple[str, str]]) -> str:
    return "CASE " + " ".join(f"WHEN {condition} THEN {value}" for condition, value in cases)


def _counts(relation: SessionRelation, mapping: TelemetryMapping) -> dict[str, str]:
    roles = relation.roles
    end, severity_word, confirmed, other_word = (
        f"COALESCE({quote_name(place)}, '')" for place in _WORDS if place != "channels"
    )
    counts = {"sessions": 'SUM("sessions")'}
    for name, meaning in (("good", SessionEnd.GOOD), ("escalated", SessionEnd.ESCALATED)):
        counts[name] = _sum(is_any(end, end_words(mapping, meaning)) if "endType" in roles else "")
    for severity in SEVERITIES:
        words = [word for word, meaning in mapping.severities.items() if meaning == severity]
        found = is_any(severity_word, words) if words and "severity" in roles else ""
        both = f"{found} AND {is_any(confirmed, mapping.confirmed)}" if found and "confirmed" in roles else ""
        if found and "confirmedSeverity" in roles:
            other = is_any(other_word, words)
            found, both = (f"(({text}) OR {other})" for text in (found, both or "1 = 0"))
        counts |= {f"{severity}_confirmed": _sum(both), f"{severity}_all": _sum(found)}
    known = known_words(relation, mapping)
    for place in UNKNOWN_PLACES:
        word = f"COALESCE({quote_name(place)}, '')"
        strange = f"NOT ({is_any(word, known[place])})" if place in known else ""
        counts[f"unknown_{place}"] = _sum(strange)
    for role in ("start", "end"):
        counts[f"newest_{role}"] = f"MAX({quote_name(f'newest_{role}')})" if role in roles else "NULL"
    return counts


def _sum(condition: str) -> str:
    """The number of sessions that meet a condition; 0 without one."""
    return f'SUM(CASE WHEN {condition} THEN "sessions" ELSE 0 END)' if condition else "0"
