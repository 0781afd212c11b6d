"""Atomic writes: a file is complete or unchanged, even if the process or the disk stops in between."""

import contextlib
import errno
import os
import stat
from pathlib import Path
from types import TracebackType
from typing import Self

from wavegate.cli.output import is_full, outcome
from wavegate.errors import InputError, OutputError
from wavegate.text import one_line

_UNSYNCED = {errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM}
"""Errors of file systems that cannot sync a folder, or do not let this user read it."""


def write_whole(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a file atomically, and durably once this returns. Arguments and errors are those of `WholeFile`."""
    with WholeFile(path, private=private) as file:
        file.write(data)


class WholeFile:
    """Writes to a temporary file beside the path, and renames it when the context ends without an error.

    path: missing folders are created. A symbolic link there is replaced, not followed: a checkout's link may lead
    elsewhere. private: only this user may read it (mode 600); otherwise it gets an older file's mode, or the usual
    one. over: whether it replaces an older file; FileExistsError otherwise.
    InputError, or OutputError if the disk is full: it cannot be written; an older file is unchanged. A process that
    is killed leaves the temporary file.
    """

    def __init__(self, path: Path, *, private: bool = False, over: bool = True) -> None:
        self._path = path
        self._private = private
        self._over = over
        self._failed = False

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(mode=0o700 if self._private else 0o777, parents=True, exist_ok=True)
            # as root, `/dev/stdout` in a redirected shell would be replaced for the whole machine
            device = self._path.parent.resolve() == Path("/dev")
            if device or (self._path.exists() and not self._path.is_file()):
                raise InputError(
                    f"{one_line(str(self._path), 300)} is not a regular file.", fix="Name a file, new or existing."
                )
            self._aside = self._path.parent / f".wavegate-{os.urandom(8).hex()}"
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            self._stream = os.fdopen(os.open(self._aside, flags, 0o600 if self._private else 0o666), "wb")
        except OSError as error:
            raise unwritable(self._path, error) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None and not self._failed:
                self._finish()
        except FileExistsError:
            raise
        except OSError as problem:
            raise unwritable(self._path, problem) from None
        finally:
            with contextlib.suppress(OSError):
                self._stream.close()
            with contextlib.suppress(OSError):
                self._aside.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        """Append data. After an error, the temporary file is not renamed."""
        try:
            self._stream.write(data)
        except OSError as error:
            self._failed = True
            raise unwritable(self._path, error) from None

    def _finish(self) -> None:
        self._stream.flush()
        if not self._private and self._path.is_file() and not self._path.is_symlink():
            self._aside.chmod(stat.S_IMODE(self._path.stat().st_mode))
        os.fsync(self._stream.fileno())
        if self._over:
            self._aside.replace(self._path)
        else:
            # unlike a rename, a hard link never replaces an existing file
            self._path.hardlink_to(self._aside)
        sync_folder(self._path.parent)


def sync_folder(folder: Path) -> None:
    """Sync a folder's entries to disk, if the file system can do that. Raises OSError."""
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno not in _UNSYNCED:
            raise


def unwritable(path: Path, error: OSError) -> InputError | OutputError:
    """The error of a file that cannot be written: an OutputError if the disk takes no more."""
    message = f"{one_line(str(path), 300)} cannot be written: {error.strerror or error}."
    if is_full(error):
        before = f" What was decided or done before: {outcome()}." if outcome() else ""
        return OutputError(f"{message}{before}", fix="Make space on the disk, and run the command again.")
    return InputError(
        message,
        fix="Check that you may write to its folder and that the disk has space left, or choose another path.",
    )
