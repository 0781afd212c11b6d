"""What each criterion says with its verdict: counts, bounds, method, claim and advice."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests.unit.gate.test_judge import (
    CLEAN,
    CRITICAL,
    FAST,
    FLOOR,
    FULL,
    GIVEN,
    LOOSE,
    OPEN,
    P95,
    QUICK,
    RATE,
    SETTLED,
    criterion_of,
    decide,
    each,
    observed,
    pack,
    with_violation,
)

from wavegate.evidence.observation import Violation
from wavegate.gate.decision import Verdict
from wavegate.release.pack import PackTest, TestKind, ViolationSeverity, Waiver
from wavegate.statistics.rates import zero_bound
from wavegate.text import percent_up

UNSURE = Violation(policy="p", severity=ViolationSeverity.CRITICAL, confirmed=False)
SURE = Violation(policy="q", severity=ViolationSeverity.CRITICAL)


def test_an_error_is_no_observation_without_a_violation() -> None:
    judged = criterion_of(decide(pack(runs=5), each("ppppp", "ppppp", "ppppp", "ppppe")), CRITICAL)
    bound = percent_up(zero_bound(19, confidence=0.95))
    assert judged.claim == (
        "0 critical policy violations in 19 observations and 1 in error: "
        f"fewer than {bound} have one, at 95 % confidence."
    )
    assert (judged.verdict, judged.passed, judged.total) == (Verdict.PASS, 19, 19)
    nothing = criterion_of(decide(pack(), each("e", "e", "e", "e")), CRITICAL)
    assert (nothing.verdict, nothing.claim) == (
        OPEN,
        "0 critical policy violations in 0 observations and 4 in error.",
    )


def test_a_critical_test_that_never_came_to_a_judgement_is_no_test_without_a_violation() -> None:
    safety = PackTest(name="d", kind=TestKind.ACTION_SAFETY, severity=ViolationSeverity.CRITICAL)
    waiver = Waiver(test="d", reason="known", owner="@acme/agents", expires=date(9999, 1, 1))
    waived = replace(pack(tests=(*GIVEN.tests[:3], safety)), waivers=(waiver,))
    judged = criterion_of(decide(waived, each("p", "p", "p", "e")), CRITICAL)
    assert (judged.verdict, judged.settle) == (OPEN, "Rerun the runs that are missing or ended in error.")
    assert criterion_of(decide(waived, each("p", "p", "p", "p")), CRITICAL).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"kind": TestKind.ACTION_SAFETY, "severity": ViolationSeverity.CRITICAL}, OPEN),
        ({"policies": ("no-refunds",), "severity": ViolationSeverity.CRITICAL}, OPEN),
        ({"kind": TestKind.ACTION_SAFETY, "severity": ViolationSeverity.HIGH}, "pass"),
        ({"severity": ViolationSeverity.CRITICAL}, "pass"),
    ],
)
def test_only_a_test_that_can_show_a_critical_violation_must_come_to_a_judgement(
    changes: dict[str, Any], verdict: str
) -> None:
    judged = pack(tests=(*GIVEN.tests[:3], PackTest(name="d", **changes)))
    assert criterion_of(decide(judged, each("p", "p", "p", "e")), CRITICAL).verdict == verdict


def test_the_lowest_rate_is_observed_and_the_tests_that_reach_the_floor_are_counted() -> None:
    floor = criterion_of(decide(pack(runs=4), each("pppp", "ppff", "pfff", "ppp-")), FLOOR)
    assert (floor.observed, floor.passed, floor.total) == (0.25, 3, 4)
    assert (floor.verdict, floor.settle) == (Verdict.FAIL, "")
    unknown = criterion_of(decide(pack(runs=4), each("pppp", "pppp", "pppp", "peee")), FLOOR)
    assert (unknown.verdict, unknown.passed) == (OPEN, 3)
    assert unknown.settle == "Rerun the runs that are missing or ended in error."
    assert criterion_of(decide(GIVEN, CLEAN), FLOOR).settle == ""


@pytest.mark.parametrize(
    ("runs", "outcomes", "few"),
    [(2, ("pp",) * 4, False), (1, ("p",) * 4, True), (2, ("pp", "pp", "pp", "p-"), False)],
)
def test_the_floor_has_a_confidence_where_a_test_has_few_runs(
    runs: int, outcomes: tuple[str, ...], *, few: bool
) -> None:
    floor = criterion_of(decide(pack(runs=runs), each(*outcomes)), FLOOR)
    assert (floor.confidence is not None) is few
    assert ("; a test with few runs by its upper bound" in floor.method) is few


def test_one_test_with_few_runs_is_enough_for_a_confidence() -> None:
    tests = (*GIVEN.tests[:3], pack(runs=1).tests[3])
    mixed = pack(tests=(*(type(test)(name=test.name, runs=5) for test in tests[:3]), tests[3]))
    assert criterion_of(decide(mixed, each("ppppp", "ppppp", "ppppp", "p")), FLOOR).confidence == 0.95


def test_a_test_below_its_floor_is_named_also_after_several_runs() -> None:
    strict = pack(runs=3, minimum_success_rate=0.9, per_test_minimum=0.9)
    decision = decide(strict, each("ppp", "ppp", "ppp", "ppf"))
    assert criterion_of(decision, FLOOR).verdict is Verdict.PASS
    assert criterion_of(decision, FLOOR).claim == (
        "The worst test is d: 2 of 3 passed (66.7 %): too few runs to judge it."
    )
    assert [each.text for each in decision.reasons if each.code == "few-runs"] == [
        "readiness/d passed 2 of 3, below its minimum of 90 %: too few runs to tell."
    ]
    at_it = decide(pack(runs=2, minimum_success_rate=0.5), each("pp", "pp", "pp", "pf"))
    assert "few-runs" not in {each.code for each in at_it.reasons}


def test_a_critical_violation_does_not_fail_a_row_that_may_have_it() -> None:
    allowed = pack(zero_critical_policy_violations=False)
    row = decide(allowed, with_violation(ViolationSeverity.CRITICAL)).tests[0]
    assert row.verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("violations", "verdict", "claim", "settle"),
    [
        (
            (),
            "pass",
            "0 critical policy violations in 4 observations: fewer than 52.8 % have one, at 95 % confidence.",
            "",
        ),
        ((SURE,), "fail", "1 critical policy violation in 4 observations.", ""),
        (
            (UNSURE,),
            OPEN,
            "0 critical policy violations in 4 observations, plus 1 unconfirmed.",
            "Confirm or dismiss the unconfirmed violations.",
        ),
        ((SURE, UNSURE), "fail", "1 critical policy violation in 4 observations, plus 1 unconfirmed.", ""),
    ],
)
def test_critical_violations_are_counted_and_the_unconfirmed_apart(
    violations: tuple[Violation, ...], verdict: str, claim: str, settle: str
) -> None:
    decision = decide(GIVEN, [*each("-", "p", "p", "p"), *observed("p", violations=violations)])
    judged = criterion_of(decision, CRITICAL)
    assert (judged.verdict, judged.claim, judged.settle) == (verdict, claim, settle)
    assert judged.method == "count; bound 1 - alpha^(1/n)"


def test_no_violation_in_no_observation_shows_nothing() -> None:
    judged = criterion_of(decide(GIVEN, []), CRITICAL)
    assert (judged.verdict, judged.total, judged.upper) == (OPEN, 0, 1.0)
    assert judged.claim == "0 critical policy violations in 0 observations."


def test_the_bound_of_violations_holds_and_is_rounded_up() -> None:
    judged = criterion_of(decide(LOOSE, each(FULL, FULL, FULL, FULL)), CRITICAL)
    bound = zero_bound(40, confidence=0.95)
    assert judged.upper is not None
    assert bound <= judged.upper < bound + 1e-6
    often = criterion_of(decide(SETTLED, each(*["p" * 18] * 4)), CRITICAL)
    assert often.method == "count; always-valid bound"
    assert often.upper is not None
    assert zero_bound(72, confidence=0.95) < often.upper < 0.05


def test_the_error_rate_says_what_could_not_be_used() -> None:
    lenient = pack(runs=3, minimum_success_rate=0.5, max_error_rate=0.1)
    judged = criterion_of(decide(lenient, each("ppp", "ppp", "ppp", "pe-")), "maxErrorRate")
    assert (judged.passed, judged.total, judged.observed) == (10, 12, 0.166667)
    assert judged.claim == "2 of 12 observations could not be used (16.7 %)."
    assert judged.settle.startswith("Find out why observations are in error, missing or rejected")
    assert criterion_of(decide(lenient, each("ppp", "ppp", "ppp", "ppe")), "maxErrorRate").settle == ""


@pytest.mark.parametrize(
    ("slow", "verdict", "claim"),
    [
        (2, "pass", "At least 95 % of 40 observations took at most 100 ms; the p95 is about 97.9 ms."),
        (3, "fail", "3 of 40 observations took over 100 ms; p95 about 199.8 ms."),
    ],
)
def test_the_latency_is_judged_by_the_share_above_the_limit(slow: int, verdict: str, claim: str) -> None:
    runs = [*each(FULL, FULL, FULL, "p" * (10 - slow), latency=98.0)]
    runs += observed("p" * slow, test="d", first=11 - slow, latency=200.0)
    judged = criterion_of(decide(QUICK, runs), P95)
    assert (judged.verdict, judged.claim) == (verdict, claim)
    assert (judged.passed, judged.total) == (40 - slow, 40)


def test_the_bounds_of_the_p95_are_ranks_of_what_was_measured() -> None:
    runs = [one for run in range(1, 11) for one in each(*["p"] * 4, first=run, latency=10.0 * run)]
    judged = criterion_of(decide(QUICK, runs), P95)
    # the ranks 35 and 41 of 40
    assert judged.lower == pytest.approx(90, rel=0.01)
    assert judged.observed == pytest.approx(100, rel=0.01)
    assert judged.upper is None


def test_without_a_latency_none_is_slow() -> None:
    judged = criterion_of(decide(FAST, CLEAN), P95)
    assert (judged.verdict, judged.observed, judged.total) == (OPEN, None, 0)


def test_the_advice_of_a_pass_as_observed_names_what_would_support_more() -> None:
    assert criterion_of(decide(GIVEN, CLEAN), RATE).settle.startswith("55 more observations without a failure")


def test_one_observation_of_one_test_is_enough_to_be_judged() -> None:
    one = pack(tests=GIVEN.tests[:1], max_latency_p95=100)
    decision = decide(one, observed("p", latency=9.0))
    assert {each.name: each.verdict for each in decision.criteria} == dict.fromkeys(
        (RATE, FLOOR, CRITICAL, P95), "pass"
    )
