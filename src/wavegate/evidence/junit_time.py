"""The timestamps of JUnit XML."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_EASTERNMOST = timedelta(hours=14)
"""The highest offset from UTC of any time zone."""


def earliest_time(text: str) -> datetime | None:
    """The earliest instant that a timestamp may mean; None if it is neither ISO 8601 nor RFC 1123.

    Many runners write their machine's local time without its zone. Such a result counts as old as it may be: it is
    not in the future because its machine is east of here, and not fresh because its machine is west of here.
    """
    time = _parsed_by(datetime.fromisoformat, text) or _parsed_by(parsedate_to_datetime, text)
    try:
        return time if time is None or time.tzinfo else time.replace(tzinfo=UTC) - _EASTERNMOST
    except OverflowError:
        return None


def _parsed_by(parse_time: Callable[[str], datetime], text: str) -> datetime | None:
    try:
        return parse_time(text)
    except (ValueError, OverflowError):
        return None
