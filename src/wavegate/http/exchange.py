"""One HTTP exchange that ends on time, whatever the server does.

A library's timeout runs from one byte to the next, so a server that sends a byte a second never exceeds it. Here the
exchange runs in a thread of its own and the caller waits for it until the deadline. Then its sockets are shut down,
and a request that was not sent by then never is.
"""

import socket
from contextlib import suppress
from threading import Lock, Thread, local
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from wavegate.http.values import NoReplyError, Reply, Request

CONNECT_TIMEOUT = 10.0
"""Seconds to connect to one of a host's addresses."""
_PIECE = 64 * 1024


class ExchangeSession(requests.Session):
    """A session whose exchanges can be cut off. Proxies and certificates come from the environment as usual."""

    def __init__(self) -> None:
        super().__init__()
        for scheme in ("http://", "https://"):
            self.mount(scheme, _WatchedAdapter())

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002
        """None: `Transport` follows redirects itself, and `requests` fails on a malformed one either way."""
        return


def exchange(session: ExchangeSession, request: Request, *, seconds: float, size: int) -> Reply:
    """Send a request and read its whole reply. size: its maximum bytes, decompressed.

    NoReplyError: there was none in time, it was too long, or it was not HTTP.
    """
    watch = _Watch()
    outcome: list[Reply | Exception] = []

    def work() -> None:
        _current.watch = watch
        try:
            outcome.append(_exchange(session, request, seconds, size, watch))
        except Exception as error:  # noqa: BLE001 - raised again in the caller's thread
            outcome.append(error)
        finally:
            watch.end(cut=False)

    thread = Thread(target=work, name="wavegate-http", daemon=True)
    thread.start()
    result: Reply | Exception = requests.Timeout()
    try:
        thread.join(max(0.0, seconds))
        # a result that arrives after the exchange is cut off is ignored
        result = outcome[0] if outcome else result
    finally:
        watch.end(cut=True)
    if isinstance(result, Reply):
        return result
    if isinstance(result, requests.RequestException | HTTPError | OSError | ValueError):
        raise NoReplyError(_reason(result), acted=watch.is_sent) from None
    raise result


def _exchange(session: ExchangeSession, request: Request, seconds: float, size: int, watch: "_Watch") -> Reply:
    with session.request(
        request.method,
        request.url,
        data=request.body,
        headers=request.headers,
        timeout=(min(CONNECT_TIMEOUT, seconds), seconds),
        allow_redirects=False,
        stream=True,
    ) as response:
        body = bytearray()
        for piece in response.iter_content(_PIECE):
            body += piece
            watch.check()
            if len(body) > size:
                raise NoReplyError(f"its reply is longer than {size:,} bytes")
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(status=response.status_code, headers=headers, body=bytes(body), url=request.url)


class _Watch:
    """The sockets of one exchange. is_sent: the service may have received the request."""

    def __init__(self) -> None:
        self.is_sent = False
        self._is_cut = False
        self._sockets: list[socket.socket] = []
        self._lock = Lock()

    def add(self, connected: socket.socket) -> None:
        """Watch a socket that is about to be used."""
        with self._lock:
            self.check()
            # a duplicate, because TLS takes over the socket itself
            self._sockets.append(socket.fromfd(connected.fileno(), socket.AF_INET, socket.SOCK_STREAM))

    def note_sent(self) -> None:
        """From now on the request may be sent."""
        with self._lock:
            self.check()
            self.is_sent = True

    def check(self) -> None:
        """TimeoutError: the exchange was cut off."""
        if self._is_cut:
            raise TimeoutError

    def end(self, *, cut: bool) -> None:
        """Stop watching. cut: nothing more is sent or received."""
        with self._lock:
            self._is_cut = self._is_cut or cut
            for each in self._sockets:
                if cut:
                    with suppress(OSError):
                        each.shutdown(socket.SHUT_RDWR)
                each.close()
            self._sockets.clear()


_current = local()
"""watch: of the exchange that runs in this thread."""


class _WatchedConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        try:
            _current.watch.add(connected)
        except TimeoutError:
            connected.close()
            raise
        return connected

    def connect(self) -> None:
        super().connect()
        _current.watch.note_sent()

    def request(self, *arguments: Any, **options: Any) -> None:
        if self.sock is not None:
            _current.watch.add(self.sock)
            _current.watch.note_sent()
        super().request(*arguments, **options)


class _WatchedTlsConnection(_WatchedConnection, HTTPSConnection):
    pass


class _WatchedPool(HTTPConnectionPool):
    ConnectionCls = _WatchedConnection


class _WatchedTlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTlsConnection


class _WatchedAdapter(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        _watch_pools(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> PoolManager:
        manager: PoolManager = super().proxy_manager_for(proxy, **options)
        if isinstance(manager, ProxyManager):
            _watch_pools(manager)
        else:
            # SOCKS has connections of its own: the caller still gets its answer on time
            _current.watch.note_sent()
        return manager


def _watch_pools(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _WatchedPool, "https": _WatchedTlsPool}


def _reason(error: Exception) -> str:
    """Why an exchange failed, without a library's own message, which lists addresses and objects."""
    if isinstance(error, requests.Timeout | TimeoutError):
        return "it did not answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy refused the connection"
    if isinstance(error, requests.ConnectionError | OSError) and not isinstance(error, ValueError):
        return "the connection failed or was dropped"
    return "the request or its reply is not valid HTTP"
