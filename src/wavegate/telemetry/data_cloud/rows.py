"""Checks the rows of the daily sums: an answer that is cut, repeated or mixed up must not become a wrong sum."""

from collections.abc import Iterable, Sequence
from typing import Any

from wavegate.telemetry.sql import COLUMNS, COUNTS, KEYS


def sum_rows(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """The rows in the order of COLUMNS, with whole numbers. columns: their names, none if the answer has none.

    ValueError, TypeError, OverflowError: they cannot be what was asked for.
    """
    asked = [name.lower() for name in COLUMNS]
    names = [name.lower() for name in columns] or asked
    if sorted(names) != sorted(asked):
        raise ValueError("other columns")
    if any(len(row) != len(names) for row in rows):
        raise ValueError("rows of another width")
    order = [names.index(name) for name in asked]
    checked = [_checked([row[index] for index in order]) for row in rows]
    if len({row[: len(KEYS)] for row in checked}) != len(checked):
        raise ValueError("repeated groups")
    return checked


def whole(value: Any) -> int:
    """A number of sessions, which JSON may have as text. ValueError: it is none, or below 0."""
    number = _integer(value)
    if number < 0:
        raise ValueError("a negative number")
    return number


def _checked(values: Sequence[Any]) -> tuple[Any, ...]:
    row = dict(zip(COLUMNS, values, strict=True))
    row["bucket"] = _integer(row["bucket"])
    row |= {name: whole(row[name]) for name in COUNTS}
    texts: Iterable[Any] = (row[name] for name in ("cohort", "agent"))
    if not all(isinstance(text, str) for text in texts) or not isinstance(row["version"], (str, type(None))):
        raise ValueError("a name that is no text")
    if max(row[name] for name in COUNTS) > row["sessions"]:
        raise ValueError("more of a kind than sessions")
    return tuple(row.values())


def _integer(value: Any) -> int:
    number = int(value) if isinstance(value, (int, str)) else float(value)
    if number != int(number):
        raise ValueError("a fraction of a session")
    return int(number)
