"""Every rule of a change by an example that it applies to, and by one beside it that it does not."""

from pathlib import Path

import pytest
from tests.support.guardrail_changes import examples, expected, guardrails_of, head_of, sides_of

from wavegate.guardrails.diff.change import GuardrailChange
from wavegate.guardrails.diff.compare import compare_guardrails
from wavegate.guardrails.diff.rules import MIRRORS_ITSELF, RULES, ChangeClass, Direction

CHANGES = examples("change")
HARMLESS = examples("harmless")
MIRRORED = {Direction.WIDENS: Direction.NARROWS, Direction.NARROWS: Direction.WIDENS}


def changes_in(path: Path, *, backwards: bool = False) -> tuple[GuardrailChange, ...]:
    before, after = map(guardrails_of, sides_of(path))
    return compare_guardrails(after, before) if backwards else compare_guardrails(before, after)


def rule_of(path: Path) -> str:
    return path.parent.name


def test_every_rule_has_an_example_of_each_kind() -> None:
    rules = {rule.replace("/", "-") for rule in RULES}
    assert {rule_of(path) for path in CHANGES} == rules
    assert {rule_of(path) for path in HARMLESS} == rules


@pytest.mark.parametrize("path", CHANGES, ids=rule_of)
def test_a_change_is_reported_by_its_rule_at_its_lines(path: Path) -> None:
    wanted = expected(path)
    found = [
        (
            each.direction,
            each.change_class,
            each.before.line if each.before else 0,
            each.after.line if each.after else 0,
        )
        for each in changes_in(path)
        if each.rule == wanted.rule
    ]
    assert (wanted.direction, wanted.change_class, *wanted.lines) in found
    assert wanted.rule.replace("/", "-") == rule_of(path)


@pytest.mark.parametrize("path", HARMLESS, ids=rule_of)
def test_the_change_beside_it_is_not(path: Path) -> None:
    rule, _, others = head_of(path).removeprefix("not ").replace(": nothing", "").partition(", but ")
    found = {each.rule for each in changes_in(path)}
    assert rule not in found
    assert found == set(filter(None, others.split(", ")))


@pytest.mark.parametrize("path", [*CHANGES, *HARMLESS], ids=lambda path: f"{rule_of(path)}-{path.stem}")
def test_the_reverse_of_a_change_has_the_reverse_direction(path: Path) -> None:
    there = sorted(
        MIRRORED.get(each.direction, each.direction) for each in changes_in(path) if each.rule not in MIRRORS_ITSELF
    )
    back = sorted(each.direction for each in changes_in(path, backwards=True) if each.rule not in MIRRORS_ITSELF)
    assert there == back


@pytest.mark.parametrize("path", [*CHANGES, *HARMLESS], ids=lambda path: f"{rule_of(path)}-{path.stem}")
def test_nothing_changes_between_a_commit_and_itself(path: Path) -> None:
    for side in sides_of(path):
        assert compare_guardrails(guardrails_of(side), guardrails_of(side)) == ()


def test_nothing_that_widens_or_cannot_be_told_is_tunable() -> None:
    widening = (Direction.WIDENS, Direction.UNKNOWN)
    assert [
        rule for rule, (direction, review) in RULES.items() if direction in widening and review is ChangeClass.TUNABLE
    ] == []


@pytest.mark.parametrize("path", CHANGES, ids=rule_of)
def test_a_change_has_at_least_its_rules_class_and_says_where_in_one_sentence(path: Path) -> None:
    for each in changes_in(path):
        assert each.change_class.weight >= RULES[each.rule].change_class.weight
        assert each.before or each.after
        assert each.message.endswith((".", "”", "`"))
        assert "\n" not in each.message
