"""Expressions in the form in which reordering and parentheses make no difference."""

from collections.abc import Iterator, Mapping

from wavegate.guardrails.conditions.expression import (
    AtReference,
    Binary,
    Call,
    Expression,
    Group,
    Literal,
    Negative,
    Not,
    Ternary,
)

TRUE, FALSE = Literal(value=True), Literal(value=False)
_DEEP = 200
"""Levels of nesting that are looked into; what is deeper is compared as it is."""


def same(before: Expression | None, after: Expression | None) -> bool:
    """Whether two conditions are the same but for parentheses and the order of `and`, `or` and `==`."""
    return before == after or (before is not None and after is not None and plain(before) == plain(after))


def plain(expression: Expression, deep: int = 0) -> Expression:
    """The expression without parentheses, with the operands of `and`, `or`, `==` and `!=` in one order."""
    if deep > _DEEP:
        return expression
    match expression:
        case Group(inner=inner):
            return plain(inner, deep + 1)
        case Not(operand=operand):
            return Not(operand=plain(operand, deep + 1))
        case Negative(sign=sign, operand=operand):
            return Negative(sign=sign, operand=plain(operand, deep + 1))
        case Binary(operator=operator, left=left, right=right):
            return _binary(operator, left, right, deep + 1)
        case Ternary(test=test, then=then, otherwise=otherwise):
            test, then, otherwise = (plain(each, deep + 1) for each in (test, then, otherwise))
            return Ternary(test=test, then=then, otherwise=otherwise)
        case Call(name=name, arguments=arguments):
            return Call(name=name, arguments=tuple(plain(each, deep + 1) for each in arguments))
        case _:
            return expression


def _binary(operator: str, left: Expression, right: Expression, deep: int) -> Expression:
    if operator in ("and", "or"):
        operands = sorted({*_operands(operator, left, deep), *_operands(operator, right, deep)}, key=repr)
        joined = operands[0]
        for each in operands[1:]:
            joined = Binary(operator=operator, left=joined, right=each)
        return joined
    left, right = plain(left, deep), plain(right, deep)
    if operator in ("==", "!="):
        left, right = sorted((left, right), key=repr)
    return Binary(operator=operator, left=left, right=right)


def _operands(operator: str, expression: Expression, deep: int) -> Iterator[Expression]:
    while isinstance(expression, Group):
        expression = expression.inner
    if isinstance(expression, Binary) and expression.operator == operator and deep <= _DEEP:
        yield from _operands(operator, expression.left, deep + 1)
        yield from _operands(operator, expression.right, deep + 1)
    else:
        yield plain(expression, deep)


def any_of(conditions: Iterator[Expression]) -> Expression | None:
    """All conditions joined by `or`; None if there are none."""
    return _joined("or", conditions)


def _joined(operator: str, conditions: Iterator[Expression]) -> Expression | None:
    joined: Expression | None = None
    for each in conditions:
        joined = each if joined is None else Binary(operator=operator, left=joined, right=each)
    return joined


def variables_in(expression: Expression | None, deep: int = 0) -> Iterator[str]:
    """Names of the conversation's variables that an expression reads."""
    if expression is None or deep > _DEEP:
        return
    match expression:
        case AtReference(space="variables", name=name):
            yield name
        case Group(inner=inner) | Not(operand=inner) | Negative(operand=inner):
            yield from variables_in(inner, deep + 1)
        case Binary(left=left, right=right):
            yield from variables_in(left, deep + 1)
            yield from variables_in(right, deep + 1)
        case Ternary(test=test, then=then, otherwise=otherwise):
            for each in (test, then, otherwise):
                yield from variables_in(each, deep + 1)
        case Call(arguments=arguments):
            for each in arguments:
                yield from variables_in(each, deep + 1)
        case _:
            return


def replaced(expression: Expression, values: Mapping[AtReference, Expression]) -> Expression:
    """The expression with other expressions in place of references."""
    match expression:
        case AtReference():
            return values.get(expression, expression)
        case Group(inner=inner):
            return Group(inner=replaced(inner, values))
        case Not(operand=operand):
            return Not(operand=replaced(operand, values))
        case Negative(sign=sign, operand=operand):
            return Negative(sign=sign, operand=replaced(operand, values))
        case Binary(operator=operator, left=left, right=right):
            return Binary(operator=operator, left=replaced(left, values), right=replaced(right, values))
        case Ternary(test=test, then=then, otherwise=otherwise):
            test, then, otherwise = (replaced(each, values) for each in (test, then, otherwise))
            return Ternary(test=test, then=then, otherwise=otherwise)
        case Call(name=name, arguments=arguments):
            return Call(name=name, arguments=tuple(replaced(each, values) for each in arguments))
        case _:
            return expression
