"""Whatever a server sends, and however slowly: one clear error in time, through every client that wavegate has."""

import gzip
import json
import socket
import sys
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from threading import Event

import msgspec
import pytest
from tests.support.raw_server import RawServer, answer, each_byte

from wavegate.errors import ExitCode, RefusedError, ServiceError, UncertainError, WavegateError
from wavegate.github import client as github_client
from wavegate.github.client import GitHub
from wavegate.github.errors import Purpose
from wavegate.http.values import Limits
from wavegate.salesforce import tokens
from wavegate.salesforce.org import Org, Session

TOKEN = "s3cret-t0ken"
PURPOSE = Purpose(doing="read the answer", permission="contents: read")
LIMITS = Limits(attempt=0.5, total=1.0, size=1_000_000)
IN_TIME = 4.0
"""Seconds within which these limits have to end a call, on a machine that is busy with other tests."""


class Number(msgspec.Struct):
    number: int


def github(url: str) -> GitHub:
    return GitHub(
        api_url=url, graphql_url=f"{url}/graphql", token=TOKEN, timeout=LIMITS.attempt, sleep=lambda _: None
    )


def org(url: str) -> Org:
    return Org(Session(instance_url=url, access_token=TOKEN), pause=lambda _: None, limits=LIMITS)


def log_in(url: str) -> object:
    return tokens.log_in({"SF_AUTH_URL": f"force://id:{TOKEN}:refresh@{url.partition('//')[2]}"})


CLIENTS: dict[str, Callable[[str], object]] = {
    "GitHub REST": lambda url: github(url).get("/x", Number, PURPOSE),
    "GitHub GraphQL": lambda url: github(url).query("{x}", {}, Number, PURPOSE),
    "GitHub pages": lambda url: list(github(url).pages("/x", Number, PURPOSE)),
    "Salesforce": lambda url: org(url).identity(),
    "Salesforce query": lambda url: org(url).select(["Id"], "FROM User"),
    "login": log_in,
}
SENDERS: dict[str, Callable[[str], object]] = {
    "GitHub REST": lambda url: github(url).send("POST", "/x", {}, Number, PURPOSE, repeatable=False),
    "GitHub GraphQL": lambda url: github(url).mutate("mutation {x}", {}, Number, PURPOSE),
    "Salesforce": lambda url: org(url).post("/x", {}),
}
everywhere = pytest.mark.parametrize("ask", CLIENTS.values(), ids=CLIENTS.keys())


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(tokens, "LIMITS", LIMITS)
    monkeypatch.setattr(github_client, "REPLY_LIMIT", LIMITS.size)


@pytest.fixture
def without_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a test of sizes: a busy machine may take its time over them."""
    patient = Limits(attempt=30.0, total=60.0, size=LIMITS.size)
    monkeypatch.setattr(sys.modules[__name__], "LIMITS", patient)
    monkeypatch.setattr(tokens, "LIMITS", patient)


@pytest.fixture
def serve() -> Iterator[Callable[..., RawServer]]:
    servers: list[RawServer] = []

    def start(script: Callable[[], Iterable[bytes]], *, pace: float = 0.0) -> RawServer:
        servers.append(RawServer(script, pace=pace))
        return servers[-1].__enter__()

    yield start
    for server in servers:
        server.__exit__()


def fails(ask: Callable[[str], object], url: str) -> WavegateError:
    """The one clear error of a request, which tells nothing that it must not."""
    with pytest.raises(WavegateError) as raised:
        ask(url)
    assert isinstance(raised.value, ServiceError | RefusedError)
    assert TOKEN not in raised.value.message + raised.value.fix
    assert "\n" not in raised.value.message + raised.value.fix
    return raised.value


# -- time

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
DRIPPING: dict[str, Callable[[], Iterable[bytes]]] = {
    "nothing": lambda: repeat(b""),
    "status line": lambda: each_byte(b"HTTP/1.1 200 ", b"O"),
    "header": lambda: each_byte(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "headers": lambda: [HEAD, *repeat(b"X: y\r\n", 90), *repeat(b"", 200)],
    "interim answers": lambda: repeat(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": lambda: each_byte(HEAD + b"Content-Length: 1000000\r\n\r\n"),
    "body without length": lambda: each_byte(HEAD + b"Connection: close\r\n\r\n"),
    "chunks": lambda: each_byte(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n", b"0"),
    "compressed body": lambda: each_byte(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 9999\r\n\r\n", b"\x1f"),
}


@pytest.mark.parametrize("client", ["GitHub REST", "Salesforce", "login"])
@pytest.mark.parametrize("script", DRIPPING.values(), ids=DRIPPING.keys())
def test_a_server_that_drips_does_not_exceed_the_limit(
    serve: Callable[..., RawServer], client: str, script: Callable[[], Iterable[bytes]]
) -> None:
    server = serve(script, pace=0.05)
    started = time.monotonic()
    error = fails(CLIENTS[client], server.url)
    assert time.monotonic() - started < IN_TIME
    assert error.exit_code is ExitCode.SERVICE
    # and nothing of the exchange is left behind
    assert server.dropped.wait(2)


@pytest.mark.parametrize("send", SENDERS.values(), ids=SENDERS.keys())
def test_a_change_whose_answer_drips_is_uncertain_and_made_once(
    serve: Callable[..., RawServer], send: Callable[[str], object]
) -> None:
    server = serve(DRIPPING["header"], pace=0.05)
    assert isinstance(fails(send, server.url), UncertainError)
    assert len(server.heard) == 1


def test_a_tls_handshake_that_hangs_or_drips_does_not_exceed_the_limit(serve: Callable[..., RawServer]) -> None:
    record = b"\x16\x03\x03\x40\x00"
    for script in (lambda: repeat(b""), lambda: each_byte(record, b"\x00")):
        server = serve(script, pace=0.05)
        started = time.monotonic()
        error = fails(lambda url: org(url).post("/x", {}), server.url.replace("http", "https"))
        assert time.monotonic() - started < IN_TIME
        # the request was never sent
        assert not isinstance(error, UncertainError)


def test_a_proxy_that_drips_does_not_exceed_the_limit(
    serve: Callable[..., RawServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(lambda: each_byte(b"HTTP/1.1 200 ", b"O"), pace=0.05)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", server.url)
    started = time.monotonic()
    fails(lambda _: org("https://acme.example.com").identity(), "")
    assert time.monotonic() - started < IN_TIME
    assert server.heard[0].startswith(b"CONNECT acme.example.com:443 ")
    assert TOKEN.encode() not in b"".join(server.heard)


def test_what_was_not_sent_by_the_deadline_never_is(
    serve: Callable[..., RawServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(lambda: [answer(200, b'{"number": 1}')])
    resolve, go, tried = socket.getaddrinfo, Event(), Event()

    def slowly(*arguments: object, **options: object) -> object:
        go.wait(20)
        tried.set()
        return resolve(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    started = time.monotonic()
    error = fails(SENDERS["GitHub REST"], server.url)
    assert time.monotonic() - started < IN_TIME
    assert not isinstance(error, UncertainError)
    go.set()
    assert tried.wait(5)
    Event().wait(0.3)
    assert server.heard == [b""] * len(server.heard)


# -- size and depth

DEEP = b"[" * 3_000 + b"]" * 3_000
DEEP_ERRORS = b'{"errors": ' + DEEP + b', "message": ' + DEEP + b"}"
BOMB_SIZE = 100_000_000


def bomb(*, layers: int = 1) -> bytes:
    """100 MB of spaces, compressed once or more."""
    packer = zlib.compressobj(wbits=31)
    data = b"".join(packer.compress(b" " * 1_000_000) for _ in range(BOMB_SIZE // 1_000_000)) + packer.flush()
    for _ in range(layers - 1):
        data = gzip.compress(data)
    return data


def chunked(data: bytes) -> bytes:
    head = HEAD + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"%x\r\n" % len(data) + data + b"\r\n0\r\n\r\n"


BOMBS = {
    "gzip": lambda: answer(200, bomb(), Content_Encoding="gzip"),
    "twice": lambda: answer(200, bomb(layers=2), Content_Encoding="gzip, gzip"),
    "chunked": lambda: chunked(bomb()),
    "refusal": lambda: answer(403, bomb(), Content_Encoding="gzip"),
}


@pytest.mark.usefixtures("without_haste")
@pytest.mark.parametrize("make", BOMBS.values(), ids=BOMBS.keys())
def test_a_compressed_bomb_is_stopped_while_it_is_decompressed(
    serve: Callable[..., RawServer], make: Callable[[], bytes]
) -> None:
    data = make()
    server = serve(lambda: [data])
    for ask in CLIENTS.values():
        tracemalloc.start()
        try:
            error = fails(ask, server.url)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert error.exit_code is ExitCode.SERVICE
        assert "longer than 1,000,000 bytes" in error.message
        assert peak < 20_000_000


@everywhere
def test_an_answer_without_end_is_cut(serve: Callable[..., RawServer], ask: Callable[[str], object]) -> None:
    head = HEAD + b"Connection: close\r\n\r\n"
    server = serve(lambda: [head, *repeat(b" " * 100_000, 20)])
    assert "longer than 1,000,000 bytes" in fails(ask, server.url).message


@everywhere
@pytest.mark.parametrize("status", [200, 502, 403, 429])
@pytest.mark.parametrize(
    "body",
    [
        DEEP,
        DEEP_ERRORS,
        b'[{"errorCode": ' + DEEP + b"}]",
        b"[" * 100_000,
        b"{" * 3_000,
        b'{"number": "\xff", "records": [], "message": "\xff"}',
        b"\xff\xfe{\x00}\x00",
        b"",
        b"<html>",
        b'{"message": null, "errors": [null, {"message": {}}, [[]]]}',
        b'{"errors": [{"type": null, "message": null, "code": 7}]}',
        b'{"message": "\\ud800\\n::error::\\u202e", "errors": 7}',
        b'{"number": ' + b"9" * 5_000 + b"}",
        b'{"access_token": "a\\nb", "instance_url": "https://[::1"}',
        b'{"access_token": "a", "instance_url": "https://127.0.0.1:99999/"}',
        json.dumps({"message": TOKEN, "error": TOKEN, "error_description": f"Bearer {TOKEN}"}).encode(),
    ],
    ids=lambda body: repr(body[:24]),
)
def test_a_body_of_any_kind_is_one_clear_error(
    serve: Callable[..., RawServer], ask: Callable[[str], object], status: int, body: bytes
) -> None:
    server = serve(lambda: [answer(status, body)])
    with pytest.raises(WavegateError) as raised:
        ask(server.url)
    assert TOKEN not in raised.value.message + raised.value.fix
    assert "\n" not in raised.value.message
    if status in (200, 502, 429) and b"instance_url" not in body:
        assert raised.value.exit_code is ExitCode.SERVICE


ODD_STATUSES = (101, 103, 199, 408, 501, 505, 520, 599, 999)


@everywhere
@pytest.mark.parametrize("status", ODD_STATUSES)
def test_a_status_that_refuses_nothing_is_no_refusal(
    serve: Callable[..., RawServer], ask: Callable[[str], object], status: int
) -> None:
    server = serve(lambda: [answer(status, b"{}")])
    assert fails(ask, server.url).exit_code is ExitCode.SERVICE


@pytest.mark.parametrize("send", SENDERS.values(), ids=SENDERS.keys())
@pytest.mark.parametrize("status", ODD_STATUSES)
def test_a_change_with_such_a_status_is_uncertain_and_made_once(
    serve: Callable[..., RawServer], send: Callable[[str], object], status: int
) -> None:
    server = serve(lambda: [answer(status, b"{}")])
    assert isinstance(fails(send, server.url), UncertainError)
    assert len(server.heard) == 1


@pytest.mark.parametrize("send", SENDERS.values(), ids=SENDERS.keys())
def test_a_change_whose_answer_is_cut_anywhere_is_made_once(
    serve: Callable[..., RawServer], send: Callable[[str], object]
) -> None:
    whole = answer(200, b'{"number": 1}')
    for end in range(len(whole)):
        server = serve(lambda end=end: [whole[:end]])
        assert isinstance(fails(send, server.url), UncertainError)
        assert len(server.heard) == 1


# -- headers

LOCATIONS = [
    "http://[::1",
    "http://127.0.0.1:99999999/",
    "/\xff\xb2",
    "//\xff",
    "",
    "http:///",
    "javascript:alert(1)",
    "https://evil.example/",
    "http://127.0.0.1@evil.example/",
    f"https://{TOKEN}.example/",
]


@everywhere
@pytest.mark.parametrize("location", LOCATIONS)
@pytest.mark.parametrize("status", [301, 303, 308])
def test_a_redirect_to_anywhere_else_is_one_clear_error(
    serve: Callable[..., RawServer], ask: Callable[[str], object], status: int, location: str
) -> None:
    server = serve(lambda: [answer(status, Location=location)])
    assert len(server.heard) <= 16
    fails(ask, server.url)


@everywhere
@pytest.mark.parametrize(
    "wait",
    ["\xb2", "-5", "1.5", "9" * 31, "9" * 5_000, "1e9", "soon", "Wed, 21 Oct 99999 07:28:00 GMT", "0000", "1, 2"],
)
@pytest.mark.parametrize("status", [429, 403, 503])
def test_a_wait_of_any_kind_is_one_clear_error(
    serve: Callable[..., RawServer], ask: Callable[[str], object], status: int, wait: str
) -> None:
    limit = [{"errorCode": "REQUEST_LIMIT_EXCEEDED"}] if status == 403 else {"message": "rate limit"}
    headers = {"Retry_After": wait, "x_ratelimit_remaining": "0", "x_ratelimit_reset": wait}
    server = serve(lambda: [answer(status, json.dumps(limit).encode(), **headers)])
    fails(ask, server.url)
    assert len(server.heard) <= 4


@pytest.mark.parametrize(
    "link",
    [
        '<http://[::1>; rel="next"',
        "garbage",
        "<",
        '</x>; rel="next',
        '<http://127.0.0.1:99999999/>; rel="next"',
        '<https://evil.example/>; rel="next"',
        "<\xff\xb2>; rel=next",
        '</x>; rel="next"',
        "<>; rel=next",
        "<x" + " ;" * 20_000,
    ],
    ids=lambda link: link[:30],
)
def test_a_link_to_anywhere_else_is_one_clear_error(serve: Callable[..., RawServer], link: str) -> None:
    server = serve(lambda: [answer(200, b'{"number": 1}', Link=link)])
    error = fails(CLIENTS["GitHub pages"], server.url)
    assert error.exit_code is ExitCode.SERVICE
    assert len(server.heard) <= 5


GARBAGE = {
    "no status": b"\x00\xff\xfe\r\n\r\n",
    "status": b"HTTP/1.1 abc OK\r\n\r\n",
    "header": b"HTTP/1.1 200 OK\r\n\xff\xfe: \xff\r\nno colon\r\nContent-Length: 2\r\n\r\n[]",
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{",
    "short": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}",
    "chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    "encoding": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    "unknown encoding": b"HTTP/1.1 200 OK\r\nContent-Encoding: x\xff\r\nContent-Length: 2\r\n\r\n{]",
    "charset": b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=\xff\r\nContent-Length: 2\r\n\r\n{]",
    "cookie": b"HTTP/1.1 200 OK\r\nSet-Cookie: \xff=\xff; expires=\xff; domain=[::1\r\nContent-Length: 2\r\n\r\n{]",
    "header line": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
    "header lines": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n",
    "nothing": b"",
}


@everywhere
@pytest.mark.parametrize("data", GARBAGE.values(), ids=GARBAGE.keys())
def test_what_is_not_http_is_one_clear_error(
    serve: Callable[..., RawServer], ask: Callable[[str], object], data: bytes
) -> None:
    server = serve(lambda: [data])
    assert fails(ask, server.url).exit_code is ExitCode.SERVICE
