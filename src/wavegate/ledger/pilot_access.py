"""Whose access to a live agent a pilot took away, in entries of the ledger: it is given back when the pilot ends.

An entry is written before access is taken, and after it was given back. Together, the entries of a manifest say what
is still taken.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from wavegate.ledger.decoding import SCHEMA, decode_payload
from wavegate.ledger.deployment import PATH_LIMIT

ACCESS_TASK = "wavegate:pilot-access"
"""The task of these entries' deployments."""
MAX_USERS = 1000
"""Maximum users of one entry: their ids fit into a payload."""

AccessChange = Literal["taken", "given-back"]


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessEntry:
    """Users who lost, or got back, a permission set that gives access to a live agent. Values are untrusted.

    users: ids of 15 or 18 characters. after: node id of the manifest's entry before it, '' for the first one, so that
    two equal changes in a row differ.
    """

    change: AccessChange
    manifest: str
    permission_set: str
    users: tuple[str, ...]
    after: str = ""


class _AccessPayload(msgspec.Struct, rename="camel"):
    """The payload of an entry."""

    schema: int
    kind: Literal["pilot-access"]
    change: AccessChange
    manifest: Annotated[str, Meta(min_length=1, max_length=PATH_LIMIT)]
    permission_set: Annotated[str, Meta(pattern=r"^[A-Za-z]\w{0,79}\Z")]
    users: Annotated[
        list[Annotated[str, Meta(pattern=r"^005[0-9A-Za-z]{12}([0-9A-Za-z]{3})?\Z")]],
        Meta(min_length=1, max_length=MAX_USERS),
    ]
    after: Annotated[str, Meta(max_length=200)] = ""


def access_payload(entry: AccessEntry) -> dict[str, Any]:
    """The payload of an entry as JSON values."""
    payload = _AccessPayload(
        schema=SCHEMA,
        kind="pilot-access",
        change=entry.change,
        manifest=entry.manifest,
        permission_set=entry.permission_set,
        users=list(entry.users),
        after=entry.after,
    )
    values: dict[str, Any] = msgspec.to_builtins(payload)
    return values


def parse_access(payload: object) -> AccessEntry | None:
    """Parse a payload; None if it is not that of such an entry. payload: JSON values, or JSON as text."""
    parsed = decode_payload(payload, _AccessPayload)
    if parsed is None:
        return None
    return AccessEntry(
        change=parsed.change,
        manifest=parsed.manifest,
        permission_set=parsed.permission_set,
        users=tuple(parsed.users),
        after=parsed.after,
    )


def access_entries(
    change: AccessChange, manifest: str, permission_set: str, users: Iterable[str]
) -> Iterator[AccessEntry]:
    """The entries of a change, with at most MAX_USERS users each."""
    ids = sorted(users)
    for start in range(0, len(ids), MAX_USERS):
        batch = tuple(ids[start : start + MAX_USERS])
        yield AccessEntry(change=change, manifest=manifest, permission_set=permission_set, users=batch)


def taken_access(entries: Iterable[AccessEntry]) -> Mapping[str, frozenset[str]]:
    """The ids of the users whose access is still taken, by permission set. entries: oldest first."""
    taken: dict[str, set[str]] = {}
    for entry in entries:
        users = taken.setdefault(entry.permission_set, set())
        if entry.change == "taken":
            users.update(entry.users)
        else:
            users.difference_update(entry.users)
    return {name: frozenset(users) for name, users in taken.items() if users}
