"""Finds the exported files that a telemetry file's patterns mean, in one folder and nowhere else."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from wavegate.errors import InputError
from wavegate.text import join_names, one_line, pluralize

MAX_FILES = 10_000
MAX_BYTES = 64 * 1024**3
"""Bytes of all files together."""
FORMATS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
_PATTERN_CHARACTERS = frozenset("*?[]{}")


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportedFile:
    """A file. path: relative to the folder. place: absolute. format: `csv`, `jsonl` or `parquet`. size: bytes.

    changed: when its bytes were changed last, in nanoseconds.
    """

    path: str
    place: Path
    format: str
    size: int
    changed: int = 0

    @property
    def is_as_found(self) -> bool:
        """Whether it has not been written to since it was found."""
        try:
            status = self.place.stat()
        except OSError:
            return False
        return (status.st_size, status.st_mtime_ns) == (self.size, self.changed)


def find_exports(folder: Path, patterns: Iterable[str]) -> tuple[ExportedFile, ...]:
    """The files that match one of the patterns, sorted by path. Links are not followed.

    patterns: relative paths; `*` and `?` match within a name, `**` any folders. InputError: a pattern leads out of
    the folder, a file has another format or a name that DuckDB takes for a pattern, or there are too many.
    """
    root = folder.resolve()
    found: dict[str, ExportedFile] = {}
    for pattern in patterns:
        parts = _parts(pattern)
        fixed = [part for part in parts[:-1] if not _PATTERN_CHARACTERS & set(part)]
        start = parts[: next((i for i, part in enumerate(parts[:-1]) if part not in fixed), len(parts) - 1)]
        expression = _expression(parts)
        for path in _walk(root, "/".join(start)):
            if expression.fullmatch(path) and path not in found:
                found[path] = _exported(root, path)
                if len(found) > MAX_FILES:
                    message = f"The patterns of the telemetry file match more than {MAX_FILES:,} files."
                    raise InputError(message, fix="Write narrower patterns, or merge the files.")
    files = tuple(found[path] for path in sorted(found))
    if sum(file.size for file in files) > MAX_BYTES:
        message = f"The {pluralize(len(files), 'file')} have more than {MAX_BYTES // 1024**3} GiB."
        raise InputError(message, fix="Write narrower patterns, or let Data Cloud sum the sessions up.")
    return files


def _parts(pattern: str) -> list[str]:
    parts = [part for part in pattern.split("/") if part not in ("", ".")]
    if pattern.startswith("/") or ".." in parts or not parts or "\\" in pattern or ":" in parts[0]:
        message = f"The pattern `{one_line(pattern, 200)}` leads out of the folder."
        raise InputError(message, fix="Write a path relative to the checkout, or give --telemetry-folder.")
    return parts


def _expression(parts: list[str]) -> re.Pattern[str]:
    """A pattern as a regular expression of paths; brackets have no meaning."""
    text = ""
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part != "**":
            text += _name_expression(part) + ("" if last else "/")
        elif last:
            text += ".*"
        elif parts[index + 1] != "**":
            text += "(?:[^/]+/)*"
    return re.compile(text, re.DOTALL)


def _name_expression(pattern: str) -> str:
    """A pattern of one name. The shortest match of what is between two `*` always suffices, so nothing is retried."""
    first, *rest = ("[^/]".join(map(re.escape, each.split("?"))) for each in re.split(r"\*+", pattern))
    between = "".join(f"(?>[^/]*?{each})" for each in rest[:-1])
    return first + between + (f"[^/]*{rest[-1]}" if rest else "")


def _walk(root: Path, start: str) -> Iterator[str]:
    """Paths of the regular files below a folder, without hidden folders; none if a link leads to it."""
    place = root / start
    if place.resolve() != place or not place.is_dir():
        return
    for current, folders, names in os.walk(place, onerror=_unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            full = Path(current, name)
            if full.is_file() and not full.is_symlink():
                yield full.relative_to(root).as_posix()


def _unreadable(error: OSError) -> None:
    message = f"A folder with exported files cannot be read: {error.strerror}."
    raise InputError(message, fix="Grant read permission to the user that runs wavegate.") from error


def _exported(root: Path, path: str) -> ExportedFile:
    place = root / path
    form = FORMATS.get(place.suffix.lower())
    shown = one_line(path, 300)
    if form is None:
        message = f"The name of the file ends in none of {join_names(sorted(FORMATS))}."
        raise InputError(message, fix="Write a pattern that matches exported sessions only.", file=shown)
    if _PATTERN_CHARACTERS & set(str(place)) or not str(place).isprintable():
        message = "The file's path has a character that cannot be read safely: one of * ? [ ] { }, or a control one."
        raise InputError(message, fix="Rename the file.", file=shown)
    status = place.stat()
    return ExportedFile(path=path, place=place, format=form, size=status.st_size, changed=status.st_mtime_ns)
