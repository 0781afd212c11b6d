"""Writes observations and transcripts as JSON Lines files, atomically."""

import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from wavegate.errors import InputError
from wavegate.evidence.observation import Wire


class LinesFile:
    """Writes a JSON Lines file atomically: it replaces an older file when the context ends without an error.

    Until then only this user may read it; afterwards it has the usual permissions, unless it is `private`.
    """

    def __init__(self, path: Path, *, private: bool = False) -> None:
        self._path = path
        self._private = private

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
        except OSError as error:
            raise InputError(
                f"The file cannot be written: {error.strerror}.", fix="Choose another path.", file=str(self._path)
            ) from None
        self._aside, self._stream = Path(name), os.fdopen(handle, "wb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stream:
            self._stream.flush()
            os.fsync(self._stream.fileno())
        if error is not None:
            self._aside.unlink(missing_ok=True)
            return
        if not self._private:
            self._aside.chmod(0o644)
        self._aside.replace(self._path)

    def write(self, value: Wire) -> None:
        """Add one line."""
        self._stream.write(msgspec.json.encode(value) + b"\n")
