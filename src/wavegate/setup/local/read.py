"""Reads the workflows of a checkout."""

from pathlib import Path

from wavegate.errors import InputError
from wavegate.files.folder import FILE_LIMIT
from wavegate.text import one_line

_FOLDER = Path(".github") / "workflows"


def read_workflows(root: Path) -> dict[str, str]:
    """The text of every workflow of a checkout by file name, with line feeds. Links are left out.

    InputError: the folder is outside the checkout, a file cannot be read, or one of wavegate's is a link or too
    large.
    """
    folder = root / _FOLDER
    if not folder.resolve().is_relative_to(root.resolve()):
        raise InputError(f"A symbolic link takes {_FOLDER} outside the checkout.", fix="Remove the link.")
    try:
        paths = sorted(folder.glob("*.y*ml"))
        found = [path for path in paths if path.is_file() and not path.is_symlink()]
        if odd := [path.name for path in paths if path not in found and path.name.startswith("wavegate-")]:
            raise InputError(
                f"{one_line(odd[0], 200)} is not a regular file.", fix="Replace it with what it leads to."
            )
        large = {path.name for path in found if path.stat().st_size > FILE_LIMIT}
        if odd := sorted(name for name in large if name.startswith("wavegate-")):
            raise InputError(f"{one_line(odd[0], 200)} is too large for a workflow.", fix="Restore it from git.")
        return {path.name: _text(path) for path in found if path.name not in large}
    except OSError as refused:
        raise InputError(
            f"The workflows cannot be read: {refused.strerror}.",
            fix="Check the permissions of this file.",
            file=one_line(str(refused.filename), 300),
        ) from None


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "surrogateescape").replace("\r\n", "\n")
