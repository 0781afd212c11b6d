"""Mutants are the script with one change each, and those that change nothing are sorted out with the reason."""

import difflib

import pytest
from tests.support.library_desk import PATH, SCRIPT

from wavegate.guardrails.conditions.truth import Relation, compare
from wavegate.guardrails.mutate.generate import Mutants, mutants_of
from wavegate.guardrails.mutate.values import BoundKind, Mutant
from wavegate.guardrails.script.read import read_script_model

DESK = mutants_of(SCRIPT, PATH)


def changed_lines(mutant: Mutant, script: str = SCRIPT) -> list[str]:
    """The lines that the mutant takes out and puts in."""
    lines = difflib.ndiff(script.split("\n"), mutant.script.split("\n"))
    return [f"{line[0]}{line[2:].strip()}" for line in lines if line[0] in "+-"]


def topic(lines: str) -> str:
    """A script whose only topic has these lines under `reasoning.actions`."""
    inside = "\n".join(f"            {line}" for line in lines.split("\n"))
    return (
        "variables:\n    a: mutable boolean = False\n    b: mutable boolean = False\n    n: mutable number = 0\n"
        f"start_agent desk:\n    reasoning:\n        actions:\n{inside}\n"
    )


def mutants(lines: str) -> Mutants:
    return mutants_of(topic(lines), "one.agent")


def named(found: Mutants, ending: str) -> Mutant:
    return next(each for each in found.mutants if each.id.endswith(ending))


def test_each_kind_of_bound_has_its_mutants() -> None:
    different = {
        each.id.removeprefix("Library_Desk/"): changed_lines(each) for each in DESK.mutants if not each.equivalent
    }
    assert different == {
        "desk/to_fines/guard:dropped": ["-available when @variables.member_ok == True", "+"],
        "desk/to_fines/guard:comparison-negated": [
            "-available when @variables.member_ok == True",
            "+available when @variables.member_ok != True",
        ],
        "card_check/check/guard:dropped": ["-available when @variables.attempts < 3", "+"],
        "card_check/check/guard:boundary-moved": [
            "-available when @variables.attempts < 3",
            "+available when @variables.attempts <= 3",
        ],
        "card_check/check/set-member_ok:set-to-fixed-value": [
            "-set @variables.member_ok = @outputs.valid",
            "+set @variables.member_ok = True",
        ],
        "card_check/check/set-blocked:set-to-fixed-value": [
            "-set @variables.blocked = @outputs.blocked",
            "+set @variables.blocked = True",
        ],
        "card_check/check/set-attempts:dropped": [
            "-set @variables.attempts = @variables.attempts + 1",
            "+set @variables.attempts = @variables.attempts",
        ],
        "fines/before_reasoning/gate:never-true": ["-if @variables.blocked == True:", "+if False:"],
        "fines/before_reasoning/gate:comparison-negated": [
            "-if @variables.blocked == True:",
            "+if @variables.blocked != True:",
        ],
        "fines/list_fines/input-member:unpinned": ["-with member=@variables.member_id", "+with member=..."],
        "fines/list_fines/set-open_fines:dropped": [
            "-set @variables.open_fines = @outputs.count",
            "+set @variables.open_fines = @variables.open_fines",
        ],
        "fines/waive_fine/guard:dropped": ["-available when @variables.open_fines > 0", "+"],
        "fines/waive_fine/guard:boundary-moved": [
            "-available when @variables.open_fines > 0",
            "+available when @variables.open_fines >= 0",
        ],
        "fines/waive_fine/input-member:unpinned": ["-with member=@variables.member_id", "+with member=..."],
        "fines/waive_fine/confirmation:off": [
            "-require_user_confirmation: True",
            "+require_user_confirmation: False",
        ],
        "instructions/prohibition-8cba4dc3:dropped": ["-Never give legal advice about fines.", "+"],
    }  # fmt: skip


def test_no_mutant_moves_a_line() -> None:
    assert {each.script.count("\n") for each in DESK.mutants} == {SCRIPT.count("\n")}


def test_an_id_stays_while_lines_move_and_their_text_is_laid_out_otherwise() -> None:
    moved = "# a comment\n\n" + SCRIPT.replace("    ", "  ").replace(
        "@variables.attempts < 3", "@variables.attempts  <  3"
    )
    assert [each.id for each in mutants_of(moved, PATH).mutants] == [each.id for each in DESK.mutants]


def test_the_same_mutants_come_out_of_windows_line_ends_and_a_byte_order_mark() -> None:
    windows = "\ufeff" + SCRIPT.replace("\n", "\r\n")
    found = mutants_of(windows, PATH)
    assert [(each.id, each.equivalent) for each in found.mutants] == [
        (each.id, each.equivalent) for each in DESK.mutants
    ]
    assert all(each.script.startswith("\ufeff") and "\r\n" in each.script for each in found.mutants)


@pytest.mark.parametrize(
    ("lines", "ending", "reason"),
    [
        (
            "pay: @actions.pay\n    available when @variables.a\n    available when @variables.b",
            "guard:dropped",
            "the guard never takes effect: a later one of the same tool replaces it",
        ),
        ("pay: @actions.pay\n    available when @variables.a", "guard:always-true", "it acts as "),
        (
            "pay: @actions.pay\n    available when @variables.a or not @variables.a",
            "guard:dropped",
            "the condition holds for the same values",
        ),
        (
            "pay: @actions.pay\n    available when @variables.a and @variables.n > 2 and @variables.n >= 3",
            "guard:boundary-moved",
            "the condition holds for the same values",
        ),
        (
            "pay: @actions.pay\navailable when @variables.a",
            "guard:dropped",
            "the guard never takes effect where it stands",
        ),
        (
            "pay: @actions.pay\n    available when @variables.a and (@variables.a and @variables.a)",
            "guard:and-to-or",
            "the condition holds for the same values",
        ),
    ],
)
def test_a_mutant_that_changes_nothing_is_sorted_out_with_the_reason(lines: str, ending: str, reason: str) -> None:
    found = named(mutants(lines), ending)
    assert found.equivalent.startswith(reason)
    assert bool(found.equivalent) is bool(reason)


def test_dropping_the_last_of_stacked_guards_is_not_the_same_as_opening_it() -> None:
    found = mutants("pay: @actions.pay\n    available when @variables.a\n    available when @variables.b")
    assert [each.id.partition("/pay/")[2] for each in found.mutants if not each.equivalent] == [
        "guard-2:dropped",
        "guard-2:always-true",
    ]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("@variables.a == True", {"@variables.a != True"}),
        ("@variables.a is None", {"@variables.a is not None"}),
        ("@variables.a is not None", {"@variables.a is None"}),
        ("@variables.n >= 3", {"@variables.n > 3"}),
        ("@variables.a and @variables.b", {"@variables.a or @variables.b"}),
        ('@variables.a == "and" or @variables.b', {'@variables.a != "and" or @variables.b'}),
        (
            "@variables.n < 3 and @variables.a",
            {"@variables.n <= 3 and @variables.a", "@variables.n < 3 or @variables.a"},
        ),
        ("@variables.a and 'x'", set()),
    ],
)  # fmt: skip
def test_every_operator_of_a_condition_is_changed_in_turn(condition: str, expected: set[str]) -> None:
    script = topic(f"pay: @actions.pay\n    available when {condition}")
    lines = [line for each in mutants_of(script, "one.agent").mutants for line in changed_lines(each, script)]
    made = {line[1:].removeprefix("available when ") for line in lines if line[0] == "+"}
    assert made - {"", "True"} == expected


def test_a_mutant_widens_unless_its_condition_is_narrower() -> None:
    found = mutants("pay: @actions.pay\n    available when @variables.n <= 3")
    assert {each.mutation.value: each.widens for each in found.mutants if not each.equivalent} == {
        "dropped": True,
        "boundary-moved": False,
    }


def test_only_a_set_of_what_decides_is_mutated() -> None:
    found = mutants("look: @actions.look\n    set @variables.b = @outputs.x")
    assert not [each for each in found.mutants if each.bound.kind is BoundKind.SET]


def test_a_condition_over_several_lines_is_named_as_not_mutated() -> None:
    found = mutants("pay: @actions.pay\n    available when (@variables.a and\n        @variables.b)")
    assert [each.text for each in found.unchanged] == ["(@variables.a and @variables.b)"]
    assert not found.mutants


@pytest.mark.parametrize(
    ("instructions", "left"),
    [
        ('instructions: "Never guess. Be brief."', 'instructions: " Be brief."'),
        ("instructions: | Never guess.\n        Be brief.", "instructions: | -\n        Be brief."),
        ("instructions: |\n        - Never guess.\n        - Be brief.", "instructions: |\n\n        - Be brief."),
        ("instructions: |\n        Be brief. Never\n        guess. Smile.", "instructions: |\n        Be brief. \n        Smile."),  # noqa: E501
    ],
)  # fmt: skip
def test_a_prohibition_is_taken_out_of_its_text(instructions: str, left: str) -> None:
    script = f"system:\n    {instructions}\nstart_agent desk:\n    description: x\n"
    (mutant,) = mutants_of(script, "one.agent").mutants
    assert mutant.script == script.replace(instructions, left)
    assert [
        each.text for each in read_script_model(mutant.script, "").emitted.instructions if "guess" in each.text
    ] == []


def test_a_dropped_guard_is_wider_than_the_guard_for_every_guard_of_the_desk() -> None:
    reading = read_script_model(SCRIPT, PATH).emitted
    for topic_ in reading.topics:
        for tool in topic_.tools:
            if tool.guard:
                assert compare(tool.guard.condition, None, reading.variables).relation is Relation.WIDER


@pytest.mark.parametrize(
    "text", ["", "\x00", "start_agent", "available when x", "\ufeff", "start_agent a:\n" + " " * 9]
)
def test_what_is_no_script_has_no_mutants(text: str) -> None:
    assert mutants_of(text, "one.agent").mutants == ()
