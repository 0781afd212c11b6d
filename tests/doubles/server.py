"""A loopback HTTP/1.1 server for doubles: keep-alive, one thread per connection, no delay for small replies."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One request as received. path: still percent-encoded. headers: names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    query_string: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """One reply; Content-Length is set by the server."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_reply(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Reply:
    """A reply with a JSON value."""
    content = {"Content-Type": "application/json; charset=utf-8"}
    return Reply(status=status, body=json.dumps(value).encode(), headers={**content, **(headers or {})})


class Server:
    """Serves an application on 127.0.0.1 until it is stopped; one that returns None drops the connection."""

    def __init__(self, application: Callable[[Request], Reply | None], port: int = 0) -> None:
        self._http = _HTTPServer(application, port)
        # a short poll, because stopping waits for it
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """The URL, without a trailing slash."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def start(self) -> None:
        """Serve in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Stop accepting requests. A server that was never started is closed."""
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()


class _HTTPServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, application: Callable[[Request], Reply | None], port: int) -> None:
        super().__init__(("127.0.0.1", port), _Connection)
        # a client that is gone again before it is accepted must not block the server, which could then not be stopped
        self.socket.settimeout(1.0)
        self.application = application

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnected: crash tests kill them on purpose."""


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            query_string=parts.query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self._body(),
        )
        reply = cast("_HTTPServer", self.server).application(request)
        if reply is None:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _serve  # noqa: N815 - http.server's names

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Print nothing: the route log is kept by the double."""
