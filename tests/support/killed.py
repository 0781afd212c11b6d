"""A process that is killed at one of its requests, within the test's own process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal
from unittest.mock import patch

from wavegate.http import transport
from wavegate.http.values import Reply

When = Literal["before", "after"]
"""Before the request is sent, or after the service has carried it out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kill:
    """Where a process is killed. request: its number, from 1."""

    request: int
    when: When


class KilledError(BaseException):
    """The process ends here. Not an Exception: nothing of the product may catch it."""


@contextmanager
def killed_at(kill: Kill) -> Iterator[None]:
    """Raise KilledError there, counted from now. Requests are really sent, and nothing is faked."""
    sent = 0
    exchange = transport.exchange  # type: ignore[attr-defined]

    def send(*arguments: Any, **named: Any) -> Reply:
        nonlocal sent
        sent += 1
        if sent == kill.request and kill.when == "before":
            raise KilledError
        reply = exchange(*arguments, **named)
        if sent == kill.request:
            raise KilledError
        return reply

    with patch.object(transport, "exchange", send):
        yield
