"""Where an environment's sessions are found, and what its words mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from wavegate.telemetry.values import Lane


class SourceKind(StrEnum):
    """What has the sessions: exported files, Data Cloud (Data 360), or the org's own objects."""

    FILES = "files"
    DATA_CLOUD = "data-cloud"
    SOQL = "soql"


NOT_SET = "NOT_SET"
"""The end type of sessions without one: an empty value, `NOT_SET` and `None` are the same."""
EMPTY_WORDS = ("", NOT_SET, "None")
"""What stands for no value; session tracing writes words in place of NULL."""
IGNORED = "ignored"
"""The severity of words that are no violation."""
LINKS = ("quality", "generation", "response", "request", "step", "interaction")
"""Roles of the tables that lead from a violation's `parent` to its session, in this order.

A table of the chain has an `id`, by which the one before refers to it, and either `session` or `parent`.
"""


class SessionEnd(StrEnum):
    """What the end of a session means. other: neither good nor escalated. ignored: does not count as a session."""

    GOOD = "good"
    ESCALATED = "escalated"
    OTHER = "other"
    IGNORED = "ignored"


class CohortBy(StrEnum):
    """How the cohort of a session is found: by a column's value, by its user, or by its channel.

    user: the ids of the users of the cohort's group and its listed users are read from the org.
    """

    COLUMN = "column"
    USER = "user"
    CHANNEL = "channel"


@dataclass(frozen=True, kw_only=True, slots=True)
class TableMapping:
    """A table and its columns. name: of the object; '' for files. columns: by role, such as `start` or `endType`.

    Roles are those of `schemas/telemetry.schema.json`. A role without a column is absent.
    """

    name: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class CohortMapping:
    """by: how a session's cohort is found. values: the column's values (or channels) by cohort; for users empty."""

    by: CohortBy
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class BusinessQuery:
    """A business metric: a query that counts good ones of n by day and cohort.

    query: SQL or SOQL with the result columns `day`, `cohort`, `good`, `n`, and `agent` if it has it; `{since}` and
    `{until}`, which is exclusive, stand for days such as 2026-11-01, without quotes.
    lane: whether it is complete as soon as sessions are.
    """

    name: str
    query: str
    lane: Lane = Lane.SLOW


@dataclass(frozen=True, kw_only=True, slots=True)
class TelemetryMapping:
    """A whole telemetry file.

    files: patterns relative to the checkout or to `--telemetry-folder`. tables: by role: `session`, and where they
    are apart from it `participant`, `interaction`, `violation`, and those of LINKS. outcomes: what each word of the
    end type means, exactly as spelled. severities: of each word of a violation's severity, IGNORED for none.
    confirmed: words that confirm a violation. excluded_channels: such as `Builder`. lag: how long rows of a lane may
    take. agents: API name of each word of the agent column; empty if the column has API names. path, digest: of the
    file.
    """

    source: SourceKind
    files: tuple[str, ...] = ()
    tables: Mapping[str, TableMapping] = field(default_factory=dict)
    cohort: CohortMapping | None = None
    outcomes: Mapping[str, SessionEnd] = field(default_factory=dict)
    severities: Mapping[str, str] = field(default_factory=dict)
    confirmed: frozenset[str] = frozenset()
    excluded_channels: tuple[str, ...] = ()
    lag: Mapping[Lane, timedelta] = field(default_factory=dict)
    business: tuple[BusinessQuery, ...] = ()
    agents: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    digest: str = ""
