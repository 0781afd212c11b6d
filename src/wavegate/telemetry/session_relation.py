"""Sessions with one row each as SQL: their columns, and the words of them that a mapping knows."""

from dataclasses import dataclass

from wavegate.telemetry.mapping.values import EMPTY_WORDS, NOT_SET, CohortBy, SessionEnd, TelemetryMapping
from wavegate.telemetry.source import LookRequest
from wavegate.telemetry.sql_words import quote_name
from wavegate.telemetry.values import OTHERS


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionRelation:
    """Sessions with one row each, whose columns are named by the roles of a telemetry file's session table.

    source: a table's quoted name, or a subquery in parentheses. roles: the columns that it has: `id`, `start` and
    `agent`, and possibly `end`, `endType`, `channel`, `version`, `user`, `cohort`, `latency`, `severity`, `confirmed`
    and `confirmedSeverity`, of a less severe violation that is confirmed where the one of `severity` is not, '' for
    none. `start` and `end` are timestamps in UTC, `latency` is a number of milliseconds, all others are text.
    """

    source: str
    roles: frozenset[str]


def agent_words(mapping: TelemetryMapping, request: LookRequest) -> list[str]:
    """The words of the agent column that stand for the agents asked for."""
    if not mapping.agents:
        return sorted(request.agents)
    return sorted(word for word, agent in mapping.agents.items() if agent in request.agents)


def end_words(mapping: TelemetryMapping, *ends: SessionEnd) -> list[str]:
    """The words of the end type with one of these meanings, with every spelling of a missing one."""
    words = {word for word, end in mapping.outcomes.items() if end in ends}
    return sorted(words.union(EMPTY_WORDS) if NOT_SET in words else words)


def known_words(relation: SessionRelation, mapping: TelemetryMapping) -> dict[str, list[str]]:
    """The words of each place that are known; without the places that the source lacks."""
    known: dict[str, list[str]] = {}
    if "endType" in relation.roles:
        known["endTypes"] = end_words(mapping, *SessionEnd)
    if "severity" in relation.roles:
        known["severities"] = ["", *mapping.severities]
    cohort = mapping.cohort
    if cohort and cohort.by is CohortBy.CHANNEL and "channel" in relation.roles and OTHERS in cohort.values:
        known["channels"] = [word for words in cohort.values.values() for word in words]
    return known


def column_of(role: str) -> str:
    """A column of the relation."""
    return f'"sessions".{quote_name(role)}'


def text_of(role: str, relation: SessionRelation) -> str:
    """A column of text, '' for none and where the relation has no such column."""
    return f"COALESCE({column_of(role)}, '')" if role in relation.roles else "''"
