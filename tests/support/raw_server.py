"""A loopback server that answers with any bytes at any pace, also those that no HTTP library would send."""

import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Event, Thread
from typing import Self

Script = Callable[[], Iterable[bytes]]
"""Makes the pieces of one answer."""


class RawServer:
    """Reads one request a connection and answers with the script's pieces. Use it as a context.

    pace: seconds between two pieces. heard: the requests. dropped: set once a client has closed on an unfinished
    answer.
    """

    def __init__(self, script: Script, *, pace: float = 0.0) -> None:
        self.script = script
        self.pace = pace
        self.heard: list[bytes] = []
        self.dropped = Event()
        self._stopped = Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        # closing alone would leave the thread that accepts, and with it the port, behind
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self.heard.append(connection.recv(65536))
            connection.settimeout(0.001)
            for piece in self.script():
                connection.sendall(piece)
                if self.pace and self._stopped.wait(self.pace):
                    return
                if self._is_gone(connection):
                    self.dropped.set()
                    return

    def _is_gone(self, connection: socket.socket) -> bool:
        try:
            return connection.recv(65536) == b""
        except TimeoutError:
            return False
        except OSError:
            return True


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """A whole answer. headers: names with `_` for `-`; values are sent as Latin-1."""
    lines = [f"HTTP/1.1 {status} Word", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def each_byte(data: bytes, then: bytes = b" ") -> Iterable[bytes]:
    """Data byte by byte, then one more byte again and again."""
    for byte in data:
        yield bytes([byte])
    while True:
        yield then
