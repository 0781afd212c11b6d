"""Durations, as written in a manifest and on the command line: `30m`, `24h`, `14d`."""

import re
from datetime import timedelta

WRITTEN = "A positive whole number with its unit, `s`, `m`, `h`, `d` or `w`"
FORM = f"{WRITTEN}; at most `999d`."
"""How to write a duration. The manifest's schema has the same text."""
PATTERN = "^[1-9]([0-9]{0,6}s|[0-9]{0,5}m|[0-9]{0,3}h|[0-9]{0,2}d|[0-9]?w)$"
"""The manifest's schema has the same pattern."""

_WRITTEN = re.compile(PATTERN.removeprefix("^").removesuffix("$"))
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_duration(text: str) -> timedelta:
    """Parse a duration such as `90s` or `2w`. Raises ValueError for any other text."""
    if not _WRITTEN.fullmatch(text):
        raise ValueError(FORM)
    return timedelta(**{_UNITS[text[-1]]: int(text[:-1])})
