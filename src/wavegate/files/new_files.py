"""Creates new files atomically, and never overwrites an existing one."""

import os
from enum import StrEnum
from pathlib import Path

from wavegate.errors import InputError
from wavegate.files.whole import WholeFile, unwritable
from wavegate.text import one_line


class Written(StrEnum):
    """The result of creating a file. same, different: the file exists, with the same or other contents.

    added: lines were added to an existing file.
    """

    NEW = "new"
    ADDED = "added"
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
        try:
            with WholeFile(target, over=False) as file:
                file.write(data)
        except FileExistsError:
            return _compared(target, data)
    except OSError as error:
        raise unwritable(Path(path), error) from None
    return Written.NEW


def _compared(target: Path, data: bytes) -> Written:
    # git may have checked it out with Windows line endings
    same = target.is_file() and target.read_bytes().replace(b"\r\n", b"\n") == data
    return Written.SAME if same else Written.DIFFERENT
