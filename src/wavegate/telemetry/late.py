"""Whether sessions arrive later than they should."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from wavegate.telemetry.values import Lane


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
        f"`lag.fast` of the telemetry file is {_hours(fast)}."
    )


def _hours(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    return f"{minutes // 60} h {minutes % 60:02} min"
