"""Every sentence of a decision is true as it stands."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from scipy import stats  # type: ignore[import-untyped]
from tests.support.questions import question_of

from wavegate.evidence.observation import Observation, Outcome
from wavegate.gate.as_text import decision_text
from wavegate.gate.decision import Criterion, Decision
from wavegate.gate.judge import judge
from wavegate.gate.tally import empty_tally
from wavegate.plan.values import Shard
from wavegate.promotion.decision.consistency import inconsistencies
from wavegate.promotion.decision.pack_check import deviations
from wavegate.release.pack import Criteria, Pack, PackTest, Stage, Waiver
from wavegate.statistics.per_test import mean_lower_bound, reaches_floor, runs_that_carry
from wavegate.statistics.rates import upper_bound

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KINDS = {"p": Outcome.PASS, "f": Outcome.FAIL, "e": Outcome.ERROR}
RATE, FLOOR = "minimumSuccessRate", "perTestMinimum"
AGAIN = "Rerun the runs that are missing or ended in error."


def pack(runs: dict[str, str], *, threshold: float = 0.95, confidence: float | None = None, **more: Any) -> Pack:
    """A pack whose tests run as often as they have letters."""
    tests = tuple(PackTest(name=name, runs=len(letters)) for name, letters in runs.items())
    criteria = Criteria(minimum_success_rate=threshold, confidence=confidence, **more.pop("criteria", {}))
    return Pack(**{"suite": "smoke", "tests": tests, "criteria": criteria, **more})


def decide(judged: Pack, runs: dict[str, str], *, shards: tuple[Shard, ...] = (), old: str = "") -> Decision:
    """The decision on one letter a run: p, f or e; `-` is missing. old: tests whose evidence is too old."""
    question = question_of((judged,), NOW, release="r", shards=shards)
    subjects = {judged.suite: question.subject(judged)}
    tally = empty_tally((judged,), subjects=subjects, now=NOW, max_age=timedelta(hours=1))
    for name, letters in runs.items():
        time = NOW - timedelta(hours=9 if name in old else 0)
        for run, letter in enumerate(letters, start=1):
            if letter != "-":
                seen = Observation(suite="smoke", test=name, run=run, outcome=KINDS[letter], time=time)
                tally.add(seen)
    decision = judge(question, tally)
    assert not [*inconsistencies(decision), *deviations(decision, [judged])]
    return decision


def criterion(name: str, runs: dict[str, str], **more: Any) -> Criterion:
    (found,) = (each for each in decide(pack(runs, **more), runs).criteria if each.name == name)
    return found


# the mean of the tests


def test_an_easy_test_that_runs_often_does_not_hide_a_hard_one() -> None:
    runs = {"easy": "p" * 200, "hard": "pf"}
    judged = criterion(RATE, runs)
    assert judged.verdict == "fail"
    assert judged.claim == (
        "201 of 202 observations passed (99.5 %): supports ≥ 97.6 % at 95 % confidence on these 2 tests. "
        "The mean of the tests, each counting the same, is 75 %, below the 95 % that it must reach too."
    )
    # two runs prove nothing about it where the pack asks for proof
    judged = criterion(RATE, runs, confidence=0.95)
    assert (judged.verdict, judged.settle) == (
        "inconclusive",
        "Give every test as many observations as the others by its own `runs`, and rerun the pack.",
    )
    assert criterion(RATE, {"easy": "p" * 200, "hard": "pe"}).verdict == "inconclusive"
    assert criterion(RATE, {"easy": "p" * 200, "hard": "pe"}).settle == AGAIN


def test_a_mean_that_is_reached_is_named_and_a_pass() -> None:
    judged = criterion(RATE, {"easy": "p" * 200, "hard": "p" * 19 + "f"})
    assert judged.verdict == "pass"
    assert judged.claim.endswith("The mean of the tests, each counting the same, is 97.5 %.")
    assert "mean" not in criterion(RATE, {"a": "p" * 19 + "f", "b": "p" * 20}).claim


@pytest.mark.parametrize(("threshold", "verdict"), [(0.95, "pass"), (0.951, "fail")])
def test_a_mean_that_is_just_reached_passes(threshold: float, verdict: str) -> None:
    assert criterion(RATE, {"a": "p" * 80, "b": "p" * 9 + "f"}, threshold=threshold).verdict == verdict


def test_the_mean_holds_for_stages_too() -> None:
    runs = {"easy": "p" * 70, "hard": "pf"}
    judged = replace(pack(runs, threshold=0.9), runs=(Stage(n=72, max_failures=3),))
    rate = decide(judged, runs).criteria[0]
    assert rate.verdict == "inconclusive"
    assert "a failure is judged at every look, at 95 % confidence" in rate.method


# prompts like these


def test_from_five_tests_on_a_second_bound_has_them_as_units() -> None:
    judged = criterion(RATE, dict.fromkeys("abcde", "p" * 30))
    assert judged.claim.endswith("on these 5 tests. For prompts like these: ≥ 54.9 % at 95 % confidence.")
    assert judged.lower_by_test == 0.54928
    assert criterion(RATE, dict.fromkeys("abcd", "p" * 30)).lower_by_test is None


def test_only_tests_that_ran_are_a_sample_and_the_bound_is_rounded_down() -> None:
    runs = dict.fromkeys("abcdef", "pp")
    assert "For prompts like these: ≥ 60.6 % at" in criterion(RATE, runs).claim
    assert criterion(RATE, runs | {"g": "--"}).lower_by_test == criterion(RATE, runs).lower_by_test
    claim = criterion(RATE, {"a": "pp", "b": "pp", "c": "--"}).claim
    assert claim.startswith("4 of 4 observations passed, 2 missing (100 %)")
    assert " on these 2 tests." in claim


def test_a_test_counts_once_for_prompts_like_it() -> None:
    runs = dict.fromkeys("abcd", "p" * 2) | {"e": "p" * 10 + "f" * 10}
    expected = float(stats.beta.ppf(0.05, 4.5, 1.5))
    assert criterion(RATE, runs).lower_by_test == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("rate", [0.5, 0.8, 0.95])
def test_the_bound_for_prompts_holds_even_if_the_runs_of_a_test_are_all_alike(rate: float) -> None:
    tests = 8
    above = sum(
        float(stats.binom.pmf(passed, tests, rate))
        for passed in range(tests + 1)
        if mean_lower_bound([(9, 9)] * passed + [(0, 9)] * (tests - passed), confidence=0.95) > rate
    )
    assert above <= 0.05


def test_without_a_pass_nothing_is_claimed_for_prompts() -> None:
    assert mean_lower_bound([(0, 3)] * 5, confidence=0.95) == 0.0
    assert mean_lower_bound([], confidence=0.95) == 0.0


# the floor


@pytest.mark.parametrize(
    ("floor", "runs"), [(0, 1), (0.5, 2), (0.6, 3), (0.75, 4), (0.8, 5), (0.9, 10), (0.95, 20), (1, 1)]
)
def test_a_floor_takes_as_many_runs_as_one_failure_does_not_break(floor: float, runs: int) -> None:
    assert runs_that_carry(floor) == runs
    if floor < 1:
        assert reaches_floor(runs - 1, runs, floor, confidence=0.95)


@pytest.mark.parametrize(
    ("floor", "letters", "verdict"),
    [
        (0.5, "f", "pass"),
        (0.5, "ff", "fail"),
        (0.5, "pf", "pass"),
        (0.9, "f", "pass"),
        (0.9, "ff", "fail"),
        (0.75, "ff", "pass"),
        (0.75, "fff", "fail"),
        (0.9, "p" * 8 + "f", "pass"),
        (0.9, "p" * 8 + "ff", "fail"),
        (0.9, "e", "pass"),
        (0.9, "ee", "inconclusive"),
        (0.9, "---", "inconclusive"),
        (0.9, "f--", "inconclusive"),
        (1, "f", "fail"),
        (1, "e", "inconclusive"),
        (1, "p", "pass"),
    ],
)
def test_a_floor_is_judged_where_its_runs_can_carry_it(floor: float, letters: str, verdict: str) -> None:
    runs = {"a": letters, "b": "p" * 10}
    assert criterion(FLOOR, runs, criteria={"per_test_minimum": floor}).verdict == verdict


def test_an_upper_bound_at_the_floor_does_not_show_that_it_is_missed() -> None:
    floor = upper_bound(1, 3, confidence=0.9)
    assert reaches_floor(1, 3, floor, confidence=0.9)
    assert not reaches_floor(1, 3, floor + 1e-9, confidence=0.9)


def test_what_too_few_runs_cannot_tell_is_a_remark() -> None:
    runs = dict.fromkeys((f"t{number}" for number in range(100)), "p") | {"t7": "f"}
    decision = decide(pack(runs), runs)
    assert decision.verdict == "pass"
    (remark,) = decision.reasons
    assert (remark.code, remark.weight, remark.test) == ("few-runs", None, "smoke/t7")
    assert remark.text == "smoke/t7 passed 0 of 1, below its minimum of 50 %: too few runs to tell."
    assert remark.fix == "Run it at least 2 times to have it judged on its own."
    assert decision.criteria[1].claim == "The worst test is t7: 0 of 1 passed (0 %): too few runs to judge it."
    assert decision.criteria[1].confidence == 0.95


def test_a_waived_test_has_no_remark() -> None:
    runs = {"a": "f", "b": "p"}
    waiver = Waiver(test="a", reason="known", owner="@acme/qa", expires=date(2026, 4, 1))
    assert decide(pack(runs, waivers=(waiver,)), runs).reasons == ()


# words


def test_what_is_missing_has_not_failed() -> None:
    decision = decide(pack(runs := {"a": "pp---", "b": "ppppp"}), runs)
    rate, floor = decision.criteria
    assert rate.claim.startswith("7 of 7 observations passed, 3 missing (100 %): supports ≥ ")
    assert floor.claim == "2 tests tie for worst, including a: 2 of 2 that ran passed, 3 missing (100 %)."
    assert "2 of 2, 3 missing" in decision_text(decision)
    assert "of 5 passed" not in decision_text(decision)


def test_a_test_that_did_not_run_is_not_the_worst() -> None:
    decision = decide(pack(runs := {"a": "--", "b": "pf", "c": "pp"}), runs)
    assert decision.criteria[1].claim == "The worst test is b: 1 of 2 passed (50 %). 1 test did not run."
    decision = decide(pack(runs := {"a": "--", "b": "--"}), runs)
    assert decision.criteria[1].claim == "2 tests did not run."


@pytest.mark.parametrize(
    ("letters", "threshold", "confidence", "settle"),
    [
        ("p" * 20 + "e" * 40, 0.95, 0.95, AGAIN),
        ("p" * 20 + "-" * 40, 0.95, 0.95, AGAIN),
        ("p" * 20 + "e" * 40, 0.95, None, AGAIN),
        # even if all of them passed, 60 runs with 5 failures would not be enough: 208 are
        (
            "p" * 15 + "e" * 40 + "f" * 5,
            0.95,
            0.95,
            f"{AGAIN} 148 more observations without another failure would support ≥ 95 % at 95 % confidence",
        ),
        # the observed rate passes; a stronger claim takes the error first
        ("p" * 19 + "e", 0.95, None, f"{AGAIN} 39 more observations without a failure would support ≥ 95 % at 95 % "),
        ("p" * 57 + "fff", 0.95, 0.95, "93 more observations without another failure would support ≥ 95 %"),
    ],
)
def test_errors_are_run_again_and_never_counted_as_failures_in_the_advice(
    letters: str, threshold: float, confidence: float | None, settle: str
) -> None:
    judged = criterion(RATE, {"a": letters}, threshold=threshold, confidence=confidence)
    assert judged.settle.startswith(settle)


def test_an_upper_bound_is_one() -> None:
    judged = criterion(RATE, {"a": "p" * 20 + "e" * 20 + "f" * 20})
    assert judged.upper is not None
    assert judged.upper >= float(stats.beta.ppf(0.95, 41, 20))


def test_a_claim_says_how_many_tests_are_waived() -> None:
    runs = dict.fromkeys("abcd", "p")
    waiver = Waiver(test="d", reason="known", owner="@acme/qa", expires=date(2026, 4, 1))
    rate = decide(pack(runs, waivers=(waiver,)), runs).criteria[0]
    assert rate.claim.startswith("3 of 3 observations passed (100 %)")
    assert rate.claim.endswith("on the 3 tests judged, 1 waived.")


def test_a_shard_whose_observations_were_rejected_is_not_lost() -> None:
    runs = {"a": "pp", "b": "pp"}
    judged = replace(pack(runs), path="p.json", digest="0" * 64)
    whole = Shard(environment="uat", pack=judged, part=1, of=1, runs=4)
    codes = [each.code for each in decide(judged, runs, shards=(whole,), old="ab").reasons]
    assert "stale" in codes
    assert "lost-shard" not in codes
    lost = decide(judged, {"a": "pp"}, shards=(whole,), old="a").reasons
    assert "Shard 1/1 of smoke lost 2 of its 4 runs; first missing: b run 1" in " ".join(each.text for each in lost)
