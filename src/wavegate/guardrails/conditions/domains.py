"""Which values of its references decide an expression: the compared constants, and what lies between them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import count, islice, pairwise

from wavegate.guardrails.conditions.emit import emitted_text
from wavegate.guardrails.conditions.evaluate import COMPARISONS, ORDERINGS
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


class Domain(StrEnum):
    """The kind of values that a reference has; of lists, objects and dates only whether they are empty counts."""

    BOOLEAN = "boolean"
    NUMBER = "number"
    TEXT = "text"
    ANY = "any"


_DOMAINS = {"boolean": Domain.BOOLEAN, "string": Domain.TEXT, "id": Domain.TEXT} | dict.fromkeys(
    ("number", "integer", "long", "double", "currency"), Domain.NUMBER
)
COMPUTED = "computed"
"""The space of a reference that stands for a computed value, such as `len(@variables.items)`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReferenceType:
    """What a reference may hold. empty: None as well. value: the only one, if it is constant."""

    domain: Domain = Domain.ANY
    empty: bool = True
    value: Literal | None = None


def domain_of(type_name: str) -> Domain:
    """The domain of a type of Agent Script, such as `string` or `list[object]`."""
    if type_name.startswith(("list", "object", "date", "time")):
        return Domain.TEXT
    return _DOMAINS.get(type_name, Domain.ANY)


def parts(expression: Expression) -> tuple[Expression, ...]:
    """The direct parts of an expression."""
    match expression:
        case Group(inner=inner):
            return (inner,)
        case Not(operand=operand) | Negative(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return left, right
        case Ternary(test=test, then=then, otherwise=otherwise):
            return test, then, otherwise
        case Call(arguments=arguments):
            return arguments
        case _:
            return ()


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and all its parts, however deep."""
    yield expression
    for part in parts(expression):
        yield from walk(part)


def references(expression: Expression) -> dict[str, AtReference]:
    """The references in an expression by their text, those of variables in their indexes not counted."""
    return {emitted_text(part): part for part in walk(expression) if isinstance(part, AtReference)}


def readable(expression: Expression) -> bool:
    """Whether nothing in the expression is opaque or left to the model."""
    return not any(isinstance(part, Opaque | Chosen) for part in walk(expression))


def plain(expression: Expression) -> Expression:
    """The expression without needless groups, where each computed value is a reference of its own.

    The group around a comparison stays, since without it a comparison would be chained.
    """
    match expression:
        case Group(inner=inner):
            simpler = plain(inner)
            return Group(inner=simpler) if isinstance(simpler, Binary) else simpler
        case Negative(sign=sign, operand=Literal(value=int() | float() as value)) if not isinstance(value, bool):
            return Literal(value=-value if sign == "-" else value)
        case Negative() | Call() | Binary(operator="+" | "-"):
            return AtReference(space=COMPUTED, name=emitted_text(expression))
        case Not(operand=operand):
            return Not(operand=plain(operand))
        case Binary(left=left, right=right):
            return replace(expression, left=plain(left), right=plain(right))
        case Ternary(test=test, then=then, otherwise=otherwise):
            return Ternary(test=plain(test), then=plain(then), otherwise=plain(otherwise))
        case _:
            return expression


def computed_type(reference: AtReference) -> ReferenceType:
    """What a computed value may be, by its text."""
    number = reference.name.startswith(("len(", "max(", "min("))
    return ReferenceType(domain=Domain.NUMBER if number else Domain.ANY, empty=False)


@dataclass(kw_only=True, slots=True)
class _Related:
    """References that are compared with one another, and the constants that they are compared with."""

    keys: set[str]
    constants: set[str | int | float]
    ordered: bool = False


def deciding_values(
    expressions: Iterable[Expression], types: Mapping[str, ReferenceType]
) -> dict[str, tuple[Value, ...]]:
    """For each reference of plain expressions the values that decide them, by its text.

    If the expressions agree on all combinations of these, they agree on all values.
    """
    expressions = tuple(expressions)
    keys = dict.fromkeys(key for expression in expressions for key in references(expression))
    groups = _related(expressions)
    alone = {key: _Related(keys={key}, constants=set()) for key in keys}
    found = {key: next((group for group in groups if key in group.keys), alone[key]) for key in keys}
    return {
        key: values_of(types[key], found[key].constants, len(found[key].keys), ordered=found[key].ordered)
        for key in keys
    }


def values_of(
    held: ReferenceType, constants: Iterable[Value], others: int = 1, *, ordered: bool = False
) -> tuple[Value, ...]:
    """The values of a reference that decide comparisons with the constants.

    others: how many further values to take in each gap. ordered: whether it is compared by `<` and its like.
    """
    if held.value is not None:
        return (held.value.value,)
    constants = tuple(constants)
    values: list[Value] = [None] if held.empty else []
    if held.domain in (Domain.BOOLEAN, Domain.ANY):
        values += [False, True]
    if held.domain in (Domain.NUMBER, Domain.ANY):
        values += _numbers([constant for constant in constants if _is_number(constant)], others)
    if held.domain in (Domain.TEXT, Domain.ANY):
        values += _texts([constant for constant in constants if isinstance(constant, str)], others, ordered=ordered)
    return tuple(values)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numbers(constants: Iterable[object], others: int) -> list[Value]:
    points = sorted({float(str(constant)) for constant in constants} | {0.0})
    steps = [step / (others + 1) for step in range(1, others + 1)]
    between = [low + (high - low) * step for low, high in pairwise(points) for step in steps]
    outside = [end for step in range(1, others + 1) for end in (points[0] - step, points[-1] + step)]
    return [int(value) if value.is_integer() else value for value in sorted({*points, *between, *outside})]


def _texts(constants: Iterable[str], others: int, *, ordered: bool) -> list[Value]:
    fixed = sorted({"", *constants})
    names = (f"other{'' if number == 1 else f' {number}'}" for number in count(1))
    fresh = list(islice((name for name in names if name not in fixed), others))
    gaps = [text + "\0" * step for text in fixed for step in range(1, others + 1)] if ordered else []
    return list(dict.fromkeys([*fixed, *fresh, *gaps]))


def _related(expressions: Iterable[Expression]) -> list[_Related]:
    groups: list[_Related] = []
    for expression in expressions:
        for part in walk(expression):
            if isinstance(part, Binary) and part.operator in COMPARISONS:
                _join(groups, part)
    return groups


def _join(groups: list[_Related], comparison: Binary) -> None:
    leaves = [*_results(comparison.left), *_results(comparison.right)]
    keys = {emitted_text(leaf) for leaf in leaves if isinstance(leaf, AtReference)}
    constants = {leaf.value for leaf in leaves if isinstance(leaf, Literal)}
    joined = _Related(keys=keys, constants=set(), ordered=comparison.operator in ORDERINGS)
    joined.constants.update(
        int(value) if isinstance(value, bool) else value for value in constants if value is not None
    )
    for group in [group for group in groups if group.keys & keys]:
        groups.remove(group)
        joined.keys |= group.keys
        joined.constants |= group.constants
        joined.ordered |= group.ordered
    groups.append(joined)


def _results(expression: Expression) -> Iterator[Expression]:
    """The references and constants whose value the expression may have, and those of a chained comparison."""
    match expression:
        case Group(inner=inner):
            yield from _results(inner)
        case Binary(operator="and" | "or", left=left, right=right) | Ternary(then=left, otherwise=right):
            yield from _results(left)
            yield from _results(right)
        case Binary(right=right):
            yield from _results(right)
        case Literal() | AtReference():
            yield expression
