"""Calls to one service: where they may go, how long they may take, and when they are retried.

A call is retried if it is repeatable, if it was never sent, or if the service turned it away before acting on it. It
ends after `Limits.total` seconds, plus the waits that the service asks for, as far as its budget allows.
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import requests

from wavegate import __version__
from wavegate.errors import ServiceError, UncertainError
from wavegate.http.exchange import ExchangeSession, exchange
from wavegate.http.values import Limits, NoReplyError, Reply, Request
from wavegate.text import one_line

T = TypeVar("T")

ATTEMPTS = 4
"""Maximum attempts of a call."""
BACKOFF = 0.5
"""Seconds before the second attempt; doubled before each further one."""
MAX_REDIRECTS = 3
RESUME = "Run the command again: it resumes where it stopped."
_DAY = 86_400


class WaitBudget:
    """Seconds that may be spent on waits that a service asks for."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds

    def take(self, seconds: float) -> bool:
        """Spend these seconds. False, with nothing spent, if fewer are left."""
        if seconds > self._left:
            return False
        self._left -= seconds
        return True


class Transport:
    """HTTP to one service.

    addresses: requests, and with them the token, go only to their hosts. secrets: never part of a message.
    follow: whether redirects within these hosts are followed. sleep: waits for a number of seconds.
    """

    def __init__(
        self,
        *,
        addresses: Iterable[str],
        limits: Limits,
        token: str = "",
        secrets: Collection[str] = (),
        headers: Mapping[str, str] | None = None,
        follow: bool = False,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._origins = {_origin(address) for address in addresses}
        self._limits = limits
        self._secrets = tuple(filter(None, (token, *secrets)))
        self._follow = follow
        self._sleep = sleep or time.sleep
        self._session = ExchangeSession()
        self._session.auth = _Bearer(token)
        self._session.headers.update(
            {"User-Agent": f"wavegate/{__version__}", "Accept-Encoding": "gzip", **(headers or {})}
        )

    def call(self, request: Request, read: Callable[[Reply], T], *, budget: WaitBudget) -> T:
        """The result of `read` for the reply; it raises NoReplyError if another attempt may get a better reply.

        UncertainError: the request is not repeatable, and whether the service carried it out is unknown.
        ServiceError: every attempt failed, or the service asks for a longer wait than the budget has left.
        """
        left, waits = self._limits.total, 0
        for attempt in range(ATTEMPTS):
            started = time.monotonic()
            try:
                return read(self._reply(request, min(self._limits.attempt, left)))
            except NoReplyError as error:
                failure = error
            if failure.acted and not request.repeatable:
                raise UncertainError(self._message(request, failure), fix=RESUME)
            left -= time.monotonic() - started
            if failure.wait is None:
                pause = BACKOFF * 2**attempt
                left -= pause
            else:
                pause = failure.wait * 2**waits
                waits += 1
            is_last = attempt + 1 == ATTEMPTS or left <= 0
            if is_last or not (failure.wait is None or budget.take(pause)):
                raise ServiceError(
                    self._message(request, failure), fix=RESUME if failure.wait is None else _later(pause)
                )
            self._sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _message(self, request: Request, failure: NoReplyError) -> str:
        return f"{request.task}: {self.clean(str(failure), 400)}."

    def clean(self, text: str, limit: int) -> str:
        """Text of the service on one line, without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return one_line(text, limit)

    def _reply(self, request: Request, seconds: float) -> Reply:
        end = time.monotonic() + seconds
        for _ in range(MAX_REDIRECTS + 1):
            self._check_origin(request)
            reply = exchange(self._session, request, seconds=end - time.monotonic(), size=self._limits.size)
            if not self._follow or not _redirects(request.method, reply.status):
                return reply
            try:
                request = replace(request, url=urljoin(request.url, reply.headers.get("location", "")))
            except ValueError:
                raise NoReplyError("it redirects to a malformed address") from None
        raise NoReplyError("it redirects without end")

    def _check_origin(self, request: Request) -> None:
        try:
            origin = _origin(request.url)
        except ValueError:
            raise NoReplyError("it leads to a malformed address") from None
        if origin not in self._origins:
            raise ServiceError(
                f"{request.task}: a reply leads to another host, {self.clean(origin[1], 200)}.",
                fix="Check the configured address of the service: the token is sent nowhere else.",
            )


class _Bearer(requests.auth.AuthBase):
    """The token as a header. Any auth object keeps requests from taking a password out of a .netrc file."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _redirects(method: str, status: int) -> bool:
    return status in (307, 308) or (method == "GET" and status in (301, 302))


def _later(seconds: float) -> str:
    when = f"in {seconds:.0f} seconds" if seconds <= _DAY else "tomorrow or later: it asks to wait more than a day"
    return f"Run the command again {when}. It resumes where it stopped."
