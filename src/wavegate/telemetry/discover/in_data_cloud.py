"""Reads from Data Cloud what a telemetry file needs: the catalogue, agents with versions, and distinct words."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from wavegate.errors import InputError, RefusedError, ServiceError
from wavegate.telemetry.data_cloud.statements import DataCloudStatements
from wavegate.telemetry.discover.catalogue import match_tables
from wavegate.telemetry.discover.values import CatalogueEntry, Discovery, FoundAgent, FoundWord
from wavegate.telemetry.discover.vocabulary import is_builders_channel, meaning_of_end, meaning_of_severity
from wavegate.telemetry.mapping.values import NOT_SET, SourceKind, TableMapping
from wavegate.telemetry.sql_words import quote_name
from wavegate.text import one_line

MAX_WORDS = 50


def discover_data_cloud(statements: DataCloudStatements, since: date) -> Discovery:
    """What Data Cloud has of sessions since a day. InputError: it has no table of sessions."""
    tables, notes = match_tables(_catalogue(statements))
    session = tables.get("session")
    if session is None:
        raise InputError(
            f"Data Cloud of {statements.org.host} has no table of agent sessions.",
            fix="Enable session tracing in Setup, grant the login user access to Data Cloud, or use --source soql.",
        )
    notes += [f"There is no table for `{role}`: set it to `none`." for role, table in tables.items() if not table]
    first = f"CAST('{since.isoformat()} 00:00:00+00' AS TIMESTAMP WITH TIME ZONE)"
    recent = f"{quote_name(session.columns['start'])} >= {first}"
    words = {
        "endTypes": _words(statements, session, "endType", recent, meaning_of_end),
        "channels": _words(statements, session, "channel", recent, _meaning_of_channel),
    }
    if violation := tables.get("violation"):
        words["severities"] = _words(statements, violation, "severity", "1 = 1", meaning_of_severity)
    return Discovery(
        source=SourceKind.DATA_CLOUD,
        origin=f"Data Cloud of {statements.org.host}, sessions since {since}",
        tables=tables,
        words={place: found for place, found in words.items() if found},
        agents=_agents(statements, session, tables.get("participant"), recent),
        notes=tuple(notes),
    )


def _catalogue(statements: DataCloudStatements) -> list[CatalogueEntry]:
    """Source: Connect REST API, `ssot/metadata`."""
    host = statements.org.host
    try:
        answer = statements.connection.call(lambda org: org.get("/ssot/metadata", {"entityType": "DataModelObject"}))
    except RefusedError as refused:
        if refused.status not in (400, 404):
            raise
        message = f"{host} has no Data Cloud catalogue."
        raise InputError(message, fix="Set up Data Cloud and session tracing, or use --source soql.") from refused
    entities = answer.get("metadata") if isinstance(answer, dict) else None
    if not isinstance(entities, list):
        raise ServiceError(f"{host} answered without a catalogue.", fix="Run the command again.")
    return [_entry(each) for each in entities if isinstance(each, dict) and isinstance(each.get("name"), str)]


def _entry(entity: Mapping[str, Any]) -> CatalogueEntry:
    fields = entity.get("fields")
    named = [each for each in fields if isinstance(each, dict)] if isinstance(fields, list) else []
    return CatalogueEntry(
        name=entity["name"], fields={str(each.get("name")): str(each.get("type", "")) for each in named}
    )


def _words(
    statements: DataCloudStatements,
    table: TableMapping,
    role: str,
    where: str,
    meaning: Callable[[str], str | None],
) -> tuple[FoundWord, ...]:
    if role not in table.columns:
        return ()
    column = quote_name(table.columns[role])
    sql = (
        f'SELECT COALESCE({column}, \'{NOT_SET}\') AS "word", COUNT(*) AS "n" '  # noqa: S608 - names are quoted
        f"FROM {quote_name(table.name)} WHERE {where} "
        f"GROUP BY COALESCE({column}, '{NOT_SET}') ORDER BY 2 DESC, 1 LIMIT {MAX_WORDS}"
    )
    rows = statements.run(sql, f"the words of `{role}`").rows
    found = [(one_line(str(word), 255) or NOT_SET, int(count)) for word, count in rows]
    return tuple(FoundWord(word=word, count=count, meaning=meaning(word)) for word, count in found)


def _agents(
    statements: DataCloudStatements, session: TableMapping, participant: TableMapping | None, recent: str
) -> tuple[FoundAgent, ...]:
    if participant is None:
        return ()
    agent = f'"p".{quote_name(participant.columns["agent"])}'
    version = f'"p".{quote_name(participant.columns["version"])}' if "version" in participant.columns else "''"
    where = f'"s".{recent}'
    if "role" in participant.columns:
        where += f" AND UPPER(\"p\".{quote_name(participant.columns['role'])}) = 'AGENT'"
    sql = (
        f'SELECT {agent} AS "agent", {version} AS "version", '  # noqa: S608
        f'COUNT(DISTINCT "s".{quote_name(session.columns["id"])}) AS "n" '
        f'FROM {quote_name(session.name)} AS "s" JOIN {quote_name(participant.name)} AS "p" '
        f'ON "p".{quote_name(participant.columns["session"])} = "s".{quote_name(session.columns["id"])} '
        f"WHERE {where} GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT {MAX_WORDS}"
    )
    rows = statements.run(sql, "the agents").rows
    return tuple(
        FoundAgent(name=one_line(str(name), 100), version=one_line(str(number or ""), 100), sessions=int(count))
        for name, number, count in rows
    )


def _meaning_of_channel(word: str) -> str | None:
    return "excluded" if is_builders_channel(word) else "counted"
