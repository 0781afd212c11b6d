"""Decodes the payloads of the ledger's entries beside releases: whatever GitHub returns, and whoever wrote it."""

import json
from typing import Protocol, TypeVar

import msgspec

SCHEMA = 1
"""The version of the payloads."""
PAYLOAD_LIMIT = 64 * 1024
"""Maximum characters of a payload that is read."""


class Versioned(Protocol):
    """A payload that says which version it is."""

    schema: int


EntryPayload = TypeVar("EntryPayload", bound=Versioned)


def decode_payload(payload: object, kind: type[EntryPayload]) -> EntryPayload | None:
    """The payload as its type; None if it is too long, of another version, or not of that type.

    payload: JSON values, or JSON as text.
    """
    try:
        value = json.loads(payload) if isinstance(payload, str) and len(payload) <= PAYLOAD_LIMIT else payload
        # a payload that was sent as a string comes back as a JSON string within JSON
        text = value if isinstance(value, str) else json.dumps(value)
        parsed = msgspec.json.decode(text, type=kind) if len(text) <= PAYLOAD_LIMIT else None
    except (ValueError, RecursionError):
        return None
    return parsed if parsed and parsed.schema == SCHEMA else None
