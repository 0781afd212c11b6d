"""Which thing of one commit is which of the other: by name, and by what it does where the name changed."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
_MOST = 10_000
"""Pairs that are looked at for renamed things; with more, a rename counts as a removal and an addition."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pairs(Generic[T]):
    """both: what both commits have. removed, added: what only the earlier or the later one has."""

    both: tuple[tuple[T, T], ...]
    removed: tuple[T, ...]
    added: tuple[T, ...]


def paired(
    before: Iterable[T],
    after: Iterable[T],
    name: Callable[[T], object],
    likeness: Callable[[T, T], float],
    *,
    least: float,
) -> Pairs[T]:
    """Pair by name, and what is left by likeness, the most alike first. least: likeness below which nothing pairs.

    Things with one name are paired in their order.
    """
    old, new = dict(_numbered(before, name)), dict(_numbered(after, name))
    both = [(old[key], new[key]) for key in old if key in new]
    lost = [each for key, each in old.items() if key not in new]
    found = [each for key, each in new.items() if key not in old]
    if len(lost) * len(found) <= _MOST:
        renamed = _most_alike(lost, found, likeness, least)
        both += [(lost[i], found[j]) for i, j in renamed]
        gone, come = {i for i, _ in renamed}, {j for _, j in renamed}
        lost = [each for i, each in enumerate(lost) if i not in gone]
        found = [each for j, each in enumerate(found) if j not in come]
    return Pairs(both=tuple(both), removed=tuple(lost), added=tuple(found))


def _numbered(things: Iterable[T], name: Callable[[T], object]) -> Iterator[tuple[tuple[object, int], T]]:
    seen: Counter[object] = Counter()
    for each in things:
        key = name(each)
        yield (key, seen[key]), each
        seen[key] += 1


def _most_alike(
    lost: list[T], found: list[T], likeness: Callable[[T, T], float], least: float
) -> list[tuple[int, int]]:
    scores = [(likeness(old, new), -i, -j) for i, old in enumerate(lost) for j, new in enumerate(found)]
    chosen: list[tuple[int, int]] = []
    gone: set[int] = set()
    come: set[int] = set()
    for score, i, j in sorted(scores, reverse=True):
        if score < least:
            break
        if -i not in gone and -j not in come:
            chosen.append((-i, -j))
            gone.add(-i)
            come.add(-j)
    return sorted(chosen)


def overlap(before: Iterable[object], after: Iterable[object]) -> float:
    """Share of what two collections have in common of all that they have; 0 if both are empty."""
    old, new = set(before), set(after)
    return len(old & new) / len(old | new) if old or new else 0.0
