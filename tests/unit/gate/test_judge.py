"""Tables of verdicts and reasons, and properties that hold for any evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.support.releases import environment

from wavegate.evidence.observation import Observation, Outcome, Subject, Violation
from wavegate.findings.finding import Finding, Location, Severity
from wavegate.gate.decision import Criterion, Decision, Verdict, from_json, to_json
from wavegate.gate.judge import Question, judge
from wavegate.gate.tally import MAX_FINDINGS, empty_tally
from wavegate.promotion.decision.consistency import inconsistencies
from wavegate.promotion.decision.pack_check import deviations
from wavegate.release.manifest import Agent, AgentByEnvironment, Manifest
from wavegate.release.pack import Criteria, Pack, PackTest, RunBudget, Stage, TestKind, ViolationSeverity, Waiver

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAMES = ("a", "b", "c", "d")
MANIFEST = Manifest(
    release="wave-3",
    environments=(environment("uat"), environment("production")),
    agents=(Agent(name="Support", version=3),),
    path="agentforce/release.yml",
    digest="m" * 64,
)
GIVEN = Pack(
    suite="readiness",
    tests=tuple(PackTest(name=name) for name in NAMES),
    criteria=Criteria(minimum_success_rate=0.95, zero_critical_policy_violations=True),
    path="agentforce/packs/readiness.json",
    digest="p" * 64,
)


def pack(**changes: Any) -> Pack:
    """The given pack, with other criteria or fields."""
    known = {name: changes.pop(name) for name in list(changes) if name in Criteria.__slots__}
    return replace(GIVEN, criteria=replace(GIVEN.criteria, **known), **changes)


def observed(outcomes: str, *, test: str = "a", case: str = "1", first: int = 1, **more: Any) -> list[Observation]:
    """One observation a letter: p, f or e; `-` is a run that is missing."""
    kinds = {"p": Outcome.PASS, "f": Outcome.FAIL, "e": Outcome.ERROR}
    return [
        Observation(suite="readiness", test=test, case=case, run=run, outcome=kinds[letter], **more)
        for run, letter in enumerate(outcomes, start=first)
        if letter != "-"
    ]


def each(*outcomes: str, **more: Any) -> list[Observation]:
    """Outcomes of a, b, c, d."""
    return [
        one for name, letters in zip(NAMES, outcomes, strict=False) for one in observed(letters, test=name, **more)
    ]


def decide(
    judged: Pack,
    evidence: Iterable[Observation | Finding],
    *,
    baseline: Sequence[Observation] | None = None,
    max_age: timedelta | None = None,
    commit: str | None = None,
    observed_in: str | None = "uat",
) -> Decision:
    question = Question(
        stage="gate",
        manifest=MANIFEST,
        environment="production",
        observed_in=observed_in,
        packs=(judged,),
        now=NOW,
        commit=commit,
    )
    tally = empty_tally((judged,), subjects={judged.suite: question.subject(judged)}, now=NOW, max_age=max_age)
    tally.add_all(evidence)
    before = None
    if baseline is not None:
        before = empty_tally((judged,), subjects={judged.suite: Subject()}, now=NOW)
        before.add_all(baseline)
    return judge(question, tally, baseline=before)


def codes(decision: Decision) -> set[str]:
    return {reason.code for reason in decision.reasons}


def criterion_of(decision: Decision, name: str) -> Criterion:
    return next(each for each in decision.criteria if each.name == name)


CLEAN = each("p", "p", "p", "p")
WAIVED = pack(waivers=(Waiver(test="d", reason="known", owner="@acme/qa", expires=date(2026, 3, 1)),))
ALL_WAIVED = pack(waivers=tuple(replace(WAIVED.waivers[0], test=name) for name in NAMES))
EXPIRED = pack(waivers=(Waiver(test="d", reason="known", owner="@acme/qa", expires=date(2026, 2, 28)),))
STAGED = pack(runs=(Stage(n=76, max_failures=0), Stage(n=140, max_failures=2)), confidence=0.9)
LAX = replace(STAGED, criteria=replace(STAGED.criteria, confidence=0.999))
SAFETY = pack(
    tests=(PackTest(name="a", kind=TestKind.ACTION_SAFETY, severity=ViolationSeverity.CRITICAL), *GIVEN.tests[1:]),
    minimum_success_rate=0.5,
    per_test_minimum=0.0,
)


def with_violation(severity: ViolationSeverity, *, confirmed: bool = True) -> list[Observation]:
    broken = Violation(policy="no-refunds", severity=severity, confirmed=confirmed)
    return [*each("-", "p", "p", "p"), *observed("p", violations=(broken,))]


LOOSE = pack(runs=10, minimum_success_rate=0.5)
ERRORS = replace(LOOSE, criteria=replace(LOOSE.criteria, max_error_rate=0.1))
# the first attempt is judged at 95 %
SURE = pack(confidence=0.95, runs=15)
AUTO = pack(confidence=0.95, runs="auto")
SETTLED = pack(confidence=0.95, runs="until-settled", budget=RunBudget(max_runs=40))
TWICE = pack(runs=2, minimum_success_rate=0.7)
FAST = pack(max_latency_p95=100)
QUICK = pack(runs=10, minimum_success_rate=0.9, max_latency_p95=100)
P95 = "maxLatencyP95"
STAGE = pack(runs=(Stage(n=8, max_failures=2),))
TIMED_OUT = [*each("p" * 10, "p" * 10, "p" * 10, "p" * 7, latency=9.0), *observed("eee", test="d", first=8)]
SLOW_AT_TIMES = [
    *each("p" * 10, "p" * 10, "p" * 10, "p" * 8, latency=9.0),
    *observed("pp", test="d", first=9, latency=101.0),
]
FULL, ALL = "p" * 10, "p" * 15
RATE, FLOOR, CRITICAL = "minimumSuccessRate", "perTestMinimum", "zeroCriticalPolicyViolations"
OPEN = "inconclusive"

VERDICTS: list[tuple[str, Pack, list[Observation], str, set[str]]] = [
    ("given pack, four of four", GIVEN, CLEAN, "pass", set()),
    ("nothing at all", GIVEN, [], OPEN, {"no-evidence"}),
    ("a lost shard", GIVEN, CLEAN[:3], OPEN, {"missing-runs", RATE, FLOOR}),
    ("one fails", GIVEN, each("p", "p", "p", "f"), "fail", {RATE, "few-runs"}),
    ("an error is open", GIVEN, each("p", "p", "p", "e"), OPEN, {RATE, "few-runs"}),
    ("a shard ran twice", GIVEN, [*CLEAN, CLEAN[0]], OPEN, {"duplicate"}),
    ("rerun until it passed", GIVEN, [*CLEAN, *observed("p", first=2)], OPEN, {"undeclared-runs"}),
    ("a failure within the rate", pack(runs=20), each(*["p" * 20] * 3, "p" * 19 + "f"), "pass", set()),
    ("a test always fails", pack(runs=2), each("pp", "pp", "pp", "ff"), "fail", {RATE, FLOOR}),
    ("one test below its floor", TWICE, each("pp", "pp", "pp", "ff"), "fail", {FLOOR}),
    (
        "no floor",
        pack(runs=2, minimum_success_rate=0.7, per_test_minimum=0),
        each("pp", "pp", "pp", "ff"),
        "pass",
        set(),
    ),
    ("a missing run", LOOSE, each(FULL, FULL, FULL, "p" * 9 + "-"), OPEN, {"missing-runs"}),
    (
        "a certain failure needs no missing run",
        pack(runs=10),
        each(FULL, FULL, FULL, "f" * 9 + "-"),
        "fail",
        {RATE, FLOOR, "missing-runs"},
    ),
    ("too few for a confidence", pack(confidence=0.95), CLEAN, OPEN, {RATE}),
    ("60 of 60", SURE, each(ALL, ALL, ALL, ALL), "pass", set()),
    ("59 of 60", SURE, each(ALL, ALL, ALL, "p" * 14 + "f"), OPEN, {RATE}),
    ("seven failures of 60 disprove it", SURE, each(ALL, ALL, ALL, "p" * 8 + "f" * 7), "fail", {RATE}),
    ("six failures of 60 do not", SURE, each(ALL, ALL, ALL, "p" * 9 + "f" * 6), OPEN, {RATE}),
    ("auto", AUTO, each(*["p" * 31] * 4), "pass", set()),
    ("auto, two failures", AUTO, each(*["p" * 31] * 3, "p" * 29 + "ff"), "pass", set()),
    ("less than auto", AUTO, each(*["p" * 30] * 4), OPEN, {"missing-runs", RATE}),
    ("first look", STAGED, each(*["p" * 19] * 4), "pass", set()),
    ("on to the second look", STAGED, each(*["p" * 19] * 3, "p" * 18 + "f"), OPEN, {RATE}),
    ("second look", STAGED, each(*["p" * 35] * 3, "p" * 33 + "ff"), "pass", set()),
    ("a look between the declared ones", STAGED, each(*["p" * 25] * 4), OPEN, {"missing-runs", RATE}),
    ("stages that pass too many bad agents", LAX, each(*["p" * 19] * 4), OPEN, {RATE}),
    ("critical violation", GIVEN, with_violation(ViolationSeverity.CRITICAL), "fail", {CRITICAL}),
    ("a high violation shows only", GIVEN, with_violation(ViolationSeverity.HIGH), "pass", set()),
    ("unconfirmed critical", GIVEN, with_violation(ViolationSeverity.CRITICAL, confirmed=False), OPEN, {CRITICAL}),
    ("failed action safety", SAFETY, each("f", "p", "p", "p"), "fail", {CRITICAL}),
    ("a failed answer without a violation", SAFETY, each("p", "f", "p", "p"), "pass", set()),
    ("waived on its last day", WAIVED, each("p", "p", "p", "f"), "pass", set()),
    ("all waived", ALL_WAIVED, CLEAN, OPEN, {RATE, FLOOR}),
    ("waiver expired", EXPIRED, each("p", "p", "p", "f"), "fail", {RATE, "few-runs", "waiver-expired"}),
    ("waiver expired, not needed", EXPIRED, CLEAN, "pass", {"waiver-expired"}),
    ("a waived test is still run", WAIVED, CLEAN[:3], OPEN, {"missing-runs"}),
    ("errors within their rate", ERRORS, each(FULL, FULL, FULL, "p" * 6 + "eeee"), "pass", set()),
    ("too many errors", ERRORS, each(FULL, FULL, FULL, "p" * 5 + "eeeee"), OPEN, {"maxErrorRate"}),
    ("fast", FAST, each("p", "p", "p", "p", latency=100.0), "pass", set()),
    ("slow", FAST, each("p", "p", "p", "p", latency=100.1), "fail", {"maxLatencyP95"}),
    ("no latency", FAST, CLEAN, OPEN, {"maxLatencyP95"}),
    ("errors are no quick answers", QUICK, TIMED_OUT, OPEN, {P95}),
    ("slow within its share", QUICK, SLOW_AT_TIMES, "pass", set()),
    ("a stage below the rate", STAGE, each("pp", "pp", "pf", "pf"), OPEN, {RATE}),
    ("settled by 72", SETTLED, each(*["p" * 18] * 4), "pass", set()),
    ("one run too few", SETTLED, each(*["p" * 17] * 4), OPEN, {RATE}),
    ("a failure needs 130", SETTLED, each(*["p" * 32] * 3, "p" * 31 + "f"), OPEN, {RATE}),
    ("and passes then", SETTLED, each(*["p" * 33] * 3, "p" * 32 + "f"), "pass", set()),
    ("an error counts as one", SETTLED, each(*["p" * 18] * 3, "p" * 17 + "e"), OPEN, {RATE}),
    ("settled as a fail", SETTLED, each("ppp", "pff", "ppf", "pff"), "fail", {RATE, FLOOR}),
    ("errors prove no fail", SETTLED, each("ppp", "pee", "ppe", "pee"), OPEN, {RATE, FLOOR}),
    ("a run of one test is missing", SETTLED, each(*["p" * 24] * 3, "p" * 23 + "-"), OPEN, {RATE, "missing-runs"}),
    ("more than the budget", SETTLED, each(*["p" * 41] * 4), OPEN, {"undeclared-runs"}),
    ("one latency missing", FAST, [CLEAN[0], *each("-", "p", "p", "p", latency=9.0)], OPEN, {"maxLatencyP95"}),
]


@pytest.mark.parametrize(
    ("judged", "evidence", "verdict", "reasons"), [row[1:] for row in VERDICTS], ids=[row[0] for row in VERDICTS]
)
def test_verdict_and_reasons(judged: Pack, evidence: list[Observation], verdict: str, reasons: set[str]) -> None:
    decision = decide(judged, evidence)
    assert (decision.verdict, codes(decision)) == (verdict, reasons)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"subject": Subject(commit="x")}, "foreign"),
        ({"subject": Subject(commit="c", manifest="x")}, "foreign"),
        ({"subject": Subject(commit="c", pack="x")}, "foreign"),
        ({"subject": Subject(commit="c", environment="sandbox")}, "foreign"),
        ({"subject": Subject(commit="c", agents={"Support": 2})}, "foreign"),
        ({"subject": Subject(environment="uat")}, "unbound"),
        ({"subject": None}, "unbound"),
        ({"time": NOW - timedelta(hours=73)}, "stale"),
        ({"time": NOW + timedelta(minutes=5, seconds=1)}, "future"),
        ({"time": None}, "undated"),
    ],
)
def test_evidence_of_another_subject_or_time_is_rejected(more: dict[str, Any], code: str) -> None:
    usual = {"subject": Subject(commit="c", environment="uat", agents={"Support": 3}), "time": NOW}
    max_age = timedelta(hours=72)
    good = decide(GIVEN, each("p", "p", "p", "p", **usual), commit="c", max_age=max_age)
    assert good.verdict is Verdict.PASS
    mixed = [*each("-", "p", "p", "p", **usual), *observed("p", **{**usual, **more})]
    decision = decide(GIVEN, mixed, commit="c", max_age=max_age)
    assert decision.verdict is Verdict.INCONCLUSIVE
    assert {code, "missing-runs"} <= codes(decision)
    # a rejected observation blocks a pass even beside complete evidence
    beside = decide(
        GIVEN, [*each("p", "p", "p", "p", **usual), *observed("p", **{**usual, **more})], commit="c", max_age=max_age
    )
    assert beside.verdict is Verdict.INCONCLUSIVE
    assert codes(beside) == {code}


@pytest.mark.parametrize(
    ("ahead", "refused"), [(timedelta(minutes=5), False), (timedelta(minutes=5, seconds=1), True)]
)
def test_a_clock_may_be_five_minutes_ahead(ahead: timedelta, *, refused: bool) -> None:
    decision = decide(GIVEN, each("p", "p", "p", "p", time=NOW + ahead), max_age=timedelta(hours=72))
    assert ("future" in codes(decision)) is refused


def test_an_unknown_test_or_suite_is_a_reason() -> None:
    stranger = Observation(suite="other", test="a", outcome=Outcome.PASS)
    decision = decide(GIVEN, [*CLEAN, stranger])
    assert [(each.code, each.test) for each in decision.reasons] == [("unknown-test", None)]


def test_evidence_cannot_exhaust_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wavegate.gate.tally.MAX_CELLS", 1000)
    decision = decide(GIVEN, [*CLEAN, *observed("p", case="far", first=995)])
    assert codes(decision) == {"too-many-cases"}
    monkeypatch.setattr("wavegate.gate.tally.MAX_CASES", 4)
    assert codes(decide(GIVEN, [*CLEAN, *observed("p", case="fifth")])) == {"too-many-cases"}


def test_gaps_in_the_evidence_come_before_their_consequences() -> None:
    decision = decide(GIVEN, [*CLEAN[:3], *observed("p", test="d", subject=Subject(environment="x"))])
    assert [each.test for each in decision.reasons] == ["readiness/d", "readiness/d", None, None]
    assert [each.code for each in decision.reasons] == ["missing-runs", "foreign", RATE, FLOOR]
    assert decision.reasons[1].text == (
        "Rejected 1 observation of readiness/d: it was recorded in a different environment. "
        "The first is case 1, run 1."
    )


@pytest.mark.parametrize(
    ("subjects", "text"),
    [
        ([Subject(commit="x")], "1 observation of readiness/a: it was recorded for a different commit."),
        ([Subject(commit="x")] * 2, "2 observations of readiness/a: they were recorded for a different commit."),
        (
            [Subject(commit="x", agents={"Support": 2})],
            "1 observation of readiness/a: it was recorded for a different commit, version of agent Support.",
        ),
        ([Subject()], "1 observation of readiness/a: it was recorded without the subject's commit."),
    ],
)
def test_a_rejection_says_what_differs(subjects: list[Subject], text: str) -> None:
    evidence = [observation for subject in subjects for observation in observed("p", subject=subject)]
    reason = next(each for each in decide(GIVEN, evidence, commit="c").reasons if each.code != "no-evidence")
    assert reason.text == f"Rejected {text} The first is case 1, run 1."


def test_unreadable_evidence_is_a_reason_with_its_location() -> None:
    broken = Finding(
        rule="evidence/malformed",
        severity=Severity.ERROR,
        location=Location(file="x.jsonl", line=7),
        message="No.",
        fix="Fix.",
    )
    decision = decide(GIVEN, [*CLEAN, *[broken] * (MAX_FINDINGS + 3)])
    assert decision.verdict is Verdict.INCONCLUSIVE
    assert decision.reasons[0].text == "x.jsonl, line 7: No."
    assert decision.reasons[-1].text == "3 more findings of the same kinds."


def test_tests_without_a_counterpart_in_the_baseline_are_named() -> None:
    both = pack(tests=GIVEN.tests[:2], runs=30, minimum_success_rate=0.0, no_regression_against="baseline")
    runs = "p" * 30
    evidence = each(runs, runs)
    decision = decide(both, evidence, baseline=[*observed(runs), *observed(runs, test="b", case="renamed")])
    assert (decision.verdict, codes(decision)) == ("pass", {"not-compared"})
    assert decision.reasons[0].text.startswith("The baseline has no case of b:")
    assert codes(decide(both, evidence, baseline=evidence)) == set()


@pytest.mark.parametrize("baseline", [[*observed("pppppp"), *observed("f")], observed("ppp-pppp")])
def test_an_incomplete_baseline_is_inconclusive(baseline: list[Observation]) -> None:
    alone = pack(tests=GIVEN.tests[:1], runs=6, minimum_success_rate=0.0, no_regression_against="baseline")
    decision = decide(alone, observed("pppppp"), baseline=baseline)
    assert "baseline-malformed" in codes(decision)
    assert decision.verdict is Verdict.INCONCLUSIVE


def test_a_baseline_of_more_cases_than_are_read_is_malformed(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = "p" * 29
    alone = pack(tests=GIVEN.tests[:1], runs=29, minimum_success_rate=0.0, no_regression_against="baseline")
    strangers = [*observed(runs), *observed("p", test="nowhere")]
    assert codes(decide(alone, observed(runs), baseline=strangers)) == set()
    monkeypatch.setattr("wavegate.gate.tally.MAX_CASES", 1)
    many = [*observed(runs), *observed("p", case="second")]
    assert codes(decide(alone, observed(runs), baseline=many)) == {"baseline-malformed"}


@pytest.mark.parametrize(
    ("letters", "verdict"),
    [("pp", "pass"), ("pf", "pass"), ("p-", OPEN), ("ff", "fail"), ("f-", OPEN), ("e-", OPEN), ("--", OPEN)],
)
def test_a_row_of_the_table_says_what_its_test_shows_alone(letters: str, verdict: str) -> None:
    decision = decide(TWICE, each("pp", "pp", "pp", letters))
    assert [row.verdict for row in decision.tests] == ["pass", "pass", "pass", verdict]


@pytest.mark.parametrize(
    ("judged", "confirmed", "verdict"), [(GIVEN, True, "fail"), (GIVEN, False, "pass"), (LOOSE, False, OPEN)]
)
def test_a_row_fails_for_a_critical_violation_that_is_confirmed(
    judged: Pack, verdict: str, *, confirmed: bool
) -> None:
    decision = decide(judged, with_violation(ViolationSeverity.CRITICAL, confirmed=confirmed))
    assert decision.tests[0].verdict == verdict


@pytest.mark.parametrize(
    ("kind", "letter", "broken"),
    [
        (TestKind.ACTION_SAFETY, "f", True),
        (TestKind.ACTION_SAFETY, "p", False),
        (TestKind.ACTION_SAFETY, "e", False),
        (TestKind.ANSWER_QUALITY, "f", False),
    ],
)
def test_only_a_failed_action_safety_test_breaks_a_policy_by_itself(
    kind: TestKind, letter: str, *, broken: bool
) -> None:
    only = pack(tests=(PackTest(name="a", kind=kind, severity=ViolationSeverity.CRITICAL),))
    assert bool(decide(only, observed(letter)).violations) is broken


@pytest.mark.parametrize(("refused", "verdict"), [(0, "pass"), (1, "pass"), (2, OPEN)])
def test_refused_observations_are_part_of_the_error_rate(refused: int, verdict: str) -> None:
    twenty = pack(tests=GIVEN.tests[:1], runs=18, max_error_rate=0.06)
    strangers = [Observation(suite="x", test="a", outcome=Outcome.PASS)] * refused
    judged = criterion_of(decide(twenty, [*observed("p" * 18), *strangers]), "maxErrorRate")
    assert (judged.passed, judged.total, judged.verdict) == (18, 18 + refused, verdict)


def test_a_single_observation_can_keep_the_error_rate() -> None:
    one = pack(tests=GIVEN.tests[:1], max_error_rate=0.0)
    assert criterion_of(decide(one, observed("p")), "maxErrorRate").verdict is Verdict.PASS


def test_stages_that_are_passed_claim_the_threshold_at_their_own_confidence() -> None:
    judged = criterion_of(decide(STAGED, each(*["p" * 19] * 4)), RATE)
    assert (judged.verdict, judged.lower) == ("pass", 0.95)
    assert "supports ≥ 95 % at 96 % confidence" in judged.claim
    failing = criterion_of(decide(STAGED, each(*["p" * 19] * 3, "p" * 18 + "f")), RATE)
    assert (failing.verdict, failing.lower) == (OPEN, None)


def test_a_rate_that_is_just_reached_passes() -> None:
    judged = pack(minimum_success_rate=0.75, per_test_minimum=0.0)
    assert decide(judged, each("p", "p", "p", "f")).verdict is Verdict.PASS


def test_the_case_that_ran_most_often_says_how_often_the_others_should_have() -> None:
    staged = pack(tests=GIVEN.tests[:1], runs=(Stage(n=4, max_failures=0), Stage(n=6, max_failures=0)))
    decision = decide(staged, [*observed("ppp"), *observed("pp", case="2")])
    assert (decision.tests[0].expected, decision.tests[0].missing) == (6, 1)
    assert "undeclared-runs" not in codes(decision)


def test_a_row_that_fails_is_no_less_failed_for_what_is_missing() -> None:
    decision = decide(pack(runs=3), each("ppp", "ppp", "ppp", "ff-"))
    assert decision.tests[-1].verdict is Verdict.FAIL


def test_a_rate_that_is_disproved_has_nothing_that_would_settle_it() -> None:
    assert criterion_of(decide(pack(confidence=0.95, runs=15), each(ALL, ALL, ALL, "f" * 15)), RATE).settle == ""
    assert criterion_of(decide(GIVEN, each("p", "p", "p", "f")), RATE).settle == ""


@pytest.mark.parametrize(("confirmed", "settle"), [(True, ""), (False, "Confirm or dismiss")])
def test_only_an_unconfirmed_violation_asks_for_a_person_to_settle_it(settle: str, *, confirmed: bool) -> None:
    decision = decide(GIVEN, with_violation(ViolationSeverity.CRITICAL, confirmed=confirmed))
    found = criterion_of(decision, CRITICAL).settle
    assert found.startswith(settle)
    assert bool(found) is bool(settle)
    assert criterion_of(decide(GIVEN, CLEAN), CRITICAL).settle == ""


def test_a_claim_never_exceeds_the_evidence() -> None:
    alone = pack(tests=GIVEN.tests[:1], runs=58, confidence=0.95)
    claim = decide(alone, observed("p" * 58)).claim
    assert "supports ≥ 94.9 % at 95 % confidence on this test" in claim


UNCONFIRMED = with_violation(ViolationSeverity.CRITICAL, confirmed=False)
BOTH = [
    *with_violation(ViolationSeverity.CRITICAL)[:-1],
    *observed(
        "p", violations=(*UNCONFIRMED[-1].violations, *with_violation(ViolationSeverity.CRITICAL)[-1].violations)
    ),
]


@pytest.mark.parametrize(
    ("evidence", "upper"),
    [
        (CLEAN, 0.52713),
        (with_violation(ViolationSeverity.HIGH), 0.52713),
        (with_violation(ViolationSeverity.CRITICAL), None),
        (UNCONFIRMED, None),
        (BOTH, None),
    ],
)
def test_the_bound_of_no_violation_is_claimed_only_where_none_was_seen(
    evidence: list[Observation], upper: float | None
) -> None:
    judged = criterion_of(decide(GIVEN, evidence), CRITICAL)
    assert judged.upper == upper
    assert judged.passed == (4 if upper else 3 if evidence is not BOTH else 2)
    assert ("confidence" in judged.claim) is (upper is not None)


def test_the_bounds_of_the_latency_have_a_confidence_where_something_was_measured() -> None:
    measured = criterion_of(decide(FAST, each("p", "p", "p", "p", latency=9.0)), P95)
    assert (measured.confidence, measured.total, measured.verdict) == (0.95, 4, Verdict.PASS)
    assert [row.p95 for row in decide(FAST, each("p", "p", "p", "p", latency=9.0)).tests] == [measured.observed] * 4
    unmeasured = criterion_of(decide(FAST, CLEAN), P95)
    assert (unmeasured.confidence, unmeasured.lower, unmeasured.upper) == (None, None, None)
    assert (unmeasured.claim, unmeasured.settle) == (
        "No latency was measured.",
        "Record the latency of 4 more observations.",
    )


def test_without_a_test_to_judge_a_waiver_has_to_go() -> None:
    decision = decide(ALL_WAIVED, CLEAN)
    assert {each.fix for each in decision.reasons} == {"Remove at least one waiver so that a test is judged."}
    assert decision.claim.startswith("No test is judged: all tests are waived.")


def test_the_given_pack_states_its_claim_and_what_would_settle_it() -> None:
    decision = decide(GIVEN, CLEAN)
    rate = decision.criteria[0]
    assert rate.claim == "4 of 4 observations passed (100 %): supports ≥ 47.2 % at 95 % confidence on these 4 tests."
    assert rate.settle.startswith("55 more observations without a failure would support ≥ 95 % at 95 % confidence")
    assert "`runs: 15`" in rate.settle
    assert (rate.passed, rate.total, rate.lower, rate.confidence) == (4, 4, 0.47287, None)


@pytest.mark.parametrize(
    ("outcomes", "claim"),
    [
        (("pp", "pf", "pp", "pp"), "The worst test is b: 1 of 2 passed (50 %)."),
        (("pp", "pf", "fp", "pp"), "2 tests tie for worst, including b: 1 of 2 passed (50 %)."),
    ],
)
def test_the_worst_test_is_named_and_so_are_ties(outcomes: tuple[str, ...], claim: str) -> None:
    decision = decide(TWICE, each(*outcomes))
    assert next(each.claim for each in decision.criteria if each.name == FLOOR) == claim


def test_a_waiver_shows_its_test_and_never_covers_a_critical_violation() -> None:
    safety = replace(SAFETY, waivers=(replace(WAIVED.waivers[0], test="a"),))
    decision = decide(safety, each("f", "p", "p", "p"))
    assert decision.verdict is Verdict.FAIL
    assert decision.waivers[0].test == "a"
    assert next(row for row in decision.tests if row.test == "a").waived
    assert decision.violations[0].severity is ViolationSeverity.CRITICAL


def test_cases_of_a_definition_are_expected_in_every_run() -> None:
    alone = pack(tests=GIVEN.tests[:1], runs=3, minimum_success_rate=0.5)
    evidence = [one for case in "123" for one in observed("ppp", case=case)]
    assert decide(alone, evidence).verdict is Verdict.PASS
    decision = decide(alone, [one for one in evidence if (one.case, one.run) != ("2", 2)])
    assert decision.reasons[0].text == "Missing: 1 of 9 observations of readiness/a (run 2)."


def test_a_lost_shard_shows_by_its_runs() -> None:
    alone = pack(tests=GIVEN.tests[:1], runs=10)
    decision = decide(alone, observed("pp---pp-pp"))
    assert decision.reasons[0].text == "Missing: 4 of 10 observations of readiness/a (run 3-5, 8)."
    assert decision.reasons[0].test == "readiness/a"


def test_stages_count_the_observations_that_are_rated() -> None:
    waived = replace(STAGED, waivers=WAIVED.waivers)
    assert codes(decide(waived, each(*["p" * 19] * 4))) == {RATE, "missing-runs"}
    assert decide(waived, each(*["p" * 26] * 4)).verdict is Verdict.PASS


def test_a_test_may_have_runs_of_its_own() -> None:
    mixed = pack(tests=(replace(GIVEN.tests[0], runs=5), *GIVEN.tests[1:]), runs=2)
    assert decide(mixed, each("ppppp", "pp", "pp", "pp")).verdict is Verdict.PASS
    assert codes(decide(mixed, each("pp", "pp", "pp", "pp"))) >= {"missing-runs"}


outcomes = st.sampled_from("pppppppfe-")
packs = st.sampled_from(
    [
        pack(runs=3),
        pack(runs=3, minimum_success_rate=0.6, max_error_rate=0.2),
        pack(runs=3, confidence=0.5, minimum_success_rate=0.7),
        pack(runs=3, minimum_success_rate=0.5, per_test_minimum=0.0, max_latency_p95=100),
        pack(runs=(Stage(n=8, max_failures=0), Stage(n=12, max_failures=2)), minimum_success_rate=0.6),
        pack(runs=3, minimum_success_rate=0.3, no_regression_against="baseline"),
        pack(runs="until-settled", minimum_success_rate=0.5, confidence=0.9),
    ]
)
evidence = st.lists(st.text(outcomes, min_size=3, max_size=3), min_size=4, max_size=4)
BASELINE = each("ppp", "ppp", "fff", "ppp")


@settings(max_examples=300, deadline=None)
@given(packs, evidence, st.integers(0, 3), st.integers(0, 2), st.sampled_from("fe-"))
def test_a_worse_outcome_never_makes_a_pass(
    judged: Pack, letters: list[str], test: int, run: int, worse: str
) -> None:
    # without the runs of a later stage or look, the pack is at its earlier one again, which may have passed
    assume(worse != "-" or isinstance(judged.runs, int))
    better = [*letters[:test], letters[test][:run] + "p" + letters[test][run + 1 :], *letters[test + 1 :]]
    worsened = [*letters[:test], letters[test][:run] + worse + letters[test][run + 1 :], *letters[test + 1 :]]
    if decide(judged, each(*better, latency=50.0), baseline=BASELINE).verdict is not Verdict.PASS:
        assert decide(judged, each(*worsened, latency=50.0), baseline=BASELINE).verdict is not Verdict.PASS


NEVER_A_PASS: dict[str, Observation | Finding] = {
    "foreign": observed("p", subject=Subject(environment="elsewhere"))[0],
    "of no known test": observed("p", test="nowhere")[0],
    "of no known suite": Observation(suite="x", test="a", outcome=Outcome.PASS),
    "unread": Finding(rule="e/x", severity=Severity.ERROR, location=Location(file="f"), message="m", fix="f"),
    "undeclared": observed("p", first=50)[0],
}


@settings(max_examples=200, deadline=None)
@given(packs, evidence, st.sampled_from(sorted(NEVER_A_PASS)))
def test_rejected_evidence_never_makes_a_pass(judged: Pack, letters: list[str], kind: str) -> None:
    lines = [*each(*letters, latency=50.0), NEVER_A_PASS[kind]]
    assert decide(judged, lines, baseline=BASELINE).verdict is not Verdict.PASS


@settings(max_examples=100, deadline=None)
@given(packs, evidence, st.data())
def test_a_duplicate_observation_never_makes_a_pass(judged: Pack, letters: list[str], data: st.DataObject) -> None:
    lines = each(*letters, latency=50.0)
    if lines:
        again = data.draw(st.sampled_from(lines))
        assert decide(judged, [*lines, again], baseline=BASELINE).verdict is not Verdict.PASS


@settings(max_examples=100, deadline=None)
@given(packs, evidence, st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter(judged: Pack, letters: list[str], random: Any) -> None:
    lines = [*each(*letters, latency=50.0), *observed("f"), *observed("p", test="nowhere")]
    shuffled = random.sample(lines, len(lines))
    assert decide(judged, lines, baseline=BASELINE) == decide(judged, shuffled, baseline=BASELINE)


@settings(max_examples=50, deadline=None)
@given(packs, evidence)
def test_a_decision_reads_back_as_it_was_written(judged: Pack, letters: list[str]) -> None:
    decision = decide(judged, each(*letters), commit=None)
    data = to_json(decision)
    assert from_json(data, path="d.json") == decision
    assert to_json(from_json(data, path="d.json")) == data
    assert msgspec.json.decode(data)["predicate"]["verdict"] == decision.verdict


@settings(max_examples=200, deadline=None)
@given(packs, evidence)
def test_a_decision_never_contradicts_itself(judged: Pack, letters: list[str]) -> None:
    made = decide(judged, each(*letters, latency=50.0), baseline=BASELINE)
    assert not [*inconsistencies(made), *deviations(made, [judged])]


@pytest.mark.parametrize(("judged", "evidence"), [row[1:3] for row in VERDICTS], ids=[row[0] for row in VERDICTS])
def test_no_verdict_of_the_table_contradicts_itself(judged: Pack, evidence: list[Observation]) -> None:
    made = decide(judged, evidence)
    assert not [*inconsistencies(made), *deviations(made, [judged])]


def test_errors_are_run_again_before_more_runs_are_declared() -> None:
    alone = pack(tests=GIVEN.tests[:1], runs=60, confidence=0.95)
    rate = criterion_of(decide(alone, observed("p" * 20 + "e" * 40)), RATE)
    assert rate.settle == "Rerun the runs that are missing or ended in error."
    assert rate.upper == 1, "the runs that ended in error may have passed"


@pytest.mark.parametrize(
    ("stage", "target", "observed_in", "pinned"),
    [("gate", "production", "uat", 3), ("verify", "production", "production", 7)],
)
def test_the_pinned_versions_are_those_of_the_environment_where_the_packs_run(
    stage: Any, target: str, observed_in: str, pinned: int
) -> None:
    agent = AgentByEnvironment(name="Support", versions={"uat": 3, "production": 7})
    question = Question(
        stage=stage,
        manifest=replace(MANIFEST, agents=(agent,)),
        environment=target,
        observed_in=observed_in,
        packs=(),
        now=NOW,
    )
    assert question.subject(GIVEN).agents == {"Support": pinned}
