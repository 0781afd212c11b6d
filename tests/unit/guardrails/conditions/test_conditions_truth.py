"""Conditions are evaluated as Python does, and compared over all values that matter."""

import warnings
from collections.abc import Mapping
from functools import lru_cache
from itertools import product
from types import CodeType

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from wavegate.findings.finding import Location
from wavegate.guardrails.conditions.evaluate import UNDETERMINED, Evaluator
from wavegate.guardrails.conditions.expression import Literal, Value
from wavegate.guardrails.conditions.parse import parse_expression
from wavegate.guardrails.conditions.truth import MAX_VALUATIONS, ConditionComparison, Relation, always, compare, never
from wavegate.guardrails.model import Variable, VariableKind

HERE = Location(file="desk.agent", line=1)


def declared(name: str, type_name: str, default: Value = None) -> Variable:
    return Variable(
        name=name,
        kind=VariableKind.MUTABLE,
        type=type_name,
        default=None if default is None else Literal(value=default),
        external=False,
        source="",
        location=HERE,
    )


VARIABLES = (
    declared("a", "boolean", False), declared("b", "boolean", False), declared("d", "boolean"),
    declared("s", "string", ""), declared("t", "string"), declared("n", "number", 0), declared("m", "number"),
    declared("l", "list[string]"),
)  # fmt: skip
VALUES: dict[str, tuple[Value, ...]] = {
    "a": (False, True), "b": (False, True), "d": (None, False, True),
    "s": ("", "gold", "red", "z", "y"), "t": (None, "", "gold", "red", "z", "y"),
    "n": (-7, -0.5, 0, 0.25, 0.5, 1, 1.25, 1.5, 2, 2.25, 2.5, 3, 9),
    "m": (None, -7, -0.5, 0, 0.25, 0.5, 1, 1.25, 1.5, 2, 2.25, 2.5, 3, 9),
}  # fmt: skip
PLACES = {f"@variables.{name}": place for place, name in enumerate(VALUES)}

BOOLEAN = ("@variables.a", "@variables.b", "@variables.d", "True", "False", "None")
TEXT = ("@variables.s", "@variables.t", '""', '"gold"', '"red"', "None")
NUMBER = ("@variables.n", "@variables.m", "0", "1", "2", "3")


def comparisons(terms: tuple[str, ...], operators: tuple[str, ...]) -> st.SearchStrategy[str]:
    term = st.sampled_from(terms)
    return st.builds(
        lambda left, operator, right: f"{left} {operator} {right}", term, st.sampled_from(operators), term
    )


EQUAL = ("==", "!=")
ORDERED = ("<", "<=", ">", ">=", *EQUAL)
ATOMS = (
    comparisons(BOOLEAN, EQUAL) | comparisons(TEXT, EQUAL) | comparisons(NUMBER, ORDERED)
    | st.sampled_from(BOOLEAN + TEXT + NUMBER)
    | st.sampled_from(["@variables.d is None", "@variables.t is not None", "@variables.a is True"])
)  # fmt: skip
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: (
        st.builds("({})".format, inner)
        | st.builds("not {}".format, inner)
        | st.builds("{} and {}".format, inner, inner)
        | st.builds("({}) or {}".format, inner, inner)
        | st.builds("({}) if ({}) else {}".format, inner, inner, inner)
    ),
    max_leaves=5,
)


@lru_cache
def program(text: str) -> CodeType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(text.replace("@variables.", ""), "condition", "eval")


def by_python(text: str, valuation: Mapping[str, Value]) -> Value:
    return eval(program(text), {}, dict(valuation))  # type: ignore[no-any-return]  # noqa: S307


@given(CONDITIONS, st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()}))
@settings(max_examples=150)
def test_is_evaluated_as_python_does_unless_it_is_undetermined(text: str, valuation: dict[str, Value]) -> None:
    evaluator = Evaluator(PLACES)
    values = tuple(valuation[name] for name in VALUES)
    expression = parse_expression(text)
    truth, value = evaluator.test(expression)(values), evaluator.read(expression)(values)
    try:
        expected = by_python(text, valuation)
    except TypeError:
        assert value is UNDETERMINED or truth is not None
        return
    assert truth in (None, bool(expected))
    assert value is UNDETERMINED or value == expected


@given(CONDITIONS, st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()}))
def test_nothing_is_undetermined_where_every_ordering_has_two_numbers(text: str, valuation: dict[str, Value]) -> None:
    valuation |= {"m": valuation["m"] or 0}
    assume("None" not in text or not {"<", ">"} & set(text))
    assert Evaluator(PLACES).test(parse_expression(text))(tuple(valuation[name] for name in VALUES)) is not None


def by_enumeration(before: str, after: str) -> Relation:
    names = [name for name in VALUES if f"@variables.{name}" in before + after]
    rows = [dict(zip(names, row, strict=True)) for row in product(*(VALUES[name] for name in names))]
    truths = [(bool(by_python(before, row)), bool(by_python(after, row))) for row in rows]
    wider, narrower = (False, True) in truths, (True, False) in truths
    if wider and narrower:
        return Relation.INCOMPARABLE
    return Relation.WIDER if wider else Relation.NARROWER if narrower else Relation.EQUIVALENT


@given(CONDITIONS, CONDITIONS)
@settings(max_examples=60, deadline=None)
def test_the_relation_is_that_of_an_enumeration_over_more_values(before: str, after: str) -> None:
    used = [name for name in VALUES if f"@variables.{name}" in before + after]
    assume(len(used) <= 3)
    try:
        expected = by_enumeration(before, after)
    except TypeError:
        return
    found = compare(parse_expression(before), parse_expression(after), VARIABLES)
    assert found.relation is expected
    for witness, holds in ((found.widening, (False, True)), (found.narrowing, (True, False))):
        if witness is not None:
            truths = tuple(bool(by_python(text, witness)) for text in (before, after))
            assert truths == holds


def compared(before: str, after: str) -> ConditionComparison:
    return compare(parse_expression(before), parse_expression(after), VARIABLES)


@pytest.mark.parametrize(
    ("before", "after", "relation"),
    [
        ("@variables.a and @variables.b", "@variables.b and (@variables.a)", Relation.EQUIVALENT),
        ("@variables.a", "@variables.a == True", Relation.EQUIVALENT),
        ("not @variables.a", "@variables.a == False", Relation.EQUIVALENT),
        ("not @variables.d", "@variables.d == False", Relation.NARROWER),
        ("@variables.a and @variables.b", "@variables.a or @variables.b", Relation.WIDER),
        ("@variables.n >= 18", "@variables.n >= 16", Relation.WIDER),
        ("@variables.n > 3", "@variables.n >= 4", Relation.NARROWER),
        ("@variables.n < 3", "@variables.n <= 3", Relation.WIDER),
        ("@variables.m < 3", "@variables.m < 4", Relation.WIDER),
        ("@variables.a", "@variables.b", Relation.INCOMPARABLE),
        ("not (@variables.a or @variables.b)", "not @variables.a or @variables.b", Relation.WIDER),
        ('@variables.t != ""', "@variables.t", Relation.NARROWER),
        ('@variables.s != ""', "@variables.s", Relation.EQUIVALENT),
        ('@variables.s == "gold"', '@variables.s == "gold" or @variables.s == "red"', Relation.WIDER),
        ("@variables.s == @variables.t", "@variables.t == @variables.s", Relation.EQUIVALENT),
        ("@variables.n < @variables.m", "@variables.m > @variables.n", Relation.EQUIVALENT),
        ("len(@variables.l) > 0", "len(@variables.l) >= 0", Relation.WIDER),
        ("@variables.n + 1 > 3", "@variables.n + 1 > 2", Relation.WIDER),
        ("0 < @variables.n < 3", "@variables.n > 0 and @variables.n < 3", Relation.NARROWER),
        ("(@variables.a == True) == False", "@variables.a == True == False", Relation.NARROWER),
        ("@variables.lost == 1", "@variables.lost >= 1", Relation.WIDER),
        ("@variables.a == ...", "@variables.a", Relation.UNKNOWN),
        ("@variables.a =", "@variables.a", Relation.UNKNOWN),
        ("@variables.a =", "(@variables.a =", Relation.UNKNOWN),
        ("@variables.a =", "@variables.a =", Relation.EQUIVALENT),
    ],
)  # fmt: skip
def test_conditions_are_compared_by_truth(before: str, after: str, relation: Relation) -> None:
    assert compared(before, after).relation is relation


def test_a_widening_comes_with_values_that_it_lets_pass() -> None:
    found = compared('@variables.t == "gold"', '@variables.t != ""')
    assert found.widening == {"t": None}
    assert found.narrowing is None


def test_no_guard_is_wider_than_any_but_one_that_always_holds() -> None:
    guard = parse_expression("@variables.a")
    assert compare(guard, None, VARIABLES).relation is Relation.WIDER
    assert compare(None, guard, VARIABLES).relation is Relation.NARROWER
    assert compare(None, parse_expression('@variables.s == "" or @variables.s != ""'), VARIABLES).relation is (
        Relation.EQUIVALENT
    )


def test_too_many_combinations_are_said_and_not_guessed() -> None:
    many = " and ".join(f"@variables.x{number}" for number in range(12))
    found = compared(many, f"{many} or @variables.a")
    assert found.relation is Relation.UNKNOWN
    assert f"{MAX_VALUATIONS:,}" in found.reason


@pytest.mark.parametrize(
    ("text", "holds_always", "holds_never"),
    [
        ('@variables.s == "" or @variables.s != ""', True, False),
        ("@variables.n < 3 and @variables.n > 4", False, True),
        ("@variables.a", False, False),
        ("@variables.m < 3 or @variables.m >= 3", False, False),
        ("len(@variables.l) >= 0", False, False),
        ("@variables.a =", False, False),
    ],
)
def test_what_always_or_never_holds_is_shown(text: str, holds_always: bool, holds_never: bool) -> None:
    condition = parse_expression(text)
    assert (always(condition, VARIABLES), never(condition, VARIABLES)) == (holds_always, holds_never)
    assert (always(None, VARIABLES), never(None, VARIABLES)) == (True, False)


def test_a_constant_has_its_one_value() -> None:
    limit = Variable(
        name="limit", kind=VariableKind.CONSTANT, type="number", default=Literal(value=5), external=False, source="",
        location=HERE,
    )  # fmt: skip
    assert always(parse_expression("@variables.limit < 6"), [limit])
