"""Where the reader is, and what it found there: differences to what is emitted, and what it did not understand."""

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import is_
from typing import Generic, NamedTuple, TypeVar

from wavegate.findings.finding import Location
from wavegate.guardrails.conditions.domains import references
from wavegate.guardrails.conditions.emit import emitted_text
from wavegate.guardrails.conditions.expression import (
    Binary,
    Call,
    Chosen,
    Expression,
    Group,
    Negative,
    Not,
    Opaque,
    Ternary,
)
from wavegate.guardrails.conditions.parse import parse_expression
from wavegate.guardrails.model import Guard, Loss, Unknown
from wavegate.guardrails.script.lines import Entry, Piece, place
from wavegate.guardrails.script.tree import ScriptLine, texts_beneath

T = TypeVar("T")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_IN_TEXT = re.compile(r"@variables\.(?=\w)", re.ASCII)
MAX_LOSSES = 1_000
MAX_UNKNOWN = 100
"""Lines that are listed one by one."""


class Both(NamedTuple, Generic[T]):
    """One thing in both readings. The same value twice if nothing is lost."""

    written: T
    emitted: T

    @property
    def same(self) -> bool:
        """Whether both are one value."""
        return self.written is self.emitted


def either(written: list[T], emitted: list[T]) -> Both[tuple[T, ...]]:
    """Both readings as tuples: one and the same tuple if all of their values are."""
    first = tuple(written)
    same = len(written) == len(emitted) and all(map(is_, written, emitted))
    return Both(first, first if same else tuple(emitted))


@dataclass(kw_only=True, slots=True)
class Findings:
    """What is collected over a whole script, up to a limit each. not_understood: how often something was not."""

    losses: list[Loss] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    not_understood: int = 0

    def add_loss(self, loss: Loss) -> None:
        """Adds a loss; the first one beyond the limit says that there are more."""
        if len(self.losses) < MAX_LOSSES:
            self.losses.append(loss)
        elif len(self.losses) == MAX_LOSSES:
            message = f"More than {MAX_LOSSES:,} lines do not take effect as written: the rest is not listed."
            self.losses.append(replace(loss, message=message))

    def add_unknown(self, unknown: Unknown) -> None:
        """Adds what is not understood; the first one beyond the limit stands for the rest."""
        self.not_understood += 1
        if len(self.unknown) < MAX_UNKNOWN:
            self.unknown.append(unknown)
        elif len(self.unknown) == MAX_UNKNOWN:
            self.unknown.append(replace(unknown, text=f"more than {MAX_UNKNOWN} lines, from here on", cut=True))


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Where the reader is. topic, tool: '' outside of one. start: the agent's. custom: other code runs the topic."""

    path: str
    found: Findings
    topic: str = ""
    tool: str = ""
    start: str = ""
    custom: bool = False

    def within(self, tool: str) -> "Scope":
        """The same place inside of a tool or an action's definition."""
        return replace(self, tool=tool)

    def at(self, line: int, piece: Piece) -> Location:
        """Where a part of a line starts."""
        return Location(file=self.path, line=line, column=piece.column)

    def lose(self, rule: str, location: Location, message: str, fix: str) -> None:
        """Notes what does not take effect as written."""
        loss = Loss(rule=rule, topic=self.topic, tool=self.tool, location=location, message=message, fix=fix)
        self.found.add_loss(loss)

    def not_understood(self, node: ScriptLine, reason: str = "") -> None:
        """Notes a line that is not understood, with the lines beneath it."""
        text = node.text or "|"
        text = "\n".join((f"{text} ({reason})" if reason else text, *texts_beneath(node)))
        unknown = Unknown(text=text, location=place(node, self.path), topic=self.topic, tool=self.tool)
        self.found.add_unknown(unknown)

    def no_lines_beneath(self, node: ScriptLine) -> None:
        """Notes the lines beneath one that takes none."""
        for child in node.children:
            self.not_understood(child)

    def only_text_beneath(self, node: ScriptLine) -> None:
        """Notes the lines beneath a key with a text that are not text."""
        for child in node.children:
            if child.text and not child.text.startswith('"'):
                self.not_understood(child)

    def no_value(self, found: Entry) -> None:
        """Notes a value or text of a key that takes a block only."""
        if found.value not in {"", "->"} or found.node.prose:
            self.not_understood(found.node)


def condition(piece: Piece, line: int, scope: Scope) -> Both[Guard]:
    """The condition of a guard or branch in both readings."""
    location = scope.at(line, piece)
    written, emitted, text = _expression(piece.text)
    if unusable := _unusable(written, custom=scope.custom):
        reason = f"`{unusable}` cannot be asked for in a condition"
        written = emitted = Opaque(text=piece.text, reason=reason, column=max(piece.text.find(unusable), 0))
        text = piece.text
    if isinstance(written, Chosen):
        message = "A guard that the model fills in guards nothing."
        scope.lose("guard/unreadable", location, message, "Write the condition.")
    elif isinstance(written, Opaque):
        message = f"The condition `{_short(piece.text)}` cannot be read: {written.reason}."
        scope.lose("guard/unreadable", _behind(location, written.column), message, "Fix the condition.")
    elif text != piece.text:
        fix = "Write it without them (`not (a or b)` is `not a and not b`), or set a variable first and ask for that."
        scope.lose("guard/parentheses-lost", location, _lost(piece.text, text, emitted), fix)
    if not isinstance(written, Opaque) and (replaced := _STRING.sub(_replaced, text)) != text:
        text, emitted = replaced, parse_expression(replaced)
        message = (
            f"In the text of `{_short(piece.text)}` the compiler replaces the variable: it prints `{_short(text)}`."
        )
        scope.lose("guard/text-replaced", location, message, "Compare with the variable itself, without the quotes.")
    guard = Guard(condition=written, text=piece.text, location=location)
    same = text == piece.text
    return Both(guard, guard if same else Guard(condition=emitted, text=text, location=location))


def _unusable(expression: Expression, *, custom: bool) -> str:
    """A reference that the compiler refuses in a condition; '' if there is none."""
    refused = {"knowledge"} if custom else {"knowledge", "inputs"}
    found = (each for each in references(expression).values() if each.space in refused)
    return next((f"@{each.space}.{each.name}" for each in found), "")


def _replaced(string: re.Match[str]) -> str:
    """A string as the compiler prints it: also in there, the name of a variable becomes that of its place."""
    return _IN_TEXT.sub("state.", string[0])


def value(piece: Piece, line: int, scope: Scope) -> Both[Expression]:
    """A value that is set or bound, in both readings."""
    written, emitted, text = _expression(piece.text)
    location = scope.at(line, piece)
    if isinstance(written, Opaque):
        unknown = Unknown(text=piece.text, location=location, topic=scope.topic, tool=scope.tool)
        scope.found.add_unknown(unknown)
    elif text != piece.text:
        message = _lost(piece.text, text, emitted)
        scope.lose("value/parentheses-lost", location, message, "Split the value over several `set` lines.")
    return Both(written, emitted)


def _lost(written: str, text: str, emitted: Expression) -> str:
    effect = "prints" if isinstance(emitted, Opaque) else "drops parentheses and evaluates"
    broken = ", which cannot be evaluated" if isinstance(emitted, Opaque) else ""
    return f"Of `{_short(written)}` the compiler {effect} `{_short(text)}`{broken}."


@lru_cache(maxsize=2_048)
def _expression(text: str) -> tuple[Expression, Expression, str]:
    """A text as written and as it takes effect, and the text that takes effect: the same if both mean the same."""
    written = parse_expression(text)
    if isinstance(written, Opaque):
        return written, written, text
    printed = emitted_text(written)
    emitted = parse_expression(printed)
    if _bare(written) == _bare(emitted):
        return written, written, text
    return written, emitted, printed


def _bare(expression: Expression) -> Expression:
    """The expression without its parentheses: two with the same one mean the same."""
    match expression:
        case Group(inner=inner):
            return _bare(inner)
        case Not(operand=operand):
            return Not(operand=_bare(operand))
        case Negative(sign=sign, operand=operand):
            return Negative(sign=sign, operand=_bare(operand))
        case Binary(operator=operator, left=left, right=right):
            return Binary(operator=operator, left=_bare(left), right=_bare(right))
        case Ternary(test=test, then=then, otherwise=otherwise):
            return Ternary(test=_bare(test), then=_bare(then), otherwise=_bare(otherwise))
        case Call(name=name, arguments=arguments):
            return Call(name=name, arguments=tuple(_bare(argument) for argument in arguments))
    return expression


def chosen(piece: Piece | None, line: int, scope: Scope) -> Both[Expression]:
    """The value of an input: a missing one is filled in by the model."""
    if piece is None or not piece.text:
        return Both(Chosen(), Chosen())
    return value(piece, line, scope)


def _behind(location: Location, columns: int) -> Location:
    return location._replace(column=location.column + columns)


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:119]}…"
