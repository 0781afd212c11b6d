"""A pack's patterns, searched in what an agent said, under a time limit.

A regular expression can take longer than the universe has, and `re` cannot be told to stop. So a child process
searches, and is ended when it takes too long.
"""

import json
import re
import subprocess
import sys
import threading
from types import TracebackType
from typing import Self

TIME_LIMIT = 2.0
"""Seconds for one pattern in one text."""


class PatternSearch:
    """Searches patterns in texts; call it like a function, use it as a context."""

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
        """Whether the pattern occurs in the text; None if that takes too long, or it is no pattern.

        A pattern that took too long once is not tried again.
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
        found: bool | None = json.loads(answer)
        return found

    def _stop(self) -> None:
        if self._child:
            self._child.kill()
            self._child.communicate()
            self._child = None


def _start() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="ascii",
    )


def _ask(child: subprocess.Popen[str], pattern: str, text: str) -> str:
    """The child's answer, one JSON line; empty where the child was ended."""
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
