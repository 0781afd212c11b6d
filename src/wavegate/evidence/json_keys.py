"""Keys that a JSON object holds twice: whoever reads it drops one of two values, and nobody knows which was meant."""

import json


class _RepeatedError(Exception):
    """Carries the key out of the parser. Never leaves this module."""


def repeated_key(data: bytes) -> str | None:
    """A key that some object of a JSON text holds twice; None where there is none. data: valid JSON, UTF-8.

    RecursionError where it is nested too deep.
    """
    try:
        json.loads(data.decode(), object_pairs_hook=_once, parse_int=str, parse_float=str)
    except _RepeatedError as error:
        return str(error)
    return None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members: dict[str, object] = {}
    for key, value in pairs:
        if key in members:
            raise _RepeatedError(key)
        members[key] = value
    return members
