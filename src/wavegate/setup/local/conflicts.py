"""Which lines of a workflow a person and a new release both changed, read from the markers of a merge."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

YOURS, MIDDLE, THEIRS = "<<<<<<< ", "=======", ">>>>>>> "


@dataclass(frozen=True, kw_only=True, slots=True)
class MergeConflict:
    """line: in the team's file, from 1. yours, new: the lines of the team's file, and those of the new release."""

    line: int
    yours: tuple[str, ...]
    new: tuple[str, ...]


def has_markers(text: str) -> bool:
    """Whether a merge's conflict was left in the text."""
    lines = text.splitlines()
    return any(line.startswith(YOURS) for line in lines) and any(line.startswith(THEIRS) for line in lines)


def conflicts_of(merged: str, yours: str) -> Iterator[MergeConflict]:
    """The conflicts of a merge's result, in order. yours: the team's file."""
    own, at, before = yours.splitlines(), 0, ""
    lines = iter(merged.splitlines())
    for line in lines:
        if not line.startswith(YOURS):
            before = line
            continue
        mine = tuple(_until(lines, MIDDLE))
        new = tuple(_until(lines, THEIRS))
        at = _place(own, mine, before, at)
        yield MergeConflict(line=at + 1, yours=mine, new=new)
        at += len(mine)


def _until(lines: Iterator[str], marker: str) -> Iterator[str]:
    for line in lines:
        if line.startswith(marker):
            return
        yield line


def _place(own: Sequence[str], mine: Sequence[str], before: str, start: int) -> int:
    """Index at which these lines are in the file, after the line before them if possible."""
    wanted = [before, *mine]
    for index in range(start, len(own) - len(mine)):
        if own[index : index + len(wanted)] == wanted:
            return index + 1
    places = (index for index in range(start, len(own)) if mine and own[index : index + len(mine)] == list(mine))
    return next(places, start)
