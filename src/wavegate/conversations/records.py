"""The JSON values of a file, one by one: a document, or JSON Lines. Nothing is decoded without a limit."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader

import msgspec

from wavegate.conversations.problems import unreadable
from wavegate.evidence.json_keys import duplicate_key
from wavegate.evidence.lines import BOM, GZIP
from wavegate.findings.finding import Finding, Location
from wavegate.text import one_line

MAX_RECORD = 32 * 1024 * 1024
"""Bytes of a document, or of a line."""
MAX_OPENED = 2_000_000
"""Objects and lists of a document. Decoded, an empty one takes thirty times its bytes."""
MAX_INVALID = 100
"""Invalid lines after which the rest of a file is not read."""

_SPLIT = "Export fewer sessions at once."


@dataclass(frozen=True, kw_only=True, slots=True)
class JsonRecord:
    """A JSON value of a file. value: as decoded, without its own positions. place: its line."""

    value: object
    place: Location


def read_records(stream: BufferedReader, file: str) -> Iterator[JsonRecord | Finding]:
    """The values of a stream, with a finding for each that cannot be read. OSError if the stream fails.

    If its first line is a whole value, the file is JSON Lines, otherwise it is one document.
    """
    first = stream.readline(MAX_RECORD + 1).removeprefix(BOM)
    if first.startswith(GZIP):
        yield unreadable(Location(file), "The file is compressed.", "Decompress it.")
    elif first.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield unreadable(Location(file), "The file is UTF-16, not UTF-8.", "Save it as UTF-8.")
    elif _is_whole(first):
        yield from _lines(first, stream, file)
    else:
        yield from _document(first + stream.read(MAX_RECORD + 1 - len(first)), file)


def _is_whole(line: bytes) -> bool:
    """Whether the line is a JSON object or list. A blank first line may precede either kind of file."""
    text = line.strip()
    if not text.startswith((b"{", b"[")) or not text.endswith((b"}", b"]")) or len(text) > MAX_RECORD:
        return False
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _lines(line: bytes, stream: BufferedReader, file: str) -> Iterator[JsonRecord | Finding]:
    number = invalid = 0
    while line:
        number += 1
        if len(line) > MAX_RECORD:
            yield unreadable(Location(file, number), f"The line is longer than {MAX_RECORD} bytes.", _SPLIT)
            return
        if line.strip():
            record = _decoded(line, file, number)
            yield record
            invalid += isinstance(record, Finding)
        if invalid > MAX_INVALID:
            message = f"More than {MAX_INVALID} lines cannot be read; the rest of the file was not read."
            yield unreadable(Location(file, number), message)
            return
        line = stream.readline(MAX_RECORD + 1)


def _document(data: bytes, file: str) -> Iterator[JsonRecord | Finding]:
    if len(data) > MAX_RECORD:
        yield unreadable(Location(file), f"The document is larger than {MAX_RECORD} bytes.", _SPLIT)
    elif not data.strip():
        yield unreadable(Location(file), "The file is empty.", "Check the log of the export.")
    else:
        yield _decoded(data, file, 1)


def _decoded(data: bytes, file: str, line: int) -> JsonRecord | Finding:
    place = Location(file, line)
    if data.count(b"{") + data.count(b"[") > MAX_OPENED:
        return unreadable(place, f"There are more than {MAX_OPENED:,} objects and lists here.", _SPLIT)
    try:
        value = msgspec.json.decode(data)
        repeated = duplicate_key(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else one_line(str(error), 200)
        return unreadable(place, f"This is not JSON: {reason}.")
    if repeated is not None:
        return unreadable(place, f"Duplicate key `{one_line(repeated, 80)}` in one object.")
    return JsonRecord(value=value, place=place)
