"""Lines of Agent Script as a tree: deeper lines belong to the line above them.

Indentation counts columns, a tab as three, and a line that starts between two levels belongs to the outer one, as in
the official lexer. `|` opens text, which every deeper line continues; `#` in it is text. Nothing here raises,
whatever the text; a file beyond the limits is not read, and deeper nesting is cut, with the place.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from wavegate.findings.finding import Location
from wavegate.guardrails.model import Unknown

MAX_CHARACTERS = 4 * 1024 * 1024
MAX_LINES = 200_000
MAX_DEPTH = 60
"""Levels of blocks. What the language defines needs nine."""
_MAX_JOINED = 100
"""Lines of one expression in brackets."""
BLANK = " \t\r\n"
"""The white space that the language knows: any other is an error to its compiler, which then loses the line."""
_TAB = 3
_NEW_LINE = "\n"

_CODE = re.compile(r'"(?:[^"\\]|\\.)*"?|[#|()\[\]{}]')


@dataclass(frozen=True, kw_only=True, slots=True)
class Prose:
    """Text behind `|` with its line breaks. line, column: of its first character, from 1."""

    text: str
    line: int
    column: int


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ScriptLine:
    """A line of code without its comment, and the lines that belong to it. line, column: of its text, from 1."""

    text: str
    line: int
    column: int
    children: list["ScriptLine"]
    prose: Prose | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ScriptTree:
    """The lines at the left margin, and what was cut."""

    nodes: tuple[ScriptLine, ...]
    unknown: tuple[Unknown, ...]


def read_tree(text: str, path: str) -> ScriptTree:
    """The tree of a script's lines. text: of the whole file, at best without more than `MAX_CHARACTERS`."""
    lines = text[: MAX_CHARACTERS + 1].removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    cut: list[Unknown] = []
    if len(text) > MAX_CHARACTERS or len(lines) > MAX_LINES:
        limit = f"more than {MAX_CHARACTERS // 1024**2} MiB or {MAX_LINES:,} lines: the file is not read"
        return ScriptTree(nodes=(), unknown=(Unknown(text=limit, location=Location(file=path), cut=True),))
    nodes = _TreeReader(lines, path, cut).read()
    cut += [_lone_return(path, at, line) for at, line in enumerate(lines) if "\r" in line][:1]
    return ScriptTree(nodes=nodes, unknown=tuple(cut))


def _lone_return(path: str, at: int, line: str) -> Unknown:
    location = Location(file=path, line=at + 1, column=line.index("\r") + 1)
    text = "a carriage return without a line feed, at which the compiler refuses the whole file"
    return Unknown(text=text, location=location, cut=True)


def texts_beneath(node: ScriptLine) -> Iterator[str]:
    """What is written in a line's text, and in all lines beneath it."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if each is not node:
            yield each.text
        if each.prose:
            yield each.prose.text
        waiting += reversed(each.children)


class _TreeReader:
    """One pass over the lines."""

    def __init__(self, lines: list[str], path: str, cut: list[Unknown]) -> None:
        self._lines = lines
        self._path = path
        self._cut = cut
        self._root: list[ScriptLine] = []
        self._levels: list[tuple[int, list[ScriptLine]]] = [(0, self._root)]
        self._unjoined = -1

    def read(self) -> tuple[ScriptLine, ...]:
        at = 0
        while at < len(self._lines):
            at = self._line(at)
        return tuple(self._root)

    def _line(self, at: int) -> int:
        """Reads the line at this index and those that belong to its text; returns the index of the next."""
        line = self._lines[at]
        start = len(line) - len(line.lstrip(" \t\r"))
        if start == len(line) or line[start] == "#":
            return at + 1
        siblings = self._enter(_columns(line[:start]), at, start)
        code, pipe, last = self._code(at, start)
        prose, following = (None, last + 1) if pipe < 0 else self._prose(last, pipe)
        if prose and code and not code.endswith((":", "->")):  # no statement takes a text: it must not be read as one
            code, prose = f"{code} |{prose.text.partition(_NEW_LINE)[0]}", None
        if siblings is not None:
            node = ScriptLine(text=code, line=at + 1, column=start + 1, children=[], prose=prose)
            siblings.append(node)
        return following

    def _enter(self, indent: int, at: int, start: int) -> list[ScriptLine] | None:
        """The lines that a line of this indentation stands among; None if it is nested too deep."""
        if indent > self._levels[-1][0]:
            self._deepen(indent, at, start)
        while len(self._levels) > 1 and self._levels[-1][0] > indent:
            self._levels.pop()
        return self._levels[-1][1] if len(self._levels) <= MAX_DEPTH else None

    def _deepen(self, indent: int, at: int, start: int) -> None:
        inner = self._levels[-1][1]
        children = inner[-1].children if inner else inner
        self._levels.append((indent, children))
        if len(self._levels) == MAX_DEPTH + 1 and not self._cut:
            location = Location(file=self._path, line=at + 1, column=start + 1)
            self._cut.append(Unknown(text=f"nested more than {MAX_DEPTH} levels deep", location=location, cut=True))

    def _code(self, at: int, start: int) -> tuple[str, int, int]:
        """The code of a line, the column behind its `|` or -1, and the index of the last line of the code.

        A line goes on in the next one behind a backslash, and while a bracket is open.
        """
        code, pipe, depth = _scan(self._lines[at], start)
        if pipe >= 0 or at <= self._unjoined or not (depth > 0 or code.endswith("\\")):
            return code, pipe, at
        parts = [code.removesuffix("\\").rstrip(BLANK)]
        for index in range(at + 1, min(at + _MAX_JOINED, len(self._lines))):
            more, pipe, change = _scan(self._lines[index], 0)
            parts.append(more.removesuffix("\\").strip(BLANK))
            depth += change
            if pipe >= 0:
                break
            if depth <= 0 and not more.endswith("\\"):
                return " ".join(parts), -1, index
        self._unjoined = at + _MAX_JOINED
        return code, -1, at

    def _prose(self, at: int, pipe: int) -> tuple[Prose, int]:
        """The text from a column of a line on, and the index of the line behind it."""
        base = self._levels[-1][0]
        taken = [self._lines[at][pipe:]]
        following = at + 1
        while following < len(self._lines):
            line = self._lines[following]
            start = len(line) - len(line.lstrip(" \t\r"))
            if start == len(line):
                taken.append("")
            elif _columns(line[:start]) > base:
                taken.append(line)
            elif line[start] == "#":
                taken.append("")
            else:
                break
            following += 1
        return Prose(text="\n".join(taken).rstrip(), line=at + 1, column=pipe + 1), following


def _columns(blank: str) -> int:
    """Columns of leading white space. A carriage return without a line feed starts at the left again."""
    blank = blank.rpartition("\r")[2]
    return len(blank) + (_TAB - 1) * blank.count("\t")


def _scan(line: str, start: int) -> tuple[str, int, int]:
    """The code of a line without comment and text, the index behind `|` or -1, and how many brackets stay open."""
    depth = 0
    for match in _CODE.finditer(line, start):
        mark = match[0]
        if mark == "#":
            return line[start : match.start()].rstrip(BLANK), -1, depth
        if mark == "|":
            return line[start : match.start()].rstrip(BLANK), match.end(), depth
        if mark in "([{":
            depth += 1
        elif mark in ")]}":
            depth -= 1
    return line[start:].rstrip(BLANK), -1, depth
