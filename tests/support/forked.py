"""Client processes without their start-up time: they are forked from a process with the product's modules loaded.

A crash test starts hundreds of clients. They only skip the imports and most of the waiting. The start of a real
step is tested where the real actions run.
"""

import atexit
import gc
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, NoReturn

ROOT = Path(__file__).parents[2]
HASTE = 20
"""How many times faster than in reality a client waits."""
MODULES = (
    "wavegate.rollback.command",
    "wavegate.rollback.on_github",
    "wavegate.canary.expand.on_github",
    "wavegate.capture.command",
    "wavegate.capture.on_github",
    "wavegate.canary.expand.command",
    "wavegate.deploy.command",
    "wavegate.gate.command",
    "wavegate.smoke.command",
)


class Forked:
    """A running `wavegate` in its own process and session, with the part of `subprocess.Popen` that the tests use.

    folder: where it runs; by default, this process's folder.
    """

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str], *, folder: Path | None = None
    ) -> None:
        self.args = ["wavegate", *arguments]
        self.returncode: int | None = None
        with tempfile.NamedTemporaryFile(delete=False) as file:
            self._output = Path(file.name)
        asked = {
            "arguments": list(arguments),
            "environment": dict(environment),
            "output": file.name,
            "folder": str(folder or Path.cwd()),
        }
        self.pid: int = _nursery().ask(asked)

    def poll(self) -> int | None:
        """Its exit code, if it has ended."""
        if self.returncode is None:
            self.returncode = _nursery().ask({"poll": self.pid})
        return self.returncode

    def communicate(self, timeout: float = 120) -> tuple[str, None]:
        """Wait for its end, and return the output of both streams. timeout: seconds after which it is killed."""
        end = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > end:
                os.kill(self.pid, 9)
            _await(self.pid, max(end - time.monotonic(), 0.1))
        text = self._output.read_text("utf-8", "replace")
        self._output.unlink()
        return text, None


def _await(pid: int, timeout: float) -> None:
    """Wait for the end of a process, or for some time that is not longer than the timeout."""
    if sys.platform != "linux":
        time.sleep(min(0.01, timeout))
        return
    watched = os.pidfd_open(pid)
    try:
        select.select([watched], [], [], timeout)
    finally:
        os.close(watched)


class _Nursery:
    """The process that clients are forked from; it ends with this one. It forgets a child once its end was polled."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")},
        )
        atexit.register(self._process.communicate)

    def ask(self, request: Mapping[str, object]) -> Any:
        """Send one request and return the reply."""
        with self._lock:
            assert self._process.stdin
            assert self._process.stdout
            print(json.dumps(request), file=self._process.stdin, flush=True)
            return json.loads(self._process.stdout.readline())


@cache
def _nursery() -> _Nursery:
    return _Nursery()


def _serve() -> None:
    from importlib import import_module

    # before the modules take it as a default argument: waiting for the doubles is useless
    sleep = time.sleep
    time.sleep = lambda seconds: sleep(float(seconds) / HASTE)
    for name in MODULES:
        import_module(name)
    # smoke looks at the clock instead of only waiting, so its interval has to be short itself
    options = import_module("wavegate.smoke.command").command.params
    (poll_interval,) = (option for option in options if option.name == "poll_interval")
    poll_interval.default = timedelta(milliseconds=20)
    # a client that writes to the memory it was born with copies it
    gc.freeze()
    for line in sys.stdin:
        asked = json.loads(line)
        if "poll" in asked:
            pid, status = os.waitpid(asked["poll"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if pid else None
        else:
            answer = os.fork() or _become(asked)
        print(json.dumps(answer), flush=True)


def _become(asked: Mapping[str, Any]) -> NoReturn:
    from wavegate.__main__ import main

    code = 3
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        output = os.open(asked["output"], os.O_WRONLY)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.chdir(asked["folder"])
        os.environ.clear()
        os.environ.update(asked["environment"])
        code = main(asked["arguments"])
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    _serve()
