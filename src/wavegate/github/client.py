"""Requests to GitHub: with limits of time and size, retried only where that is safe, typed at the edge.

Source of the waiting rules: docs.github.com "Best practices for using the REST API".
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import msgspec
import requests

from wavegate import __version__
from wavegate.errors import InputError, ServiceError
from wavegate.github.errors import Purpose, UnconfirmedError, refusal
from wavegate.github.replies import (
    SECONDARY_WAIT,
    LostError,
    RateLimitBudget,
    asked_wait,
    decode,
    explanation,
    rate_limit,
    read_body,
    reason,
)
from wavegate.text import one_line

T = TypeVar("T")

TRIES = 4
"""How often a request that may be repeated is made."""
BACKOFF = 1.0
"""Seconds before the second try; doubled for each further one."""
API_VERSION = "2022-11-28"
_REDIRECTS = 3
_JSON = "application/vnd.github+json"
# where deployments' mutations are a schema preview, as on older GitHub Enterprise Servers, they are there only for it
_GRAPHQL_ACCEPT = f"{_JSON}, application/vnd.github.flash-preview+json"


class _GraphError(msgspec.Struct):
    message: str = ""
    type: str = ""


class _Graph(msgspec.Struct):
    data: msgspec.Raw = msgspec.Raw(b"null")
    errors: list[_GraphError] = []


class GitHub:
    """A session with one GitHub server.

    token: sent to api_url's and graphql_url's host alone. timeout: seconds for one reply.
    patience: seconds to wait in all for rate limits before giving up.
    """

    def __init__(
        self,
        *,
        api_url: str,
        graphql_url: str,
        token: str,
        timeout: float = 30.0,
        patience: float = 120.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        for url in (api_url, graphql_url):
            if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
                raise InputError(
                    f"{one_line(url, 200)} is no address of a GitHub server.", fix="Check GITHUB_API_URL."
                )
        self._api_url = api_url.rstrip("/")
        self._graphql_url = graphql_url
        self._timeout = timeout
        self._patience = RateLimitBudget(patience, sleep)
        self._sleep = sleep
        self._session = requests.Session()
        self._session.auth = _Bearer(token)
        self._session.headers.update(
            {
                "User-Agent": f"wavegate/{__version__}",
                "X-GitHub-Api-Version": API_VERSION,
            }
        )

    def get(self, path: str, reply: type[T], purpose: Purpose) -> T:
        """Read one thing. path: from the API's root, percent-encoded."""
        return self._request("GET", self._api_url + path, None, reply, purpose, repeatable=True)[0]

    def pages(self, path: str, reply: type[T], purpose: Purpose) -> Iterator[T]:
        """Read a list, page by page."""
        url = self._api_url + path
        while url:
            page, response = self._request("GET", url, None, reply, purpose, repeatable=True)
            yield page
            following = response.links.get("next", {}).get("url", "")
            url = urljoin(url, following) if following else ""

    def query(self, text: str, variables: Mapping[str, object], reply: type[T], purpose: Purpose) -> T:
        """Make one GraphQL query; it only reads, so it is repeated freely."""
        return self._graph(text, variables, reply, purpose, repeatable=True)

    def mutate(self, text: str, variables: Mapping[str, object], reply: type[T], purpose: Purpose) -> T:
        """Make one GraphQL mutation. It is not repeated: UnconfirmedError as by `send`."""
        return self._graph(text, variables, reply, purpose, repeatable=False)

    def send(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None,
        reply: type[T],
        purpose: Purpose,
        *,
        repeatable: bool,
    ) -> T:
        """Change something. body None: the request has none. repeatable: making the change twice is the same as once.

        UnconfirmedError where the answer was lost and the change may not be repeated: look before you try again.
        """
        return self._request(method, self._api_url + path, body, reply, purpose, repeatable=repeatable)[0]

    def once(self, change: Callable[[], T], find: Callable[[], T | None]) -> T:
        """Make a change that must not be made twice: after a lost answer, look for its result before trying again."""
        for attempt in range(TRIES):
            try:
                return change()
            except UnconfirmedError as error:
                lost = error
            self._sleep(BACKOFF * 2**attempt)
            if (found := find()) is not None:
                return found
        raise lost

    def _graph(
        self, text: str, variables: Mapping[str, object], reply: type[T], purpose: Purpose, *, repeatable: bool
    ) -> T:
        body = {"query": text, "variables": dict(variables)}
        for attempt in range(TRIES):
            graph, response = self._request("POST", self._graphql_url, body, _Graph, purpose, repeatable=repeatable)
            told = _graph_errors(graph, purpose)
            if not told:
                try:
                    return decode(graph.data, reply)
                except LostError as lost:
                    told = str(lost)
            if any(error.type == "RATE_LIMITED" for error in graph.errors):
                wait = asked_wait(response.headers, otherwise=None) or SECONDARY_WAIT
                self._patience.wait(wait * 2**attempt, purpose)
            elif repeatable:
                self._sleep(BACKOFF * 2**attempt)
            else:
                break
        raise UnconfirmedError(f"GitHub could not {purpose.doing}: {one_line(told, 300)}.", fix="Run it again later.")

    def _request(
        self, method: str, url: str, body: object, reply: type[T], purpose: Purpose, *, repeatable: bool
    ) -> tuple[T, requests.Response]:
        tries = 0
        while True:
            tries += 1
            try:
                response, data = self._unlimited(method, url, body, purpose)
                # what was deleted has no body
                return decode(data or b"null", reply), response
            except LostError as lost:
                if not repeatable or tries == TRIES:
                    raise UnconfirmedError(
                        f"GitHub could not {purpose.doing}: {one_line(str(lost), 300)}.",
                        fix="Run it again: it takes up where it stopped.",
                    ) from None
            self._sleep(BACKOFF * 2 ** (tries - 1))

    def _unlimited(self, method: str, url: str, body: object, purpose: Purpose) -> tuple[requests.Response, bytes]:
        """One request that no rate limit stopped: such a one was not carried out, so it is always repeated."""
        times = 0
        while True:
            response, data = self._exchange(method, url, body)
            status = response.status_code
            if status < 300:
                return response, data
            if (wait := rate_limit(response, data)) is not None:
                self._patience.wait(wait * 2**times, purpose)
                times += 1
            elif status >= 500 or status == 409:
                raise LostError(f"HTTP {status}: {explanation(data)}")
            else:
                raise refusal(status, explanation(data), purpose)

    def _exchange(self, method: str, url: str, body: object) -> tuple[requests.Response, bytes]:
        content = None if body is None else msgspec.json.encode(body)
        headers = {"Content-Type": "application/json"} if content else {}
        for _ in range(_REDIRECTS + 1):
            self._check_host(url)
            headers["Accept"] = _GRAPHQL_ACCEPT if url == self._graphql_url else _JSON
            try:
                response = self._session.request(
                    method,
                    url,
                    data=content,
                    headers=headers,
                    timeout=self._timeout,
                    allow_redirects=False,
                    stream=True,
                )
                with response:
                    data = read_body(response, time.monotonic() + self._timeout)
            except requests.RequestException as error:
                raise LostError(reason(error)) from None
            if response.status_code not in {301, 302, 307, 308} or (method != "GET" and response.status_code < 307):
                return response, data
            url = urljoin(url, response.headers.get("Location", ""))
        raise LostError("it redirects without end")

    def _check_host(self, url: str) -> None:
        """The token goes to the configured hosts only, whatever a reply says."""
        place = urlsplit(url)[:2]
        if place not in {urlsplit(self._api_url)[:2], urlsplit(self._graphql_url)[:2]}:
            raise ServiceError(
                f"GitHub's reply leads to another host: {one_line(place[1], 200)}.",
                fix="Check GITHUB_API_URL: the token is not sent there.",
            )


class _Bearer(requests.auth.AuthBase):
    """The token as a header. Being an auth object, it also keeps requests from taking one out of a .netrc file."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _graph_errors(graph: _Graph, purpose: Purpose) -> str:
    """GitHub's words where it failed without saying no, '' where it did not fail; RefusedError otherwise."""
    told = "; ".join(dict.fromkeys(error.message or error.type for error in graph.errors))
    kinds = {error.type for error in graph.errors}
    if kinds & {"FORBIDDEN", "INSUFFICIENT_SCOPES"}:
        raise refusal(403, told, purpose)
    if "NOT_FOUND" in kinds:
        raise refusal(404, told, purpose)
    if "UNPROCESSABLE" in kinds:
        raise refusal(422, told, purpose)
    return told
