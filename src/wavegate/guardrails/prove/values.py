"""The values that variables take in the exploration: enough of them that what is proved holds for all."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from wavegate.guardrails.conditions.domains import (
    deciding_values,
    parts,
    plain,
    readable,
    references,
    values_of,
    walk,
)
from wavegate.guardrails.conditions.evaluate import COMPARISONS, UNDETERMINED, Outcome, Read, Undetermined, Valuation
from wavegate.guardrails.conditions.expression import AtReference, Binary, Call, Expression, Literal, Negative
from wavegate.guardrails.conditions.truth import reference_type
from wavegate.guardrails.model import SetStep, Variable, VariableKind
from wavegate.guardrails.prove.classes import Questions, ValueClasses
from wavegate.guardrails.prove.relevance import variables_of


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberRange:
    """Which numbers count as different.

    up, down: all numbers beyond the end count as one, as the variable only grows or shrinks; else they are
    undetermined.
    """

    low: float
    high: float
    up: bool
    down: bool

    def within(self, value: float) -> Outcome:
        """The value that stands for the number."""
        if value > self.high:
            return self.high + 1 if self.up else UNDETERMINED
        if value < self.low:
            return self.low - 1 if self.down else UNDETERMINED
        return value


@dataclass(frozen=True, kw_only=True, slots=True)
class VariableValues:
    """The values of one variable. initial: at the start. spread: any of these, if something unknown is assigned.

    classes: which values count as one; None if that is not known.
    """

    initial: tuple[Outcome, ...]
    spread: tuple[Outcome, ...]
    range: NumberRange
    classes: ValueClasses | None = None

    def after(self, read: Read | None, valuation: Valuation) -> tuple[tuple[Outcome, ...], bool]:
        """The values that an assignment may leave, and whether each of them is possible.

        read: the assigned value; None if the model, the caller or the world outside chooses it.
        """
        if read is None:
            return self.spread, True
        value = read(valuation)
        if isinstance(value, Undetermined):
            return self.spread, False
        if self.classes is not None:
            return (self.classes.standing_for(value),), True
        if isinstance(value, int | float) and not isinstance(value, bool):
            return (self.range.within(value),), True
        return (value,), True

    def answered(self, answer: Outcome) -> tuple[tuple[Outcome, ...], bool]:
        """As `after`, for what the world outside answered before."""
        if answer in self.spread:
            return (answer,), True
        return self.spread, False


class VariableDomains:
    """The values of the variables of one agent, as far as conditions and assignments tell them apart.

    alike: variables that take the same values from outside.
    """

    def __init__(
        self,
        variables: Iterable[Variable],
        conditions: Sequence[Expression],
        assignments: Sequence[SetStep],
        alike: Iterable[Collection[str]] = (),
    ) -> None:
        self._alike = [sorted(names) for names in alike if len(names) > 1]
        self._variables = {variable.name: variable for variable in variables}
        self._assignments = assignments
        expressions = [*conditions, *(step.value for step in assignments)]
        numbers = [part.value for each in expressions for part in walk(each) if isinstance(part, Literal)]
        numbers += [each.default.value for each in self._variables.values() if isinstance(each.default, Literal)]
        sizes = [float(value) for value in numbers if isinstance(value, int | float) and abs(value) < 2**53]
        self._low, self._high = min([*sizes, 0.0]), max([*sizes, 1.0])
        self._computed = {name for each in expressions for name in _computed_with(each)}
        self._compared = {name for each in conditions for name in _compared_with_another(each)}
        self._copied = {name for each in assignments for name in variables_of(each.value)}
        self._copied |= {each.variable for each in assignments if variables_of(each.value)}
        self._copied |= {name for names in self._alike for name in names}
        self._questions = Questions()
        self._questions.read(conditions)
        self._deciding = self._decide(conditions)

    def of(self, name: str) -> VariableValues:
        """The values of a declared variable."""
        variable = self._variables[name]
        spread = self._spread(variable)
        classes = self._classes(name, spread)
        spread = classes.values if classes else spread
        initial = _initial(variable, spread)
        if classes:
            initial = tuple(dict.fromkeys(map(classes.standing_for, initial)))
        return VariableValues(initial=initial, spread=spread, range=self._range(name), classes=classes)

    def _classes(self, name: str, spread: Sequence[Outcome]) -> ValueClasses | None:
        if name in self._computed or name in self._copied or name in self._questions.entangled:
            return None
        return ValueClasses(self._questions.of.get(name, ()), spread)

    def _decide(self, conditions: Sequence[Expression]) -> dict[str, tuple[Outcome, ...]]:
        plainly = [plain(condition) for condition in conditions if readable(condition)]
        plainly += [
            Binary(operator="==", left=_variable(step.variable), right=plain(step.value))
            for step in self._assignments
            if variables_of(step.value) and readable(step.value)
        ]
        plainly += [
            Binary(operator="==", left=_variable(one), right=_variable(other))
            for names in self._alike
            for one, other in pairwise(names)
        ]
        found = {key: it for condition in plainly for key, it in references(condition).items()}
        types = {key: reference_type(it, self._variables) for key, it in found.items()}
        return dict(deciding_values(plainly, types))

    def _spread(self, variable: Variable) -> tuple[Outcome, ...]:
        if variable.name in self._computed:
            return (UNDETERMINED,)
        held = reference_type(_variable(variable.name), self._variables)
        values = self._deciding.get(f"@variables.{variable.name}") or values_of(held, ())
        return (*(value for value in values if value is not None), None)

    def _range(self, name: str) -> NumberRange:
        steps = {_step(each) for each in self._assignments if each.variable == name} - {0.0}
        alone = name not in self._compared and not any(
            name in _computed_with(each.value) for each in self._assignments if each.variable != name
        )
        return NumberRange(
            low=self._low,
            high=self._high,
            up=alone and all(step is not None and step > 0 for step in steps),
            down=alone and all(step is not None and step < 0 for step in steps),
        )


def _variable(name: str) -> AtReference:
    return AtReference(space="variables", name=name)


def _initial(variable: Variable, spread: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    if variable.kind is VariableKind.LINKED or variable.external:
        return spread
    if variable.default is None:
        return (None,)
    return (variable.default.value,) if isinstance(variable.default, Literal) else (UNDETERMINED,)


def _step(assignment: SetStep) -> float | None:
    """By how much an assignment counts a variable up; 0.0 if it computes nothing, None if it does something else."""
    match assignment.value:
        case Binary(operator=sign, left=left, right=Literal(value=int() | float() as size)) if left == _variable(
            assignment.variable
        ):
            return {"+": float(size), "-": -float(size)}.get(sign, 0.0)
        case value:
            return None if _computed_with(value) else 0.0


def _computed_with(expression: Expression) -> set[str]:
    """The variables that an expression computes with."""
    found: set[str] = set()
    for part in walk(expression):
        if isinstance(part, Negative | Call) or (isinstance(part, Binary) and part.operator in ("+", "-")):
            found |= {name for inner in parts(part) for name in variables_of(inner)}
    return found


def _compared_with_another(expression: Expression) -> set[str]:
    """The variables that an expression compares with something that is not a constant."""
    found: set[str] = set()
    for part in walk(expression):
        if isinstance(part, Binary) and part.operator in COMPARISONS:
            sides = [references(part.left), references(part.right)]
            found |= variables_of(part) if all(sides) else set()
    return found
