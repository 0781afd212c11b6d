"""The words that two versions of a text differ in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_TOKEN = re.compile(r"\w+(?:['’_-]\w+)*|\s+|[^\w\s]")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_MAX_TOKENS = 4000
"""Tokens or lines that are compared one by one: comparing takes quadratic time. A longer part is replaced whole."""


class WordEdit(StrEnum):
    """What happened to a piece of text."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, kw_only=True, slots=True)
class TextPiece:
    """A piece of text, and what happened to it."""

    edit: WordEdit
    text: str


def word_diff(before: str, after: str) -> tuple[TextPiece, ...]:
    """The pieces of both texts in order. The kept and removed ones are `before`; the kept and added ones, `after`.

    Lines are compared first, then the words of the lines that differ. Spaces between two changed words belong to the
    change, so that a rewritten phrase is one removal and one addition.
    """
    if before == after:
        return (TextPiece(edit=WordEdit.KEPT, text=before),) if before else ()
    pieces: list[TextPiece] = []
    old, new = _LINE.findall(before), _LINE.findall(after)
    if len(old) > _MAX_TOKENS or len(new) > _MAX_TOKENS:
        return tuple(_joined(list(_replaced(before, after))))
    for edit, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if edit == "equal":
            pieces.append(TextPiece(edit=WordEdit.KEPT, text="".join(old[i1:i2])))
        else:
            pieces += _words("".join(old[i1:i2]), "".join(new[j1:j2]))
    return tuple(_joined(pieces))


def similarity(before: str, after: str, *, least: float = 0.0) -> float:
    """How much two texts have in common, 0..1: twice their common words, over all words of both.

    least: below it, the result may be 0.0; whether words occur at all is found faster than where.
    """
    old, new = _TOKEN.findall(before)[:_MAX_TOKENS], _TOKEN.findall(after)[:_MAX_TOKENS]
    if not old and not new:
        return 1.0
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return matcher.ratio() if min(matcher.real_quick_ratio(), matcher.quick_ratio()) >= least else 0.0


def _words(before: str, after: str) -> Iterator[TextPiece]:
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if len(old) > _MAX_TOKENS or len(new) > _MAX_TOKENS:
        yield from _replaced(before, after)
        return
    removed, added = "", ""
    for edit, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        kept = "".join(old[i1:i2])
        if edit != "equal":
            removed, added = removed + kept, added + "".join(new[j1:j2])
        elif kept.isspace() and (removed or added) and i2 < len(old) and j2 < len(new):
            removed, added = removed + kept, added + kept
        else:
            yield from _replaced(removed, added)
            removed = added = ""
            yield TextPiece(edit=WordEdit.KEPT, text=kept)
    yield from _replaced(removed, added)


def _replaced(removed: str, added: str) -> Iterator[TextPiece]:
    """What both ends have in common, such as a space, is kept."""
    start = _common(removed, added)
    end = _common(removed[start:][::-1], added[start:][::-1])
    yield TextPiece(edit=WordEdit.KEPT, text=removed[:start])
    yield TextPiece(edit=WordEdit.REMOVED, text=removed[start : len(removed) - end])
    yield TextPiece(edit=WordEdit.ADDED, text=added[start : len(added) - end])
    yield TextPiece(edit=WordEdit.KEPT, text=removed[len(removed) - end :])


def _common(one: str, other: str) -> int:
    """How many characters of white space two texts start with in common."""
    number = 0
    for left, right in zip(one, other, strict=False):
        if left != right or not left.isspace():
            break
        number += 1
    return number


def _joined(pieces: Sequence[TextPiece]) -> Iterator[TextPiece]:
    """Neighbours of the same kind as one, empty ones left out."""
    current: TextPiece | None = None
    for each in (each for each in pieces if each.text):
        if current and current.edit is each.edit:
            current = TextPiece(edit=each.edit, text=current.text + each.text)
            continue
        if current:
            yield current
        current = each
    if current:
        yield current
