"""Requests to one Salesforce org: an access token, limits of time and size, retries where they are safe.

A request that only reads is tried again on a failure that may pass. One that changes something is tried again only
where the org cannot have acted on it, unless the caller says that doing it twice is doing it once.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from wavegate.errors import InputError, RefusedError, ServiceError, UncertainError
from wavegate.text import one_line

API_VERSION = "66.0"
"""The first with both runners of agent tests."""
BODY_LIMIT = 32 * 1024 * 1024
"""Bytes of an answer; the results of 1,000 test cases are a few MB."""
CONNECT_TIMEOUT, READ_TIMEOUT, ANSWER_TIMEOUT = 10.0, 60.0, 300.0
"""Seconds: to connect, between two pieces of an answer, for a whole answer."""
ATTEMPTS = 4
LONGEST_PAUSE = 60.0
"""Seconds that a Retry-After may ask for."""
_PASSING = frozenset({429, 500, 502, 503, 504})
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
    """Refuse an address that a token must not be sent to: not https, unless it is this machine's own."""
    try:
        parts = urlsplit(url)
        host, secure = parts.hostname or "", parts.scheme == "https"
    except ValueError:
        host, secure = "", False
    if not host or not (secure or host in LOOPBACK):
        raise InputError(
            f"{what[:1].upper()}{what[1:]} is not an https address: {one_line(url, 100) or '(empty)'}",
            fix="Give it as https://my-domain.my.salesforce.com",
        )


class Rest:
    """The REST API of one org. pause: waits for so many seconds between two attempts."""

    def __init__(self, session: Session, *, pause: Callable[[float], None] | None = None) -> None:
        self.session = session
        self.host = urlsplit(session.instance_url).hostname or ""
        self._pause = pause or time.sleep
        self._http = requests.Session()
        # a callable, so that an entry in ~/.netrc cannot take the token's place
        self._http.auth = self._authorize

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """The JSON that a resource answers with.

        path: below `/services/data/vXX.0`; one that starts with `/services/` is taken as it is.
        RefusedError: the org said no (4xx). ServiceError: it could not be asked, or its answer made no sense.
        """
        return self._exchange("GET", path, repeatable=True, params=params)

    def post(self, path: str, body: object, *, repeatable: bool = False) -> Any:
        """Post JSON; the JSON of the answer. repeatable: doing it twice is doing it once.

        UncertainError, a ServiceError: it was sent, and whether the org acted on it is unknown.
        """
        return self._exchange("POST", path, repeatable=repeatable, json=body)

    def delete(self, path: str, params: Mapping[str, str]) -> Any:
        """Delete records by their ids; the JSON that says for each how it went."""
        return self._exchange("DELETE", path, repeatable=True, params=params)

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.session.access_token}"
        return request

    def _exchange(self, method: str, path: str, *, repeatable: bool, **content: Any) -> Any:
        prefix = "" if path.startswith("/services/") else f"/services/data/v{self.session.api_version}"
        url = f"{self.session.instance_url}{prefix}{path}"
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._once(method, url, repeatable=repeatable, **content)
            except _PassingError as failure:
                if attempt == ATTEMPTS or not failure.safe:
                    raise failure.error from None
                self._pause(min(failure.pause or 0.5 * 2 ** (attempt - 1), LONGEST_PAUSE))
        raise AssertionError("the last attempt returns or raises")

    def _once(self, method: str, url: str, *, repeatable: bool, **content: Any) -> Any:
        """One attempt; _PassingError for what another may mend."""
        where = f"{method} {urlsplit(url).path} of {self.host}"
        lost = ServiceError if repeatable else UncertainError
        try:
            response, body = self._send(method, url, **content)
        except requests.RequestException as error:
            never_sent = _never_sent(error)
            kind = ServiceError if never_sent else lost
            problem = kind(f"{where}: no answer ({type(error).__name__}).", fix=_AGAIN)
            raise _PassingError(problem, safe=repeatable or never_sent) from None
        if not 200 <= response.status_code < 300:
            raise self._failure(where, response, body, lost)
        try:
            return json.loads(body) if body else None
        except (ValueError, RecursionError):
            raise _PassingError(lost(f"{where}: the answer is no JSON.", fix=_AGAIN), safe=repeatable) from None

    def _failure(
        self, where: str, response: requests.Response, body: bytes, lost: type[ServiceError]
    ) -> "_PassingError | RefusedError":
        status = response.status_code
        code, message = self._complaint(body)
        if status not in _PASSING and code != "REQUEST_LIMIT_EXCEEDED":
            return self._refused(where, status, code, message)
        # the org turns a request away before it acts on it with 429 and 403, not with 5xx
        turned_away = status in (429, 403)
        kind = ServiceError if turned_away else lost
        problem = kind(f"{where}: HTTP {status} {code} {message}".rstrip() + ".", fix=_AGAIN)
        safe = turned_away or lost is not UncertainError
        return _PassingError(problem, safe=safe, pause=_retry_after(response))

    def _send(self, method: str, url: str, **content: Any) -> tuple[requests.Response, bytes]:
        end = time.monotonic() + ANSWER_TIMEOUT
        with self._http.request(
            method, url, timeout=(CONNECT_TIMEOUT, READ_TIMEOUT), allow_redirects=False, stream=True, **content
        ) as response:
            body = bytearray()
            for piece in response.iter_content(65536):
                body += piece
                if len(body) > BODY_LIMIT or time.monotonic() > end:
                    raise requests.exceptions.Timeout("the answer is too long or too slow")
            return response, bytes(body)

    def _complaint(self, body: bytes) -> tuple[str, str]:
        """Code and message of an error answer, safe for a log line; empty where it has none."""
        try:
            parsed = json.loads(body)
        except (ValueError, RecursionError):
            return "", ""
        first = parsed[0] if isinstance(parsed, list) and parsed else parsed
        if not isinstance(first, dict):
            return "", ""
        code = first.get("errorCode") or first.get("error") or ""
        message = first.get("message") or first.get("error_description") or ""
        return one_line(str(code), 60), one_line(str(message).replace(self.session.access_token, "***"), 300)

    def _refused(self, where: str, status: int, code: str, message: str) -> RefusedError:
        if status == 401:
            return RefusedError(
                f"{self.host} refused the access token ({code or 'HTTP 401'}).",
                fix="Log in again: the token has expired, was revoked, or belongs to another org.",
                status=status,
                code=code,
            )
        if 300 <= status < 400:
            message = "the org lives at another address"
        fix = {
            403: "Give the login user the permission that this needs, and API access.",
            404: "Check the name, and that the org has this feature and API version.",
        }.get(status, "Check the request's values against the org.")
        return RefusedError(
            f"{where}: HTTP {status} {code} {message}".rstrip() + ".", fix=fix, status=status, code=code
        )


_AGAIN = "Run the command again: it takes up where it stopped."


class _PassingError(Exception):
    """Another attempt may mend it. safe: the request may be sent again. pause: seconds asked for, or 0."""

    def __init__(self, error: ServiceError, *, safe: bool, pause: float = 0.0) -> None:
        super().__init__(str(error))
        self.error = error
        self.safe = safe
        self.pause = pause


def _never_sent(error: requests.RequestException) -> bool:
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(reason, NewConnectionError)


def _retry_after(response: requests.Response) -> float:
    text = response.headers.get("Retry-After", "")
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError):
        return 0.0
