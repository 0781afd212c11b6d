"""Reads observations from JSON Lines, in constant memory and at about the speed of parsing."""

from collections.abc import Generator, Iterator
from typing import Protocol

import msgspec

from wavegate.evidence.json_keys import duplicate_key
from wavegate.evidence.observation import Observation
from wavegate.evidence.source import Attribution, Evidence
from wavegate.findings.finding import Finding

BOM, GZIP = b"\xef\xbb\xbf", b"\x1f\x8b"
CHUNK = 256 * 1024
MAX_LINE = 1024 * 1024
"""Bytes of one line."""
MAX_INVALID = 1000
"""Invalid lines after which the rest of a file is not read."""

_KEY_END = b'":'
_HIDES_KEYS = (
    (b" ", (b" :",)),
    (b"\t", (b"\t:",)),
    (b"\r", (b"\r:",)),
    (b"\n", (b"\n:",)),
    (b"\\", (b"\\u0022", b"\\u003a", b"\\u003A")),
)
"""What makes the number of `":` in a text differ from that of its keys: white space before a colon, and an escaped
quotation mark or colon in a string. It is looked for where its first byte occurs: one byte is found much faster."""
_ANY = msgspec.json.Decoder()


class Readable(Protocol):
    """What can be read in pieces."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most `size`; empty at the end."""
        ...


def read_lines(stream: Readable, about: Attribution) -> Iterator[Evidence]:
    """The stream's observations, with a finding for each invalid line, and one for an empty stream.

    OSError if it cannot be read.
    """
    decoder, line, invalid = msgspec.json.Decoder(Observation), 1, 0
    chunk = stream.read(CHUNK).removeprefix(BOM)
    if chunk.startswith(GZIP):
        yield about.compressed()
        return
    rest, blank = b"", True
    while chunk:
        blank = blank and not chunk.strip()
        whole, newline, rest = (rest + chunk).rpartition(b"\n")
        if newline:
            invalid += yield from _decode(decoder, whole, line, about)
            line += whole.count(b"\n") + 1
            if invalid > MAX_INVALID:
                message = f"More than {MAX_INVALID} lines are not observations; the rest of the file was not read."
                yield about.finding("malformed", message, "Pass a file of observations.", line=line)
                return
        elif len(rest) > MAX_LINE:
            # the end of this line is unknown, so the rest of the file is not read
            yield about.finding(
                "malformed", f"A line is longer than {MAX_LINE} bytes.", "Write one observation per line.", line=line
            )
            return
        chunk = stream.read(CHUNK)
    if blank:
        yield about.finding("empty", "The file contains no observations.", "Check the log of the run that wrote it.")
    elif rest:
        yield from _decode(decoder, rest, line, about)


def _decode(
    decoder: msgspec.json.Decoder[Observation], data: bytes, first: int, about: Attribution
) -> Generator[Evidence, None, int]:
    """The observations of whole lines. Returns the number of invalid lines."""
    try:
        observations = decoder.decode_lines(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        observations = None
    if observations is not None and not _may_have_duplicates(data, observations):
        yield from observations
        return 0
    invalid = 0
    for number, line in enumerate(data.split(b"\n"), start=first):
        if line.strip():
            item = _decode_line(decoder, line, number, about)
            invalid += isinstance(item, Finding)
            yield item
    return invalid


def _may_have_duplicates(data: bytes, observations: list[Observation]) -> bool:
    """Whether the text has more keys than the same values encoded again, and so perhaps a duplicate key.

    Encoding leaves out defaults, which a file may spell out. If the counts differ, they are compared once more with
    every key kept.
    """
    if any(byte in data and any(hint in data for hint in hints) for byte, hints in _HIDES_KEYS):
        return True
    keys = data.count(_KEY_END)
    if keys == msgspec.json.encode(observations).count(_KEY_END):
        return False
    return keys != msgspec.json.encode(_ANY.decode_lines(data)).count(_KEY_END)


def _decode_line(
    decoder: msgspec.json.Decoder[Observation], line: bytes, number: int, about: Attribution
) -> Evidence:
    try:
        observation, duplicate = decoder.decode(line), duplicate_key(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return about.finding(
            "malformed",
            f"The line is not an observation: {error}.",
            "Write it as schemas/observation.schema.json describes. If it was cut short, rerun what wrote it.",
            line=number,
        )
    return observation if duplicate is None else about.duplicate_key(duplicate, line=number)
