"""Interprets GitHub's replies: a value, a refusal, a rate limit, or nothing usable.

Source of the rate limits: docs.github.com "Best practices for using the REST API" and "Rate limits for the GraphQL
API"; the latter's type is `RATE_LIMITED` there, and `RATE_LIMIT` with code `graphql_rate_limit` in practice.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from wavegate.github.errors import Purpose, refusal
from wavegate.http.body import decode, is_too_deep
from wavegate.http.headers import MAX_WAIT, count, retry_after
from wavegate.http.values import NoReplyError, Reply

T = TypeVar("T")

SECONDARY_WAIT = 60.0
"""Seconds to wait if a rate limit states no time."""
_REFUSALS = {"FORBIDDEN": 403, "INSUFFICIENT_SCOPES": 403, "NOT_FOUND": 404, "UNPROCESSABLE": 422}
_RATE_LIMITS = frozenset({"RATE_LIMIT", "RATE_LIMITED", "graphql_rate_limit"})


class _Problem(msgspec.Struct):
    """GitHub's answer to a request that it refuses."""

    message: str = ""
    errors: list[Any] = []


class _GraphError(msgspec.Struct):
    message: str | None = None
    type: Any = None
    code: Any = None

    @property
    def names(self) -> set[str]:
        return {str(self.type), str(self.code)}

    @property
    def words(self) -> str:
        return self.message or str(self.type or "an error without a message")


class _Graph(msgspec.Struct):
    data: msgspec.Raw = msgspec.Raw(b"null")
    errors: list[_GraphError] = []


def read_rest(reply: Reply, kind: type[T], purpose: Purpose, *, now: float, clean: Callable[[str], str]) -> T:
    """The value in a REST reply. now: seconds since 1970. clean: removes secrets from GitHub's text.

    RefusedError: GitHub refused the request. NoReplyError: it failed, or a rate limit stopped it.
    """
    if reply.is_success:
        # the reply to a deletion has no body
        return decode(reply.body or b"null", kind)
    detail = clean(_explanation(reply.body))
    wait = _asked_wait(reply.headers, now)
    if reply.status == 429 or (reply.status == 403 and (wait is not None or _is_rate_limit(detail))):
        raise _rate_limit(wait)
    if reply.is_failure or reply.status == 409 or 300 <= reply.status < 400:
        raise NoReplyError(f"HTTP {reply.status}: {detail}")
    raise refusal(reply.status, detail, purpose)


def read_graph(reply: Reply, kind: type[T], purpose: Purpose, *, now: float, clean: Callable[[str], str]) -> T:
    """The data in a GraphQL reply; arguments and errors as for `read_rest`."""
    graph = read_rest(reply, _Graph, purpose, now=now, clean=clean)
    if not graph.errors:
        return decode(bytes(graph.data), kind)
    detail = clean("; ".join(dict.fromkeys(error.words for error in graph.errors)))
    names = {name for error in graph.errors for name in error.names}
    for name, status in _REFUSALS.items():
        if name in names:
            raise refusal(status, detail, purpose, code=name)
    wait = _asked_wait(reply.headers, now)
    if names & _RATE_LIMITS or _is_rate_limit(detail):
        raise _rate_limit(wait)
    raise NoReplyError(detail, wait=wait)


def _rate_limit(wait: float | None) -> NoReplyError:
    return NoReplyError("its rate limit is reached", acted=False, wait=SECONDARY_WAIT if wait is None else wait)


def _is_rate_limit(detail: str) -> bool:
    return "rate limit" in detail.lower()


def _asked_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that a reply's headers ask to wait, at least 1; None if they do not ask for a wait."""
    wait = retry_after(headers.get("retry-after", ""), now=now)
    if wait is None and _is_used_up(headers):
        reset = count(headers.get("x-ratelimit-reset", ""))
        wait = SECONDARY_WAIT if reset is None else min(reset - now, MAX_WAIT)
    return None if wait is None else max(1.0, wait)


def _is_used_up(headers: Mapping[str, str]) -> bool:
    return headers.get("x-ratelimit-remaining", "") == "0"


def _explanation(data: bytes) -> str:
    """GitHub's explanation of a refusal, with at most three of its errors."""
    try:
        problem = msgspec.json.decode(b"" if is_too_deep(data) else data, type=_Problem)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return "no explanation"
    details = [
        each.get("message", each.get("code", "")) if isinstance(each, dict) else each for each in problem.errors
    ]
    return "; ".join(str(text) for text in (problem.message, *details[:3]) if text)
