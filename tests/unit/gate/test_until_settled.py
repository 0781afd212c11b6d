"""What the gate says of a pack that runs until it is settled, beside the verdicts in the table of `test_judge`."""

from dataclasses import replace

import msgspec
import pytest
from tests.unit.gate.test_judge import CRITICAL, OPEN, RATE, SETTLED, criterion_of, decide, each

from wavegate.gate.decision import CriterionRule
from wavegate.promotion.decision.consistency import inconsistencies
from wavegate.promotion.decision.pack_check import deviations
from wavegate.release.pack import RunBudget
from wavegate.statistics.always_valid import always_valid_bounds


def test_an_undecided_pack_says_how_many_more_observations_settle_it() -> None:
    rate = criterion_of(decide(SETTLED, each(*["p" * 18] * 3, "p" * 16 + "fe")), RATE)
    assert (rate.rule, rate.confidence) == (CriterionRule.ALWAYS_VALID, 0.95)
    assert rate.settle == (
        "Find out why 1 observation came to no result. 102 more observations without a failure would show ≥ 95 % at "
        "95 % confidence. More runs may be added at any time: run the pack again with these observations as "
        "`--earlier`, and pass both to the gate."
    )


def test_what_is_missing_came_to_no_result_either() -> None:
    rate = criterion_of(decide(SETTLED, each(*["p" * 18] * 3, "p" * 15 + "e-p")), RATE)
    assert rate.settle.startswith("Find out why 2 observations came to no result. ")


def test_at_the_end_of_the_budget_no_more_runs_are_advised() -> None:
    spent = replace(SETTLED, budget=RunBudget(max_runs=17))
    rate = criterion_of(decide(spent, each(*["p" * 17] * 4)), RATE)
    assert rate.settle.startswith("4 more observations without a failure would show ≥ 95 % at 95 % confidence.")
    assert rate.settle.endswith("All 17 runs that the pack's budget allows were made: raise the budget.")
    failing = criterion_of(decide(spent, each(*["p" * 16 + "f"] * 2, *["p" * 17] * 2)), RATE)
    assert failing.settle.endswith("were made: raise the budget or fix the agent.")


def test_the_claim_holds_at_any_look() -> None:
    decision = decide(SETTLED, each(*["p" * 18] * 4))
    rate = criterion_of(decision, RATE)
    assert rate.claim == (
        "72 of 72 observations passed (100 %): supports, at any look, ≥ 95.01 % at 95 % confidence on these 4 tests."
    )
    assert 0.95 < (rate.lower or 0) < 0.951
    # the usual bound of 0 in 72, 4.1 %, would hold only at a single look
    assert "fewer than 5 % have one, at 95 % confidence" in criterion_of(decision, CRITICAL).claim


def test_more_runs_may_be_added_up_to_the_pack_s_own_maximum() -> None:
    runs = each(*["p" * 41] * 4)
    assert decide(replace(SETTLED, budget=RunBudget()), runs).verdict == "pass"
    (reason,) = {each.text for each in decide(SETTLED, runs).reasons if each.test == "readiness/a"}
    assert reason == "readiness/a has 41 runs, but the pack's budget allows 40."


@pytest.mark.parametrize(("passed", "settles"), [(18, True), (17, False)])
def test_the_verdict_is_recomputed_from_a_decision(passed: int, *, settles: bool) -> None:
    good = decide(SETTLED, each(*["p" * 18] * 4))
    fewer = tuple(msgspec.structs.replace(row, passed=passed, expected=passed) for row in good.tests)
    rate, *others = good.criteria
    counted = msgspec.structs.replace(rate, passed=4 * passed, total=4 * passed)
    edited = msgspec.structs.replace(good, tests=fewer, criteria=(counted, *others))
    assert (not [*inconsistencies(edited)]) is settles
    assert (not [*deviations(edited, [SETTLED])]) is settles


def test_a_decision_with_another_rule_or_confidence_deviates() -> None:
    good = decide(SETTLED, each(*["p" * 18] * 4))
    rate, *others = good.criteria
    for change in ({"rule": CriterionRule.CONFIDENCE}, {"confidence": 0.5}):
        edited = msgspec.structs.replace(good, criteria=(msgspec.structs.replace(rate, **change), *others))
        assert [*deviations(edited, [SETTLED])]


def test_stopping_at_the_first_pass_is_no_pass_under_a_fixed_plan() -> None:
    fixed = replace(SETTLED, runs=18, budget=RunBudget())
    outcomes = ["p" * 18] * 3 + ["p" * 17 + "f"]
    assert decide(fixed, each(*outcomes)).verdict == OPEN


def test_the_pack_s_confidence_is_used_or_else_the_usual_one() -> None:
    outcomes = each(*["p" * 11] * 4)
    assert decide(SETTLED, outcomes).verdict == OPEN
    for confidence, verdict in ((0.8, "pass"), (None, OPEN)):
        other = replace(SETTLED, criteria=replace(SETTLED.criteria, confidence=confidence))
        assert decide(other, outcomes).verdict == verdict


def test_the_bounds_take_what_is_unknown_as_failed_and_as_passed() -> None:
    rate = criterion_of(decide(SETTLED, each("p" * 20, "p" * 17 + "eef", "p" * 18 + "ff", "p" * 20)), RATE)
    lower, upper = (
        always_valid_bounds(75, 80, confidence=0.95).lower,
        always_valid_bounds(77, 80, confidence=0.95).upper,
    )
    assert [rate.lower, rate.upper] == pytest.approx([lower, upper], abs=2e-6)
    assert lower < 75 / 80 < upper


def test_the_end_of_the_budget_of_a_single_case() -> None:
    alone = replace(SETTLED, tests=SETTLED.tests[:1], budget=RunBudget(max_runs=17))
    assert criterion_of(decide(alone, each("p" * 17)), RATE).settle.endswith("were made: raise the budget.")
    assert "at any time" in criterion_of(decide(alone, each("p" * 16)), RATE).settle
