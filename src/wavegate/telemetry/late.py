"""Whether sessions arrive later than they should."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil

from wavegate.telemetry.values import Lane

_LONGEST = timedelta(days=3)


def lateness(marks: Mapping[Lane, datetime], now: datetime, lag: Mapping[Lane, timedelta]) -> str:
    """A sentence about the newest session if it is older than the lag of its lane allows; '' if it is not.

    A quiet night looks the same as an export that stopped: nothing is decided until sessions arrive.
    """
    if Lane.FAST not in marks:
        return ""
    fast = lag.get(Lane.FAST, timedelta())
    newest = marks[Lane.FAST] + fast
    if now - newest <= fast:
        return ""
    return (
        f"Late data: the newest session is of {newest:%Y-%m-%d %H:%M} UTC, {_hours(now - newest)} old; "
        f"`lag.fast` of the telemetry file is {_hours(fast)}.{_setting(now - newest)}"
    )


def _setting(age: timedelta) -> str:
    """What to write if sessions always arrive that late; nothing for an age that only a broken export has."""
    if age > _LONGEST:
        return ""
    return f" If they usually arrive that late, write `lag: {{fast: {ceil(age / timedelta(hours=1))}h}}` in it."


def _hours(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    return f"{minutes // 60} h {minutes % 60:02} min"
