"""Conditions are read and printed as the official compiler does."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavegate.guardrails.conditions.emit import emitted_text, number_text, shown
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
)
from wavegate.guardrails.conditions.parse import MAX_DEPTH, MAX_LENGTH, parse_expression

GOLDEN = Path(__file__).resolve().parents[3] / "fixtures" / "guardrails" / "conditions" / "compiled.json"


def variable(name: str, rest: str = "") -> AtReference:
    return AtReference(space="variables", name=name, rest=rest)


def binary(operator: str, left: Expression, right: Expression) -> Binary:
    return Binary(operator=operator, left=left, right=right)


A, B, C, N = variable("a"), variable("b"), variable("c"), variable("n")
ZERO, ONE = Literal(value=0), Literal(value=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@variables.a or @variables.b and @variables.c", binary("or", A, binary("and", B, C))),
        ("@variables.a and @variables.b or @variables.c", binary("or", binary("and", A, B), C)),
        ("not @variables.a == @variables.b", Not(operand=binary("==", A, B))),
        ("not @variables.a and @variables.b", binary("and", Not(operand=A), B)),
        ("@variables.a == not @variables.b == @variables.c", binary("==", A, Not(operand=binary("==", B, C)))),
        ("0 < @variables.n < 1", binary("<", binary("<", ZERO, N), ONE)),
        ("-@variables.n + 1 > 0", binary(">", binary("+", Negative(sign="-", operand=N), ONE), ZERO)),
        ("@variables.n - 1 - 0", binary("-", binary("-", N, ONE), ZERO)),
        ("@variables.a is not None", binary("is not", A, Literal(value=None))),
        ("@variables.a is not not @variables.b", binary("is not", A, Not(operand=B))),
        ("(@variables.a or @variables.b)", Group(inner=binary("or", A, B))),
        ("@variables.a if @variables.b else @variables.c", Ternary(then=A, test=B, otherwise=C)),
        ("len(@variables.a) > 0", binary(">", Call(name="len", arguments=(A,)), ZERO)),
        ("@variables.a.length", Call(name="len", arguments=(A,))),
        ("@variables.a[0].city", variable("a", "[0].city")),
        ("@variables.a  # who", A),
        ('"5 \\"o\\" # \\\\"', Literal(value='5 "o" # \\')),
        ("...", Chosen()),
        ("1.50", Literal(value=1.5)),
        ("1.", ONE),
    ],
)  # fmt: skip
def test_is_read_with_the_compilers_precedences(text: str, expected: Expression) -> None:
    assert parse_expression(text) == expected


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("@variables.a == 'x'", 16, "double quotes"),
        ('@variables.a in "abc"', 13, "`in` is not supported"),
        ("@variables.a <> @variables.b", 14, "unexpected `>`"),
        ("@variables.n * 2 > 1", 13, "`*` is not supported"),
        ("@variables.a = True", 13, "write `==`"),
        ("@variables.a == true", 16, "write `True`"),
        ("member_ok", 0, "`@variables.member_ok`"),
        ("@variables.a and", 16, "ends too early"),
        ("(@variables.a", 13, "expected `)`"),
        ("@variables.a or @variables.b) == False", 28, "unexpected `)`"),
        ("@variables.a if @variables.b", 28, "expected `else`"),
        ("@variables", 10, "expected `.`"),
        ("@variables.a is .5", 16, "digit before"),
        ('@variables.a == "x', 16, "does not end"),
        ('@variables.a == "\\q"', 17, "not an escape"),
        ("@variables.day > 2026-01-01", 17, "date"),
        ("@variables.a(1)", 12, "can be called"),
        ("len(@variables.l).x", 17, "has fields"),
        ("", 0, "too early"),
        ("@variables.a\nor True", 12, "ends with its line"),
        ("@variables.a ⩵ True", 13, "unexpected character"),
        ("(" * 5_000, MAX_LENGTH, "longer than"),
        ("(" * 500, MAX_DEPTH, "levels deep"),
        ("not " * 500, 4 * MAX_DEPTH, "levels deep"),
        (" or ".join(["True"] * 500), 0, "levels deep"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_opaque_with_the_column(text: str, column: int, reason: str) -> None:
    read = parse_expression(text)
    assert isinstance(read, Opaque)
    assert (read.text, read.column) == (text, column)
    assert reason in read.reason


@given(st.text(max_size=200) | st.text(alphabet='@variables.ab()[]"\\ andornotisif=<>+-.,0 ', max_size=80))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    read = parse_expression(text)
    assert isinstance(read, Opaque) or isinstance(shown(read), str)


@pytest.mark.parametrize(
    ("written", "emitted"), json.loads(GOLDEN.read_text("utf-8")).items(), ids=lambda text: str(text)[:60]
)
def test_is_printed_as_the_official_compiler_prints_it(written: str, emitted: str) -> None:
    read = parse_expression(written)
    printed = emitted_text(read).replace("@system_variables.user_input", "system.input_text")
    assert re.sub(r"@variables\.", "state.", printed) == emitted


@pytest.mark.parametrize(
    ("written", "emitted"),
    [
        ("not (@variables.held or @variables.closed)", "not @variables.held or @variables.closed"),
        ("(@variables.a or @variables.b) and (@variables.c)", "@variables.a or @variables.b and (@variables.c)"),
        ("(@variables.a or @variables.b) == False", "@variables.a or @variables.b) == False"),
    ],
)
def test_lost_parentheses_are_lost_in_the_printed_text(written: str, emitted: str) -> None:
    assert emitted_text(parse_expression(written)) == emitted


def test_a_comparison_built_without_a_source_is_printed_with_the_groups_parentheses() -> None:
    assert emitted_text(binary("==", Group(inner=A), Group(inner=B))) == "@variables.a) == (@variables.b"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (-3, "-3"), (0.5, "0.5"), (1e21, "1e+21"), (1e20, "100000000000000000000"), (1.5e-7, "1.5e-7"),
        (0.000001, "0.000001"), (123456789.125, "123456789.125"), (12345678901234567890.0, "12345678901234567000"),
    ],
)  # fmt: skip
def test_numbers_are_printed_as_javascript_prints_them(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("written", "for_people"),
    [
        ("not (@variables.a or @variables.b)", "not (a or b)"),
        ("(@variables.a) and (@variables.b or @variables.c)", "a and (b or c)"),
        ("(@variables.a == (@variables.b == True))", "a == (b == True)"),
        ("((@variables.a and @variables.b)) and True", "a and b and True"),
        ("-(@variables.n + 1) < 0", "-(n + 1) < 0"),
        ("(@variables.a if @variables.b else @variables.c) == 1", "(a if b else c) == 1"),
        ("len(@variables.l) > @outputs.score", "len(l) > @outputs.score"),
    ],
)
def test_is_shown_with_the_parentheses_that_the_meaning_needs(written: str, for_people: str) -> None:
    assert shown(parse_expression(written)) == for_people
