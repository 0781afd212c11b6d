"""Requests that reach the doubles without a socket, through all that both sides do with them otherwise."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from tests.doubles.double import Double
from tests.doubles.server import Request as Received

from wavegate.http import transport
from wavegate.http.exchange import ExchangeSession
from wavegate.http.values import NoReplyError, Reply, Request


@contextmanager
def served_in_process(doubles: Iterable[Double]) -> Iterator[None]:
    """Carry out the requests to doubles in this thread."""
    by_url = {each.url: each for each in doubles}

    def exchange(session: ExchangeSession, request: Request, *, seconds: float, size: int) -> Reply:  # noqa: ARG001
        prepared = requests.PreparedRequest()
        prepared.headers = CaseInsensitiveDict({**dict(session.headers), **request.headers})  # type: ignore[arg-type]
        authorize = session.auth
        assert callable(authorize)
        authorize(prepared)
        parts = urlsplit(request.url)
        reply = by_url[f"{parts.scheme}://{parts.netloc}"].serve(
            Received(
                method=request.method,
                path=parts.path,
                query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                query_string=parts.query,
                headers={name.lower(): value for name, value in prepared.headers.items()},
                body=request.body or b"",
            )
        )
        if reply is None:
            raise NoReplyError("the connection failed or was dropped")
        headers = {name.lower(): value for name, value in reply.headers.items()}
        assert len(reply.body) <= size, "a reply is too long"
        return Reply(status=reply.status, headers=headers, body=reply.body, url=request.url)

    with patch.object(transport, "exchange", exchange):
        yield
