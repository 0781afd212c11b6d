"""What `gate --plan` says of a pack is what the gate does: shown by judging every possible outcome."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product
from random import Random

import pytest
from tests.support.questions import question_of

from wavegate.evidence.observation import Observation, Outcome
from wavegate.gate.decision import Verdict
from wavegate.gate.judge import judge
from wavegate.gate.tally import empty_tally
from wavegate.release.pack import Criteria, Pack, PackTest, Stage, TestKind, ViolationSeverity, Waiver
from wavegate.statistics.power import power_of
from wavegate.statistics.power_report import power_text

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SAFETY = PackTest(name="c", kind=TestKind.ACTION_SAFETY, severity=ViolationSeverity.CRITICAL)
PLAIN = Pack(
    suite="smoke",
    tests=(PackTest(name="a"), PackTest(name="b"), PackTest(name="c")),
    criteria=Criteria(minimum_success_rate=0.6),
    runs=3,
)
SAFE = replace(PLAIN, tests=(*PLAIN.tests[:2], SAFETY))
FORBIDS = Criteria(minimum_success_rate=0.6, zero_critical_policy_violations=True)


def waiver(test: str) -> tuple[Waiver, ...]:
    return (Waiver(test=test, reason="known", owner="@acme/agents", expires=date(2026, 4, 1)),)


PACKS = {
    "default floor": PLAIN,
    "one run each": replace(PLAIN, runs=1),
    "no floor": replace(PLAIN, criteria=Criteria(minimum_success_rate=0.6, per_test_minimum=0)),
    "high floor": replace(PLAIN, criteria=Criteria(minimum_success_rate=0.6, per_test_minimum=0.9)),
    "runs that differ": replace(
        PLAIN, tests=(PackTest(name="a", runs=1), PackTest(name="b", runs=5), PLAIN.tests[2])
    ),
    "runs that differ, no floor": replace(
        PLAIN,
        tests=(PackTest(name="a", runs=1), PackTest(name="b", runs=4), PackTest(name="c", runs=6)),
        criteria=Criteria(minimum_success_rate=0.75, per_test_minimum=0),
    ),
    "runs that differ, at a confidence": replace(
        PLAIN,
        tests=(PackTest(name="a", runs=2), PackTest(name="b", runs=4), PackTest(name="c", runs=4)),
        criteria=Criteria(minimum_success_rate=0.5, per_test_minimum=0.25, confidence=0.8),
    ),
    "runs that differ, one waived": replace(
        PLAIN,
        tests=(PackTest(name="a", runs=1), PackTest(name="b", runs=3), PackTest(name="c", runs=3)),
        waivers=waiver("a"),
    ),
    "too few runs for the floor": replace(
        PLAIN, runs=2, criteria=Criteria(minimum_success_rate=0.3, per_test_minimum=0.8)
    ),
    "floor of all": replace(PLAIN, runs=2, criteria=Criteria(minimum_success_rate=0.3, per_test_minimum=1)),
    "four tests": replace(PLAIN, tests=(*PLAIN.tests, PackTest(name="d")), runs=2),
    "no critical violation": replace(SAFE, criteria=FORBIDS),
    "violations allowed": SAFE,
    "waived": replace(PLAIN, waivers=waiver("b")),
    "waived but critical": replace(SAFE, criteria=FORBIDS, waivers=waiver("c")),
    "all waived": replace(PLAIN, waivers=(*waiver("a"), *waiver("b"), *waiver("c"))),
    "confidence": replace(PLAIN, criteria=Criteria(minimum_success_rate=0.5, confidence=0.9)),
    "cannot pass": replace(PLAIN, criteria=Criteria(minimum_success_rate=0.95, confidence=0.95)),
}


def passes(pack: Pack, failed: tuple[tuple[bool, ...], ...]) -> bool:
    """Whether the gate passes these outcomes, test by test and run by run."""
    question = question_of((pack,), NOW, release="r")
    tally = empty_tally((pack,), subjects={pack.suite: question.subject(pack)}, now=NOW)
    for test, runs in zip(pack.tests, failed, strict=True):
        for run, fail in enumerate(runs, start=1):
            outcome = Outcome.FAIL if fail else Outcome.PASS
            tally.add(Observation(suite=pack.suite, test=test.name, run=run, outcome=outcome))
    return judge(question, tally).verdict is Verdict.PASS


@pytest.mark.parametrize("name", PACKS)
def test_the_chance_to_pass_is_that_of_all_outcomes_that_the_gate_passes(name: str) -> None:
    pack = PACKS[name]
    power = power_of(pack, true_rate=0.9, today=NOW.date())
    counts = [power.runs[test.name] for test in pack.tests]
    passing = []
    for flat in product((False, True), repeat=sum(counts)):
        ends = [sum(counts[: index + 1]) for index in range(len(counts))]
        outcomes = tuple(flat[end - count : end] for end, count in zip(ends, counts, strict=True))
        if passes(pack, outcomes):
            passing.append(sum(flat))
    for chance in power.chances:
        exact = sum((1 - chance.rate) ** bad * chance.rate ** (sum(counts) - bad) for bad in passing)
        assert chance.passes == pytest.approx(exact, abs=1e-12)
    if not pack.waivers:
        assert power.failures == max(passing, default=-1)


def test_the_floor_of_each_test_is_part_of_the_plan() -> None:
    tests = tuple(PackTest(name=f"t{number}") for number in range(100))
    hundred = Pack(suite="smoke", tests=tests, criteria=Criteria(minimum_success_rate=0.95))
    text = power_text([power_of(hundred)])
    assert "100 observations, of which at most 5 may fail." in text, "one run cannot carry the floor"
    assert "An agent with a true pass rate of 95 % passes 61.6 % of the time." in text
    twice = power_text([power_of(replace(hundred, runs=2))])
    assert "200 observations, of which at most 10 may fail, and at most 1 of one test." in twice
    assert "An agent with a true pass rate of 99 % passes 99 % of the time." in twice


def test_an_easy_test_with_many_runs_does_not_hide_a_hard_one_in_the_plan() -> None:
    easy, hard = PackTest(name="easy", runs=200), PackTest(name="hard", runs=2)
    power = power_of(Pack(suite="smoke", tests=(easy, hard), criteria=Criteria(minimum_success_rate=0.95)))
    assert (power.failures, power.failures_in_one_test) == (10, 0)
    # the hard one must pass both times; .99^2 of that, and the easy one's part is almost certain
    assert power.chances[0].passes == pytest.approx(0.9801, abs=1e-4)


def test_a_plan_of_many_unequal_tests_is_close_to_the_exact_one() -> None:
    tests = tuple(PackTest(name=f"t{runs}", runs=runs) for runs in (7, 11, 13, 17, 19, 23, 29))
    pack = Pack(suite="smoke", tests=tests, criteria=Criteria(minimum_success_rate=0.9, per_test_minimum=0))
    power = power_of(pack, true_rate=0.95)
    random, passed = Random(7), 0  # noqa: S311 - a simulation
    for _ in range(20_000):
        failures = [sum(random.random() < 0.05 for _ in range(test.runs or 1)) for test in tests]
        rates = [1 - bad / (test.runs or 1) for bad, test in zip(failures, tests, strict=True)]
        passed += sum(failures) <= 11 and sum(rates) / 7 >= 0.9
    assert power.chances[0].passes == pytest.approx(passed / 20_000, abs=0.01)


def test_the_plan_says_how_many_pairs_show_no_regression() -> None:
    criteria = Criteria(minimum_success_rate=0.6, no_regression_against="baseline")
    text = power_text([power_of(replace(PLAIN, criteria=criteria))])
    assert "If no run gets worse than in the baseline, 29 pairs in all and 9 of each test show that there is" in text
    assert "baseline" not in power_text([power_of(PLAIN)])


def test_a_lower_bound_is_rounded_down_and_the_advice_is_about_the_rate() -> None:
    text = power_text([power_of(replace(PLAIN, criteria=Criteria(minimum_success_rate=0.95), runs=1))])
    assert "A clean result supports a pass rate ≥ 36.8 % at 95 % confidence." in text
    four = replace(PLAIN, tests=(*PLAIN.tests, PackTest(name="d")), runs=1)
    assert "A clean result supports a pass rate ≥ 47.2 % at 95 % confidence." in power_text([power_of(four)])
    assert "Recommended for the rate alone: " in text


def test_a_pack_whose_tests_are_all_waived_cannot_pass() -> None:
    for runs in (3, "auto", (Stage(n=9, max_failures=1),)):
        power = power_of(replace(PACKS["all waived"], runs=runs), today=NOW.date())
        assert (power.observations, power.failures) == (0, -1)
        assert {each.passes for each in power.chances} == {0.0}
        assert "0 observations, too few for any result to pass." in power_text([power])


def test_what_may_fail_in_one_test_is_said() -> None:
    text = power_text([power_of(replace(PLAIN, runs=5, waivers=waiver("b")), today=NOW.date())])
    assert "smoke: 3 tests (1 waived), each run 5 times: 10 observations" in text
    assert "at most 4 may fail, and at most 2 of one test." in text


def test_stages_state_no_limit_for_one_test() -> None:
    staged = replace(PLAIN, runs=(Stage(n=9, max_failures=1),))
    assert power_of(staged).failures_in_one_test is None
