"""Inserts text into a YAML or JSON file at the right place, and leaves every other byte as it is.

Nothing is written anew from values, so comments, quotes, order, flow style, anchors and line endings stay.
"""

import re
from collections.abc import Sequence

from wavegate.files.yaml_places import PlacedValue

Insertion = tuple[int, int, str]
"""Characters from start to end are replaced by a text."""

_BREAK = re.compile(r"\r\n|\n|\r")
_DASH = re.compile(r"( *)-[ \t]+")


class UnforeseenLayoutError(Exception):
    """A value is written in a way in which nothing can be inserted. at: index of the character."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


def inserted(text: str, insertions: Sequence[Insertion]) -> str:
    """The text with all insertions; of two at the same place, the first one comes first."""
    parts, at = [], 0
    for start, end, new in sorted(insertions, key=lambda each: each[0]):
        parts += [text[at:start], new]
        at = end
    return "".join((*parts, text[at:]))


class TextLines:
    """The lines of a text, and what to insert so that a list or mapping gets more values in its own layout."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.newline = found[0] if (found := _BREAK.search(text)) else "\n"

    def append_items(self, values: PlacedValue, written: Sequence[str]) -> list[Insertion]:
        """More items of a list. written: each as it stands in the file. UnforeseenLayoutError."""
        if not values.items:
            return self._into_empty(values, written)
        last = values.items[-1]
        if values.is_flow:
            return self._into_brackets(values, last.start, last.end, written)
        dash = _DASH.fullmatch(self.text[self.line_start(last.start) : last.start])
        if dash is None:
            raise UnforeseenLayoutError(last.start)
        return self._as_lines(last.end, dash[0], written)

    def append_entries(self, values: PlacedValue, written: Sequence[str]) -> list[Insertion]:
        """More entries of a mapping. written: keys with their values. UnforeseenLayoutError."""
        if not values.entries:
            return self._into_empty(values, written)
        key, last = list(values.entries.values())[-1]
        if values.is_flow:
            return self._into_brackets(values, key.start, last.end, written)
        indent = self.text[self.line_start(key.start) : key.start]
        if indent.strip(" "):
            raise UnforeseenLayoutError(key.start)
        return self._as_lines(max(last.end, values.end), indent, written)

    def line_start(self, at: int) -> int:
        """The index at which the line of a character starts."""
        return max(self.text.rfind("\n", 0, at), self.text.rfind("\r", 0, at)) + 1

    def line_end(self, at: int) -> int:
        """The index at which it ends, before its line break."""
        found = _BREAK.search(self.text, at)
        return found.start() if found else len(self.text)

    def _into_empty(self, values: PlacedValue, written: Sequence[str]) -> list[Insertion]:
        if not values.is_flow:
            raise UnforeseenLayoutError(values.start)
        return [(values.end - 1, values.end - 1, ", ".join(written))]

    def _as_lines(self, end: int, lead: str, written: Sequence[str]) -> list[Insertion]:
        at = self.line_end(end)
        return [(at, at, "".join(f"{self.newline}{lead}{each}" for each in written))]

    def _into_brackets(self, brackets: PlacedValue, start: int, end: int, written: Sequence[str]) -> list[Insertion]:
        """start, end: of the last value in the brackets."""
        rest = self.text[end : brackets.end]
        comma = re.match(r"[ \t]*,", rest)
        if not _BREAK.search(self.text[brackets.start : start]) or not _BREAK.search(rest):
            return [(end, end, "".join(f", {each}" for each in written))]
        indent = self._indent(start)
        after = self.line_end(end + (comma.end() if comma else 0))
        lines = f",{self.newline}{indent}".join(written) + ("," if comma else "")
        addition = (after, after, f"{self.newline}{indent}{lines}")
        return [addition] if comma else [(end, end, ","), addition]

    def _indent(self, at: int) -> str:
        line = self.text[self.line_start(at) : at]
        return line[: len(line) - len(line.lstrip(" \t"))]
