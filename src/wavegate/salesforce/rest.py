"""Requests to one Salesforce org, with its access token. Timeouts and retries are those of `http.transport`."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from wavegate.errors import InputError, RefusedError
from wavegate.http.body import parse_json
from wavegate.http.headers import retry_after
from wavegate.http.transport import Transport, WaitBudget
from wavegate.http.values import Limits, NoReplyError, Reply, Request
from wavegate.text import one_line

T = TypeVar("T")

API_VERSION = "66.0"
"""The first version that has both runners of agent tests."""
LIMITS = Limits(attempt=90.0, total=180.0, size=32 * 1024 * 1024)
"""The results of 1,000 test cases are a few MB; an org ends a long request by itself after two minutes at most."""
PATIENCE = 120.0
"""Seconds that one request may spend on waits that the org asks for."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """Access to an org. instance_url: without a slash at its end. The token is left out of the printed form."""

    instance_url: str
    access_token: str = field(repr=False)
    api_version: str = API_VERSION

    def __post_init__(self) -> None:
        check_address(self.instance_url, "the org's instance URL")


def check_address(url: str, what: str) -> None:
    """Check that a token may be sent to an address. InputError: it is neither https nor this machine's own."""
    try:
        parts = urlsplit(url)
        host, secure = parts.hostname or "", parts.scheme == "https"
        valid = parts.port != 0 and (secure or (host in LOOPBACK and parts.scheme == "http"))
    except ValueError:
        host, valid = "", False
    if not (host and valid):
        raise InputError(
            f"{what[:1].upper()}{what[1:]} is not an https address: {one_line(url, 100) or '(empty)'}",
            fix="Write it like https://my-domain.my.salesforce.com",
        )


class Rest:
    """The REST API of one org. pause: waits between two attempts, in seconds. limits: of each request."""

    def __init__(
        self, session: Session, *, pause: Callable[[float], None] | None = None, limits: Limits = LIMITS
    ) -> None:
        self.session = session
        self.host = urlsplit(session.instance_url).hostname or ""
        self._http = Transport(
            addresses=[session.instance_url], limits=limits, token=session.access_token, sleep=pause
        )

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """Get the JSON of a resource.

        path: below `/services/data/vXX.0`; one that starts with `/services/` is used as it is.
        RefusedError: the org refused it (4xx). ServiceError: the org did not answer, or its reply is unusable.
        """
        return self._exchange("GET", path, params, repeatable=True)

    def post(self, path: str, body: object, *, repeatable: bool = False) -> Any:
        """Post JSON, and return the JSON of the reply. repeatable: doing it twice has the effect of doing it once.

        UncertainError, a ServiceError: it was sent, and whether the org acted on it is unknown.
        """
        return self._exchange("POST", path, repeatable=repeatable, body=json.dumps(body).encode())

    def patch(self, path: str, body: object) -> Any:
        """Change a record; the JSON of the reply, None for an empty one. Doing it twice has the same effect."""
        return self._exchange("PATCH", path, repeatable=True, body=json.dumps(body).encode())

    def delete(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """Delete records; the JSON that reports the result for each of them, None for an empty reply."""
        return self._exchange("DELETE", path, params, repeatable=True)

    def soap(self, path: str, envelope: bytes, read: Callable[[str, Reply], T]) -> T:
        """Make a SOAP call that changes nothing. read: the answer of a reply, given how to begin an error message."""
        task = one_line(f"POST {path} of {self.host}", 200)
        headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}
        url = f"{self.session.instance_url}{path}"
        request = Request(method="POST", url=url, task=task, repeatable=True, body=envelope, headers=headers)
        return self._http.call(request, partial(read, task), budget=WaitBudget(PATIENCE))

    def clean(self, text: str, limit: int) -> str:
        """Text of the org on one line, without the token."""
        return self._http.clean(text, limit)

    def _exchange(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        repeatable: bool,
        body: bytes | None = None,
    ) -> Any:
        full = path if path.startswith("/services/") else f"/services/data/v{self.session.api_version}{path}"
        query = f"?{urlencode(params)}" if params else ""
        request = Request(
            method=method,
            url=f"{self.session.instance_url}{full}{query}",
            task=one_line(f"{method} {full} of {self.host}", 200),
            repeatable=repeatable,
            body=body,
            headers={"Content-Type": "application/json"} if body else {},
        )
        return self._http.call(request, partial(self._read, request.task), budget=WaitBudget(PATIENCE))

    def _read(self, task: str, reply: Reply) -> Any:
        if reply.is_success:
            return None if reply.status == 204 else parse_json(reply.body)
        code, detail = complaint(reply.body, self._http.clean)
        check_failure(reply, code, detail)
        raise self._refused(task, reply.status, code, detail)

    def _refused(self, task: str, status: int, code: str, detail: str) -> RefusedError:
        if status == 401:
            message = f"{self.host} rejected the access token ({code or 'HTTP 401'})."
            fix = "Log in again: the token has expired, was revoked, or belongs to another org."
        else:
            moved = "the org has moved to another address"
            message = f"{task}: {answer_words(status, code, moved if 300 <= status < 400 else detail)}."
            fix = _FIXES.get(status, "Check the request's values against the org.")
        return RefusedError(message, fix=fix, status=status, code=code, detail=detail)


_FIXES = {
    403: "Give the login user the required permission, and API access.",
    404: "Check the name, and that the org has this feature and API version.",
}


def check_failure(reply: Reply, code: str, detail: str) -> None:
    """Check that an error reply is a refusal. NoReplyError: the org failed, or its rate limit is reached."""
    limited = reply.status == 429 or (reply.status == 403 and code == "REQUEST_LIMIT_EXCEEDED")
    if limited or reply.is_failure:
        wait = retry_after(reply.headers.get("retry-after", ""), now=time.time())
        wait = None if wait is None else max(1.0, wait)
        raise NoReplyError(answer_words(reply.status, code, detail), acted=not limited, wait=wait)


def complaint(body: bytes, clean: Callable[[str, int], str]) -> tuple[str, str]:
    """Code and message of an error reply, safe for a log line; empty if it has none. clean: `Transport.clean`."""
    try:
        parsed = parse_json(body)
    except NoReplyError:
        return "", ""
    first = parsed[0] if isinstance(parsed, list) and parsed else parsed
    if not isinstance(first, dict):
        return "", ""
    code = first.get("errorCode") or first.get("error") or ""
    message = first.get("message") or first.get("error_description") or ""
    return clean(str(code), 60), clean(str(message), 300).rstrip(". ")


def answer_words(status: int, code: str, detail: str) -> str:
    """An error reply as a clause."""
    return " ".join(filter(None, (f"HTTP {status}", code, detail)))
