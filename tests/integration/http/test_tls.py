"""TLS: whom it trusts, and that what was said about time holds behind it too."""

import http.server
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import msgspec
import pytest

from wavegate.errors import ServiceError, UncertainError
from wavegate.github.client import GitHub
from wavegate.github.errors import Purpose

PURPOSE = Purpose(doing="read the answer", permission="contents: read")


class Number(msgspec.Struct):
    number: int


class Secure:
    """A TLS server on loopback. drips: it never ends its answer. connections: how many were accepted."""

    def __init__(self, folder: Path) -> None:
        self.certificate = folder / "certificate.pem"
        key = folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", self.certificate,
             "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"],
            check=True, capture_output=True,
        )  # fmt: skip
        self.drips = False
        self.connections = 0
        self.heard = 0
        self.stopped = Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                outer.connections += 1
                super().setup()

            def do_POST(self) -> None:
                outer.heard += 1
                self.rfile.read(int(self.headers["Content-Length"] or 0))
                self.send_response(200)
                self.send_header("Content-Length", "9999" if outer.drips else "13")
                self.end_headers()
                self.wfile.write(b'{"number": 1}')
                while outer.drips and not outer.stopped.wait(0.05):
                    self.wfile.write(b" ")

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                pass

        self.server = Quiet(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://127.0.0.1:{self.server.server_address[1]}"
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        self.stopped.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Secure]:
    made = Secure(tmp_path)
    yield made
    made.stop()


def send(github: GitHub) -> int:
    return github.send("POST", "/x", {}, Number, PURPOSE, repeatable=False).number


def client(secure: Secure) -> GitHub:
    return GitHub(
        api_url=secure.url, graphql_url=f"{secure.url}/graphql", token="ghs_t0ken", timeout=0.5, sleep=lambda _: None
    )


def test_certificates_come_from_the_environment_and_a_connection_is_used_again(
    secure: Secure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(secure.certificate))
    github = client(secure)
    assert [send(github) for _ in range(3)] == [1, 1, 1]
    assert secure.connections == 1


def test_nothing_is_sent_to_a_server_that_is_not_trusted(secure: Secure, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ServiceError, match="certificate is not trusted") as raised:
        send(client(secure))
    assert not isinstance(raised.value, UncertainError)
    assert secure.heard == 0


def test_an_answer_that_drips_behind_tls_does_not_exceed_the_limit(
    secure: Secure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(secure.certificate))
    github = client(secure)
    assert send(github) == 1
    secure.drips = True
    started = time.monotonic()
    with pytest.raises(UncertainError, match="in time"):
        send(github)
    assert time.monotonic() - started < 4
    # what was cut off does not spoil the next request
    secure.drips = False
    assert send(github) == 1
