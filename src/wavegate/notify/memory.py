"""Remembers in the ledger which notification was sent to which channels, so that a run again does not repeat it.

A message is sent first and remembered afterwards: it arrives at least once, and twice if the run ends in between.
"""

import json
from itertools import islice

import msgspec

from wavegate.github.client import GitHub
from wavegate.ledger.events import NewEvent, read_events, write_event

NOTIFIED_TASK = "wavegate:notified"
_NEWEST = 100
"""Events that are read: a run is repeated soon or not at all."""
_PAYLOAD_LIMIT = 64 * 1024


class _Notified(msgspec.Struct):
    id: str
    channels: list[str]
    schema: int = 1


def channels_notified(github: GitHub, repository: str, environment: str, notification_id: str) -> set[str]:
    """The channels to which a notification was sent before."""
    events = islice(read_events(github, repository, environment, NOTIFIED_TASK), _NEWEST)
    read = (_parse(each.payload) for each in events)
    return {channel for each in read if each and each.id == notification_id for channel in each.channels}


def remember(
    github: GitHub, repository: str, environment: str, *, commit: str, notification_id: str, channels: list[str]
) -> None:
    """Remember that a notification was sent to channels. commit: one that GitHub has."""
    ours = _Notified(id=notification_id, channels=sorted(channels))
    event = NewEvent(
        environment=environment,
        task=NOTIFIED_TASK,
        commit=commit,
        payload=msgspec.to_builtins(ours),
        description=f"notified: {', '.join(ours.channels)}",
    )
    write_event(github, repository, event, is_this=lambda payload: _parse(payload) == ours)


def _parse(payload: object) -> _Notified | None:
    try:
        # a payload that was sent as a string comes back as a JSON string within JSON
        text = payload if isinstance(payload, str) else json.dumps(payload)
        return msgspec.json.decode(text, type=_Notified) if len(text) <= _PAYLOAD_LIMIT else None
    except (ValueError, RecursionError):
        return None
