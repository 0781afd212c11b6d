"""Finding evidence files, named or in folders. Nothing that looks like evidence is passed over."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wavegate.errors import InputError
from wavegate.evidence.source import TestKey
from wavegate.text import visible

LINES = (".jsonl", ".ndjson")
RESULTS = (".json", ".xml")
MAX_FILES = 10_000
FIX = "Use the files that the smoke run wrote."


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceFile:
    """One evidence file. name: as shown in messages. test: the test that the user assigned it to, if any."""

    path: Path
    name: str
    test: TestKey | None = None


def find_files(paths: Sequence[str], *, suffixes: tuple[str, ...], root: Path) -> tuple[EvidenceFile, ...]:
    """The files among the paths, and the files with these suffixes (or compressed) in the folders, sorted.

    A folder without such files stays in the list. Reading it gives a finding, as does reading a compressed file.
    Raises InputError if a path does not exist, or if a folder contains a symbolic link, which is never followed, or a
    device or pipe that is named like evidence, which might never end.
    """
    evidence: dict[Path, EvidenceFile] = {}
    for text in paths:
        path = root / text
        files = [path] if path.is_file() else _in_folder(path, text, suffixes) or [path]
        evidence |= {each.resolve(): EvidenceFile(path=each, name=_shown(each, root)) for each in files}
    if len(evidence) > MAX_FILES:
        raise InputError(f"There are {len(evidence)} evidence files; the limit is {MAX_FILES}.", fix=FIX)
    return tuple(sorted(evidence.values(), key=lambda each: each.name))


def _in_folder(path: Path, text: str, suffixes: tuple[str, ...]) -> list[Path]:
    """The folder's files with these suffixes, or compressed, at any depth."""
    if not path.is_dir():
        raise InputError(f"There is no file or folder {text}.", fix="Check the path, which starts at the checkout.")
    files = []
    for entry in _entries(path, text):
        is_evidence = _looks_like_evidence(entry.name)
        if entry.is_symlink() and (is_evidence or entry.is_dir()):
            raise InputError(
                f"The folder {text} contains a symbolic link, {visible(entry.name)}, which is not followed.",
                fix="Replace the link with the file, or remove it.",
            )
        if is_evidence and not entry.is_file():
            raise InputError(f"The folder {text} contains {visible(entry.name)}, which is not a file.", fix=FIX)
        if entry.name.lower().endswith((*suffixes, *(f"{suffix}.gz" for suffix in suffixes))):
            files.append(Path(entry.path))
    return sorted(files)


def check_all_counted(paths: Sequence[str], counted: Iterable[EvidenceFile], *, root: Path) -> None:
    """Check that the folders among the paths contain no other file that looks like evidence.

    InputError: one does. It would be left out of the count, and nobody would notice.
    """
    known = {file.path.resolve() for file in counted}
    for text in paths:
        path = root / text
        for entry in _entries(path, text) if path.is_dir() else ():
            if _looks_like_evidence(entry.name) and Path(entry.path).resolve() not in known:
                raise InputError(
                    f"The folder {text} contains {visible(entry.name)}, which would not be counted.",
                    fix="Move it out. Observations end in .jsonl or .ndjson, result files in .json or .xml.",
                )


def _looks_like_evidence(name: str) -> bool:
    return any(suffix in (*LINES, *RESULTS) for suffix in Path(name.lower()).suffixes)


def _entries(path: Path, text: str) -> Iterator[os.DirEntry[str]]:
    """Everything in a folder but its subfolders, at any depth. InputError if a folder cannot be read."""
    folders = [str(path)]
    while folders:
        try:
            with os.scandir(folders.pop()) as opened:
                entries = list(opened)
        except OSError as error:
            message = f"The folder {text} cannot be read completely: {error.strerror}."
            raise InputError(message, fix="Grant read permission to the user that runs wavegate.") from error
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            else:
                yield entry


def _shown(path: Path, root: Path) -> str:
    try:
        return visible(path.resolve().relative_to(root.resolve()).as_posix())
    except ValueError:
        return visible(path.as_posix())
