"""What every telemetry source answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from wavegate.telemetry.values import TelemetryLook


@dataclass(frozen=True, kw_only=True, slots=True)
class LookRequest:
    """What to sum up. agents: API names, copies included. since: first UTC day. now: no session starts later.

    users: the cohort of each user, by the 15-character id; for sources that find cohorts by user. closed: days up to
    this one (exclusive) are known from earlier looks and need not be read, None to read all.
    """

    agents: frozenset[str]
    since: date
    now: datetime
    users: Mapping[str, str] = field(default_factory=dict)
    closed: date | None = None

    @property
    def first(self) -> date:
        """The first day to read."""
        return max(self.since, self.closed or self.since)


class TelemetrySource(Protocol):
    """A place that has sessions."""

    def look(self, request: LookRequest) -> TelemetryLook:
        """Sum up the sessions. InputError: the mapping does not fit. ServiceError: the source did not answer."""
        ...
