"""What the ledger holds beside releases: events such as a gate's decision, each a deployment with a task of its own.

The reader of releases knows them by their task and leaves them out. GitHub never shows one as active: an event gets
the state `inactive`, and leaves the states of other deployments as they are.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec

from wavegate.github.client import GitHub
from wavegate.github.errors import Purpose
from wavegate.ledger.deployment import State
from wavegate.ledger.writer import Mark, has_status, mark, post_deployment

_READ = Purpose(doing="read the ledger", permission="deployments: read")
_WRITE = Purpose(doing="write the ledger", permission="deployments: write, contents: read")


class _EventDeployment(msgspec.Struct):
    node_id: str
    task: str
    created_at: datetime
    environment: str = ""
    payload: Any = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """An event of the ledger.

    id: node id of its deployment. environment: as it is written there. created_at: when GitHub recorded it. payload:
    JSON values or JSON as text; untrusted.
    """

    id: str
    environment: str
    created_at: datetime
    payload: object


@dataclass(frozen=True, kw_only=True, slots=True)
class NewEvent:
    """An event to write. commit: full SHA. description: one line for people."""

    environment: str
    task: str
    commit: str
    payload: dict[str, Any]
    description: str


def read_events(github: GitHub, repository: str, environment: str | None, task: str) -> Iterator[Event]:
    """The events of an environment with exactly that task, newest first. environment: None for all."""
    chosen = {"environment": environment} if environment is not None else {}
    query = urlencode({**chosen, "task": task, "per_page": "100"})
    for page in github.pages(f"/repos/{repository}/deployments?{query}", list[_EventDeployment], _READ):
        # an older server ignores a filter that it does not know
        own = (each for each in page if each.task == task)
        yield from (
            Event(id=each.node_id, environment=each.environment, created_at=each.created_at, payload=each.payload)
            for each in own
        )


def write_event(github: GitHub, repository: str, event: NewEvent, *, is_this: Callable[[object], bool]) -> bool:
    """Write an event exactly once, and return whether it is new. is_this: whether a payload is this event's."""
    found = _find(github, repository, event, is_this)
    return add_event(github, repository, event, found=found, is_this=is_this)


def add_event(
    github: GitHub, repository: str, event: NewEvent, *, found: str | None, is_this: Callable[[object], bool]
) -> bool:
    """Write an event that was just looked for, and return whether it is new. found: its id; None if there is none."""
    deployment = found or github.once(
        lambda: _create(github, repository, event), lambda: _find(github, repository, event, is_this)
    )
    if found is None or not has_status(github, found):
        mark(github, deployment, Mark(state=State.INACTIVE, description=event.description))
    return found is None


def _find(github: GitHub, repository: str, event: NewEvent, is_this: Callable[[object], bool]) -> str | None:
    events = read_events(github, repository, event.environment, event.task)
    return next((each.id for each in events if is_this(each.payload)), None)


def _create(github: GitHub, repository: str, event: NewEvent) -> str:
    body = {
        "ref": event.commit,
        "task": event.task,
        "environment": event.environment,
        "production_environment": False,
        "payload": event.payload,
        "description": event.description,
    }
    return post_deployment(github, repository, body, _WRITE)
