"""Writes a folder as a whole: it is complete or unchanged, even if the process stops in between."""

import hashlib
import os
import posixpath
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

from wavegate.cli.output import is_full
from wavegate.errors import InputError, OutputError
from wavegate.files.whole import unwritable
from wavegate.text import one_line


class WholeFolder:
    """Writes to a folder aside, and puts it in place of an earlier one when the context ends without an error.

    folder: a link there is replaced, not followed. Only this user may read it. InputError: it cannot be written, or a
    path leads out of it; the earlier folder is unchanged then.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._aside = self._folder.with_name(f"{self._folder.name}.new")
        self._known: set[str] = set()

    def __enter__(self) -> Self:
        try:
            self._folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # a killed run may have left one behind
            shutil.rmtree(self._aside, ignore_errors=True)
            self._aside.mkdir(mode=0o700)
        except OSError as error:
            raise unwritable(self._folder, error) from None
        return self

    def write(self, path: str, data: bytes) -> str:
        """Write one file. path: POSIX, relative. Returns its SHA-256 in hexadecimal."""
        _check(path)
        try:
            self.make(posixpath.dirname(path))
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
            with os.fdopen(os.open(self._aside / path, flags, 0o600), "wb") as stream:
                stream.write(data)
        except (OSError, ValueError) as error:
            raise _refused(path, error) from None
        return hashlib.sha256(data).hexdigest()

    def make(self, folder: str) -> None:
        """Create a folder. folder: POSIX, relative; '' for the whole one."""
        if folder and folder not in self._known:
            _check(folder)
            (self._aside / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
            self._known.add(folder)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._place()
        except OSError as problem:
            raise unwritable(self._folder, problem) from None
        finally:
            shutil.rmtree(self._aside, ignore_errors=True)

    def _place(self) -> None:
        if self._folder.is_symlink() or self._folder.is_file():
            self._folder.unlink()
        elif self._folder.exists():
            earlier = self._folder.with_name(f"{self._folder.name}.old")
            shutil.rmtree(earlier, ignore_errors=True)
            self._folder.rename(earlier)
            shutil.rmtree(earlier, ignore_errors=True)
        self._aside.rename(self._folder)


def _check(path: str) -> None:
    if path.startswith("/") or not set(path.split("/")).isdisjoint({"", ".", ".."}) or "\0" in path:
        raise InputError(f"{one_line(path, 300)} is not a path inside the checkout.", fix="Rename it.")


def _refused(path: str, error: OSError | ValueError) -> InputError | OutputError:
    if isinstance(error, OSError) and is_full(error):
        return unwritable(Path(path), error)
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return InputError(
        f"{one_line(path, 300)} cannot be copied: {reason}.",
        fix="Check that the disk has space left, and that no other file differs from it only in case.",
        file=path,
    )
