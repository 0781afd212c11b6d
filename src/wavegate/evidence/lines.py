"""Observations as JSON Lines, read in constant memory at about the speed of parsing them."""

from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from wavegate.evidence.json_keys import repeated_key
from wavegate.evidence.observation import Observation
from wavegate.evidence.source import Attribution, Evidence

BOM, GZIP = b"\xef\xbb\xbf", b"\x1f\x8b"
CHUNK = 256 * 1024
MAX_LINE = 1024 * 1024
"""Bytes of one line."""

_KEY_END = b'":'
_ANY = msgspec.json.Decoder()


def read_lines(stream: BinaryIO, about: Attribution) -> Iterator[Evidence]:
    """Every observation of the stream, and a finding for every line that is none, or where there is no line.

    OSError where it cannot be read.
    """
    decoder, line = msgspec.json.Decoder(Observation), 1
    chunk = stream.read(CHUNK).removeprefix(BOM)
    if chunk.startswith(GZIP):
        yield about.compressed()
        return
    rest, blank = b"", True
    while chunk:
        blank = blank and not chunk.strip()
        whole, newline, rest = (rest + chunk).rpartition(b"\n")
        if newline:
            yield from _decode(decoder, whole, line, about)
            line += whole.count(b"\n") + 1
        elif len(rest) > MAX_LINE:
            # where the line ends is anybody's guess: what follows it in this file is not read
            yield about.finding(
                "malformed", f"A line is over {MAX_LINE} bytes.", "Write one observation a line.", line=line
            )
            return
        chunk = stream.read(CHUNK)
    if blank:
        yield about.finding("empty", "The file holds no observation.", "Find out what kept its writer from writing.")
    elif rest:
        yield from _decode(decoder, rest, line, about)


def _decode(
    decoder: msgspec.json.Decoder[Observation], data: bytes, first: int, about: Attribution
) -> Iterator[Evidence]:
    try:
        found = decoder.decode_lines(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = None
    if found is not None and not _may_repeat(data, found):
        yield from found
        return
    for number, line in enumerate(data.split(b"\n"), start=first):
        if line.strip():
            yield _decode_line(decoder, line, number, about)


def _may_repeat(data: bytes, found: list[Observation]) -> bool:
    """Whether a key may stand twice in one of these observations: there are more keys than written afresh.

    Defaults that are written out are keys too, so where there are more, every key is kept and written afresh.
    """
    keys = data.count(_KEY_END)
    if keys == msgspec.json.encode(found).count(_KEY_END):
        return False
    return keys != msgspec.json.encode(_ANY.decode_lines(data)).count(_KEY_END)


def _decode_line(
    decoder: msgspec.json.Decoder[Observation], line: bytes, number: int, about: Attribution
) -> Evidence:
    try:
        found, repeated = decoder.decode(line), repeated_key(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return about.finding(
            "malformed",
            f"The line is not an observation: {error}.",
            "Write it as schemas/observation.schema.json describes, or find out what cut it short.",
            line=number,
        )
    return found if repeated is None else about.repeated(repeated, line=number)
