"""Which values of a variable no condition tells apart: one of them stands for all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from wavegate.guardrails.conditions.domains import plain
from wavegate.guardrails.conditions.evaluate import COMPARISONS, Outcome, compared, truth
from wavegate.guardrails.conditions.expression import (
    AtReference,
    Binary,
    Expression,
    Group,
    Literal,
    Not,
    Ternary,
    Value,
)
from wavegate.guardrails.prove.relevance import variables_of

_Question = tuple[str, Value] | None
"""What a condition asks of a value: a comparison with a constant, or None: whether it counts as true."""


@dataclass(slots=True)
class Questions:
    """What conditions ask of each variable. entangled: those of which they ask something else."""

    of: dict[str, set[_Question]] = field(default_factory=dict)
    entangled: set[str] = field(default_factory=set)

    def read(self, conditions: Iterable[Expression]) -> None:
        """Takes in what the conditions ask."""
        for condition in conditions:
            self._tested(plain(condition))

    def _tested(self, expression: Expression) -> None:
        match expression:
            case Group(inner=inner) | Not(operand=inner):
                self._tested(inner)
            case Binary(operator="and" | "or", left=left, right=right):
                self._tested(left)
                self._tested(right)
            case Ternary(test=test, then=then, otherwise=otherwise):
                for part in (test, then, otherwise):
                    self._tested(part)
            case Binary(operator=operator, left=left, right=right) if operator in COMPARISONS:
                self._compared(operator, _bare(left), _bare(right))
            case AtReference(space="variables", name=name, rest=""):
                self.of.setdefault(name, set()).add(None)
            case _:
                self.entangled |= variables_of(expression)

    def _compared(self, operator: str, left: Expression, right: Expression) -> None:
        match left, right:
            case AtReference(space="variables", name=name, rest=""), Literal(value=value):
                self.of.setdefault(name, set()).add((operator, value))
            case Literal(value=value), AtReference(space="variables", name=name, rest=""):
                self.of.setdefault(name, set()).add((_MIRRORED.get(operator, operator), value))
            case _:
                self.entangled |= variables_of(left) | variables_of(right)


_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def _bare(expression: Expression) -> Expression:
    while isinstance(expression, Group):
        expression = expression.inner
    return expression


class ValueClasses:
    """The classes of values of one variable by the answers to what is asked of it, with one value for each."""

    def __init__(self, questions: Iterable[_Question], values: Iterable[Outcome]) -> None:
        self._questions = sorted(questions, key=repr)
        self._standing: dict[Sequence[object], Outcome] = {}
        self.values = tuple(dict.fromkeys(self.standing_for(value) for value in values))

    def standing_for(self, value: Outcome) -> Outcome:
        """The value that stands for all that no condition distinguishes from this one."""
        answers = (
            truth(value) if question is None else compared(question[0], value, question[1])
            for question in self._questions
        )
        return self._standing.setdefault(tuple(answers), value)
