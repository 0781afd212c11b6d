"""Observations as JSON Lines, read in constant memory at about the speed of parsing them."""

from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from wavegate.adapters.evidence.source import Attribution, Evidence
from wavegate.model.observation import Observation

CHUNK = 256 * 1024
MAX_LINE = 1024 * 1024
"""Bytes of one line."""


def read_lines(stream: BinaryIO, about: Attribution) -> Iterator[Evidence]:
    """Every observation of the stream, and a finding for every line that is none. OSError where it cannot be read."""
    decoder, line, rest = msgspec.json.Decoder(Observation), 1, b""
    while chunk := stream.read(CHUNK):
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
    if rest:
        yield from _decode(decoder, rest, line, about)


def _decode(
    decoder: msgspec.json.Decoder[Observation], data: bytes, first: int, about: Attribution
) -> Iterator[Evidence]:
    try:
        yield from decoder.decode_lines(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        for number, line in enumerate(data.split(b"\n"), start=first):
            if line.strip():
                yield _decode_line(decoder, line, number, about)


def _decode_line(
    decoder: msgspec.json.Decoder[Observation], line: bytes, number: int, about: Attribution
) -> Evidence:
    try:
        return decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return about.finding(
            "malformed",
            f"The line is not an observation: {error}.",
            "Write it as schemas/observation.schema.json describes, or find out what cut it short.",
            line=number,
        )
