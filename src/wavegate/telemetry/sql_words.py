"""Names, words and moments of a mapping as SQL: each of them is quoted."""

from collections.abc import Iterable
from datetime import UTC, date, datetime


def is_any(text: str, words: Iterable[str]) -> str:
    """The condition that a text is one of some words; never true without words."""
    listed = ", ".join(quote_text(word) for word in sorted(words))
    return f"{text} IN ({listed})" if listed else "1 = 0"


def quote_name(name: str) -> str:
    """A column's or table's name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def quote_time(moment: date) -> str:
    """A UTC moment, or the start of a day, as SQL."""
    if isinstance(moment, datetime):
        return f"TIMESTAMP '{moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=' ')}'"
    return f"TIMESTAMP '{moment.isoformat()} 00:00:00'"
