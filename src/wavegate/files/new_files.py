"""Files that are made where there are none: whole or not at all, and never over another."""

import os
from enum import StrEnum
from pathlib import Path

from wavegate.errors import InputError
from wavegate.files.whole import WholeFile, unwritable
from wavegate.text import one_line


class Written(StrEnum):
    """What came of making a file. different: one of that name is there already, and was left."""

    NEW = "new"
    SAME = "same"
    DIFFERENT = "different"


def write_new(root: Path, path: str, text: str) -> Written:
    """Make a file below root. path: POSIX, relative. InputError: it cannot be made, or is outside of root."""
    target = root / path
    data = text.encode("utf-8")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.parent.resolve().is_relative_to(root.resolve()):
            raise InputError(f"{one_line(path)} leads out of the checkout.", fix="Remove the link in its path.")
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
    # git may have checked it out with the line ends of Windows
    same = target.is_file() and target.read_bytes().replace(b"\r\n", b"\n") == data
    return Written.SAME if same else Written.DIFFERENT
