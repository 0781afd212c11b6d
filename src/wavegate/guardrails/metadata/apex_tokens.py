"""Apex as tokens, without comments. Apex ignores case, so every token is in lower case beside its own spelling.

Source: Salesforce's Apex Developer Guide.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

_TOKENS = re.compile(
    r"//[^\n]*|/\*.*?(?:\*/|\Z)|(?P<text>'''.*?(?:'''|\Z)|'(?:[^'\\\n]|\\[^\n])*'?)"
    r"|(?P<word>[A-Za-z_]\w*)|[0-9][\w.]*|(?P<mark>[^\s\w])",
    re.DOTALL | re.ASCII,
)
"""Without its end, a string ends with its line; one of several lines, or a comment, never."""

_NO_TYPE = frozenset({
    "return", "new", "insert", "update", "upsert", "delete", "undelete", "merge", "else", "in", "throw", "instanceof",
    "case", "when", "user", "system", "and", "or", "not", "from", "by", "asc", "desc", "like",
})  # fmt: skip
_TYPE_TOKENS = 30
"""Of one type; `Map<Id, List<Case>>` has 8."""
_BRACKETS: Mapping[str, str] = {")": "(", "]": "[", "}": "{"}
_AFTER_NAME = frozenset({"=", ";", ",", ")", ":"})


class ApexToken(NamedTuple):
    """One token. folded: in lower case. A string keeps its quotes. offset: in characters, from 0."""

    folded: str
    spelled: str
    is_word: bool
    offset: int


END = ApexToken("", "", is_word=False, offset=0)


def tokens_of(text: str) -> list[ApexToken]:
    """The tokens of a class, in order."""
    return [
        ApexToken(match[0].lower() if match["word"] else match[0], match[0], bool(match["word"]), match.start())
        for match in _TOKENS.finditer(text)
        if match.lastgroup
    ]


class ApexTokens:
    """The tokens of a class by position; beyond the ends there are empty ones."""

    def __init__(self, tokens: Sequence[ApexToken]) -> None:
        self._tokens = tokens
        self._closing = self._matched()
        self.types: Mapping[str, frozenset[str]] = self._declared()

    def __len__(self) -> int:
        return len(self._tokens)

    def at(self, index: int) -> ApexToken:
        """The token at a position."""
        return self._tokens[index] if 0 <= index < len(self._tokens) else END

    def folded(self, index: int) -> str:
        """The token at a position, in lower case."""
        return self.at(index).folded

    def matches(self, index: int, *words: str) -> bool:
        """Whether these tokens, in lower case, stand at a position."""
        return all(self.folded(index + step) == word for step, word in enumerate(words))

    def closing(self, index: int) -> int:
        """The position of the bracket that closes the one here; that of the last token if none does."""
        return self._closing.get(index, len(self._tokens) - 1)

    def _matched(self) -> Mapping[int, int]:
        found: dict[int, int] = {}
        opened: dict[str, list[int]] = {mark: [] for mark in _BRACKETS.values()}
        for index, token in enumerate(self._tokens):
            if token.folded in opened:
                opened[token.folded].append(index)
            elif token.folded in _BRACKETS and opened[_BRACKETS[token.folded]]:
                found[opened[_BRACKETS[token.folded]].pop()] = index
        return found

    def _declared(self) -> Mapping[str, frozenset[str]]:
        """The types that each variable is declared with, by its name in lower case: `Case c`, `List<Case> cases`."""
        found: dict[str, set[str]] = {}
        for index, token in enumerate(self._tokens):
            if token.is_word and self.folded(index + 1) in _AFTER_NAME:
                type_ = self._type_before(index)
                if type_.is_word and type_.folded not in _NO_TYPE:
                    found.setdefault(token.folded, set()).add(type_.spelled)
        return {name: frozenset(types) for name, types in found.items()}

    def _type_before(self, index: int) -> ApexToken:
        """The type in front of a variable: the last type argument of a collection, the element of an array."""
        before = index - 1
        while self.folded(before) in (">", "[", "]"):
            before -= 1
        return self.at(before)

    def operand_types(self, index: int) -> frozenset[str]:
        """The types of the records that an expression starting here stands for, as far as they are known."""
        if self.matches(index, "new"):
            return self._constructed(index + 1)
        if self.matches(index, "[", "select"):
            return frozenset(self.queried(index))
        if self.matches(index, "this", "."):
            index += 2
        name = self.at(index)
        is_variable = name.is_word and self.folded(index + 1) != "("
        return self.types.get(name.folded, frozenset()) if is_variable else frozenset()

    def _constructed(self, index: int) -> frozenset[str]:
        last = self.at(index)
        for position in range(index, index + _TYPE_TOKENS):
            if self.folded(position) in ("(", "{", ";", ""):
                break
            if self.at(position).is_word:
                last = self.at(position)
        return frozenset({last.spelled})

    def queried(self, index: int) -> list[str]:
        """The object of a query in brackets that starts here; those of a search. Subqueries name relationships."""
        is_search = self.folded(index + 1) == "find"
        found: list[str] = []
        depth = 0
        takes = False
        for position in range(index + 1, self.closing(index)):
            token = self.at(position)
            depth += {"(": 1, ")": -1}.get(token.folded, 0)
            if takes and depth == 0 and token.is_word:
                found.append(token.spelled)
                takes = False
            elif depth == 0:
                takes = (token.folded == "returning" or token.folded == ",") if is_search else token.folded == "from"
        return found if is_search else found[:1]
