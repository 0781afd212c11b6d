"""The words of an expression of Agent Script, with their columns."""

import re
from enum import StrEnum, auto
from typing import NamedTuple

_PATTERNS = {
    "space": r"[ \t]+",
    "comment": r"#.*",
    "date": r"\d{4}-\d{2}-\d{2}",
    "number": r"\d+\.?\d*|\.\d+",
    "name": r"[A-Za-z_][A-Za-z0-9_]*",
    "string": r'"(?:\\[^\n]|[^"\\\n\0])*"',
    "sign": r"\.\.\.|==|!=|<=|>=|[<>()\[\].,+\-@]",
}
_TOKEN = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _PATTERNS.items()), re.ASCII)
_UNREADABLE = {
    "'": "strings take double quotes",
    '"': "the string does not end",
    "*": "`*` is not supported",
    "/": "`/` is not supported",
    "=": "`=` is not a comparison; write `==`",
    "&": "write `and`",
    "|": "write `or`",
    "!": "write `not`",
    "\n": "a condition ends with its line",
}


class UnreadableExpressionError(Exception):
    """Text that is not an expression. Never leaves the reader of expressions. column: where, from 0."""

    def __init__(self, reason: str, column: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column


class TokenKind(StrEnum):
    """What a token is."""

    NUMBER = auto()
    NAME = auto()
    STRING = auto()
    SIGN = auto()
    END = auto()


class Token(NamedTuple):
    """One token. text: as written. start, end: columns from 0, the end exclusive."""

    kind: TokenKind
    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """The tokens of the text without white space and comments, with an END behind the last.

    Errors: UnreadableExpressionError for a character that begins no token.
    """
    found: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise UnreadableExpressionError(
                _UNREADABLE.get(text[position], f"unexpected character {text[position]!r}"), position
            )
        if match.lastgroup == "date":
            raise UnreadableExpressionError("a date must come from a variable", position)
        if (kind := match.lastgroup or "") not in ("space", "comment"):
            token = Token(TokenKind(kind), match[0], position, match.end())
            if match[0].startswith(".") and token.kind is TokenKind.NUMBER and _reads_as_field(found):
                raise UnreadableExpressionError("a number needs a digit before its point here", position)
            found.append(token)
        position = match.end()
    end = found[-1].end if found else len(text)
    return [*found, Token(TokenKind.END, "", end, end)]


def _reads_as_field(before: list[Token]) -> bool:
    """Whether the compiler takes a point at this place for one before a field's name: also behind a keyword."""
    return not before or before[-1].kind in (TokenKind.NAME, TokenKind.NUMBER) or before[-1].text in (")", "]")
