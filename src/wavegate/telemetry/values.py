"""What one look at an environment's telemetry found: daily sums, and everything that makes them doubtful.

A session belongs to the UTC day on which it started. Sums cross the wire, never rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

OTHERS = ""
"""The cohort of everybody who is in none that the manifest names."""
UNKNOWN_LATENCY = -1
"""The bucket of the sessions whose latency is not known."""


class Lane(StrEnum):
    """How soon rows arrive: session rows within minutes, those of steps and quality within hours or days.

    What arrives in minutes may roll a release back; what takes longer is waited for before it is expanded.
    """

    FAST = "fast"
    SLOW = "slow"


@dataclass(frozen=True, kw_only=True, slots=True)
class ViolationSum:
    """Sessions with a policy violation of one severity: those in which it is confirmed, and the others."""

    confirmed: int = 0
    unconfirmed: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class BusinessSum:
    """A business metric: good ones of n, in units of its own, such as cases that were not reopened."""

    good: int
    n: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DaySum:
    """The sessions of one cohort with one version of one agent on one day.

    day: UTC. cohort: OTHERS for everybody else. agent: API name. version: as the source spells it, '' if it has none.
    good: sessions whose end is a success. escalated: handed over to a person. violations: by severity (`critical`,
    `high`, `medium`, `low`). latency: number of sessions by `statistics.latency.latency_bucket`, UNKNOWN_LATENCY for
    those without one; the numbers add up to `sessions`, or the mapping is empty if the source has no latency.
    business: by name of the metric.
    """

    day: date
    cohort: str
    agent: str
    version: str = ""
    sessions: int
    good: int
    escalated: int
    violations: Mapping[str, ViolationSum] = field(default_factory=dict)
    latency: Mapping[int, int] = field(default_factory=dict)
    business: Mapping[str, BusinessSum] = field(default_factory=dict)


class Reject(StrEnum):
    """Why rows do not count. Any of them holds a canary."""

    NOT_A_NUMBER = "latency is not a number"
    NEGATIVE = "negative latency"
    FUTURE = "time in the future"
    NO_TIME = "no start time"
    NO_ID = "no session id"
    DUPLICATE_SESSION = "session that occurs twice"
    DUPLICATE_FILE = "file that was delivered twice"
    TWO_VERSIONS = "session with two versions of an agent"


@dataclass(frozen=True, kw_only=True, slots=True)
class UnknownWord:
    """A value that the mapping does not know. place: of the mapping, such as `endTypes`. sessions: that have it."""

    place: str
    word: str
    sessions: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FileDays:
    """A file that a look has read, with the first and last UTC day of its sessions; None if it has none.

    path: relative to the folder of the exports.
    """

    path: str
    first: date | None
    last: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TelemetryLook:
    """All that one look found.

    taken: when, UTC. source: in words, such as `Data Cloud of acme.my.salesforce.com`. watermarks: up to when a lane
    is complete, by lane; a lane without any data is absent. days: sorted by day, cohort, agent, version.
    rejects: rows by reason; sessions with two versions are among them and in no sum. schema: digest of the columns
    and their types. problems: further reasons not to trust the sums, one sentence each, such as a changed schema.
    has: the signals that the source supplies: `taskSuccess`, `escalationRate`, `latencyP95`, `violations`,
    and business metrics by name; `volume` is always known. files: what was read, of a source that reads files.
    """

    taken: datetime
    source: str
    watermarks: Mapping[Lane, datetime] = field(default_factory=dict)
    days: tuple[DaySum, ...] = ()
    rejects: Mapping[Reject, int] = field(default_factory=dict)
    unknown: tuple[UnknownWord, ...] = ()
    schema: str = ""
    problems: tuple[str, ...] = ()
    has: frozenset[str] = frozenset()
    files: tuple[FileDays, ...] = ()
