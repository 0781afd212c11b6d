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
)
from wavegate.guardrails.property_words import PropertyWords, UnreadableLineError, read_condition

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
        return _read(PropertyWords(text))
    except UnreadableLineError as error:
        return UnreadableProperty(text=text, column=error.column + 1, message=error.message)


def _read(line: PropertyWords) -> Property:
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


def _never(line: PropertyWords) -> Property:
    action = line.name("an action")
    if line.accept("unless"):
        return NeverUnless(action=action, condition=read_condition(line), text=line.text)
    line.expect("before")
    following = line.words[line.position + 1 : line.position + 2]
    if following and following[0][0] in COMPARISONS:
        return NeverBeforeValue(action=action, condition=_value_of_variable(line), text=line.text)
    other = line.name("an action, or a variable and its value")
    line.end()
    return NeverBefore(action=action, other=other, text=line.text)


def _only_from(line: PropertyWords, action: str) -> Property:
    return OnlyFrom(action=action, topics=line.names("a topic"), text=line.text)


def _at_most(line: PropertyWords, action: str) -> Property:
    if not re.fullmatch(r"\d{1,2}", line.next, re.ASCII) or int(line.next) > MAX_TIMES:
        raise line.wrong(f"Expected a number from 0 to {MAX_TIMES}")
    times = int(line.next)
    line.position += 1
    if not line.accept("time"):
        line.expect("times")
    line.end()
    return AtMost(action=action, times=times, text=line.text)


def _reachable(line: PropertyWords, target: str) -> Property:
    target = "" if target == "escalation" else target
    if line.accept("every", "topic"):
        line.end()
        return Reachable(target=target, topics=(), text=line.text)
    return Reachable(target=target, topics=line.names("a topic, or `every topic`"), text=line.text)


def _set_only_by(line: PropertyWords, variable: str) -> Property:
    return SetOnlyBy(variable=variable, sources=line.names("an action, a tool or a topic"), text=line.text)


_FORMS: dict[tuple[str, ...], Callable[[PropertyWords, str], Property]] = {
    ("only", "from"): _only_from,
    ("at", "most"): _at_most,
    ("reachable", "from"): _reachable,
    ("set", "only", "by"): _set_only_by,
}


def _value_of_variable(line: PropertyWords) -> Expression:
    column = line.column
    condition = read_condition(line)
    if (
        not isinstance(condition, Binary)
        or not isinstance(condition.left, AtReference)
        or not _literal(condition.right)
    ):
        raise UnreadableLineError("Expected one variable and its value, such as `member_ok is True`.", column)
    return condition


def _literal(expression: Expression) -> bool:
    return isinstance(expression, Literal) or (isinstance(expression, Negative) and _literal(expression.operand))
