"""A script's lines, rewritten in place: no line moves, so that every other place stays what it is."""

import re
from collections.abc import Sequence

_MARK = re.compile(r"\s*(?:[-*+•–]|\(?\d{1,3}[.)]|#{1,6}|>)?\s*")


class ScriptText:
    """The text of a script. Lines and columns are from 1 and count characters, as in a `Location`."""

    def __init__(self, text: str) -> None:
        self._bom = text[:1] if text.startswith("\ufeff") else ""
        self._lines = text.removeprefix("\ufeff").split("\n")

    def replaced(self, line: int, column: int, old: str, new: str) -> str | None:
        """The script with another text at a place; None if the old one does not stand there, in that line."""
        found = self._lines[line - 1]
        if not old or not found.startswith(old, column - 1):
            return None
        return self._with({line: found[: column - 1] + new + found[column - 1 + len(old) :]})

    def blanked(self, line: int) -> str:
        """The script with a blank line in place of another."""
        return self._with({line: "\r" if self._lines[line - 1].endswith("\r") else ""})

    def without_sentence(self, line: int, column: int, sentence: str) -> str | None:
        """The script without a sentence, whose words may stand in several lines from a place on; None if absent."""
        pattern = re.compile(r"\s+".join(map(re.escape, sentence.split())))
        rest = "\n".join([self._lines[line - 1][column - 1 :], *self._lines[line : line + sentence.count(" ") + 1]])
        match = pattern.search(rest)
        if match is None:
            return None
        kept = rest[: match.start()] + "\n" * match[0].count("\n") + rest[match.end() :]
        first, *others = kept.split("\n")
        head = self._lines[line - 1][: column - 1]
        if head.rstrip().endswith("|") and not first.strip():
            first = "-"  # behind an empty `|`, the compiler takes the next lines for code
        indented = [_indent(self._lines[line + index]) + text.lstrip() for index, text in enumerate(others)]
        changed = {line + index: text for index, text in enumerate([head + first, *indented])}
        return self._with({number: _without_mark(text, self._lines[number - 1]) for number, text in changed.items()})

    def block(self, line: int) -> str:
        """The lines of the block at the left margin that a line belongs to."""
        first = line - 1
        while first and not _opens_block(self._lines[first]):
            first -= 1
        last = first + 1
        while last < len(self._lines) and not _opens_block(self._lines[last]):
            last += 1
        return "\n".join(self._lines[first:last]).removesuffix("\r")

    def _with(self, changed: dict[int, str]) -> str:
        lines: Sequence[str] = [changed.get(number, line) for number, line in enumerate(self._lines, start=1)]
        return self._bom + "\n".join(lines)


def _opens_block(line: str) -> bool:
    return line[:1].strip() not in ("", "#")


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _without_mark(line: str, before: str) -> str:
    """A changed line; blank if nothing is left of it but the mark of a list item."""
    return "" if line != before and _MARK.fullmatch(line) else line
