"""Edits of a file at the places of its names. Everything else stays, byte for byte."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import AnyStr, Generic


@dataclass(frozen=True, kw_only=True, slots=True)
class TextEdit(Generic[AnyStr]):
    """begin, end: of what is replaced, as offsets from 0. new: what stands there afterwards."""

    begin: int
    end: int
    new: AnyStr


class UnwritableError(Exception):
    """A file that names a copied component in a way that no edit can follow. The message is half a sentence."""


def edited(data: AnyStr, edits: Iterable[TextEdit[AnyStr]]) -> AnyStr:
    """The data with those edits, which do not overlap."""
    parts: list[AnyStr] = []
    end = 0
    for edit in sorted(edits, key=lambda each: each.begin):
        if edit.begin < end:
            raise AssertionError(f"two edits at {edit.begin}")
        parts.append(data[end : edit.begin])
        parts.append(edit.new)
        end = edit.end
    parts.append(data[end:])
    return data[:0].join(parts)
