"""Duplicate keys in JSON. A parser silently drops one of the two values, and which one was meant is unknown."""

import json


class DuplicateKeyError(Exception):
    """Carries the key out of the parser. It never leaves the readers of evidence."""


def duplicate_key(data: bytes) -> str | None:
    """A key that occurs twice in one object of a JSON text; None if there is no such key. data: valid UTF-8 JSON.

    RecursionError if it is nested too deeply.
    """
    try:
        json.loads(data.decode(), object_pairs_hook=unique_members, parse_int=str, parse_float=str)
    except DuplicateKeyError as error:
        return str(error)
    return None


def unique_members(pairs: list[tuple[str, object]]) -> None:
    """Check one object and forget it: the text may be large, and only its keys matter. DuplicateKeyError."""
    members: set[str] = set()
    for key, _ in pairs:
        if key in members:
            raise DuplicateKeyError(key)
        members.add(key)
