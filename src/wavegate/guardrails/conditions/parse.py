"""Expressions of Agent Script, read with the precedences of the official compiler."""

import re
from typing import NamedTuple

from wavegate.guardrails.conditions.emit import emitted_text
from wavegate.guardrails.conditions.expression import (
    AtReference,
    Binary,
    Call,
    Chosen,
    Expression,
    Group,
    Literal,
    Negative,
    Not,
    Opaque,
    Ternary,
    Value,
)
from wavegate.guardrails.conditions.tokens import Token, TokenKind, UnreadableExpressionError, tokens

MAX_LENGTH = 4_000
"""Characters of an expression that is read; a longer one is opaque."""
MAX_DEPTH = 80
"""Levels of an expression that is read, parentheses and operators alike; a deeper one is opaque."""

_PRECEDENCES = {"if": 0, "or": 1, "and": 2, "is": 4, "+": 5, "-": 5} | dict.fromkeys(
    ("==", "!=", "<", "<=", ">", ">="), 4
)
_NOT, _UNARY, _POSTFIX = 3, 7, 8
_CONSTANTS: dict[str, Value] = {"True": True, "False": False, "None": None}
_MISSPELLED = {"true": "True", "false": "False", "none": "None", "null": "None"}
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t", "r": "\r", "0": "\0", "'": ""}
"""What follows a backslash. The compiler accepts an escaped single quote, and drops it."""
_ESCAPE = re.compile(r"\\(.)")


def parse_expression(text: str) -> Expression:
    """The text of one condition or value as an expression; Opaque if it cannot be read, never an exception.

    A comment at the end is ignored. Parentheses are kept as Group. Chained comparisons nest to the left.
    """
    if len(text) > MAX_LENGTH:
        return Opaque(text=text, reason=f"longer than {MAX_LENGTH:,} characters", column=MAX_LENGTH)
    try:
        return _Parser(text).whole()
    except UnreadableExpressionError as error:
        return Opaque(text=text, reason=error.reason, column=error.column)


class _Parsed(NamedTuple):
    """An expression with its columns, with and without the parentheses around it, and its levels."""

    expression: Expression
    start: int
    end: int
    inner_start: int
    inner_end: int
    depth: int = 1


def _plain(expression: Expression, start: int, end: int, *parts: _Parsed) -> _Parsed:
    depth = 1 + max((part.depth for part in parts), default=0)
    if depth > MAX_DEPTH:
        raise UnreadableExpressionError(f"more than {MAX_DEPTH} levels deep", start)
    return _Parsed(expression, start, end, start, end, depth)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.position = 0
        self.nesting = 0

    def whole(self) -> Expression:
        parsed = self.expression(0)
        if self.next.kind is not TokenKind.END:
            raise UnreadableExpressionError(_unexpected(self.next), self.next.start)
        return parsed.expression

    @property
    def next(self) -> Token:
        return self.tokens[self.position]

    def take(self) -> Token:
        token = self.next
        self.position += token.kind is not TokenKind.END
        return token

    def at(self, text: str) -> bool:
        return self.next.text == text and self.next.kind in (TokenKind.SIGN, TokenKind.NAME)

    def expect(self, text: str) -> Token:
        if not self.at(text):
            raise UnreadableExpressionError(f"expected `{text}`", self.next.start)
        return self.take()

    def expression(self, precedence: int) -> _Parsed:
        self.nesting += 1
        if self.nesting > MAX_DEPTH:
            raise UnreadableExpressionError(f"more than {MAX_DEPTH} levels deep", self.next.start)
        left = self.prefix()
        while self.next.kind is not TokenKind.STRING and _PRECEDENCES.get(self.next.text, -1) >= precedence:
            left = self.ternary(left) if self.at("if") else self.binary(left)
        self.nesting -= 1
        return left

    def prefix(self) -> _Parsed:
        start = self.next.start
        if self.at("not"):
            self.take()
            operand = self.expression(_NOT + 1)
            return _plain(Not(operand=operand.expression), start, operand.end, operand)
        if self.at("-") or self.at("+"):
            sign = self.take().text
            operand = self.expression(_UNARY + 1)
            return _plain(Negative(sign=sign, operand=operand.expression), start, operand.end, operand)
        return self.postfix(self.group() if self.at("(") else self.atom())

    def group(self) -> _Parsed:
        opening = self.take()
        inner = self.expression(0)
        closing = self.expect(")")
        grouped = _plain(Group(inner=inner.expression), opening.start, closing.end, inner)
        return grouped._replace(inner_start=inner.inner_start, inner_end=inner.inner_end)

    def atom(self) -> _Parsed:
        token = self.take()
        if token.kind is TokenKind.NAME:
            return self.word(token)
        if token.text == "@":
            return self.reference(token)
        return _plain(_literal(token), token.start, token.end)

    def word(self, token: Token) -> _Parsed:
        if token.text in _CONSTANTS:
            return _plain(Literal(value=_CONSTANTS[token.text]), token.start, token.end)
        if not self.at("(") or token.text in _PRECEDENCES:
            raise UnreadableExpressionError(_bare(token.text), token.start)
        arguments = self.arguments()
        closing = self.expect(")")
        call = Call(name=token.text, arguments=tuple(argument.expression for argument in arguments))
        return _plain(call, token.start, closing.end, *arguments)

    def arguments(self) -> list[_Parsed]:
        self.take()
        if self.at(")"):
            return []
        found = [self.expression(0)]
        while self.at(","):
            self.take()
            found.append(self.expression(0))
        return found

    def reference(self, at: Token) -> _Parsed:
        space = self.name()
        self.expect(".")
        name = self.name()
        return _plain(AtReference(space=space.text, name=name.text), at.start, name.end)

    def name(self) -> Token:
        if self.next.kind is not TokenKind.NAME:
            raise UnreadableExpressionError("expected a name", self.next.start)
        return self.take()

    def postfix(self, of: _Parsed) -> _Parsed:
        while self.at(".") or self.at("["):
            of = self.field(of) if self.at(".") else self.index(of)
        if self.at("("):
            raise UnreadableExpressionError("only a function can be called", self.next.start)
        return of

    def field(self, of: _Parsed) -> _Parsed:
        reference = self.referenced(of)
        self.take()
        name = self.name()
        if name.text == "length":
            return _plain(Call(name="len", arguments=(reference,)), of.start, name.end, of)
        return _plain(_extended(reference, f".{name.text}"), of.start, name.end, of)

    def index(self, of: _Parsed) -> _Parsed:
        reference = self.referenced(of)
        self.take()
        index = self.expression(0)
        closing = self.expect("]")
        rest = f"[{emitted_text(index.expression)}]"
        return _plain(_extended(reference, rest), of.start, closing.end, of, index)

    def referenced(self, of: _Parsed) -> AtReference:
        expression = of.expression
        while isinstance(expression, Group):
            expression = expression.inner
        if not isinstance(expression, AtReference):
            raise UnreadableExpressionError("only a reference has fields", self.next.start)
        return expression

    def ternary(self, then: _Parsed) -> _Parsed:
        self.take()
        test = self.expression(_PRECEDENCES["or"])
        self.expect("else")
        otherwise = self.expression(0)
        value = Ternary(test=test.expression, then=then.expression, otherwise=otherwise.expression)
        return _plain(value, then.start, otherwise.end, test, then, otherwise)

    def binary(self, left: _Parsed) -> _Parsed:
        operator = self.take().text
        precedence = _PRECEDENCES[operator]
        if operator == "is" and self.at("not"):
            self.take()
            operator = "is not"
        right = self.expression(precedence + 1)
        value = Binary(
            operator=operator,
            left=left.expression,
            right=right.expression,
            spelled=self.text[left.inner_end : right.inner_start],
        )
        return _plain(value, left.start, right.end, left, right)


def _extended(reference: AtReference, rest: str) -> AtReference:
    return AtReference(space=reference.space, name=reference.name, rest=reference.rest + rest)


def _literal(token: Token) -> Expression:
    if token.kind is TokenKind.STRING:
        return Literal(value=_unescaped(token))
    if token.kind is TokenKind.NUMBER:
        return Literal(value=_number(token.text))
    if token.text == "...":
        return Chosen()
    raise UnreadableExpressionError(_unexpected(token), token.start)


def _unescaped(token: Token) -> str:
    def replaced(escape: re.Match[str]) -> str:
        if escape[1] not in _ESCAPES:
            raise UnreadableExpressionError(f"`{escape[0]}` is not an escape", token.start + 1 + escape.start())
        return _ESCAPES[escape[1]]

    return _ESCAPE.sub(replaced, token.text[1:-1])


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() and value < 2**53 else value


def _unexpected(token: Token) -> str:
    if token.kind is TokenKind.END:
        return "the expression ends too early"
    if token.text == "in":
        return "`in` is not supported"
    return f"unexpected `{token.text}`"


def _bare(name: str) -> str:
    if name in _PRECEDENCES or name in ("else", "not", "in"):
        return f"unexpected `{name}`"
    if name in _MISSPELLED:
        return f"`{name}` is not a value; write `{_MISSPELLED[name]}`"
    return f"`{name}` is not a value; write `@variables.{name}`, or a literal"
