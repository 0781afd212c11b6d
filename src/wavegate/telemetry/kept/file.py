"""Reads kept sums from a file or a folder, and nothing that is doubtful."""

from pathlib import Path

from wavegate.errors import InputError
from wavegate.files.schema import read_by_schema
from wavegate.files.strict_json import read_json
from wavegate.telemetry.kept.as_json import kept_of
from wavegate.telemetry.kept.values import KeptSums
from wavegate.text import one_line

MAX_BYTES = 256 * 1024**2


def read_kept(place: Path) -> tuple[tuple[KeptSums, ...], tuple[str, ...]]:
    """The kept sums of a file, or of all JSON files of a folder, and why others cannot be used, a sentence each.

    A place that does not exist holds none: the first look has no earlier one.
    """
    if not place.exists():
        return (), ()
    files = sorted(place.glob("*.json")) if place.is_dir() else [place]
    found: list[KeptSums] = []
    problems: list[str] = []
    for file in files:
        try:
            found.append(_read(file))
        except InputError as error:
            problems.append(f"{one_line(file.name, 200)} holds no usable daily sums: {error.message}")
    return tuple(found), tuple(problems)


def _read(file: Path) -> KeptSums:
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"It cannot be read: {error.strerror}.") from error
    if len(data) > MAX_BYTES:
        raise InputError("It is larger than 256 MiB.")
    document = read_json(data, path=file.name)
    values = read_by_schema(document, "telemetry-sums")
    if values is None or document.has_errors:
        raise InputError(document.findings[0].message)
    try:
        return kept_of(values)
    except (ValueError, TypeError) as error:
        raise InputError(f"{one_line(str(error), 200)}.") from error
