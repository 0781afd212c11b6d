"""What all doubles share: a log of requests, faults, crash points, barriers, and a list of contract violations."""

import os
import re
import signal
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from types import TracebackType
from typing import Protocol, Self

from tests.doubles.faults import Faults, Meeting, When
from tests.doubles.server import Reply, Request, Server


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """One request that was answered. template: the route's path; status 0: the connection was dropped."""

    method: str
    template: str
    path: str
    status: int


class Client(Protocol):
    """A process that talks to the double."""

    @property
    def pid(self) -> int:
        """The process id."""
        ...


class Double:
    """A stand-in for a service. Use it as a context: it fails at the end if the contract was broken.

    faults: the replies to break. routes: the requests, in order. violations: requests that the service would not
    understand, and our replies that it would not give; a test that provokes one clears the list.
    client: the process that a crash point kills; without one, a crash point only drops the connection.
    """

    def __init__(self, port: int = 0) -> None:
        self.faults = Faults()
        self.routes: list[Served] = []
        self.violations: list[str] = []
        self.client: Client | None = None
        self._meetings: list[Meeting] = []
        self._events: list[tuple[re.Pattern[str], Callable[[], object]]] = []
        self._crash: tuple[int, When] | None = None
        self._lock = Lock()
        self._server = Server(self._serve, port)

    @property
    def url(self) -> str:
        """The URL of the double, without a trailing slash."""
        return self._server.url

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.stop()
        if error is None and self.violations:
            raise AssertionError("The contract was broken:\n" + "\n".join(self.violations))

    def stop(self) -> None:
        """Stop serving."""
        self._server.stop()

    def crash_at(self, k: int, *, when: When = "before") -> None:
        """Kill the client at its k-th request from now (from 1), before or after the change is made."""
        self._crash = (k, when)

    def hold(self, route: str, *, clients: int = 2) -> None:
        """Once, hold requests that match a regular expression over `METHOD /path` until that many have arrived."""
        self._meetings.append(Meeting(route, clients))

    def before(self, route: str, event: Callable[[], object]) -> None:
        """Once, have something happen right before a request is answered.

        route: a regular expression searched in `METHOD /path`.
        """
        self._events.append((re.compile(route), event))

    def serve(self, request: Request) -> Reply | None:
        """Answer a request as if it had come over the network; None drops the connection."""
        return self._serve(request)

    def name(self, request: Request) -> str:
        """The path template of a request's route."""
        raise NotImplementedError

    def path(self, request: Request) -> str:
        """The path that identifies a request in faults and in the log."""
        return request.path

    def answer(self, request: Request) -> Reply:
        """Carry out a request and return the reply."""
        raise NotImplementedError

    def _serve(self, request: Request) -> Reply | None:
        template = self.name(request)
        try:
            reply = self._spoiled(request, template)
        except Exception:  # noqa: BLE001 - a defect of the double has to fail the test, not only the client
            self.violations.append(f"{request.method} {self.path(request)}: {traceback.format_exc()}")
            reply = Reply(status=500, body=b"{}")
        status = reply.status if reply else 0
        self.routes.append(Served(method=request.method, template=template, path=self.path(request), status=status))
        return reply

    def _spoiled(self, request: Request, template: str) -> Reply | None:
        path = f"{request.method} {self.path(request)}"
        for meeting in self._meetings:
            meeting.attend(path)
        for planned in [each for each in self._events if each[0].search(path)][:1]:
            self._events.remove(planned)
            planned[1]()
        crash = self._due()
        fault = self.faults.take(f"{request.method} {template}", path)
        if crash == "before":
            self._kill()
            return None
        if fault:
            time.sleep(fault.delay)
        if fault and fault.when == "before" and (fault.drop or fault.status):
            return fault.spoil()
        reply = self.answer(request)
        if crash == "after":
            self._kill()
            return None
        return fault.spoil(reply) if fault else reply

    def _due(self) -> When | None:
        with self._lock:
            if self._crash is None:
                return None
            k, when = self._crash
            self._crash = (k - 1, when) if k > 1 else None
            return when if k == 1 else None

    def _kill(self) -> None:
        if self.client is not None:
            with suppress(ProcessLookupError):
                # if the client leads its own process group, kill its children with it
                group = os.getpgid(self.client.pid) == self.client.pid
                (os.killpg if group else os.kill)(self.client.pid, signal.SIGKILL)
