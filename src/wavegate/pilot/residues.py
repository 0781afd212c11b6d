"""Where a copied file still has the name of a copied component, for a person to read."""

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from wavegate.pilot.values import Residue
from wavegate.text import clip, one_line

_WORD = re.compile(r"\w+", re.ASCII)
_KEPT = "<localDeveloperName>"
"""A name of its own kind, by which tests know a topic or action of an agent."""
_MAX_TEXT = 160


def residues_in(files: Mapping[str, bytes], names: AbstractSet[str]) -> Iterator[Residue]:
    """One for each line and name. files: of the copies, by path. names: of what is copied."""
    for path in sorted(files):
        text = files[path].decode("utf-8", "replace")
        if names.isdisjoint(_words(text)):
            continue
        for number, line in enumerate(text.split("\n"), 1):
            if _KEPT not in line:
                for name in sorted(names & set(_words(line))):
                    yield Residue(path=path, line=number, name=name, text=clip(one_line(line.strip()), _MAX_TEXT))


def _words(text: str) -> Iterable[str]:
    """Every word, and the part of one after a namespace."""
    for match in _WORD.finditer(text):
        yield match[0]
        if "__" in match[0]:
            yield match[0].partition("__")[2]
