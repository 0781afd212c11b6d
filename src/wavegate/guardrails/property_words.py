"""The words of one line of the team's language, and the condition that may end it."""

import re

from wavegate.guardrails.conditions.expression import Expression, Opaque
from wavegate.guardrails.conditions.parse import parse_expression
from wavegate.guardrails.conditions.tokens import TokenKind, UnreadableExpressionError, tokens


class UnreadableLineError(Exception):
    """A line is not a property. Never leaves the reader of properties. column: from 0."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


_WORD = re.compile(r"[^\s,]+|,")
_NAME = re.compile(r"(?:@\w+\.)?([A-Za-z_][\w-]*)", re.ASCII)


class PropertyWords:
    """The words of a line; a comma is a word."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = [(match[0], match.start()) for match in _WORD.finditer(text)]
        self.position = 0

    @property
    def next(self) -> str:
        return self.words[self.position][0] if self.position < len(self.words) else ""

    @property
    def column(self) -> int:
        return self.words[self.position][1] if self.position < len(self.words) else len(self.text)

    def accept(self, *expected: str) -> bool:
        """Whether the next words are these, which are then passed."""
        following = tuple(word for word, _ in self.words[self.position : self.position + len(expected)])
        if following != expected:
            return False
        self.position += len(expected)
        return True

    def expect(self, *expected: str) -> None:
        for word in expected:
            if not self.accept(word):
                raise self.wrong(f"Expected `{word}`")

    def wrong(self, expected: str) -> UnreadableLineError:
        found = f", found `{self.next[:60]}`" if self.next else ", but the line ends"
        return UnreadableLineError(f"{expected}{found}.", self.column)

    def name(self, what: str) -> str:
        match = _NAME.fullmatch(self.next)
        if match is None:
            raise self.wrong(f"Expected the name of {what}")
        self.position += 1
        return match[1]

    def names(self, what: str) -> tuple[str, ...]:
        found = [self.name(what)]
        while self.accept(","):
            found.append(self.name(what))
        self.end()
        return tuple(found)

    def end(self) -> None:
        if self.next:
            raise self.wrong("Expected the end of the line")

    def rest(self) -> tuple[str, int]:
        """What is left of the line, and its column."""
        start, self.position = self.column, len(self.words)
        return self.text[start:].rstrip(), start


def read_condition(line: PropertyWords) -> Expression:
    """The rest of the line as a condition, in which a variable may be written without `@variables.`."""
    text, column = line.rest()
    try:
        written, inserted = _with_references(text)
    except UnreadableExpressionError as error:
        raise UnreadableLineError(f"{_sentence(error.reason)}.", column + error.column) from None
    condition = parse_expression(written)
    if isinstance(condition, Opaque):
        reason = condition.reason
        if condition.column in inserted:
            reason = f"unexpected `{written[condition.column + len(_PREFIX) :].split()[0]}`"
        before = sum(len(_PREFIX) for place in inserted if place < condition.column)
        raise UnreadableLineError(f"{_sentence(reason)}.", column + condition.column - before)
    return condition


_PREFIX = "@variables."
_KEYWORDS = frozenset({"and", "or", "not", "is", "if", "else", "in", "True", "False", "None", "true", "false"})


def _with_references(text: str) -> tuple[str, list[int]]:
    """The condition with `@variables.` before each plain name, and the columns where it was inserted."""
    found = tokens(text)
    pairs = zip([None, *found], found, [*found[1:], None], strict=False)
    plain = [
        token.start
        for before, token, after in pairs
        if token.kind is TokenKind.NAME
        and token.text not in _KEYWORDS
        and not (before and before.text in ("@", "."))
        and not (after and after.text == "(")
    ]
    for start in reversed(plain):
        text = text[:start] + _PREFIX + text[start:]
    return text, [start + number * len(_PREFIX) for number, start in enumerate(plain)]


def _sentence(reason: str) -> str:
    return reason[:1].upper() + reason[1:]
