"""Times as exports write them."""

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZONE = re.compile(r" ?(?:UTC|GMT)$")
_MAX_SECONDS = 253_402_300_799


def read_moment(text: str) -> datetime | None:
    """A time in ISO 8601, in milliseconds since 1970, or as Data Cloud writes it; UTC if it names no zone.

    None: it is neither. Offsets may lack the colon: `2026-06-17T02:25:42.900+0000`.
    """
    text = _ZONE.sub("+00:00", text.strip())
    if text.isdecimal() and len(text) == 13:
        return moment_of(int(text) * 1_000_000)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def moment_of(nanoseconds: int) -> datetime | None:
    """A time from nanoseconds since 1970; None if there is none, as 0 says, or if it is out of range."""
    if not 0 < nanoseconds <= _MAX_SECONDS * 1_000_000_000:
        return None
    return _EPOCH + timedelta(microseconds=nanoseconds // 1000)


def milliseconds(start: datetime | None, end: datetime | None) -> float | None:
    """The time between two moments; None if one is unknown, or if the end is before the start."""
    if start is None or end is None or end < start:
        return None
    return (end - start) / timedelta(milliseconds=1)
