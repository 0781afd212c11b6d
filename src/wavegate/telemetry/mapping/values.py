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
    """A table and its columns. name: of the object; '' for files. columns: by role, such as `start` or `endType`."""

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

    query: SQL or SOQL with the result columns `day`, `cohort`, `good`, `n`; `{since}` and `{until}` stand for days.
    lane: whether it is complete as soon as sessions are.
    """

    name: str
    query: str
    lane: Lane = Lane.SLOW


@dataclass(frozen=True, kw_only=True, slots=True)
class TelemetryMapping:
    """A whole telemetry file.

    files: patterns relative to the checkout or to `--telemetry-folder`. tables: by role: `session`, and where they
    are apart from it `participant`, `interaction`, `violation`. outcomes: what each word of the end type means.
    severities: of each word of a violation's severity. confirmed: words that confirm a violation. excluded_channels:
    such as `Builder`. lag: how long rows of a lane may take. path, digest: of the file.
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
    path: str = ""
    digest: str = ""
