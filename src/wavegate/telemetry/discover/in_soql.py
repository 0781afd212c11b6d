"""Reads from the org's own objects what a telemetry file needs: fields to group by, and the words in them."""

from collections.abc import Callable
from datetime import date
from typing import Any

from wavegate.errors import InputError, RefusedError, ServiceError
from wavegate.salesforce.org import Org
from wavegate.telemetry.connection import OrgConnection
from wavegate.telemetry.discover.values import CatalogueEntry, Discovery, FoundAgent, FoundWord
from wavegate.telemetry.discover.vocabulary import is_builders_channel
from wavegate.telemetry.mapping.defaults import OUTCOMES, TABLES
from wavegate.telemetry.mapping.values import SourceKind, TableMapping
from wavegate.text import join_names, one_line

MAX_WORDS = 50
_USUAL = TABLES[SourceKind.SOQL]["session"]


def discover_soql(connection: OrgConnection, since: date) -> Discovery:
    """What the org has of messaging sessions since a day. InputError: the login user cannot read them."""
    entry = _described(connection, _USUAL["name"])
    columns = {role: name for role, name in _USUAL.items() if role != "name" and name in entry.fields}
    if hidden := [_USUAL[role] for role in ("id", "start") if role not in columns]:
        raise InputError(
            f"The login user of {connection.org.host} may not read {join_names(hidden)} of {entry.name}.",
            fix="Grant the user read access to these fields, or use another --source.",
        )
    table = TableMapping(name=entry.name, columns=columns)
    recent = f"{columns['start']} >= {since.isoformat()}T00:00:00Z"
    channels = _words(connection, table, "channel", recent, _channel)
    return Discovery(
        source=SourceKind.SOQL,
        origin=f"{entry.name} of {connection.org.host}, sessions since {since}",
        tables={"session": table},
        words={
            "endTypes": _words(connection, table, "endType", recent, OUTCOMES[SourceKind.SOQL].get),
            "channels": channels,
        },
        agents=tuple(FoundAgent(name=each.word, version="", sessions=each.count) for each in channels),
        notes=tuple(_notes(entry)),
    )


def _described(connection: OrgConnection, name: str) -> CatalogueEntry:
    try:
        answer = connection.call(lambda org: org.get(f"/sobjects/{name}/describe"))
    except RefusedError as refused:
        if refused.status not in (400, 404):
            raise
        message = f"{connection.org.host} has no {name}, or the login user may not read it."
        raise InputError(message, fix="Enable Messaging, grant the permission, or use another --source.") from refused
    fields = answer.get("fields") if isinstance(answer, dict) else None
    if not isinstance(fields, list):
        raise ServiceError(f"{connection.org.host} did not describe {name}.", fix="Run the command again.")
    named: list[dict[str, Any]] = [each for each in fields if isinstance(each, dict)]
    return CatalogueEntry(
        name=name,
        fields={str(each.get("name")): str(each.get("type")) for each in named},
        groupable=frozenset(str(each.get("name")) for each in named if each.get("groupable") is True),
    )


def _notes(entry: CatalogueEntry) -> list[str]:
    own = sorted(name for name in entry.groupable if name.endswith("__c"))
    notes = [
        "This object knows no agent: a channel, or a field that the routing flow sets, has to tell the copy from it.",
        "Employee agents leave no session here: without Data Cloud, nothing can judge them.",
        "`Bot` says that no person took part, not that the goal was reached.",
    ]
    if own:
        notes.append(f"Fields that could name the agent or the cohort: {join_names(own)}.")
    return notes


def _words(
    connection: OrgConnection,
    table: TableMapping,
    role: str,
    where: str,
    meaning: Callable[[str], str | None],
) -> tuple[FoundWord, ...]:
    if role not in table.columns:
        return ()
    field = table.columns[role]
    soql = (
        f"SELECT {field} word, COUNT({table.columns['id']}) n FROM {table.name} WHERE {where} "  # noqa: S608
        f"GROUP BY {field} ORDER BY COUNT({table.columns['id']}) DESC LIMIT {MAX_WORDS}"
    )

    def read(org: Org) -> list[dict[str, Any]]:
        return org.query(soql)

    try:
        found = [(one_line(str(each["word"] or "NOT_SET"), 255), int(each["n"])) for each in connection.call(read)]
    except (KeyError, TypeError, ValueError):
        message = f"{connection.org.host} answered a count of {table.name} with fields that are not usable."
        raise ServiceError(message, fix="Run the command again.") from None
    return tuple(FoundWord(word=word, count=count, meaning=meaning(word)) for word, count in found)


def _channel(word: str) -> str:
    return "excluded" if is_builders_channel(word) else "counted"
