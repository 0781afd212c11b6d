"""Moments, as a person names them on the command line and reads them in a report."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """A moment that a person named. time: in UTC. assumed: what the text left open, in words, or ''."""

    time: datetime
    assumed: str = ""


def parse_moment(text: str) -> Moment:
    """Parse an ISO 8601 date or time: `2026-11-27`, `2026-11-27T03:00+01:00`. Raises ValueError for any other text.

    A date is its first second. Without a time zone, UTC is assumed, and `assumed` says so.
    """
    named = datetime.fromisoformat(text.strip())
    is_date = not any(mark in text.strip() for mark in "T :")
    assumed = [*(["start of the day"] if is_date else []), *(["UTC assumed"] if named.tzinfo is None else [])]
    aware = named.replace(tzinfo=UTC) if named.tzinfo is None else named
    try:
        return Moment(time=aware.astimezone(UTC), assumed=", ".join(assumed))
    except OverflowError:
        raise ValueError(text) from None


def moment_text(moment: datetime | None) -> str:
    """A moment in UTC to the minute: `2026-11-27 02:00 UTC`; `unknown` for None."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if moment else "unknown"
