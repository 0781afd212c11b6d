"""A pack that tests every guardrail kills every mutant; without one test, exactly what it tests survives."""

from pathlib import Path

import pytest
from tests.support.library_desk import library_desk
from tests.support.library_simulator import CASES, PACK, judge_all, with_proposed, without

from wavegate.guardrails.mutate.propose import propose
from wavegate.guardrails.mutate.report import surviving
from wavegate.guardrails.mutate.values import MutantVerdict

SOLE_TESTS = {
    "waiving-is-confirmed": "Library_Desk/fines/waive_fine/confirmation",
    "nothing-to-waive": "Library_Desk/fines/waive_fine/guard",
    "a-blocked-reader-is-sent-away": "Library_Desk/fines/before_reasoning/gate",
    "lists-only-the-readers-own-fines": "Library_Desk/fines/list_fines/input-member",
    "waives-only-the-readers-own-fines": "Library_Desk/fines/waive_fine/input-member",
}
"""Tests that alone hold one bound of the desk."""


@pytest.mark.parametrize("deterministic", [True, False])
def test_a_pack_that_tests_every_guardrail_kills_all_mutants(tmp_path: Path, *, deterministic: bool) -> None:
    found, tests = judge_all(tmp_path, PACK, CASES, deterministic=deterministic)
    assert len(found) == 16
    assert {each.verdict for each in found} == {MutantVerdict.KILLED}
    assert tests.runs <= 500


@pytest.mark.parametrize("test", SOLE_TESTS)
def test_without_a_test_its_bound_survives_and_the_proposed_test_kills_it(tmp_path: Path, test: str) -> None:
    pack, cases = without(test)
    found, _ = judge_all(tmp_path / "without", pack, cases)
    survivors = surviving(found)
    assert list(survivors) == [SOLE_TESTS[test]]
    assert {each.verdict for each in found} == {MutantVerdict.KILLED, MutantVerdict.SURVIVED}
    proposed = propose(survivors[SOLE_TESTS[test]][0].mutant, library_desk())
    found, _ = judge_all(tmp_path / "with", *with_proposed(pack, cases, proposed))
    assert {each.verdict for each in found} == {MutantVerdict.KILLED}
    killers = {each.killer for each in found if each.mutant.bound.id == SOLE_TESTS[test]}
    assert proposed.name in killers


def test_a_survivor_that_only_a_judge_can_tell_has_a_spec_and_no_policy(tmp_path: Path) -> None:
    found, _ = judge_all(tmp_path, *without("no-legal-advice"))
    (survivor,) = surviving(found).values()
    proposed = propose(survivor[0].mutant, library_desk())
    assert not proposed.policy
    assert "Never give legal advice about fines." in proposed.spec


@pytest.mark.parametrize("budget", [0, 1, 12, 40])
def test_the_number_of_runs_stays_within_the_budget(tmp_path: Path, budget: int) -> None:
    found, tests = judge_all(tmp_path, PACK, CASES, budget=budget, deterministic=False)
    assert tests.runs <= budget
    assert MutantVerdict.SURVIVED not in {each.verdict for each in found}
    assert found[-1].verdict is MutantVerdict.UNDECIDED


def test_what_was_run_is_not_run_again(tmp_path: Path) -> None:
    _, before = judge_all(tmp_path, PACK, CASES, budget=40)
    second, after = judge_all(tmp_path, PACK, CASES)
    third, again = judge_all(tmp_path, PACK, CASES)
    assert before.runs == 40
    assert [each.verdict for each in second] == [MutantVerdict.KILLED] * 16
    assert again.runs == 0
    assert third == second
    fresh, whole = judge_all(tmp_path / "fresh", PACK, CASES)
    assert before.runs + after.runs == whole.runs
    assert fresh == second
