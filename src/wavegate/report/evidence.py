"""Reads the decision files and daily sums that the page shows. What cannot be read is shown as unreadable."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from wavegate.canary.decision import PREDICATE_TYPE as CANARY_TYPE
from wavegate.canary.decision import canary_from_json
from wavegate.errors import InputError
from wavegate.evidence.folders import EvidenceFile, find_files
from wavegate.evidence.resource import MAX_STATEMENT_BYTES
from wavegate.gate.decision import from_json
from wavegate.report.values import DecisionFile, Signals
from wavegate.telemetry.kept.file import read_kept

_FIRST = datetime.min.replace(tzinfo=UTC)


def read_decisions(paths: Sequence[str], root: Path) -> tuple[DecisionFile, ...]:
    """The decisions among the files and in the folders, oldest first; other JSON files are skipped.

    InputError: a path does not exist, a folder has a symbolic link, or there are too many files.
    """
    found = [each for file in _files(paths, root) for each in _decision(file.path, file.name)]
    return tuple(sorted(found, key=lambda each: (each.decision.time if each.decision else _FIRST, each.path)))


def read_signals(paths: Sequence[str], root: Path) -> tuple[tuple[Signals, ...], tuple[str, ...]]:
    """The daily sums among the files and in the folders, and why some cannot be used. Errors: as `read_decisions`."""
    found: list[Signals] = []
    problems: list[str] = []
    for file in _files(paths, root):
        if _looks_like_sums(file.path):
            kept, refused = read_kept(file.path)
            found += [Signals(path=file.name, kept=each) for each in kept]
            problems += refused
    return tuple(found), tuple(problems)


def _files(paths: Sequence[str], root: Path) -> list[EvidenceFile]:
    """The JSON files. A folder without one, such as that of a run without artifacts, has nothing to show."""
    return [each for each in find_files(paths, suffixes=(".json",), root=root) if not each.path.is_dir()]


def _looks_like_sums(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(4096)
    return b'"mapping"' in head and b'"closed"' in head


def _decision(path: Path, name: str) -> Iterator[DecisionFile]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_STATEMENT_BYTES + 1)
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror}.", fix="Check its path.") from error
    if b"in-toto.io/Statement" not in data:
        return
    digest = hashlib.sha256(data).hexdigest()
    read = canary_from_json if _predicate_type(data) == CANARY_TYPE else from_json
    try:
        yield DecisionFile(path=name, digest=digest, decision=read(data, path=name))
    except InputError as error:
        yield DecisionFile(path=name, digest=digest, problem=error.message)


class _AnyStatement(msgspec.Struct, rename={"predicate_type": "predicateType"}):
    predicate_type: str = ""


def _predicate_type(data: bytes) -> str:
    """What a statement says it is; '' for none. Its texts may quote another type."""
    try:
        return msgspec.json.decode(data, type=_AnyStatement).predicate_type
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ""
