"""Expressions as text: as the official compiler prints them, and as people read them."""

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

_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"})
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "is", "is not"})
_PRECEDENCES = {"or": 1, "and": 2, "+": 5, "-": 5} | dict.fromkeys(_COMPARISONS, 4)
_TERNARY, _NOT, _UNARY, _ATOM = 0, 3, 7, 9


def emitted_text(expression: Expression) -> str:
    """What the official compiler prints for the expression, except that references keep their name.

    The compiler prints a binary operation without the parentheses of its operands, but for the right operand or, if
    that has none, the left; parentheses around a string, number or `...` are never kept. It prints what stands
    between the operands of a comparison as it is written, so that a parenthesis there loses its partner.
    """
    match expression:
        case Group(inner=inner):
            return emitted_text(inner)
        case Not(operand=operand):
            return f"not {emitted_text(operand)}"
        case Negative(sign=sign, operand=operand):
            return f"{sign}{emitted_text(operand)}"
        case Binary():
            return _emitted_binary(expression)
        case Ternary(test=test, then=then, otherwise=otherwise):
            return f"{emitted_text(then)} if {emitted_text(test)} else {emitted_text(otherwise)}"
        case Call(name=name, arguments=arguments):
            return f"{name}({', '.join(map(emitted_text, arguments))})"
        case _:
            return _atom(expression)


def shown(expression: Expression) -> str:
    """The expression for people: variables by their plain name, and parentheses where the meaning needs them.

    Expressions that are shown alike mean the same.
    """
    return _shown(expression, _TERNARY)


def _emitted_binary(binary: Binary) -> str:
    left, right = emitted_text(binary.left), emitted_text(binary.right)
    if binary.operator in _COMPARISONS:
        return f"{left}{binary.spelled or _spelled(binary)}{right}"
    if _keeps_parentheses(binary.right):
        return f"{left} {binary.operator} ({right})"
    if _keeps_parentheses(binary.left):
        return f"({left}) {binary.operator} {right}"
    return f"{left} {binary.operator} {right}"


def _spelled(binary: Binary) -> str:
    return f"{')' * _groups(binary.left)} {binary.operator} {'(' * _groups(binary.right)}"


def _groups(expression: Expression) -> int:
    count = 0
    while isinstance(expression, Group):
        count, expression = count + 1, expression.inner
    return count


def _keeps_parentheses(operand: Expression) -> bool:
    if not isinstance(operand, Group):
        return False
    inner: Expression = operand
    while isinstance(inner, Group):
        inner = inner.inner
    return not (
        isinstance(inner, Chosen)
        or (isinstance(inner, Literal) and inner.value is not None and not isinstance(inner.value, bool))
    )


def _atom(expression: Expression) -> str:
    match expression:
        case Literal(value=value):
            return _value(value)
        case AtReference(space=space, name=name, rest=rest):
            return f"@{space}.{name}{rest}"
        case Opaque(text=text):
            return text
        case _:
            return "..."


def _value(value: Value) -> str:
    if isinstance(value, str):
        return f'"{value.translate(_ESCAPES)}"'
    if value is None or isinstance(value, bool):
        return str(value)
    return number_text(value)


def number_text(value: float) -> str:
    """The number as JavaScript prints it: the shortest digits, and exponents from 1e21 up and below 1e-6."""
    sign, size = ("-", -value) if value < 0 else ("", value)
    if size in (0, float("inf")):
        return "0" if size == 0 else f"{sign}Infinity"
    mantissa, _, exponent = f"{float(size)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    return sign + _placed(digits.rstrip("0"), point)


def _placed(digits: str, point: int) -> str:
    if point > 21 or point < -5:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{digits[0]}{fraction}e{point - 1:+d}"
    if point <= 0:
        return f"0.{'0' * -point}{digits}"
    if point >= len(digits):
        return digits + "0" * (point - len(digits))
    return f"{digits[:point]}.{digits[point:]}"


def _shown(expression: Expression, needed: int) -> str:
    text, precedence = _with_precedence(expression)
    return f"({text})" if precedence < needed else text


def _with_precedence(expression: Expression) -> tuple[str, int]:
    match expression:
        case Group(inner=inner):
            return _with_precedence(inner)
        case Not(operand=operand):
            return f"not {_shown(operand, _NOT + 1)}", _NOT
        case Negative(sign=sign, operand=operand):
            return f"{sign}{_shown(operand, _UNARY + 1)}", _UNARY
        case Binary(operator=operator, left=left, right=right):
            precedence = _PRECEDENCES[operator]
            unchained = operator in _COMPARISONS and isinstance(left, Group)
            return f"{_shown(left, precedence + unchained)} {operator} {_shown(right, precedence + 1)}", precedence
        case Ternary(test=test, then=then, otherwise=otherwise):
            branches = f"{_shown(then, 1)} if {_shown(test, 1)} else {_shown(otherwise, _TERNARY)}"
            return branches, _TERNARY
        case Call(name=name, arguments=arguments):
            return f"{name}({', '.join(shown(argument) for argument in arguments)})", _ATOM
        case AtReference(space="variables", name=name, rest=rest):
            return f"{name}{rest}", _ATOM
        case _:
            return _atom(expression), _ATOM
