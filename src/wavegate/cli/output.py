"""What this process decided or did, and what of its output was lost.

A line that cannot be written stops no command halfway: an org that is left half changed is worse than a log that is
cut short. What is lost is remembered, and in the end it is the process's error: no result is green without its
output. This module alone keeps a state of the process.
"""

import codecs
import errno
import io
import os
import sys
from collections.abc import Mapping
from typing import Any, TextIO

from wavegate.errors import OutputError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
_RESULTS = ("verdict", "result", "admitted", "complete", "logged-in")
"""Outputs of the commands that say in a word what was decided or done."""
_ESCAPES = "wavegate.escapes"
_outcome: dict[str, str] = {}
_lost: dict[str, str] = {}


def begin() -> None:
    """Forget what an earlier command of this process decided, and guard the streams."""
    _outcome.clear()
    # progress and errors are not a result: what is lost on standard error is not an error of its own
    for name, place in (("stdout", "standard output"), ("stderr", "")):
        stream = getattr(sys, name)
        # a test or an embedding program may have put its own in place, and a closed descriptor has none
        if stream is not None and stream is getattr(sys, f"__{name}__"):
            setattr(sys, name, _guarded(stream, place))


def decided(values: Mapping[str, str]) -> None:
    """Remember what was decided or done. values: the command's outputs; only those that say it in a word are kept."""
    _outcome.update({name: values[name] for name in _RESULTS if values.get(name)})


def lose(place: str, error: OSError | ValueError) -> None:
    """Remember that something could not be written. place: for people, such as `standard output`."""
    _lost.setdefault(place, getattr(error, "strerror", None) or type(error).__name__)


def outcome() -> str:
    """What was decided or done, such as `verdict: pass`; '' if nothing was."""
    return ", ".join(f"{name}: {value}" for name, value in _outcome.items())


def lost_output(code: int) -> OutputError | None:
    """The error for what was lost; None if nothing was. code: how the command ended apart from that."""
    if sys.stdout:
        sys.stdout.flush()
    if not _lost:
        return None
    places = ", ".join(f"{place} ({reason})" for place, reason in _lost.items())
    ended = f"ended with exit code {code}{f' ({outcome()})' if outcome() else ''}"
    _lost.clear()
    return OutputError(
        f"Some output could not be written: {places}; apart from that, the command {ended}.",
        fix="Make space, or read the output to its end, and run the command again: what it did is not done twice.",
    )


def is_full(error: OSError) -> bool:
    """Whether an error means that a disk takes no more."""
    # this is how Python says that no temporary folder takes a file
    return error.errno in _FULL or "No usable temporary directory" in str(error.strerror)


def without_room(error: OSError) -> OutputError:
    """The error of a disk that takes no more, and what was decided before."""
    place = f" under {error.filename}" if error.filename else ""
    before = f" What was decided or done before: {outcome()}." if outcome() else ""
    return OutputError(
        f"The disk cannot be written{place}: {error.strerror}.{before}",
        fix="Make space on the disk and of the temporary folder (TMPDIR), and run the command again.",
    )


class _Descriptor(io.RawIOBase):
    """A file descriptor that takes everything. name: of what is lost then; '' if that does not matter."""

    def __init__(self, descriptor: int, name: str) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._name = name

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, data: Any) -> int:
        while True:
            try:
                return os.write(self._descriptor, data)
            except BlockingIOError:
                _wait_for(self._descriptor)
            except OSError as error:
                if self._name:
                    lose(self._name, error)
                return len(data)


def _wait_for(descriptor: int) -> None:
    """Wait until a pipe can be written to that the parent process has made non-blocking."""
    import select

    select.select([], [descriptor], [])


def _guarded(stream: TextIO, place: str) -> TextIO:
    """A stream that never fails; what it cannot encode becomes an escape that JSON has too."""
    codecs.register_error(_ESCAPES, _escape)
    return io.TextIOWrapper(
        io.BufferedWriter(_Descriptor(stream.fileno(), place)),
        encoding=stream.encoding,
        errors=_ESCAPES,
        line_buffering=stream.isatty() or not place,
        write_through=bool(os.environ.get("PYTHONUNBUFFERED")),
    )


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    import json

    return json.dumps(error.object[error.start : error.end])[1:-1], error.end
