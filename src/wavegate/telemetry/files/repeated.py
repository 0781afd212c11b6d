"""Sessions and files that were delivered twice.

Sessions of pilot cohorts decide, so they are compared one by one; so are all others in small exports. In large ones,
a file that was delivered twice is found by a fingerprint of its sessions of a day.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from wavegate.telemetry.files.engine import Rows
from wavegate.telemetry.session_relation import SessionRelation
from wavegate.telemetry.sql_words import quote_name, quote_text
from wavegate.telemetry.values import OTHERS, Reject

SMALL = 16 * 1024**2
"""Bytes of exports whose sessions are all compared one by one."""


def aggregates(*, everybody: bool) -> dict[str, str]:
    """What the groups need for it. everybody: whether sessions outside of pilot cohorts are compared too."""
    condition = "\"id\" <> ''" if everybody else f'"id" <> \'\' AND "cohort" <> {quote_text(OTHERS)}'
    return {
        "print": 'BIT_XOR(HASH("id"))',
        "hashes": f'LIST(HASH("id")) FILTER (WHERE {condition} AND "bucket" >= -1)',
    }


def repeated_files(rows: Rows) -> list[tuple[int, date, int]]:
    """Delete from `groups` what is a copy: the sessions of a day that an earlier file has too.

    rows: runs a query. Returns the number of each copied file, the day, and the number of its sessions.
    """
    same = rows(
        'SELECT "file", "day", CAST("sessions" AS BIGINT) FROM (SELECT *, ROW_NUMBER() OVER '
        '(PARTITION BY "day", "sessions", "print" ORDER BY "file") AS "rank" FROM '
        '(SELECT "file", "day", SUM("sessions") AS "sessions", BIT_XOR("print") AS "print" FROM "groups" '
        'WHERE "day" IS NOT NULL GROUP BY "file", "day")) WHERE "rank" > 1 ORDER BY "file", "day"'
    )
    for file, day, _ in same:
        rows(f'DELETE FROM "groups" WHERE "file" = {file} AND "day" = DATE \'{day}\'')  # noqa: S608
    return same


def without(relation: SessionRelation, copies: Iterable[tuple[int, date, int]]) -> SessionRelation:
    """The sessions without those of copied files."""
    listed = " OR ".join(f'("file" = {file} AND "day" = DATE \'{day}\')' for file, day, _ in copies)
    if not listed:
        return relation
    days = f'SELECT *, CAST("start" AS DATE) AS "day" FROM {relation.source} AS "all"'  # noqa: S608 - quoted
    kept = f'(SELECT * FROM ({days}) AS "days" WHERE "day" IS NULL OR NOT ({listed}))'  # noqa: S608 - quoted
    return SessionRelation(source=kept, roles=relation.roles)


@dataclass(frozen=True, kw_only=True, slots=True)
class RepeatedSessions:
    """Sessions that occur more than once. relation: the sessions without them, to be summed up again."""

    rejects: Counter[Reject]
    relation: SessionRelation


def repeated_sessions(rows: Rows, relation: SessionRelation, looked_at: str) -> RepeatedSessions | None:
    """What occurs twice among the compared sessions; None if nothing does.

    rows: runs a query. looked_at: the condition of the rows that are looked at.
    A session with one agent version counts once; one with two counts for neither.
    """
    rows(
        'CREATE TEMP TABLE "hash" AS SELECT "hash" FROM (SELECT UNNEST("hashes") AS "hash" FROM "groups") '
        'GROUP BY "hash" HAVING COUNT(*) > 1'
    )
    ((number,),) = rows('SELECT COUNT(*) FROM "hash"')
    if not number:
        return None
    version = "COALESCE(\"version\", '')" if "version" in relation.roles else "''"
    rows(
        'CREATE TEMP TABLE "repeated" AS SELECT "id", COUNT(*) AS "rows", '  # noqa: S608 - quoted
        f'COUNT(DISTINCT ("agent", {version})) AS "versions" FROM {relation.source} AS "sessions" '
        f'WHERE HASH("id") IN (SELECT "hash" FROM "hash") AND {looked_at} AND LENGTH("id") > 0 '
        'GROUP BY "id" HAVING COUNT(*) > 1'
    )
    ((copies, changed),) = rows(
        'SELECT SUM(CASE WHEN "versions" = 1 THEN "rows" - 1 ELSE 0 END), '
        'SUM(CASE WHEN "versions" > 1 THEN 1 ELSE 0 END) FROM "repeated"'
    )
    counted = Counter({Reject.DUPLICATE_SESSION: int(copies or 0), Reject.TWO_VERSIONS: int(changed or 0)})
    order = ", ".join(quote_name(role) for role in sorted(relation.roles))
    once = (
        f'(SELECT * FROM {relation.source} AS "sessions" WHERE "id" IS NULL OR NOT EXISTS '  # noqa: S608 - quoted
        '(SELECT 1 FROM "repeated" WHERE "repeated"."id" = "sessions"."id") UNION ALL '
        f'SELECT * FROM (SELECT DISTINCT ON ("id") * FROM {relation.source} AS "sessions" '
        f'WHERE {looked_at} AND "id" IN (SELECT "id" FROM "repeated" WHERE "versions" = 1) ORDER BY "id", {order}))'
    )
    return RepeatedSessions(rejects=+counted, relation=SessionRelation(source=once, roles=relation.roles))
