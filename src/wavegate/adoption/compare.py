"""Compares a unit's files in a commit with those that an org returned."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import partial

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


@dataclass(frozen=True, kw_only=True, slots=True)
class _FileDifference:
    """lines: the first that differ. size: how many do. of_form: as in `Difference`."""

    lines: tuple[str, ...]
    size: int
    of_form: bool = False


def unit_difference(
    name: str, committed: Files, found: Files, *, placeholders: Sequence[str] = ()
) -> Difference | None:
    """How a unit differs; None if it is equal. name: the unit's.

    committed, found: the commit's files and the org's, by path. placeholders: texts in the commit's files for which
    a deployment inserted something else: there, any text without a line feed is equal.
    """
    if not found:
        return Difference(component=name, kind=DifferenceKind.MISSING)
    changed = [
        each
        for path in sorted(committed.keys() | found.keys())
        if (each := _file_difference(path, committed.get(path), found.get(path), placeholders))
    ]
    if not changed:
        return None
    return Difference(
        component=name,
        kind=DifferenceKind.CHANGED,
        lines=tuple(line for each in changed for line in each.lines),
        size=sum(each.size for each in changed),
        of_form=all(each.of_form for each in changed),
    )


def _file_difference(
    path: str, committed: bytes | None, found: bytes | None, placeholders: Sequence[str]
) -> _FileDifference | None:
    if committed is None or found is None:
        return _FileDifference(lines=(f"{'+' if committed is None else '-'} {path}",), size=1)
    ours, theirs = metadata_of(path, committed), metadata_of(path, found)
    if ours is None or theirs is None:
        # if only one of them is metadata, a placeholder in the other could be any part of it
        known = placeholders if ours is theirs else ()
        return _difference(path, other_lines(path, committed), other_lines(path, found), known)
    parts = part_names(ours)
    difference = _difference(path, metadata_lines(ours, parts), metadata_lines(theirs, parts), placeholders)
    if difference is None:
        return None
    bare = metadata_lines(ours, parts, bare=True), metadata_lines(theirs, parts, bare=True)
    return replace(difference, of_form=_difference(path, *bare, placeholders) is None)


def _difference(
    path: str, committed: Sequence[str], found: Sequence[str], placeholders: Sequence[str]
) -> _FileDifference | None:
    fits = partial(_fits, placeholders)
    if len(committed) == len(found) and all(map(fits, committed, found)):
        return None
    if len(committed) + len(found) > _MAX_LINES:
        lines = [f"{len(committed):,} lines in the commit, {len(found):,} in the org"]
        return _FileDifference(lines=(f"{path}:", f"  {lines[0]}"), size=_MAX_LINES)
    lines = list(_changed(committed, found, fits))
    more = [f"… {len(lines) - _SHOWN:,} more lines"] if len(lines) > _SHOWN else []
    shown = (f"  {line}" for line in (*lines[:_SHOWN], *more))
    return _FileDifference(lines=(f"{path}:", *shown), size=len(lines))


def _fits(placeholders: Sequence[str], committed: str, found: str) -> bool:
    """Whether a line is the committed one, with any text instead of its placeholders."""
    if committed == found:
        return True
    first, *middle = _chunks(committed, placeholders)
    if not middle:
        return False
    last = middle.pop()
    at, end = len(first), len(found) - len(last)
    if not found.startswith(first) or not found.endswith(last):
        return False
    for chunk in middle:
        place = found.find(chunk, at, end)
        if place < 0:
            return False
        at = place + len(chunk)
    return at <= end


def _chunks(line: str, placeholders: Sequence[str]) -> list[str]:
    chunks = [line]
    for placeholder in placeholders:
        chunks = [part for chunk in chunks for part in chunk.split(placeholder)]
    return chunks


def _changed(committed: Sequence[str], found: Sequence[str], fits: Callable[[str, str], bool]) -> Iterator[str]:
    matcher = SequenceMatcher(None, committed, found)
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        ours, theirs = committed[start:end], found[other_start:other_end]
        if len(ours) == len(theirs):
            pairs = [pair for pair in zip(ours, theirs, strict=True) if not fits(*pair)]
            ours, theirs = [mine for mine, _ in pairs], [other for _, other in pairs]
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
