"""Checks of names: the one that was probably meant, and duplicates."""

from collections.abc import Iterable, Iterator

_MAX_KNOWN = 100
"""Words that a suggestion compares, those with the same beginning first: comparing is slow, and files may hold
thousands."""


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, ignoring case, hyphens and underscores; None if none is close."""
    from difflib import get_close_matches  # needed only after a mistake

    wanted = _fold(word[:100])
    likely = sorted(known, key=lambda each: _fold(each[:2])[:2] != wanted[:2])[:_MAX_KNOWN]
    folded = {_fold(each): each for each in likely}
    matches = get_close_matches(wanted, folded, n=1, cutoff=0.7)
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
