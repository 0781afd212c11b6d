"""What a team asks of its agents, one line each, such as `never waive_fine unless member_ok is True`.

The forms are few, so that each can be proved for all conversations, and a line reads as the sentence it is.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from wavegate.guardrails.conditions.evaluate import COMPARISONS
from wavegate.guardrails.conditions.expression import (
    AtReference,
    Binary,
    Expression,
    Literal,
    Negative,
    Opaque,
)
from wavegate.guardrails.conditions.parse import parse_expression
from wavegate.guardrails.conditions.tokens import TokenKind, UnreadableExpressionError, tokens

FORMS = (
    "never ACTION unless CONDITION",
    "never ACTION before OTHER",
    "never ACTION before VARIABLE is VALUE",
    "always confirm ACTION",
    "ACTION only from TOPIC, TOPIC",
    "ACTION at most N times",
    "escalation reachable from every topic",
    "VARIABLE set only by NAME, NAME",
)
"""The lines that are understood. `TOPIC reachable from TOPIC` is one too."""
MAX_TIMES = 20
MAX_LINE = 1_000
"""Characters of one line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NeverUnless:
    """`never ACTION unless CONDITION`: whenever the action is called, the condition holds at that moment."""

    action: str
    condition: Expression
    text: str = field(compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class NeverBefore:
    """`never ACTION before OTHER`: the other action was called earlier in the conversation."""

    action: str
    other: str
    text: str = field(compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class NeverBeforeValue:
    """`never ACTION before VARIABLE is VALUE`: the variable had the value at some moment until then."""

    action: str
    condition: Expression
    text: str = field(compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class AlwaysConfirm:
    """`always confirm ACTION`: the user is asked whenever the action is called, from any topic."""

    action: str
    text: str = field(compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class OnlyFrom:
    """`ACTION only from TOPIC, TOPIC`: no other topic calls the action."""

    action: str
    topics: tuple[str, ...]
    text: str = field(compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class AtMost:
    """`ACTION at most N times`: in one conversation."""

    action: str
    times: int
    text: str = field(compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reachable:
    """`escalation reachable from every topic`: wherever the conversation is, some continuation leads there.

    target: a topic, '' for the hand-off to a human. topics: from where; () for every topic.
    """

    target: str
    topics: tuple[str, ...]
    text: str = field(compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class SetOnlyBy:
    """`VARIABLE set only by NAME, NAME`: neither the model, the caller nor another action, tool or topic sets it."""

    variable: str
    sources: tuple[str, ...]
    text: str = field(compare=False)


Property = NeverUnless | NeverBefore | NeverBeforeValue | AlwaysConfirm | OnlyFrom | AtMost | Reachable | SetOnlyBy


@dataclass(frozen=True, kw_only=True, slots=True)
class UnreadableProperty:
    """A line that is not a property. column: where in it, from 1. message, fix: sentences."""

    text: str
    column: int
    message: str
    fix: str = "Write one of these: " + "; ".join(f"`{form}`" for form in FORMS) + "."


def parse_property(text: str) -> Property | UnreadableProperty:
    """One line of the team's language; what is wrong with it, and where, if it is not one."""
    if len(text) > MAX_LINE:
        return UnreadableProperty(text=text[:100], column=MAX_LINE, message=f"Longer than {MAX_LINE:,} characters.")
    try:
        return _read(_Words(text))
    except _UnreadableLineError as error:
        return UnreadableProperty(text=text, column=error.column + 1, message=error.message)


class _UnreadableLineError(Exception):
    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


_WORD = re.compile(r"[^\s,]+|,")
_NAME = re.compile(r"(?:@\w+\.)?([A-Za-z_][\w-]*)", re.ASCII)


class _Words:
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

    def wrong(self, expected: str) -> _UnreadableLineError:
        found = f", found `{self.next[:60]}`" if self.next else ", but the line ends"
        return _UnreadableLineError(f"{expected}{found}.", self.column)

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


def _read(line: _Words) -> Property:
    if line.accept("never"):
        return _never(line)
    if line.accept("always"):
        line.expect("confirm")
        action = line.name("an action")
        line.end()
        return AlwaysConfirm(action=action, text=line.text)
    subject = line.name("an action, a topic or a variable")
    for words, form in _FORMS.items():
        if line.accept(*words):
            return form(line, subject)
    raise line.wrong("Expected `only from`, `at most`, `reachable from` or `set only by`")


def _never(line: _Words) -> Property:
    action = line.name("an action")
    if line.accept("unless"):
        return NeverUnless(action=action, condition=_condition(line), text=line.text)
    line.expect("before")
    following = line.words[line.position + 1 : line.position + 2]
    if following and following[0][0] in COMPARISONS:
        return NeverBeforeValue(action=action, condition=_value_of_variable(line), text=line.text)
    other = line.name("an action, or a variable and its value")
    line.end()
    return NeverBefore(action=action, other=other, text=line.text)


def _only_from(line: _Words, action: str) -> Property:
    return OnlyFrom(action=action, topics=line.names("a topic"), text=line.text)


def _at_most(line: _Words, action: str) -> Property:
    if not re.fullmatch(r"\d{1,2}", line.next, re.ASCII) or int(line.next) > MAX_TIMES:
        raise line.wrong(f"Expected a number from 0 to {MAX_TIMES}")
    times = int(line.next)
    line.position += 1
    if not line.accept("time"):
        line.expect("times")
    line.end()
    return AtMost(action=action, times=times, text=line.text)


def _reachable(line: _Words, target: str) -> Property:
    target = "" if target == "escalation" else target
    if line.accept("every", "topic"):
        line.end()
        return Reachable(target=target, topics=(), text=line.text)
    return Reachable(target=target, topics=line.names("a topic, or `every topic`"), text=line.text)


def _set_only_by(line: _Words, variable: str) -> Property:
    return SetOnlyBy(variable=variable, sources=line.names("an action, a tool or a topic"), text=line.text)


_FORMS: dict[tuple[str, ...], Callable[[_Words, str], Property]] = {
    ("only", "from"): _only_from,
    ("at", "most"): _at_most,
    ("reachable", "from"): _reachable,
    ("set", "only", "by"): _set_only_by,
}


def _value_of_variable(line: _Words) -> Expression:
    column = line.column
    condition = _condition(line)
    if (
        not isinstance(condition, Binary)
        or not isinstance(condition.left, AtReference)
        or not _literal(condition.right)
    ):
        raise _UnreadableLineError("Expected one variable and its value, such as `member_ok is True`.", column)
    return condition


def _literal(expression: Expression) -> bool:
    return isinstance(expression, Literal) or (isinstance(expression, Negative) and _literal(expression.operand))


def _condition(line: _Words) -> Expression:
    """The rest of the line as a condition, in which a variable may be written without `@variables.`."""
    text, column = line.rest()
    try:
        written, inserted = _with_references(text)
    except UnreadableExpressionError as error:
        raise _UnreadableLineError(f"{_sentence(error.reason)}.", column + error.column) from None
    condition = parse_expression(written)
    if isinstance(condition, Opaque):
        reason = condition.reason
        if condition.column in inserted:
            reason = f"unexpected `{written[condition.column + len(_PREFIX) :].split()[0]}`"
        before = sum(len(_PREFIX) for place in inserted if place < condition.column)
        raise _UnreadableLineError(f"{_sentence(reason)}.", column + condition.column - before)
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
