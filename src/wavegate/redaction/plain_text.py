"""A text as it is searched: without what hides a number or a name from a pattern, and with a map back to the text.

Full-width digits, ligatures and other compatibility characters are written plainly, invisible characters are left
out, every dash is `-` and every space a space. What stays of a text is not changed: a span is mapped back to it.
Source: Unicode Standard Annex 15 (normalization forms, stream-safe text).
"""

import unicodedata
from dataclasses import dataclass

_MAX_MARKS = 30
"""Combining marks of one character, after which the next cluster starts; sorting them takes quadratic time."""
_DASHES = dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0xFE58, 0xFE63), "-")
_QUOTES = {0x2018: "'", 0x2019: "'", 0x02BC: "'", 0x00B4: "'", 0x201C: '"', 0x201D: '"'}
_PLAIN = {**_DASHES, **_QUOTES}
_HIDDEN = frozenset({"Cf", "Cc", "Cs", "Co", "Cn"})
_BLANK = frozenset({"Zs", "Zl", "Zp"})


@dataclass(frozen=True, kw_only=True, slots=True)
class PlainText:
    """text: as it is searched. starts, ends: of each of its characters, in the text as it was given."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """A slice of the searched text, not empty, as one of the text as it was given."""
        return self.starts[start], self.ends[end - 1]


def plain_text(text: str) -> PlainText:
    """The text as it is searched. Any text is allowed, lone surrogates included."""
    if text.isascii() and text.isprintable():
        places = tuple(range(len(text) + 1))
        return PlainText(text=text, starts=places[:-1], ends=places[1:])
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and end - at < _MAX_MARKS and unicodedata.combining(text[end]):
            end += 1
        shown = _shown(text[at:end])
        characters.append(shown)
        starts += [at] * len(shown)
        ends += [end] * len(shown)
        at = end
    return PlainText(text="".join(characters), starts=tuple(starts), ends=tuple(ends))


def _shown(cluster: str) -> str:
    """One character with its marks, as it is searched; '' if it cannot be seen."""
    if cluster in ("\n", "\t", "\r"):
        return "\n" if cluster == "\n" else " "
    if cluster.isascii() and cluster.isprintable():
        return cluster
    category = unicodedata.category(cluster[0])
    if category in _HIDDEN:
        # a mark after an invisible character belongs to none
        return "\n" if cluster[0] in "\x0b\x0c\x85" else ""
    if category in _BLANK:
        return "\n" if category in ("Zl", "Zp") else " "
    return unicodedata.normalize("NFKC", cluster.translate(_PLAIN)).translate(_PLAIN)


def folded(text: str) -> str:
    """The text's letters and digits alone, without case and accents: two spellings of a value are the same."""
    plain = unicodedata.normalize("NFKD", plain_text(text).text.casefold())
    return "".join(each for each in plain if each.isalnum())
