"""The pass rate of a pack: the edges of each rule, its numbers and its advice."""

import re
from math import ceil, floor

import pytest
from tests.unit.gate.test_claims import AGAIN, criterion, decide
from tests.unit.gate.test_claims import pack as pack_of
from tests.unit.gate.test_judge import LAX, RATE, STAGED, criterion_of, each, pack
from tests.unit.gate.test_judge import decide as decide_given

from wavegate.gate.counts import Counts
from wavegate.gate.success_rate import rate_criterion, rate_verdict
from wavegate.release.pack import Criteria, Pack, PackTest, Stage
from wavegate.statistics.per_test import mean_lower_bound
from wavegate.statistics.rates import lower_bound, stages_pass, upper_bound
from wavegate.text import percent_up

RUN_5 = "declare `runs: 5` before running again."
TEST = (PackTest(name="a"),)


def verdict(counts: Counts, *, threshold: float, confidence: float | None = None, **more: object) -> str:
    criteria = Criteria(minimum_success_rate=threshold, confidence=confidence)
    return rate_verdict(Pack(suite="s", tests=TEST, criteria=criteria, **more), [counts])  # type: ignore[arg-type]


def test_a_bound_that_just_reaches_the_threshold_passes_and_one_at_it_does_not_fail() -> None:
    clean, failing = Counts(passed=60), Counts(passed=10, failed=10)
    at_it = lower_bound(60, 60, confidence=0.9)
    assert verdict(clean, threshold=at_it, confidence=0.9) == "pass"
    assert verdict(clean, threshold=at_it + 1e-9, confidence=0.9) == "inconclusive"
    at_it = upper_bound(10, 20, confidence=0.9)
    assert verdict(failing, threshold=at_it, confidence=0.9) == "inconclusive"
    assert verdict(failing, threshold=at_it + 1e-9, confidence=0.9) == "fail"


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (Counts(passed=10), "inconclusive"),
        (Counts(passed=19, failed=1), "pass"),
        (Counts(passed=20), "pass"),
        (Counts(passed=18, failed=2), "inconclusive"),
        (Counts(passed=18, errors=1, missing=1), "inconclusive"),
        (Counts(passed=10, failed=10), "fail"),
    ],
)
def test_a_stage_is_passed_when_it_is_reached_with_few_failures(counts: Counts, expected: str) -> None:
    assert verdict(counts, threshold=0.95, runs=(Stage(n=20, max_failures=1),)) == expected


def test_a_good_mean_does_not_hide_a_bad_rate() -> None:
    assert criterion(RATE, {"a": "p" * 60 + "f" * 20, "b": "pp"}, threshold=0.8).verdict == "fail"
    bad, good = Counts(passed=15, failed=5), Counts(passed=2)
    criteria = Criteria(minimum_success_rate=0.8)
    staged = Pack(suite="s", tests=TEST, criteria=criteria, runs=(Stage(n=22, max_failures=5),))
    assert rate_verdict(staged, [bad, good]) == "inconclusive"
    # nor one that is not known yet
    as_observed = Pack(suite="s", tests=TEST, criteria=criteria)
    assert rate_verdict(as_observed, [Counts(passed=15, errors=5), good]) == "inconclusive"


def test_a_test_of_a_decision_that_expects_no_run_has_no_rate() -> None:
    judged = Pack(suite="s", tests=TEST, criteria=Criteria(minimum_success_rate=0.8))
    assert rate_verdict(judged, [Counts(passed=20), Counts()]) == "pass"
    assert rate_verdict(judged, [Counts()]) == "inconclusive"
    # such as a test whose definition has no cases
    claim = rate_criterion(judged, [Counts(passed=20), Counts()], cases=1, waived=0).claim
    assert claim.endswith(" on this test.")


def test_a_bound_at_the_threshold_needs_no_advice() -> None:
    at_it = lower_bound(60, 60, confidence=0.95)
    assert criterion(RATE, {"a": "p" * 60}, threshold=at_it).settle == ""
    assert criterion(RATE, {"a": "p" * 59 + "e"}, threshold=at_it).settle == AGAIN
    # nothing ran, and all of it would be too few
    nothing = criterion(RATE, {"a": "-" * 10}, confidence=0.95)
    assert nothing.settle.startswith(f"{AGAIN} 49 more observations without a failure would support ≥ 95 % at 95 %")


def test_what_is_disproved_fails_also_where_shares_differ() -> None:
    runs = {"a": "p" * 40 + "f" * 20, "b": "pf"}
    assert criterion(RATE, runs, confidence=0.95).verdict == "fail"


def test_the_numbers_are_rounded_outwards() -> None:
    judged = criterion(RATE, {"a": "p" * 17 + "f" * 4}, threshold=0.5)
    assert judged.observed == 0.809524
    lower, upper = lower_bound(17, 21, confidence=0.95), upper_bound(17, 21, confidence=0.95)
    assert judged.upper == ceil(1e6 * upper) / 1e6 > upper
    assert judged.lower is not None
    assert judged.lower == floor(1e6 * lower) / 1e6 < lower
    assert judged.method == "as observed"
    judged = criterion(RATE, dict.fromkeys("abcdef", "pp"), confidence=0.8)
    lower = mean_lower_bound([(2, 2)] * 6, confidence=0.8)
    assert judged.lower_by_test == floor(1e6 * lower) / 1e6 < lower
    assert criterion(RATE, {"a": "p" * 17 + "f" * 4}, confidence=0.9).method == "Clopper-Pearson, one-sided"


def test_a_claim_is_made_at_the_packs_confidence() -> None:
    assert " at 80 % confidence on this test." in criterion(RATE, {"a": "p" * 60}, confidence=0.8).claim


@pytest.mark.parametrize(
    ("letters", "threshold", "confidence", "settle"),
    [
        ("p" * 60, 0.95, None, ""),
        ("-", 0.95, None, AGAIN),
        ("pe", 0.95, None, AGAIN),
        ("pe" + "f" * 8, 0.95, None, ""),
        ("pe" + "f" * 38, 0.95, 0.95, ""),
        ("pp", 1, None, "No number of runs can prove a rate of 100 %."),
        (
            "pp",
            0.5,
            None,
            "3 more observations without a failure would support ≥ 50 % at 95 % confidence: " + RUN_5,
        ),
    ],
)
def test_the_advice_fits_what_is_open(letters: str, threshold: float, confidence: float | None, settle: str) -> None:
    assert criterion(RATE, {"a": letters}, threshold=threshold, confidence=confidence).settle == settle


def test_the_next_look_is_announced() -> None:
    rate = criterion_of(decide_given(STAGED, each(*["p" * 19] * 3, "p" * 18 + "f")), RATE)
    assert rate.settle == (
        "The next declared look is at 140 observations with at most 2 failures. It needs 64 more observations."
    )
    assert criterion_of(decide_given(STAGED, each(*["p" * 19] * 4)), RATE).settle == ""


def test_what_is_unknown_at_a_look_is_run_again_while_it_can_still_pass() -> None:
    lost = criterion_of(decide_given(STAGED, each(*["p" * 35] * 3, "p" * 31 + "fffe")), RATE)
    assert lost.settle.startswith("The declared stages can no longer pass.")
    errors = criterion_of(decide_given(STAGED, each(*["p" * 35] * 3, "p" * 32 + "eee")), RATE)
    assert (errors.verdict, errors.settle) == ("inconclusive", AGAIN)


@pytest.mark.parametrize("letters", [["p" * 35] * 3 + ["p" * 32 + "fff"], ["p" * 19] * 3 + ["p" * 16 + "fff"]])
def test_stages_that_can_no_longer_pass_say_so(letters: list[str]) -> None:
    rate = criterion_of(decide_given(STAGED, each(*letters)), RATE)
    assert rate.settle == "The declared stages can no longer pass. Fix the agent and rerun the pack."


def test_two_failures_can_still_pass_at_the_last_stage() -> None:
    rate = criterion_of(decide_given(STAGED, each(*["p" * 19] * 3, "p" * 17 + "ff")), RATE)
    assert rate.settle.startswith("The next declared look")


def test_stages_that_are_too_lenient_ask_for_stricter_ones() -> None:
    rate = criterion_of(decide_given(LAX, each(*["p" * 19] * 4)), RATE)
    assert rate.settle.startswith("The declared stages pass too many bad agents for 99.9 % confidence.")


def test_before_anything_ran_a_staged_pack_waits_for_its_first_look() -> None:
    rate = criterion_of(decide_given(STAGED, []), RATE)
    assert (rate.verdict, rate.claim) == ("inconclusive", "Nothing was observed.")
    assert rate.settle == AGAIN


def test_a_waived_test_alone_leaves_nothing_to_count() -> None:
    assert decide(pack_of({"a": "p"}), {"a": "p"}).verdict == "pass"
    assert criterion_of(decide_given(pack(), []), RATE).observed is None


@pytest.mark.parametrize(
    ("looks", "threshold"),
    [
        ([(59, 0), (93, 1)], 0.95),
        # a confidence of 98.497 %
        ([(40, 0), (93, 1)], 0.9),
    ],
)
def test_the_confidence_of_stages_is_rounded_down_and_their_false_passes_up(
    looks: list[tuple[int, int]], threshold: float
) -> None:
    stages = tuple(Stage(n=n, max_failures=failures) for n, failures in looks)
    criteria = Criteria(minimum_success_rate=threshold, confidence=0.9)
    judged = rate_criterion(
        Pack(suite="s", tests=TEST, criteria=criteria, runs=stages), [Counts(passed=looks[0][0])], cases=1, waived=0
    )
    false_pass = stages_pass(looks, threshold)
    shown = re.search(rf"supports ≥ {100 * threshold:g} % at ([0-9.]+) % confidence", judged.claim)
    assert shown is not None
    assert 100 * (1 - false_pass) - 0.1 < float(shown[1]) <= 100 * (1 - false_pass)
    assert f"false pass {percent_up(false_pass)} at the threshold" in judged.method
