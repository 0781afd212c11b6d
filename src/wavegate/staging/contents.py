"""The contents of the files that a deployment sends."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from wavegate.errors import InputError
from wavegate.files.folder import FILE_LIMIT, FolderSource
from wavegate.files.source import Source
from wavegate.text import one_line

MAX_FILES = 50_000
MAX_BYTES = 400 * 1024 * 1024
"""Of a whole release; an org takes less, as Salesforce documents (10,000 files; 400 MB, 39 MB as a zip archive)."""
_BATCH = 250
"""Files in memory at the same time."""
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-[^\n]*\n)*"
    rb"oid sha256:(?P<digest>[0-9a-f]{64})\nsize \d+\n?"
)
"""Source: the specification of Git LFS, docs/spec.md."""


def read_sent(source: Source, paths: Sequence[str], checkout: Path | None) -> Iterator[tuple[str, bytes]]:
    """Each path with its content. checkout: where Git LFS has put the files that the source has only pointers of.

    InputError for a file that cannot be sent, and for a release that is too large.
    """
    if len(paths) > MAX_FILES:
        raise InputError(
            f"The release has {len(paths):,} files to send; wavegate stages at most {MAX_FILES:,}.",
            fix="Promote it in several steps.",
        )
    size = 0
    for start in range(0, len(paths), _BATCH):
        batch = paths[start : start + _BATCH]
        contents = source.read(batch)
        for path in batch:
            data = _content(path, contents.get(path), checkout)
            size += len(data)
            if size > MAX_BYTES:
                raise InputError(
                    f"The release has more than {MAX_BYTES // 1024 // 1024} MiB to send.",
                    fix="Promote it in several steps.",
                )
            yield path, data


def _content(path: str, data: bytes | None, checkout: Path | None) -> bytes:
    if data is None:
        raise InputError(
            f"{one_line(path, 300)} cannot be sent: it is a symbolic link, a submodule, or larger than "
            f"{FILE_LIMIT // 1024 // 1024} MiB.",
            fix="Commit the file itself.",
            file=path,
        )
    pointer = _POINTER.fullmatch(data)
    if pointer is None:
        return data
    real = FolderSource(checkout).read([path]).get(path) if checkout else None
    if real is None or hashlib.sha256(real).hexdigest().encode() != pointer["digest"]:
        raise InputError(
            f"{one_line(path, 300)} is a Git LFS pointer, and the checkout does not have the file that it names.",
            fix="Check out with `lfs: true`, or run `git lfs pull`.",
            file=path,
        )
    return real
