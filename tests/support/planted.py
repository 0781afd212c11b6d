"""The corpus of planted personal data: reads it, and counts what is found."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from tests.support.places import ROOT

from wavegate.redaction.written import find_written

FOLDER = ROOT / "tests" / "corpus" / "personal"
_ITEM = re.compile(r"\{\{(?P<kind>[^:{}]+):(?P<value>(?:(?!\}\}).)*)\}\}")
_TITLE = re.compile(r"(?:(?:Mr|Mrs|Ms|Dr|Prof|and|Frau)\.? )*")


class Planted(NamedTuple):
    """A text, and what is planted in it: kind, start, end. The title before a name is not a part of it."""

    text: str
    items: tuple[tuple[str, int, int], ...]


def planted(name: str) -> Iterator[Planted]:
    """The sentences of a file of the corpus."""
    for line in (FOLDER / f"{name}.txt").read_text("utf-8").replace("¦", "").replace(",\n", ",\0").splitlines():
        line = line.replace("\0", "\n")
        text, items, position = "", [], 0
        for match in _ITEM.finditer(line):
            text += line[position : match.start()]
            title = _TITLE.match(match["value"])
            assert title
            items.append((match["kind"], len(text) + title.end(), len(text) + len(match["value"])))
            text, position = text + match["value"], match.end()
        yield Planted(text + line[position:], tuple(items))


def recall(name: str) -> dict[str, tuple[int, int]]:
    """Found and planted by kind. What is planted is found if every letter and digit of it is replaced."""
    found: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for text, items in planted(name):
        replaced = {at for each in find_written([text])[0] for at in range(each.start, each.end)}
        for kind, start, end in items:
            total[kind] += 1
            found[kind] += {at for at in range(start, end) if text[at].isalnum()} <= replaced
    return {kind: (found[kind], total[kind]) for kind in sorted(total)}


def changed(name: str) -> tuple[list[str], int]:
    """The sentences of which something is replaced, and the number of all."""
    texts = [each.text for each in planted(name)]
    return [text for text in texts if find_written([text])[0]], len(texts)
