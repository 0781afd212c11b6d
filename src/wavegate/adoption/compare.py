"""Compares a unit's files in a commit with those that an org returned."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from wavegate.adoption.canonical import metadata_lines, metadata_of, other_lines, part_names
from wavegate.adoption.units import Files
from wavegate.adoption.values import Difference, DifferenceKind
from wavegate.text import clip

_SHOWN = 6
"""Lines of a file's difference that are shown."""
_WIDTH = 160
"""Characters of a line that are shown."""
_BEFORE = 40
"""Of those, how many before the first one that differs."""
_MAX_LINES = 20_000
"""Lines of both files beyond which a difference is not located."""


def unit_difference(
    name: str, committed: Files, found: Files, *, placeholders: Sequence[str] = ()
) -> Difference | None:
    """How a unit differs; None if it is equal. name: the unit's.

    committed, found: the commit's files and the org's, by path. placeholders: texts in the commit's files for which
    a deployment inserted something else: there, any text is equal.
    """
    if not found:
        return Difference(component=name, kind=DifferenceKind.MISSING)
    lines: list[str] = []
    of_form = True
    for path in sorted(committed.keys() | found.keys()):
        if path not in found or path not in committed:
            lines.append(f"{'-' if path in committed else '+'} {path}")
            of_form = False
        elif changed := _file_difference(path, committed[path], found[path], placeholders):
            lines += [f"{path}:", *(f"  {line}" for line in changed[0])]
            of_form = of_form and changed[1]
    if not lines:
        return None
    return Difference(component=name, kind=DifferenceKind.CHANGED, lines=tuple(lines), of_form=of_form)


def _file_difference(
    path: str, committed: bytes, found: bytes, placeholders: Sequence[str]
) -> tuple[list[str], bool] | None:
    """The first lines that differ, and whether only the form differs; None if nothing does."""
    if committed == found:
        return None
    ours, theirs = metadata_of(path, committed), metadata_of(path, found)
    if ours is None or theirs is None:
        pair = other_lines(path, committed), other_lines(path, found)
        return None if _same(*pair, placeholders) else (_shown(*pair), False)
    parts = part_names(ours)
    pair = metadata_lines(ours, parts), metadata_lines(theirs, parts)
    if _same(*pair, placeholders):
        return None
    bare = metadata_lines(ours, parts, bare=True), metadata_lines(theirs, parts, bare=True)
    return _shown(*pair), _same(*bare, placeholders)


def _same(committed: Sequence[str], found: Sequence[str], placeholders: Sequence[str]) -> bool:
    return list(committed) == list(found) or (bool(placeholders) and _fits(committed, found, placeholders))


def _fits(committed: Sequence[str], found: Sequence[str], placeholders: Sequence[str]) -> bool:
    """Whether the text found is the committed one with any text instead of the placeholders."""
    chunks = ["\n".join(committed)]
    for placeholder in placeholders:
        chunks = [part for chunk in chunks for part in chunk.split(placeholder)]
    text, first, *rest = "\n".join(found), *chunks
    if not rest:
        return text == first
    *middle, last = rest
    end = len(text) - len(last)
    at = len(first)
    if not text.startswith(first) or not text.endswith(last):
        return False
    for chunk in middle:
        place = text.find(chunk, at, end)
        if place < 0:
            return False
        at = place + len(chunk)
    return at <= end


def _shown(committed: Sequence[str], found: Sequence[str]) -> list[str]:
    if len(committed) + len(found) > _MAX_LINES:
        return [f"{len(committed):,} lines in the commit, {len(found):,} in the org"]
    lines = list(_changed(committed, found))
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], *([f"… {more:,} more lines"] if more > 0 else [])]


def _changed(committed: Sequence[str], found: Sequence[str]) -> Iterator[str]:
    matcher = SequenceMatcher(None, committed, found)
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        if kind != "equal":
            ours, theirs = committed[start:end], found[other_start:other_end]
            shared = _shared(ours[0], theirs[0]) if len(ours) == len(theirs) == 1 else 0
            yield from (f"- {_excerpt(line, shared)}" for line in ours)
            yield from (f"+ {_excerpt(line, shared)}" for line in theirs)


def _shared(one: str, other: str) -> int:
    """How many first characters are equal."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (ours, theirs) in pairs if ours != theirs), min(len(one), len(other)))


def _excerpt(line: str, shared: int) -> str:
    """A line, from shortly before the first character that differs if it is long. shared: how many are equal."""
    start = max(0, shared - _BEFORE) if len(line) > _WIDTH else 0
    return clip(f"…{line[start:]}" if start else line.strip(), _WIDTH)
