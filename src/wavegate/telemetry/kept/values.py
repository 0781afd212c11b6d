"""The daily sums that one look leaves to the next."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from wavegate.telemetry.mapping.values import SourceKind, TelemetryMapping
from wavegate.telemetry.source import LookRequest
from wavegate.telemetry.values import DaySum


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptFile:
    """An exported file with sessions of closed days. path: relative to the folder of the exports. digest: SHA-256.

    first, last: UTC days of its sessions.
    """

    path: str
    digest: str
    first: date
    last: date


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptSums:
    """The daily sums of the days from `since` up to `closed`, exclusive, and what they were read from.

    They hold for one mapping, one set of agents, and one assignment of users to cohorts. schema: digest of the
    columns. has: signals that the source supplied. source: kind of the source.
    """

    source: SourceKind
    mapping: str
    agents: tuple[str, ...]
    users: str
    since: date
    closed: date
    schema: str
    has: frozenset[str]
    days: tuple[DaySum, ...]
    files: tuple[KeptFile, ...]


def digest_of_users(users: Mapping[str, str]) -> str:
    """SHA-256 of which user is in which cohort; the kept file holds no user."""
    return hashlib.sha256(json.dumps(sorted(users.items())).encode()).hexdigest()


def unusable(kept: KeptSums, mapping: TelemetryMapping, request: LookRequest) -> str:
    """Why kept sums are of no use for a request, in words; '' if they can be used."""
    if (kept.source, kept.mapping) != (mapping.source, mapping.digest):
        return "the telemetry file has changed"
    if kept.agents != tuple(sorted(request.agents)):
        return "they are of other agents"
    if kept.users != digest_of_users(request.users):
        return "the users of the cohorts have changed"
    if kept.since > request.since:
        return f"they begin on {kept.since}, and days from {request.since} on are needed"
    if kept.closed <= request.since:
        return f"they end before {kept.closed}"
    if kept.closed > request.now.date():
        return "they are dated in the future"
    return ""
