"""Duplicate keys in JSON. A parser silently drops one of the two values, and which one was meant is unknown."""

import json


class _DuplicateKeyError(Exception):
    """Carries the key out of the parser. Never leaves this module."""


def duplicate_key(data: bytes) -> str | None:
    """A key that occurs twice in one object of a JSON text; None if there is no such key. data: valid UTF-8 JSON.

    RecursionError if it is nested too deeply.
    """
    try:
        json.loads(data.decode(), object_pairs_hook=_unique_members, parse_int=str, parse_float=str)
    except _DuplicateKeyError as error:
        return str(error)
    return None


def _unique_members(pairs: list[tuple[str, object]]) -> None:
    """Check one object and forget it: the text may be large, and only its keys matter."""
    members: set[str] = set()
    for key, _ in pairs:
        if key in members:
            raise _DuplicateKeyError(key)
        members.add(key)
