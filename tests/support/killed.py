"""A process that is killed at one of its requests, within the test's own process."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal
from unittest.mock import patch

from wavegate.http import transport
from wavegate.http.values import Reply

When = Literal["before", "after"]
"""Before the request is sent, or after the service has carried it out."""


class KilledError(BaseException):
    """The process ends here. Not an Exception: nothing of the product may catch it."""


@contextmanager
def killed_at(number: int, when: When) -> Iterator[None]:
    """Raise KilledError at the number-th request from now, from 1. Requests are really sent, and nothing is faked."""
    sent = 0
    exchange = transport.exchange  # type: ignore[attr-defined]

    def send(*arguments: Any, **named: Any) -> Reply:
        nonlocal sent
        sent += 1
        if sent == number and when == "before":
            raise KilledError
        reply = exchange(*arguments, **named)
        if sent == number:
            raise KilledError
        return reply

    with patch.object(transport, "exchange", send):
        yield
