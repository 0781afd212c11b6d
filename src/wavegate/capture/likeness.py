"""Groups conversations that say nearly the same, and chooses the most typical one of a group.

Two conversations are alike if the Jaccard index of their words and pairs of words reaches the threshold; groups are
the connected ones, so that the order of the conversations does not matter. Only sets that share one of their rarest
elements are compared, which loses none: sets that are alike must share one (prefix filtering).
Source: Broder 1997 (shingles); Bayardo, Ma, Srikant 2007, "Scaling up all pairs similarity search".
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import ceil

THRESHOLD = 0.5
"""Jaccard index from which two conversations are alike."""
MAX_CHARACTERS = 20_000
"""Characters of a conversation that are compared, from its start."""
_CANDIDATES = 100
"""Most frequent wordings of a group that may be its most typical one."""
_PLACEHOLDER = re.compile(r"\[[a-z][a-z -]{0,30}(?: [0-9]{1,6})?\]")
_WORD = re.compile(r"\w+")
_DIGITS = re.compile(r"[0-9]+")

Shingles = frozenset[str]


def shingles(texts: Iterable[str]) -> Shingles:
    """The words and pairs of words of texts, without case, punctuation, numbers and redacted values."""
    text = _PLACEHOLDER.sub(" 0 ", "\n".join(texts)[:MAX_CHARACTERS])
    words = _WORD.findall(_DIGITS.sub("0", unicodedata.normalize("NFKC", text).casefold()))
    return frozenset([*words, *(f"{one} {two}" for one, two in pairwise(words))])


def are_alike(one: Shingles, other: Shingles) -> bool:
    """Whether the Jaccard index reaches the threshold. Two empty sets are alike."""
    return _index(one, other) >= THRESHOLD


def groups_of(sets: Sequence[Shingles]) -> list[list[int]]:
    """Indexes of sets by group; groups and their members in the order of their first set."""
    parents = list(range(len(sets)))

    def root(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    first: dict[Shingles, int] = {}
    for index, each in enumerate(sets):
        parents[index] = first.setdefault(each, index)
    for one, other in _candidates(list(first.values()), sets):
        if are_alike(sets[one], sets[other]):
            low, high = sorted((root(one), root(other)))
            parents[high] = low
    found: dict[int, list[int]] = {}
    for index in range(len(sets)):
        found.setdefault(root(index), []).append(index)
    return list(found.values())


def _candidates(indexes: Sequence[int], sets: Sequence[Shingles]) -> Iterable[tuple[int, int]]:
    """Pairs that share an element of their prefixes, in which the rarest elements come first."""
    frequency = Counter(element for index in indexes for element in sets[index])
    holders: Mapping[str, list[int]] = defaultdict(list)
    for index in indexes:
        ordered = sorted(sets[index], key=lambda each: (frequency[each], each))
        prefix = ordered[: len(ordered) - ceil(THRESHOLD * len(ordered)) + 1]
        partners = {other for element in prefix for other in holders[element]}
        yield from ((other, index) for other in sorted(partners))
        for element in prefix:
            holders[element].append(index)


def most_typical(indexes: Sequence[int], sets: Sequence[Shingles]) -> int:
    """The index whose set is most like all others of its group; of equal ones the one with the smallest words."""
    counts = Counter(sets[index] for index in indexes)
    wordings = sorted(counts, key=lambda each: (-counts[each], len(each), sorted(each)))

    def likeness(one: Shingles) -> float:
        return sum(count * _index(one, other) for other, count in counts.items())

    # max keeps the first of equal ones
    best = max(wordings[:_CANDIDATES], key=lambda each: round(likeness(each), 9))
    return next(index for index in indexes if sets[index] == best)


def _index(one: Shingles, other: Shingles) -> float:
    """The Jaccard index (0..1)."""
    if not one and not other:
        return 1.0
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)
