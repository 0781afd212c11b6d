"""What a reply of GitHub says: its value, its refusal, its rate limit, or that it is none."""

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
import requests

from wavegate.errors import ServiceError
from wavegate.github.errors import Purpose

T = TypeVar("T")

REPLY_LIMIT = 20 * 1024 * 1024
"""Bytes of one reply."""
SECONDARY_WAIT = 60.0
"""Seconds to wait where a rate limit names no time."""


class LostError(Exception):
    """No usable answer came: whether the request took effect is unknown."""


class _Problem(msgspec.Struct):
    """GitHub's answer to a request that it refuses."""

    message: str = ""
    errors: list[Any] = []


def decode(data: bytes | msgspec.Raw, reply: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=reply)
    except (msgspec.DecodeError, RecursionError) as error:
        raise LostError(f"its reply cannot be read ({error})") from None


def read_body(response: requests.Response, deadline: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_content(65536):
        parts.append(part)
        size += len(part)
        if size > REPLY_LIMIT or time.monotonic() > deadline:
            raise LostError("its reply is too long" if size > REPLY_LIMIT else "its reply took too long")
    return b"".join(parts)


def rate_limit(response: requests.Response, data: bytes) -> float | None:
    """Seconds that a rate limit asks to wait; None where the reply is no rate limit."""
    if response.status_code not in {403, 429}:
        return None
    limited = response.status_code == 429 or "rate limit" in explanation(data).lower()
    return asked_wait(response.headers, otherwise=SECONDARY_WAIT if limited else None)


def asked_wait(headers: Mapping[str, str], *, otherwise: float | None) -> float | None:
    """Seconds that a reply's headers ask to wait, at least 1."""
    if (after := headers.get("retry-after", "")).isdecimal():
        return max(1.0, float(after))
    if headers.get("x-ratelimit-remaining") == "0" and (reset := headers.get("x-ratelimit-reset", "")).isdecimal():
        return max(1.0, float(reset) - time.time())
    return otherwise


class RateLimitBudget:
    """Waits for rate limits, up to a number of seconds in all."""

    def __init__(self, seconds: float, sleep: Callable[[float], None]) -> None:
        self._left = seconds
        self._sleep = sleep

    def wait(self, seconds: float, purpose: Purpose) -> None:
        """Wait, or raise ServiceError where that is longer than what is left."""
        if seconds > self._left:
            raise ServiceError(
                f"GitHub's rate limit stops wavegate: it could not {purpose.doing}.",
                fix=f"Run it again in {seconds:.0f} seconds: it takes up where it stopped.",
            )
        self._left -= seconds
        self._sleep(seconds)


def explanation(data: bytes) -> str:
    """GitHub's own words in a refusal, at most its first errors."""
    try:
        problem = msgspec.json.decode(data, type=_Problem)
    except msgspec.DecodeError:
        return "no explanation"
    details = [
        each.get("message", each.get("code", "")) if isinstance(each, dict) else each for each in problem.errors
    ]
    return "; ".join(str(text) for text in (problem.message, *details[:3]) if text)


def reason(error: requests.RequestException) -> str:
    """Why a request failed; requests' own words name addresses and objects at length."""
    if isinstance(error, requests.Timeout):
        return "it did not answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy refused the connection"
    return "the connection failed or was dropped"
