"""How two conditions of a guard relate, with an example that the one allows and the other refuses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal as OneOf

from wavegate.guardrails.conditions.expression import AtReference, Expression, Value
from wavegate.guardrails.conditions.expression import Literal as Constant
from wavegate.guardrails.conditions.truth import Relation, always, compare, never
from wavegate.guardrails.diff.expressions import replaced, same
from wavegate.guardrails.model import Variable, VariableKind

Relates = OneOf["same", "equivalent", "wider", "narrower", "incomparable", "unknown"]
"""same: but for order and parentheses. wider: the later one also allows what the earlier one refuses."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Related:
    """A relation. witness: values with which the conditions differ, such as `age == 16`; why it is unknown; or ''."""

    relates: Relates
    witness: str = ""


def related(before: Expression, after: Expression, variables: tuple[Variable, ...]) -> Related:
    """Compare two conditions by truth. variables: those declared on either side."""
    if same(before, after):
        return Related(relates="same")
    found = compare(before, after, variables)
    match found.relation:
        case Relation.EQUIVALENT:
            return Related(relates="equivalent")
        case Relation.WIDER:
            return Related(relates="wider", witness=_words(found.widening))
        case Relation.NARROWER:
            return Related(relates="narrower", witness=_words(found.narrowing))
        case Relation.INCOMPARABLE:
            return Related(relates="incomparable", witness=_words(found.widening))
        case Relation.UNKNOWN:
            return Related(relates="unknown", witness=found.reason)


def _words(witness: Mapping[str, Value] | None) -> str:
    """Values in words, such as `` `verified == False` and `count == 3` ``."""
    pairs = [f"`{name.removeprefix('@variables.')} == {_value(value)}`" for name, value in (witness or {}).items()]
    return " and ".join(pairs)


def _value(value: Value) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def always_true(condition: Expression, variables: tuple[Variable, ...]) -> bool:
    """Whether a condition is shown to hold whatever the variables are."""
    return always(condition, variables)


def never_true(condition: Expression, variables: tuple[Variable, ...]) -> bool:
    """Whether a condition is shown not to hold, whatever the variables are."""
    return never(condition, variables)


def holds_at_start(condition: Expression, variables: tuple[Variable, ...]) -> bool | None:
    """Whether a condition holds while every variable has its default; None if that is undetermined."""
    starts = {
        AtReference(space="variables", name=each.name): each.default or Constant(value=None)
        for each in variables
        if each.kind is not VariableKind.LINKED
    }
    at_start = replaced(condition, starts)
    if always(at_start, variables):
        return True
    return False if never(at_start, variables) else None
