"""Requests to GitHub, typed at the edge. Timeouts, retries and redirects are those of `http.transport`."""

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from wavegate.errors import InputError, ServiceError, UncertainError, WavegateError
from wavegate.github.errors import Purpose
from wavegate.github.replies import read_graph, read_rest
from wavegate.http.headers import next_page
from wavegate.http.transport import ATTEMPTS, BACKOFF, Transport, WaitBudget
from wavegate.http.values import Limits, NoReplyError, Reply, Request
from wavegate.text import one_line

T = TypeVar("T")

MAX_PAGES = 300
"""Pages of one list; the longest lists have 100 entries a page."""
REPLY_LIMIT = 20 * 1024 * 1024
"""Bytes of one reply."""
API_VERSION = "2022-11-28"
_JSON = "application/vnd.github+json"
# older GitHub Enterprise Servers have the mutations of deployments as a schema preview, behind this media type
_GRAPHQL_ACCEPT = f"{_JSON}, application/vnd.github.flash-preview+json"


class PageInfo(msgspec.Struct, rename="camel"):
    """Where a GraphQL list continues."""

    has_next_page: bool
    end_cursor: str | None = None


class GitHub:
    """A session with one GitHub server.

    token: sent only to the hosts of api_url and graphql_url. timeout: seconds for one attempt of a request, including
    the whole reply; all attempts together take at most twice as long. patience: seconds that all requests together
    may wait for rate limits.
    """

    def __init__(
        self,
        *,
        api_url: str,
        graphql_url: str,
        token: str,
        timeout: float = 30.0,
        patience: float = 120.0,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        for url in (api_url, graphql_url):
            _check_address(url)
        self._api_url = api_url.rstrip("/")
        self._graphql_url = graphql_url
        self._budget = WaitBudget(patience)
        self._sleep = sleep or time.sleep
        self._http = Transport(
            addresses=(api_url, graphql_url),
            limits=Limits(attempt=timeout, total=2 * timeout, size=REPLY_LIMIT),
            token=token,
            headers={"X-GitHub-Api-Version": API_VERSION},
            follow=True,
            sleep=sleep,
        )

    def get(self, path: str, reply: type[T], purpose: Purpose) -> T:
        """Read one thing. path: from the API's root, percent-encoded."""
        return self._rest("GET", self._api_url + path, None, partial(self._read, reply, purpose), purpose)

    def pages(self, path: str, reply: type[T], purpose: Purpose) -> Iterator[T]:
        """Read a list, page by page. ServiceError: it has no end."""
        url: str | None = self._api_url + path
        seen: set[str] = set()
        while url:
            check_page(url, seen, purpose)
            page, url = self._rest("GET", url, None, partial(self._read_page, reply, purpose), purpose)
            yield page

    def query(self, text: str, variables: Mapping[str, object], reply: type[T], purpose: Purpose) -> T:
        """Make one GraphQL query; it only reads, so it may be repeated."""
        return self._graph(text, variables, reply, purpose, repeatable=True)

    def query_pages(
        self,
        text: str,
        variables: Mapping[str, object],
        reply: type[T],
        purpose: Purpose,
        page_info: Callable[[T], PageInfo | None],
    ) -> Iterator[T]:
        """Read a GraphQL list, page by page, by its variable `after`. ServiceError: it has no end.

        page_info: of a page; None if the page has no list.
        """
        after: str | None = None
        seen: set[str] = set()
        while True:
            check_page(after or "", seen, purpose)
            page = self.query(text, {**variables, "after": after}, reply, purpose)
            yield page
            info = page_info(page)
            if info is None or not info.has_next_page:
                return
            after = info.end_cursor

    def mutate(self, text: str, variables: Mapping[str, object], reply: type[T], purpose: Purpose) -> T:
        """Make one GraphQL mutation. It is not repeated; UncertainError as in `send`."""
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

        UncertainError: the answer was lost and the change may not be repeated; look for it before trying again.
        """
        read = partial(self._read, reply, purpose)
        return self._rest(method, self._api_url + path, body, read, purpose, repeatable=repeatable)

    def once(self, change: Callable[[], T], find: Callable[[], T | None]) -> T:
        """Make a change that must not be made twice: after a lost answer, look for its result before trying again.

        UncertainError: it may have been made, and cannot be found.
        """
        for attempt in range(ATTEMPTS):
            try:
                return change()
            except UncertainError as error:
                lost = error
            self._sleep(BACKOFF * 2**attempt)
            try:
                found = find()
            except WavegateError:
                raise lost from None
            if found is not None:
                return found
        raise lost

    def _read(self, kind: type[T], purpose: Purpose, reply: Reply) -> T:
        return read_rest(reply, kind, purpose, now=time.time(), clean=self._clean)

    def _read_page(self, kind: type[T], purpose: Purpose, reply: Reply) -> tuple[T, str | None]:
        page = self._read(kind, purpose, reply)
        try:
            return page, next_page(reply.headers.get("link", ""), url=reply.url)
        except ValueError:
            raise NoReplyError("its link to the next page is malformed") from None

    def _rest(
        self,
        method: str,
        url: str,
        body: object,
        read: Callable[[Reply], T],
        purpose: Purpose,
        *,
        repeatable: bool = True,
        accept: str = _JSON,
    ) -> T:
        content = None if body is None else msgspec.json.encode(body)
        request = Request(
            method=method,
            url=url,
            task=f"GitHub could not {purpose.doing}",
            repeatable=repeatable,
            body=content,
            headers={"Accept": accept, **({"Content-Type": "application/json"} if content else {})},
        )
        return self._http.call(request, read, budget=self._budget)

    def _graph(
        self, text: str, variables: Mapping[str, object], reply: type[T], purpose: Purpose, *, repeatable: bool
    ) -> T:
        body: dict[str, Any] = {"query": text, "variables": dict(variables)}

        def read(answer: Reply) -> T:
            return read_graph(answer, reply, purpose, now=time.time(), clean=self._clean)

        return self._rest(
            "POST", self._graphql_url, body, read, purpose, repeatable=repeatable, accept=_GRAPHQL_ACCEPT
        )

    def _clean(self, text: str) -> str:
        return self._http.clean(text, 500)


def check_page(page: str, seen: set[str], purpose: Purpose) -> None:
    """Note that a page of a list is about to be read. ServiceError: it was read before, or there are too many."""
    if page in seen or len(seen) >= MAX_PAGES:
        why = "leads back to an earlier page" if page in seen else f"has more than {MAX_PAGES} pages"
        raise ServiceError(f"GitHub could not {purpose.doing}: its list {why}.", fix="Run the command again later.")
    seen.add(page)


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        valid = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise InputError(
            f"{one_line(url, 200) or '(empty)'} is not the address of a GitHub server.", fix="Check GITHUB_API_URL."
        )
