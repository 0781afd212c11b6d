"""Conditions compared by truth: which of two opens for more, and whether one always or never holds."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from math import prod

from wavegate.guardrails.conditions.domains import (
    COMPUTED,
    Domain,
    ReferenceType,
    computed_type,
    deciding_values,
    domain_of,
    plain,
    readable,
    references,
)
from wavegate.guardrails.conditions.emit import shown
from wavegate.guardrails.conditions.evaluate import Assumption, Evaluator, Valuation
from wavegate.guardrails.conditions.expression import AtReference, Expression, Literal, Value
from wavegate.guardrails.model import Variable, VariableKind

MAX_VALUATIONS = 30_000
"""Combinations of values that are tried before the comparison is given up."""
OPEN = Literal(value=True)
"""The condition of what has no guard."""
_ASSUMPTIONS = (Assumption.FALSE, Assumption.TRUE, Assumption.EMPTY)


class Relation(StrEnum):
    """What a condition is to the one before it, by the valuations in which it holds."""

    EQUIVALENT = "equivalent"
    WIDER = "wider"
    NARROWER = "narrower"
    INCOMPARABLE = "incomparable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class ConditionComparison:
    """How two conditions differ.

    widening: values, by variable as people write it, for which only the later one holds; narrowing: for which only
    the earlier one does; None if there are none. reason: why the relation is unknown, or ''.
    """

    relation: Relation
    widening: Mapping[str, Value] | None = None
    narrowing: Mapping[str, Value] | None = None
    reason: str = ""


def compare(
    before: Expression | None, after: Expression | None, variables: Iterable[Variable]
) -> ConditionComparison:
    """Compare two conditions over all values of their references; None is the condition that always holds.

    Each computed value, such as `len(@variables.items)` or `@variables.n + 1`, and each field of an object counts as
    independent of the others: a relation of EQUIVALENT or NARROWER is certain, another one may overstate. What the
    language does not define is tried each way that it may be.
    """
    one, other = before or OPEN, after or OPEN
    if shown(one) == shown(other):
        return ConditionComparison(relation=Relation.EQUIVALENT)
    if not readable(one) or not readable(other):
        return ConditionComparison(
            relation=Relation.UNKNOWN, reason="a condition cannot be read, or is left to the model"
        )
    table = _Table((one, other), variables)
    if table.size > MAX_VALUATIONS:
        return ConditionComparison(
            relation=Relation.UNKNOWN, reason=f"more than {MAX_VALUATIONS:,} combinations of values"
        )
    return _related(table)


def always(condition: Expression | None, variables: Iterable[Variable]) -> bool:
    """Whether the condition is shown to hold for all values."""
    return _shown_for_all(condition or OPEN, variables, expected=True)


def never(condition: Expression | None, variables: Iterable[Variable]) -> bool:
    """Whether the condition is shown to hold for no values."""
    return _shown_for_all(condition or OPEN, variables, expected=False)


def reference_type(reference: AtReference, variables: Mapping[str, Variable]) -> ReferenceType:
    """What a reference may hold when nothing is known of the conversation: None if it has no default."""
    if reference.space == COMPUTED:
        return computed_type(reference)
    if reference.space == "system_variables":
        return ReferenceType(domain=Domain.TEXT if not reference.rest else Domain.ANY)
    variable = variables.get(reference.name) if reference.space == "variables" and not reference.rest else None
    if variable is None:
        return ReferenceType()
    default = variable.default
    constant = default if variable.kind is VariableKind.CONSTANT and isinstance(default, Literal) else None
    empty = variable.kind is VariableKind.LINKED or default is None or default == Literal(value=None)
    return ReferenceType(domain=domain_of(variable.type), empty=empty, value=constant)


class _Table:
    """All combinations of the values that decide some conditions."""

    def __init__(self, conditions: Iterable[Expression], variables: Iterable[Variable]) -> None:
        self.conditions = tuple(plain(condition) for condition in conditions)
        by_name = {variable.name: variable for variable in variables}
        found = {key: it for condition in self.conditions for key, it in references(condition).items()}
        types = {key: reference_type(reference, by_name) for key, reference in found.items()}
        self.values = deciding_values(self.conditions, types)
        self.names = [
            reference.name if reference.space == COMPUTED else shown(reference) for reference in found.values()
        ]
        self.places = {key: place for place, key in enumerate(self.values)}

    @property
    def size(self) -> int:
        return prod(len(values) for values in self.values.values())

    def rows(self) -> Iterator[tuple[Valuation, list[bool]]]:
        """Each combination of values with the truth of each condition, under each assumption."""
        for assumption in _ASSUMPTIONS:
            evaluator = Evaluator(self.places, assumption)
            tests = [evaluator.test(condition) for condition in self.conditions]
            for valuation in product(*self.values.values()):
                yield valuation, [bool(test(valuation)) for test in tests]

    def named(self, valuation: Valuation | None) -> Mapping[str, Value] | None:
        if valuation is None:
            return None
        pairs = zip(self.names, valuation, strict=True)
        return {name: value for name, value in pairs if value is None or isinstance(value, str | int | float)}


def _related(table: _Table) -> ConditionComparison:
    widening: Valuation | None = None
    narrowing: Valuation | None = None
    for valuation, (earlier, later) in table.rows():
        if later and not earlier and widening is None:
            widening = valuation
        if earlier and not later and narrowing is None:
            narrowing = valuation
        if widening is not None and narrowing is not None:
            break
    relation = _RELATIONS[widening is not None, narrowing is not None]
    return ConditionComparison(relation=relation, widening=table.named(widening), narrowing=table.named(narrowing))


_RELATIONS = {
    (False, False): Relation.EQUIVALENT,
    (True, False): Relation.WIDER,
    (False, True): Relation.NARROWER,
    (True, True): Relation.INCOMPARABLE,
}


def _shown_for_all(condition: Expression, variables: Iterable[Variable], *, expected: bool) -> bool:
    if not readable(condition):
        return False
    table = _Table((condition,), variables)
    return table.size <= MAX_VALUATIONS and all(row == [expected] for _, row in table.rows())
