"""Searches for a pack's patterns in what an agent said, under a time limit.

A regular expression can take practically forever, and `re` has no timeout. So a child process does the search, and is
killed when it takes too long.
"""

import json
import os
import re
import subprocess
import sys
import threading
from types import TracebackType
from typing import Self

TIME_LIMIT = 2.0
"""Seconds for one pattern in one text."""


class PatternSearch:
    """Searches for patterns in texts. A context manager that is called like a function."""

    def __init__(self, *, time_limit: float = TIME_LIMIT) -> None:
        self._time_limit = time_limit
        self._child: subprocess.Popen[str] | None = None
        self._too_slow: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def __call__(self, pattern: str, text: str) -> bool | None:
        """Whether the pattern occurs in the text; None if the search times out or the pattern is invalid.

        A pattern that timed out is not tried again.
        """
        if pattern in self._too_slow:
            return None
        child = self._child = self._child or _start()
        timer = threading.Timer(self._time_limit, child.kill)
        timer.start()
        try:
            answer = _ask(child, pattern, text)
        finally:
            timer.cancel()
        if not answer:
            self._too_slow.add(pattern)
            self._stop()
            return None
        occurs: bool | None = json.loads(answer)
        return occurs

    def _stop(self) -> None:
        if self._child:
            self._child.kill()
            self._child.communicate()
            self._child = None


def _start() -> subprocess.Popen[str]:
    from wavegate.child_environment import for_any_program  # the child itself has the standard library alone

    return subprocess.Popen(
        [sys.executable, "-I", "-S", __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="ascii",
        env=for_any_program(os.environ),
    )


def _ask(child: subprocess.Popen[str], pattern: str, text: str) -> str:
    """The child's answer, one JSON line; empty if the child was killed."""
    assert child.stdin is not None  # noqa: S101 - both are pipes
    assert child.stdout is not None  # noqa: S101
    try:
        child.stdin.write(json.dumps([pattern, text]) + "\n")
        child.stdin.flush()
        return child.stdout.readline()
    except BrokenPipeError:
        return ""


def _answer(question: str) -> bool | None:
    pattern, text = json.loads(question)
    try:
        return re.search(pattern, text) is not None
    except (re.error, RecursionError, MemoryError, OverflowError):
        return None


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(_answer(line)), flush=True)
