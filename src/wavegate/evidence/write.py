"""Writes observations and transcripts as JSON Lines files, atomically."""

from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from wavegate.evidence.observation import Wire
from wavegate.files.whole import WholeFile


class LinesFile:
    """Writes a JSON Lines file atomically: it replaces an older file when the context ends without an error.

    Until then only this user may read it; afterwards it has the usual permissions, unless it is `private`.
    InputError: it cannot be written.
    """

    def __init__(self, path: Path, *, private: bool = False) -> None:
        self._file = WholeFile(path, private=private)

    def __enter__(self) -> Self:
        self._file.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.__exit__(kind, error, trace)

    def write(self, value: Wire) -> None:
        """Add one line."""
        self._file.write(msgspec.json.encode(value) + b"\n")
