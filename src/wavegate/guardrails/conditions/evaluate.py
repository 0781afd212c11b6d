"""Three-valued evaluation of expressions over a valuation, with Python's truth as Agent Script has it.

What the language does not say is undetermined: an ordering with None, a comparison of a string with a number, a
chained comparison whose two readings differ, and everything that is computed from a value that is not known.
"""

import operator as operators
from collections.abc import Callable, Mapping
from enum import Enum

from wavegate.guardrails.conditions.emit import emitted_text
from wavegate.guardrails.conditions.expression import (
    AtReference,
    Binary,
    Expression,
    Group,
    Literal,
    Negative,
    Not,
    Ternary,
    Value,
)


class Undetermined(Enum):
    """The value that is not known, which is neither true nor false."""

    UNDETERMINED = "undetermined"


UNDETERMINED = Undetermined.UNDETERMINED
Outcome = Value | Undetermined
Valuation = tuple[Outcome, ...]
"""Values of references, each at its place."""
Truth = bool | None
"""None: not known."""
Read = Callable[[Valuation], Outcome]
Test = Callable[[Valuation], Truth]


class Assumption(Enum):
    """What is taken for the result of a comparison that the language does not define."""

    NOTHING = "it is not known"
    FALSE = "it is false"
    TRUE = "it is true"
    EMPTY = "None counts as 0 or as the empty string"


EQUALITIES = frozenset({"==", "!=", "is", "is not"})
ORDERINGS: dict[str, Callable[[float | str, float | str], bool]] = {
    "<": operators.lt, "<=": operators.le, ">": operators.gt, ">=": operators.ge,
}  # fmt: skip
COMPARISONS = EQUALITIES | ORDERINGS.keys()


def truth(value: Outcome) -> Truth:
    """Whether a value counts as true; None if it is not known."""
    return None if isinstance(value, Undetermined) else bool(value)


def compared(operator: str, left: Outcome, right: Outcome) -> Truth:
    """The result of one comparison; None if it is not known, or not defined."""
    if isinstance(left, Undetermined) or isinstance(right, Undetermined):
        return None
    if operator in EQUALITIES:
        equal = _equal(left, right)
        return equal if equal is None or operator in ("==", "is") else not equal
    if isinstance(left, str) and isinstance(right, str):
        return ORDERINGS[operator](left, right)
    if isinstance(left, int | float) and isinstance(right, int | float):
        return ORDERINGS[operator](left, right)
    return None


def _equal(left: Value, right: Value) -> Truth:
    if left is None or right is None:
        return left is right
    return None if isinstance(left, str) != isinstance(right, str) else left == right


class Evaluator:
    """Turns expressions into functions of a valuation.

    places: where in a valuation the value of a reference is, by its text such as `@variables.status`; a reference
    without a place is undetermined.
    """

    def __init__(self, places: Mapping[str, int], assumption: Assumption = Assumption.NOTHING) -> None:
        self.places = places
        self._assumption = assumption

    def test(self, expression: Expression) -> Test:
        """Whether the expression counts as true; None if that is not known."""
        match expression:
            case Group(inner=inner):
                return self.test(inner)
            case Not(operand=operand):
                return _negated(self.test(operand))
            case Binary(operator="and", left=left, right=right):
                return _both(self.test(left), self.test(right))
            case Binary(operator="or", left=left, right=right):
                return _either(self.test(left), self.test(right))
            case Ternary(test=test, then=then, otherwise=otherwise):
                return _branched(self.test(test), self.test(then), self.test(otherwise))
        read = self.read(expression)
        return lambda valuation: truth(read(valuation))

    def read(self, expression: Expression) -> Read:
        """The value of the expression."""
        match expression:
            case Literal(value=value):
                return lambda _: value
            case AtReference():
                return self._reference(expression)
            case Group(inner=inner):
                return self.read(inner)
            case Not():
                return _as_value(self.test(expression))
            case Negative(sign=sign, operand=operand):
                return _signed(sign, self.read(operand))
            case Binary():
                return self._binary(expression)
            case Ternary(test=test, then=then, otherwise=otherwise):
                return _chosen(self.test(test), self.read(then), self.read(otherwise))
            case _:
                return lambda _: UNDETERMINED

    def _reference(self, reference: AtReference) -> Read:
        place = self.places.get(emitted_text(reference))
        return (lambda _: UNDETERMINED) if place is None else operators.itemgetter(place)

    def _binary(self, binary: Binary) -> Read:
        if binary.operator in COMPARISONS:
            return _as_value(self._comparison(binary))
        left, right = self.read(binary.left), self.read(binary.right)
        if binary.operator == "and":
            return _chosen(self.test(binary.left), right, left)
        if binary.operator == "or":
            return _chosen(self.test(binary.left), left, right)
        return _summed(binary.operator, left, right)

    def _comparison(self, binary: Binary) -> Test:
        operator, left, right = binary.operator, self.read(binary.left), self.read(binary.right)
        chained = binary.left
        if not isinstance(chained, Binary) or chained.operator not in COMPARISONS:
            return lambda valuation: self._compared(operator, left(valuation), right(valuation))
        before, middle = self._comparison(chained), self.read(chained.right)

        def tested(valuation: Valuation) -> Truth:
            nested = self._compared(operator, left(valuation), right(valuation))
            as_chain = _and(before(valuation), self._compared(operator, middle(valuation), right(valuation)))
            return nested if nested == as_chain else self._assumed()

        return tested

    def _compared(self, operator: str, left: Outcome, right: Outcome) -> Truth:
        result = compared(operator, left, right)
        if result is not None or self._assumption is Assumption.NOTHING:
            return result
        if self._assumption is Assumption.EMPTY:
            result = compared(operator, _emptied(left, right), _emptied(right, left))
        if result is not None:
            return result
        return self._assumed() if operator not in ("!=", "is not") else _not(self._assumed())

    def _assumed(self) -> Truth:
        return None if self._assumption is Assumption.NOTHING else self._assumption is Assumption.TRUE


def _emptied(value: Outcome, other: Outcome) -> Outcome:
    if value is not None:
        return value
    return "" if isinstance(other, str) else 0


def _not(value: Truth) -> Truth:
    return None if value is None else not value


def _and(left: Truth, right: Truth) -> Truth:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _negated(of: Test) -> Test:
    return lambda valuation: _not(of(valuation))


def _both(left: Test, right: Test) -> Test:
    return lambda valuation: _and(left(valuation), right(valuation))


def _either(left: Test, right: Test) -> Test:
    return lambda valuation: _not(_and(_not(left(valuation)), _not(right(valuation))))


def _branched(test: Test, then: Test, otherwise: Test) -> Test:
    def tested(valuation: Valuation) -> Truth:
        chosen = test(valuation)
        if chosen is None:
            one, other = then(valuation), otherwise(valuation)
            return one if one == other else None
        return then(valuation) if chosen else otherwise(valuation)

    return tested


def _as_value(of: Test) -> Read:
    def read(valuation: Valuation) -> Outcome:
        result = of(valuation)
        return UNDETERMINED if result is None else result

    return read


def _chosen(test: Test, then: Read, otherwise: Read) -> Read:
    def read(valuation: Valuation) -> Outcome:
        chosen = test(valuation)
        if chosen is None:
            return UNDETERMINED
        return then(valuation) if chosen else otherwise(valuation)

    return read


def _signed(sign: str, of: Read) -> Read:
    def read(valuation: Valuation) -> Outcome:
        value = of(valuation)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return UNDETERMINED
        return -value if sign == "-" else value

    return read


def _summed(operator: str, left: Read, right: Read) -> Read:
    def read(valuation: Valuation) -> Outcome:
        one, other = left(valuation), right(valuation)
        if isinstance(one, str) and isinstance(other, str) and operator == "+":
            return one + other
        if isinstance(one, bool) or isinstance(other, bool):
            return UNDETERMINED
        if not isinstance(one, int | float) or not isinstance(other, int | float):
            return UNDETERMINED
        return one + other if operator == "+" else one - other

    return read
