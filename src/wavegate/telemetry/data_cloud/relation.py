"""One row for each session, from the tables of session tracing, as a subquery in Hyper's SQL.

Hyper is near PostgreSQL. What is used here is documented for it and runs in DuckDB: joins, GROUP BY, CASE, CAST,
COALESCE, EXTRACT(EPOCH FROM …), REPLACE, SUBSTR, UPPER, MIN, MAX, AVG, AT TIME ZONE.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from wavegate.telemetry.mapping.rules import violation_chain
from wavegate.telemetry.mapping.values import EMPTY_WORDS, IGNORED, TableMapping, TelemetryMapping
from wavegate.telemetry.session_relation import SessionRelation, agent_words
from wavegate.telemetry.source import LookRequest
from wavegate.telemetry.sql import SEVERITIES
from wavegate.telemetry.sql_words import is_any, quote_name, quote_text

_AGENT_ROLE, _USER_ROLE, _TURN = "AGENT", "USER", "TURN"
_TEXTS = ("endType", "channel", "agent", "version", "user", "cohort")
_SESSION_COUNT = '"session_count"'


def relation(mapping: TelemetryMapping, request: LookRequest) -> SessionRelation:
    """The sessions of the agents asked for, without those on two versions and those whose id occurs twice."""
    columns, joins = _parts(mapping, request)
    chosen = ", ".join(f"{text} AS {quote_name(role)}" for role, text in columns.items())
    table = quote_name(mapping.tables["session"].name)
    single = f"({_session_rows(mapping, request)})"
    own_id = _session("id", mapping)
    joined = " ".join([f'LEFT JOIN {single} AS "single" ON "single"."id" = {own_id}', *joins])
    where = f'{_recent(mapping, request)} AND ("single".{_SESSION_COUNT} = 1 OR {own_id} IS NULL)'
    source = f'(SELECT {chosen} FROM {table} AS "s" {joined} WHERE {where})'  # noqa: S608 - names are quoted
    return SessionRelation(source=source, roles=frozenset(columns))


def two_versions_sql(mapping: TelemetryMapping, request: LookRequest) -> str | None:
    """The number of sessions with two versions, or two of the agents; None if a session's row has the one agent."""
    if not _agent_is_apart(mapping):
        return None
    return (
        f'SELECT COUNT(*) AS "sessions" FROM ({_agents(mapping, request)}) AS "a" '  # noqa: S608
        f'JOIN {quote_name(mapping.tables["session"].name)} AS "s" ON "a"."id" = {_session("id", mapping)} '
        f'WHERE "a"."several" = 1 AND {_recent(mapping, request)}'
    )


def repeated_sessions_sql(mapping: TelemetryMapping, request: LookRequest) -> str:
    """The number of rows of sessions whose id occurs more than once."""
    return (
        f'SELECT COALESCE(SUM({_SESSION_COUNT}), 0) AS "sessions" '  # noqa: S608
        f'FROM ({_session_rows(mapping, request)}) AS "r" WHERE {_SESSION_COUNT} > 1'
    )


def newest_sql(mapping: TelemetryMapping) -> Mapping[str, str]:
    """Queries of the newest time in the tables that fill late, by table."""
    columns = {"interaction": "end", "violation": "time"}
    return {
        role: f'SELECT MAX({_utc(quote_name(mapping.tables[role].columns[column]))}) AS "newest" '  # noqa: S608
        f"FROM {quote_name(mapping.tables[role].name)}"
        for role, column in columns.items()
        if role in mapping.tables and column in mapping.tables[role].columns
    }


def _parts(mapping: TelemetryMapping, request: LookRequest) -> tuple[dict[str, str], list[str]]:
    """The expression of each role, and the joins that they need."""
    columns = {"id": _session("id", mapping), "start": _utc(_session("start", mapping))}
    given = mapping.tables["session"].columns
    if "end" in given:
        columns["end"] = _utc(_session("end", mapping))
    columns |= {role: _text(_session(role, mapping)) for role in _TEXTS if role in given}
    if "latency" in given:
        columns["latency"] = f"CAST({_session('latency', mapping)} AS DOUBLE PRECISION)"
    columns |= {role: _text(_session(role, mapping)) for role in ("severity", "confirmed") if role in given}
    joins: list[str] = []
    if _agent_is_apart(mapping):
        joins.append(f'JOIN ({_agents(mapping, request)}) AS "a" ON "a"."id" = {columns["id"]} AND "a"."several" = 0')
        columns |= {"agent": '"a"."agent"', "version": '"a"."version"'}
    for role, alias, query in _later_tables(mapping, given):
        joins.append(f'LEFT JOIN ({query}) AS "{alias}" ON "{alias}"."id" = {columns["id"]}')
        columns |= {role: f'"{alias}".{quote_name(role)}'}
        if role == "severity":
            columns |= {name: f'"{alias}".{quote_name(name)}' for name in ("confirmed", "confirmedSeverity")}
    return columns, joins


def _later_tables(mapping: TelemetryMapping, given: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Role, alias and query of what other tables know of a session."""
    participant = mapping.tables.get("participant", TableMapping()).columns
    if "user" in participant and "user" not in given:
        yield "user", "u", _users(mapping.tables["participant"])
    if "interaction" in mapping.tables and "latency" not in given:
        yield "latency", "l", _latencies(mapping.tables["interaction"])
    if violation_chain(mapping) and "severity" not in given:
        yield "severity", "v", _violations(mapping)


def _session_rows(mapping: TelemetryMapping, request: LookRequest) -> str:
    """How often each session's id occurs."""
    return (
        f'SELECT {_session("id", mapping)} AS "id", COUNT(*) AS {_SESSION_COUNT} '  # noqa: S608
        f'FROM {quote_name(mapping.tables["session"].name)} AS "s" '
        f"WHERE {_recent(mapping, request)} GROUP BY {_session('id', mapping)}"
    )


def _recent(mapping: TelemetryMapping, request: LookRequest) -> str:
    """The sessions of the days asked for, and those without a time, which count as rejects."""
    start = _session("start", mapping)
    return f"({start} >= {_day(request.first)} OR {start} IS NULL)"


def _agent_is_apart(mapping: TelemetryMapping) -> bool:
    return "agent" not in mapping.tables["session"].columns


def _agents(mapping: TelemetryMapping, request: LookRequest) -> str:
    """Agent and version of each session; `several` is 1 if there is more than one."""
    table = mapping.tables["participant"]
    session, agent = _column(table, "session"), _column(table, "agent")
    version = _text(_column(table, "version")) if "version" in table.columns else "''"
    where = is_any(agent, agent_words(mapping, request))
    if "role" in table.columns:
        where += f" AND UPPER({_column(table, 'role')}) = {quote_text(_AGENT_ROLE)}"
    several = f"CASE WHEN MIN({agent}) = MAX({agent}) AND MIN({version}) = MAX({version}) THEN 0 ELSE 1 END"
    return (
        f'SELECT {session} AS "id", MIN({agent}) AS "agent", MIN({version}) AS "version", '  # noqa: S608
        f'{several} AS "several" FROM {quote_name(table.name)} AS "t" WHERE {where} GROUP BY {session}'
    )


def _users(table: TableMapping) -> str:
    session = _column(table, "session")
    where = f"UPPER({_column(table, 'role')}) = {quote_text(_USER_ROLE)}" if "role" in table.columns else "1 = 1"
    return (
        f'SELECT {session} AS "id", MIN({_column(table, "user")}) AS "user" '  # noqa: S608
        f'FROM {quote_name(table.name)} AS "t" WHERE {where} GROUP BY {session}'
    )


def _latencies(table: TableMapping) -> str:
    """The mean time of a session's turns in milliseconds; a negative one if any is negative, to be rejected."""
    session = _column(table, "session")
    end, start = (f"EXTRACT(EPOCH FROM {_utc(_column(table, role))})" for role in ("end", "start"))
    turn = f"CAST(({end} - {start}) * 1000 AS DOUBLE PRECISION)"
    where = f"UPPER({_column(table, 'type')}) = {quote_text(_TURN)}" if "type" in table.columns else "1 = 1"
    return (
        f'SELECT {session} AS "id", '  # noqa: S608
        f'CASE WHEN MIN({turn}) < 0 THEN MIN({turn}) ELSE AVG({turn}) END AS "latency" '
        f'FROM {quote_name(table.name)} AS "t" WHERE {where} GROUP BY {session}'
    )


def _violations(mapping: TelemetryMapping) -> str:
    """The word of each session's worst violation, an unknown word before all others, and whether it is confirmed.

    If it is not, or its word is unknown, `confirmedSeverity` is the word of the worst one that is: a violation that
    waits for its review hides none that is confirmed.
    """
    chain = violation_chain(mapping)
    word = _text(f'"v0".{quote_name(chain[0].columns["severity"])}')
    confirmed = "1 = 0"
    if "confirmed" in chain[0].columns:
        confirmed = is_any(f'"v0".{quote_name(chain[0].columns["confirmed"])}', mapping.confirmed)
    rank = _rank(word, mapping)
    proven = f"MIN(CASE WHEN {confirmed} AND {rank} <> '0' THEN {rank} || {word} END)"
    worst = f"MIN({rank} || CASE WHEN {confirmed} THEN '0' ELSE '1' END || {word})"
    session = f"REPLACE(\"v{len(chain) - 1}\".{quote_name(chain[-1].columns['session'])}, '\"', '')"
    joins = " ".join(_link(chain, index) for index in range(1, len(chain)))
    rows = f'{quote_name(chain[0].name)} AS "v0" {joins}'
    none = [*EMPTY_WORDS, *(each for each, meaning in mapping.severities.items() if meaning == IGNORED)]
    mark = quote_text(min(mapping.confirmed, default=""))
    return (
        f'SELECT "id", SUBSTR("worst", 3) AS "severity", '  # noqa: S608
        f"CASE WHEN SUBSTR(\"worst\", 2, 1) = '0' THEN {mark} ELSE '' END AS \"confirmed\", "
        f"CASE WHEN SUBSTR(\"worst\", 1, 1) = '0' OR SUBSTR(\"worst\", 2, 1) = '1' "
        f"THEN COALESCE(SUBSTR(\"proven\", 2), '') ELSE '' END AS \"confirmedSeverity\" "
        f'FROM (SELECT {session} AS "id", {worst} AS "worst", {proven} AS "proven" FROM {rows} '
        f'WHERE NOT ({is_any(word, none)}) GROUP BY {session}) AS "w"'
    )


def _rank(word: str, mapping: TelemetryMapping) -> str:
    cases = "".join(
        f" WHEN {is_any(word, [each for each, meaning in mapping.severities.items() if meaning == severity])} "
        f"THEN '{rank}'"
        for rank, severity in enumerate(SEVERITIES, start=1)
    )
    return f"CASE{cases} ELSE '0' END"


def _link(chain: tuple[TableMapping, ...], index: int) -> str:
    table, before = chain[index], chain[index - 1]
    on = f'"v{index}".{quote_name(table.columns["id"])} = "v{index - 1}".{quote_name(before.columns["parent"])}'
    return f'JOIN {quote_name(table.name)} AS "v{index}" ON {on}'


def _session(role: str, mapping: TelemetryMapping) -> str:
    return f'"s".{quote_name(mapping.tables["session"].columns[role])}'


def _column(table: TableMapping, role: str) -> str:
    return f'"t".{quote_name(table.columns[role])}'


def _text(column: str) -> str:
    """A text, '' for every spelling of no value."""
    return f"CASE WHEN {is_any(column, EMPTY_WORDS)} OR {column} IS NULL THEN '' ELSE {column} END"


def _utc(column: str) -> str:
    """A time as a timestamp in UTC, whether the column has a time zone or not."""
    return f"(CAST({column} AS TIMESTAMP WITH TIME ZONE) AT TIME ZONE 'UTC')"


def _day(day: date) -> str:
    return f"CAST('{day.isoformat()} 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)"
