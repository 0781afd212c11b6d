"""Creates new files atomically, and never overwrites an existing one."""

import os
from enum import StrEnum
from pathlib import Path

from wavegate.errors import InputError
from wavegate.text import one_line


class Written(StrEnum):
    """The result of creating a file. same, different: the file exists, with the same or other contents."""

    NEW = "new"
    SAME = "same"
    DIFFERENT = "different"


def write_new(root: Path, path: str, text: str) -> Written:
    """Create a file below root. path: POSIX, relative. InputError if it cannot be created or is outside root."""
    target = root / path
    data = text.encode("utf-8")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.parent.resolve().is_relative_to(root.resolve()):
            message = f"A symbolic link takes {one_line(path)} outside the checkout."
            raise InputError(message, fix="Remove the link.")
        if os.path.lexists(target):
            return _compared(target, data)
        aside = target.with_name(f".{target.name}.new")
        aside.write_bytes(data)
        try:
            # a hard link, unlike a rename, never overwrites a file
            target.hardlink_to(aside)
        except FileExistsError:
            return _compared(target, data)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        message = f"{one_line(path)} cannot be written: {error.strerror}."
        raise InputError(message, fix="Check that its parent is a folder that you may write to.") from None
    return Written.NEW


def _compared(target: Path, data: bytes) -> Written:
    # git may have checked it out with Windows line endings
    same = target.is_file() and target.read_bytes().replace(b"\r\n", b"\n") == data
    return Written.SAME if same else Written.DIFFERENT
