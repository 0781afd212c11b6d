"""Checks of names: the one that was probably meant, and duplicates."""

from collections.abc import Iterable, Iterator
from itertools import islice

_MAX_KNOWN = 100
"""Words that a suggestion compares: comparing is slow, and a hostile file may contain thousands."""


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, ignoring case, hyphens and underscores; None if none is close."""
    from difflib import get_close_matches  # needed only after a mistake

    folded = {_fold(each): each for each in islice(known, _MAX_KNOWN)}
    matches = get_close_matches(_fold(word[:100]), folded, n=1, cutoff=0.7)
    return folded[matches[0]] if matches else None


def suggestion(word: str, known: Iterable[str]) -> str:
    """A sentence that suggests the word that was probably meant, after a space; '' if none is close."""
    meant = closest(word, known)
    return f" Did you mean `{meant}`?" if meant else ""


def repeated(names: Iterable[str]) -> Iterator[tuple[int, str, int]]:
    """Index, name and first index of each duplicate name, ignoring case."""
    first: dict[str, int] = {}
    for index, name in enumerate(names):
        if first.setdefault(name.casefold(), index) != index:
            yield index, name, first[name.casefold()]


def _fold(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "")
