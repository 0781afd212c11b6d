"""Which names a filter of a trigger selects: branches by `branches` and `branches-ignore`, files by `paths`.

Source: docs.github.com, "Workflow syntax for GitHub Actions", "Filter pattern cheat sheet".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(r"(?P<one>\\.|\*\*/|\*\*|\*|\[[^\]]+\]|[^\[])(?P<repeated>[?+]*)", re.DOTALL)
_RANGE = re.compile(r"(.)-(.)|(.)", re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Token:
    """A part of a pattern. characters: those that it matches; with `others`, all but those.

    folders: it is `**/`, which matches any number of folders, or none.
    """

    characters: str
    others: bool = False
    optional: bool = False
    repeats: bool = False
    folders: bool = False

    def ends(self, name: str, starts: set[int]) -> set[int]:
        """Where a match ends that begins at one of these places. Takes no longer for any pattern."""
        found = set(starts) if self.optional else set[int]()
        for index, character in enumerate(name):
            goes_on = index in starts or (self.repeats and index in found)
            if goes_on and (character in self.characters) != self.others:
                found.add(index + 1)
        if self.folders:
            return starts | {end for end in found if name[:end].endswith("/")}
        return found


def selects(patterns: Sequence[str], name: str) -> bool | None:
    """Whether patterns select a name; None if one is malformed, so that GitHub refuses the workflow.

    The last pattern that matches the name counts; one that begins with `!` takes it out again.
    """
    selected = False
    for pattern in patterns:
        tokens = list(_tokens(pattern.removeprefix("!")))
        if None in tokens:
            return None
        if _matches(name, [token for token in tokens if token]):
            selected = not pattern.startswith("!")
    return selected


def is_plain(pattern: str) -> bool:
    """Whether a pattern matches one name alone, the pattern itself."""
    return re.search(r"[*?+!\[\]\\]", pattern) is None


def _matches(name: str, tokens: Sequence[_Token]) -> bool:
    reached = {0}
    for token in tokens:
        reached = token.ends(name, reached)
    return len(name) in reached


def _tokens(pattern: str) -> Iterator[_Token | None]:
    """The parts of a pattern; None for a bracket that is not closed."""
    place = 0
    while place < len(pattern):
        found = _TOKEN.match(pattern, place)
        if found is None:
            yield None
            return
        yield _token(found["one"], found["repeated"])
        place = found.end()


def _token(one: str, repeated: str) -> _Token:
    if one.startswith("*"):
        return _Token(
            characters="/" if one == "*" else "", others=True, optional=True, repeats=True, folders=one == "**/"
        )
    inside = one[1:-1] if one.startswith("[") else one[-1:]
    characters = "".join(_members(inside)) if one.startswith("[") else inside
    return _Token(characters=characters, optional="?" in repeated, repeats="+" in repeated)


def _members(inside: str) -> Iterator[str]:
    for first, last, single in _RANGE.findall(inside):
        yield single or "".join(map(chr, range(ord(first), ord(last) + 1)))
