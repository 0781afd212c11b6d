"""What one line of Agent Script says: a key and its value, or a statement."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from wavegate.findings.finding import Location
from wavegate.guardrails.script.tree import BLANK, ScriptLine

_KEY = re.compile(
    r'(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<key>[A-Za-z_][\w.-]*)(?:[ \t]+(?P<name>[A-Za-z_][\w-]*))?)'
    r"[ \t]*:(?P<value>.*)",
    re.ASCII | re.DOTALL,
)
_STATEMENT = re.compile(
    r"(if|run|set|transition|collect|available[ \t]+when|with(?![ \t]*:)|else|elif|for|to)\b", re.ASCII
)
_REFERENCE = re.compile(r"@(\w+)\.(\w+)", re.ASCII)
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"?|[,()\[\]{}]')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """`key name: value` with the lines beneath it. name: '' if there is none. column: of the value, from 1."""

    key: str
    name: str
    value: str
    column: int
    node: ScriptLine


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A part of a line. column: of its first character, from 1."""

    text: str
    column: int


def entry(node: ScriptLine) -> Entry | None:
    """The key and value of a line; None if it is a statement or anything else."""
    match = _KEY.match(node.text)
    if not match or (match["key"] is not None and _STATEMENT.match(node.text)):
        return None
    value = match["value"]
    blank = len(value) - len(value.lstrip(BLANK))
    return Entry(
        key=unescaped(match["quoted"]) if match["key"] is None else match["key"],
        name=match["name"] or "",
        value=value.strip(BLANK),
        column=node.column + match.start("value") + blank,
        node=node,
    )


def keyword(node: ScriptLine) -> str:
    """The word that a statement starts with, with one space inside `available when`; '' if the line is none."""
    match = _STATEMENT.match(node.text)
    return " ".join(match[0].split()) if match else ""


def rest(node: ScriptLine, word: str) -> Piece:
    """What follows the statement's words. word: the statement's, as `keyword` gives it."""
    end = 0
    for part in word.split():
        end = node.text.index(part, end) + len(part)
    return _stripped(node.text[end:], node.column + end)


def place(node: ScriptLine, path: str) -> Location:
    """Where the line's code starts."""
    return Location(file=path, line=node.line, column=node.column)


def reference(text: str) -> tuple[str, str, str]:
    """The space, the name and what follows of `@space.name …`; empty strings if it is not one."""
    match = _REFERENCE.match(text)
    return (match[1], match[2], text[match.end() :]) if match else ("", "", text)


def separated(piece: Piece) -> Iterator[Piece]:
    """The parts between commas that stand outside of quotes and brackets."""
    depth = start = 0
    for match in _PIECE.finditer(piece.text):
        if match[0] in "([{":
            depth += 1
        elif match[0] in ")]}":
            depth -= 1
        elif match[0] == "," and depth <= 0:
            yield _stripped(piece.text[start : match.start()], piece.column + start)
            start = match.end()
    yield _stripped(piece.text[start:], piece.column + start)


def assigned(piece: Piece) -> tuple[Piece, Piece | None]:
    """Both sides of the first `=`; the right one is None if there is none."""
    left, equals, right = piece.text.partition("=")
    if not equals:
        return piece, None
    return _stripped(left, piece.column), _stripped(right, piece.column + len(left) + 1)


def unquoted(text: str) -> str:
    """The content of a string in double quotes, or the text itself."""
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return unescaped(text[1:-1])
    return text


def boolean(text: str) -> bool | None:
    """`True` or `False`, in quotes in any case; None for anything else, which the compiler leaves unset."""
    if text in {"True", "False"}:
        return text == "True"
    quoted = unquoted(text).lower() if text.startswith('"') else ""
    return quoted == "true" if quoted in {"true", "false"} else None


def unescaped(text: str) -> str:
    """A quoted string's characters."""
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), text) if "\\" in text else text


def _stripped(text: str, column: int) -> Piece:
    return Piece(text=text.strip(BLANK), column=column + len(text) - len(text.lstrip(BLANK)))
