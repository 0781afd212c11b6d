"""A temporary copy of the checkout, with some files changed: the checkout itself is never touched."""

import contextlib
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from wavegate.errors import InputError
from wavegate.files.whole import write_whole
from wavegate.text import one_line

_PREFIX = "wavegate-variant-"
_LEFT_OUT = frozenset({".git", ".wavegate"})
_LINKED = frozenset({"node_modules", ".venv", "venv"})
"""Folders of installed packages: large, and the same for every variant."""
MAX_BYTES = 512 * 1024 * 1024
"""Size of a checkout that is copied."""


class CheckoutCopy:
    """A copy of a checkout without its history; removed when the context ends. announce: learns its folder first."""

    def __init__(self, root: Path, announce: Callable[[Path], None]) -> None:
        self._root = root.resolve()
        self._announce = announce

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX)).resolve()
        try:
            self._announce(self.folder)
            for path, entry in _entries(self._root):
                _copy(entry, self.folder / path)
        except BaseException:
            remove_copy(self.folder)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        remove_copy(self.folder)

    def write(self, path: str, data: bytes, *, executable: bool = False) -> None:
        """Replace or create a file of the copy. InputError: its path leads out of the copy."""
        place = self._place(path)
        if place.is_symlink():
            place.unlink()
        write_whole(place, data)
        place.chmod(0o755 if executable else 0o644)

    def link(self, path: str, target: str) -> None:
        """Replace or create a symbolic link of the copy. InputError: it, or its target, leads out of the copy."""
        place = self._place(path)
        if not (place.parent / target).resolve().is_relative_to(self.folder):
            raise _leads_out(path)
        self.remove(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)

    def remove(self, path: str) -> None:
        """Remove a file or a link of the copy, if it is one, and the folders that are empty without it."""
        place = self._place(path)
        if not place.is_symlink() and not place.is_file():
            return
        place.unlink()
        with contextlib.suppress(OSError):  # not empty
            while (place := place.parent) != self.folder:
                place.rmdir()

    def _place(self, path: str) -> Path:
        place = self.folder / path
        inside = place.parent.resolve().is_relative_to(self.folder)
        if not inside or ".." in Path(path).parts or Path(path).is_absolute():
            raise _leads_out(path)
        return place


def _leads_out(path: str) -> InputError:
    return InputError(
        f"The file {one_line(path, 200)} leads out of the checkout.", fix="Remove the link in its path."
    )


def remove_copy(folder: Path) -> None:
    """Remove a copy, if it is one."""
    if folder.name.startswith(_PREFIX) and folder.parent == Path(tempfile.gettempdir()).resolve():
        shutil.rmtree(folder, ignore_errors=True)


def content_digest(root: Path) -> str:
    """Hexadecimal SHA-256 of what a copy of the checkout would hold, without installed packages.

    InputError: it is too large to be copied for each variant.
    """
    digest, size = hashlib.sha256(), 0
    for path, entry in sorted(_entries(root.resolve()), key=lambda each: str(each[0])):
        if entry.is_file(follow_symlinks=False):
            size += entry.stat(follow_symlinks=False).st_size
            if size > MAX_BYTES:
                message = f"The checkout has more than {MAX_BYTES // 1024**2} MiB besides its history."
                raise InputError(message, fix="Pass the folder of the Salesforce project with --root.")
            content = hashlib.sha256(Path(entry.path).read_bytes()).hexdigest()
            digest.update(f"{path}\0{content}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _entries(folder: Path, below: Path = Path()) -> Iterator[tuple[Path, "os.DirEntry[str]"]]:
    """Everything to copy, folders before what they hold."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda each: each.name):
            path = below / entry.name
            if entry.name in _LEFT_OUT:
                continue
            yield path, entry
            if entry.is_dir(follow_symlinks=False) and entry.name not in _LINKED:
                yield from _entries(Path(entry.path), path)


def _copy(entry: "os.DirEntry[str]", target: Path) -> None:
    if entry.is_symlink():
        target.symlink_to(Path(entry.path).readlink())
    elif entry.is_dir():
        if entry.name in _LINKED:
            target.symlink_to(entry.path)
        else:
            target.mkdir()
    elif stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
        with contextlib.suppress(FileNotFoundError):  # removed meanwhile
            shutil.copy2(entry.path, target)
