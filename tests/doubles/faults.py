"""What can go wrong on the network: a table of faults, crash points, and barriers that make clients race."""

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Barrier, BrokenBarrierError, Lock
from typing import Any, Literal

from tests.doubles.server import Reply

When = Literal["before", "after"]
"""Before the change is made, or after it is made but before the client gets the reply."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One way to break a reply. status: None keeps the double's own reply (for a delay or a malformed reply).

    body: JSON, or raw bytes. delay: seconds. drop: close the connection without a reply.
    malformed: cut the body in the middle.
    """

    status: int | None = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    when: When = "before"
    delay: float = 0.0
    drop: bool = False
    malformed: bool = False

    def spoil(self, reply: Reply | None = None) -> Reply | None:
        """The reply that the client gets; None drops the connection. reply: the double's own, if there is one."""
        if self.drop:
            return None
        status = self.status or (reply.status if reply else 500)
        body = reply.body if reply and not self.status else b"{}"
        if self.body is not None:
            body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        if self.malformed:
            body = body[: len(body) // 2] if len(body) > 2 else b'{"trunc'
        own = reply.headers if reply else {"Content-Type": "application/json; charset=utf-8"}
        return Reply(status=status, body=body, headers={**own, **self.headers})


@dataclass(kw_only=True, slots=True)
class _Planned:
    route: re.Pattern[str]
    name: str
    fault: Fault
    skip: int
    times: int


class Faults:
    """The pending faults, in the order in which they were added."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._lock = Lock()

    def add(self, route: str, *, times: int = 1, skip: int = 0, **fault: Any) -> None:
        """Break the next requests of a route; the other arguments are those of a `Fault`.

        route: `METHOD /path/{template}` of a route, or a regular expression searched in `METHOD /path`.
        times: how many requests to break, 0 for all. skip: how many to let through first.
        """
        planned = _Planned(
            route=re.compile(route), name=route, fault=Fault(**fault), skip=skip, times=times or sys.maxsize
        )
        with self._lock:
            self._planned.append(planned)

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._planned.clear()

    def take(self, name: str, path: str) -> Fault | None:
        """The fault for this request, if one is due. name: `METHOD /template`; path: `METHOD /path`."""
        with self._lock:
            for planned in self._planned:
                if not planned.times or (planned.name != name and not planned.route.search(path)):
                    continue
                if planned.skip:
                    planned.skip -= 1
                    continue
                planned.times -= 1
                return planned.fault
        return None


class Meeting:
    """Holds requests of a route until the expected number of clients has arrived; then lets all of them through."""

    def __init__(self, route: str, clients: int, *, timeout: float = 20.0) -> None:
        self._route = re.compile(route)
        self._barrier = Barrier(clients)
        self._timeout = timeout
        self._over = False

    def attend(self, path: str) -> None:
        """Wait for the other clients if the path matches the route. A timeout is an error."""
        if self._over or not self._route.search(path):
            return
        try:
            self._barrier.wait(self._timeout)
        except BrokenBarrierError:
            raise TimeoutError(f"{path}: the other clients did not arrive") from None
        finally:
            self._over = True
