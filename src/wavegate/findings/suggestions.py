"""Names in messages: what was probably meant, which are there twice, and how a sentence lists them."""

from collections.abc import Iterable, Iterator
from itertools import islice

_MAX_KNOWN = 100
"""Words that a suggestion looks at: comparing costs time, and a hostile file may bring thousands."""


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, whatever its case and hyphens; None where none is near."""
    from difflib import get_close_matches  # only a mistake needs it

    folded = {_fold(each): each for each in islice(known, _MAX_KNOWN)}
    matches = get_close_matches(_fold(word[:100]), folded, n=1, cutoff=0.7)
    return folded[matches[0]] if matches else None


def suggestion(word: str, known: Iterable[str]) -> str:
    """A sentence that suggests what was probably meant, with a space before it; '' where nothing is near."""
    meant = closest(word, known)
    return f" Did you mean `{meant}`?" if meant else ""


def repeated(names: Iterable[str]) -> Iterator[tuple[int, str, int]]:
    """Index, name and first index of each name that came before in any case."""
    first: dict[str, int] = {}
    for index, name in enumerate(names):
        if first.setdefault(name.casefold(), index) != index:
            yield index, name, first[name.casefold()]


def _fold(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "")
