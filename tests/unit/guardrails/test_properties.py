"""A team's lines become properties, or one clear error with its column."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavegate.guardrails.conditions.emit import shown
from wavegate.guardrails.conditions.parse import parse_expression
from wavegate.guardrails.properties import (
    AlwaysConfirm,
    AtMost,
    NeverBefore,
    NeverBeforeValue,
    NeverUnless,
    OnlyFrom,
    Property,
    Reachable,
    SetOnlyBy,
    UnreadableProperty,
    parse_property,
)

MEMBER = parse_expression("@variables.member_ok is True")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("never waive_fine unless @variables.member_ok is True",
         NeverUnless(action="waive_fine", condition=MEMBER, text="")),
        ("never waive_fine unless member_ok is True", NeverUnless(action="waive_fine", condition=MEMBER, text="")),
        ("  never  @actions.pay  before  card_check ", NeverBefore(action="pay", other="card_check", text="")),
        ("never pay before member_ok is True", NeverBeforeValue(action="pay", condition=MEMBER, text="")),
        ("never pay before is", NeverBefore(action="pay", other="is", text="")),
        ("always confirm waive_fine", AlwaysConfirm(action="waive_fine", text="")),
        ("waive_fine only from fines, desk", OnlyFrom(action="waive_fine", topics=("fines", "desk"), text="")),
        ("escalation reachable from every topic", Reachable(target="", topics=(), text="")),
        ("escalation reachable from fines", Reachable(target="", topics=("fines",), text="")),
        ("desk reachable from fines,card_check",
         Reachable(target="desk", topics=("fines", "card_check"), text="")),
        ("member_ok set only by card_check", SetOnlyBy(variable="member_ok", sources=("card_check",), text="")),
        ("pay at most 1 times", AtMost(action="pay", times=1, text="")),
        ("pay at most 1 time", AtMost(action="pay", times=1, text="")),
    ],
)  # fmt: skip
def test_each_form_is_read(text: str, expected: Property) -> None:
    read = parse_property(text)
    assert read == expected
    assert read.text == text


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 1, "Expected the name of an action, a topic or a variable, but the line ends."),
        ("never", 6, "Expected the name of an action, but the line ends."),
        ("never pay", 10, "Expected `before`, but the line ends."),
        ("never pay after check", 11, "Expected `before`, found `after`."),
        ("never pay before member_ok is", 30, "The expression ends too early."),
        ("never pay before member_ok is other", 18,
         "Expected one variable and its value, such as `member_ok is True`."),
        ("never pay unless member_ok = True", 28, "`=` is not a comparison; write `==`."),
        ("never pay unless a and b == 'x'", 29, "Strings take double quotes."),
        ("never pay unless a and b c", 26, "Unexpected `c`."),
        ("never pay unless", 17, "The expression ends too early."),
        ("always ask pay", 8, "Expected `confirm`, found `ask`."),
        ("always confirm pay now", 20, "Expected the end of the line, found `now`."),
        ("pay only from", 14, "Expected the name of a topic, but the line ends."),
        ("pay only from a b", 17, "Expected the end of the line, found `b`."),
        ("pay only from a,", 17, "Expected the name of a topic, but the line ends."),
        ("pay at most twice", 13, "Expected a number from 0 to 20, found `twice`."),
        ("pay at most 99 times", 13, "Expected a number from 0 to 20, found `99`."),
        ("pay rarely", 5,
         "Expected `only from`, `at most`, `reachable from` or `set only by`, found `rarely`."),
        ("pay! only from a", 1, "Expected the name of an action, a topic or a variable, found `pay!`."),
    ],
)  # fmt: skip
def test_what_is_not_a_property_says_where_and_why(text: str, column: int, message: str) -> None:
    read = parse_property(text)
    assert isinstance(read, UnreadableProperty)
    assert (read.message, read.column) == (message, column)
    assert "`always confirm ACTION`" in read.fix


def test_a_condition_may_name_variables_plainly_and_everything_else_as_in_a_script() -> None:
    read = parse_property('never pay unless len(items) > 0 and tier == "gold" and @outputs.score is not None')
    assert isinstance(read, NeverUnless)
    assert shown(read.condition) == 'len(items) > 0 and tier == "gold" and @outputs.score is not None'


@given(st.text(max_size=80) | st.text(alphabet="never before unless only from @.,()=", max_size=60))
def test_any_line_is_read_without_an_exception(text: str) -> None:
    read = parse_property(text)
    assert not isinstance(read, UnreadableProperty) or 1 <= read.column <= len(text) + 1


def test_a_line_that_is_too_long_is_refused() -> None:
    assert isinstance(parse_property("never pay unless " + "a or " * 1_000 + "a"), UnreadableProperty)
