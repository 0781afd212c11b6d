"""A folder as the source of a project's files."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from wavegate.errors import InputError
from wavegate.files.source import SKIPPED
from wavegate.text import one_line

FILE_LIMIT = 10 * 1024 * 1024
"""Bytes of one file; files that hold references are far smaller."""


class FolderSource:
    """The files under root, without those of tools (`.git`, `.sf`, `node_modules`).

    A symbolic link to a folder, or to a file outside root, is not followed.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def paths(self) -> Sequence[str]:
        """Every file's path relative to root, sorted. InputError for a folder that cannot be read."""
        return sorted(self._walk())

    def has(self, name: str) -> bool:
        """Whether it contains a file with that name, at any depth. InputError for a folder that cannot be read."""
        return any(path.rpartition("/")[2] == name for path in self._walk())

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """The bytes of those files. One that is outside root, unreadable or over the limit is left out."""
        contents = {path: self._read(path) for path in paths}
        return {path: data for path, data in contents.items() if data is not None}

    def _walk(self) -> Iterator[str]:
        prefixes = [""]
        while prefixes:
            prefix = prefixes.pop()
            try:
                with os.scandir(self._root / prefix) as entries:
                    for entry in entries:
                        if not entry.is_dir(follow_symlinks=False):
                            yield prefix + entry.name
                        elif not entry.name.startswith(".") and entry.name not in SKIPPED:
                            prefixes.append(f"{prefix}{entry.name}/")
            except OSError as error:
                message = f"Folder {one_line(prefix) or '.'} cannot be read: {error.strerror}."
                raise InputError(message, fix="Grant read permission to the user that runs wavegate.") from None

    def _read(self, path: str) -> bytes | None:
        try:
            place = (self._root / path).resolve(strict=True)
            if not place.is_relative_to(self._root) or not place.is_file():
                return None
            with place.open("rb") as stream:
                data = stream.read(FILE_LIMIT + 1)
        except (OSError, RuntimeError, ValueError):
            return None
        return data if len(data) <= FILE_LIMIT else None
