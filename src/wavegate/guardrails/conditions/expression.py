"""Expressions of Agent Script as values; rules of other metadata become the same values."""

from dataclasses import dataclass, field

Value = str | int | float | bool | None
"""A literal: `None` is a variable that has no value."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Literal:
    """A constant."""

    value: Value


@dataclass(frozen=True, kw_only=True, slots=True)
class AtReference:
    """`@variables.status`, `@outputs.score`, `@system_variables.user_input`, with fields and indexes behind it.

    space: the part after `@`, such as `variables`. name: the first name after it, `status`. rest: what follows as
    written, such as `.city` or `[0]`, '' for the plain one.
    """

    space: str
    name: str
    rest: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """`...`: the model fills the value in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """An expression in parentheses, which the compiler does not always print again."""

    inner: "Expression"


@dataclass(frozen=True, kw_only=True, slots=True)
class Not:
    """`not operand`."""

    operand: "Expression"


@dataclass(frozen=True, kw_only=True, slots=True)
class Negative:
    """`-operand` or `+operand`. sign: one of them."""

    sign: str
    operand: "Expression"


@dataclass(frozen=True, kw_only=True, slots=True)
class Binary:
    """`left operator right`. operator: and, or, ==, !=, <, <=, >, >=, is, is not, +, -.

    spelled: what stands between the operands in the source, parentheses included, which the compiler copies for a
    comparison; '' if it is not known.
    """

    operator: str
    left: "Expression"
    right: "Expression"
    spelled: str = field(default="", compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ternary:
    """`then if test else otherwise`."""

    test: "Expression"
    then: "Expression"
    otherwise: "Expression"


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """`name(arguments)`, such as `len(@variables.items)`."""

    name: str
    arguments: tuple["Expression", ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Opaque:
    """Text that cannot be read as an expression. reason: why. column: where in it, from 0."""

    text: str
    reason: str
    column: int = 0


Expression = Literal | AtReference | Chosen | Group | Not | Negative | Binary | Ternary | Call | Opaque
