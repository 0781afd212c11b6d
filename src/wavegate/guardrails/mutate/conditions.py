"""Conditions with one change: another operator, or the boundary of a comparison moved by one."""

from collections.abc import Iterator

from wavegate.guardrails.conditions.tokens import Token, TokenKind, UnreadableExpressionError, tokens
from wavegate.guardrails.mutate.values import Mutation

_CHANGES: dict[str, tuple[Mutation, str]] = {
    "and": (Mutation.OR, "or"),
    "==": (Mutation.NEGATED, "!="),
    "!=": (Mutation.NEGATED, "=="),
    "<": (Mutation.BOUNDARY, "<="),
    "<=": (Mutation.BOUNDARY, "<"),
    ">": (Mutation.BOUNDARY, ">="),
    ">=": (Mutation.BOUNDARY, ">"),
}
MAX_CHANGES = 12
"""Operators of one condition that are changed."""


def changed_conditions(text: str) -> Iterator[tuple[Mutation, str]]:
    """The condition with each operator changed in turn; nothing if it cannot be read."""
    for mutation, start, end, new in list(_changes(text))[:MAX_CHANGES]:
        yield mutation, text[:start] + new + text[end:]


def _changes(text: str) -> Iterator[tuple[Mutation, int, int, str]]:
    try:
        found = tokens(text)
    except UnreadableExpressionError:
        return
    for index, token in enumerate(found):
        if token.kind is TokenKind.NAME and token.text == "is" and not _named(found, index):
            following = found[index + 1]
            negated = following.text == "not"
            yield (
                Mutation.NEGATED,
                token.start,
                following.end if negated else token.end,
                "is" if negated else "is not",
            )
        elif token.kind in (TokenKind.NAME, TokenKind.SIGN) and token.text in _CHANGES and not _named(found, index):
            mutation, new = _CHANGES[token.text]
            yield mutation, token.start, token.end, new


def _named(found: list[Token], index: int) -> bool:
    """Whether a word is the name of a variable or field, not an operator."""
    return index > 0 and found[index - 1].text in (".", "@")
