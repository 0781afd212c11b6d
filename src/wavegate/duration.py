"""Durations as they are written in a manifest and on the command line: `30m`, `24h`, `14d`."""

import re
from datetime import timedelta

FORM = "A whole number with its unit, `s`, `m`, `h`, `d` or `w`; at most `999d`."
"""How to write one; the manifest's schema says the same."""
PATTERN = "^[1-9]([0-9]{0,6}s|[0-9]{0,5}m|[0-9]{0,3}h|[0-9]{0,2}d|[0-9]?w)$"
"""The regular expression of the manifest's schema."""

_WRITTEN = re.compile(PATTERN.removeprefix("^").removesuffix("$"))
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_duration(text: str) -> timedelta:
    """The duration that a text such as `90s` or `2w` stands for. ValueError: it is written in another way."""
    if not _WRITTEN.fullmatch(text):
        raise ValueError(FORM)
    return timedelta(**{_UNITS[text[-1]]: int(text[:-1])})
