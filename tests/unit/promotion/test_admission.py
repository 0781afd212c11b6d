"""The promotion rules: every violation has its own rule and gives one refusal."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.releases import environment

from wavegate.evidence.resource import Resource
from wavegate.gate.decision import (
    ComparisonRow,
    Criterion,
    CriterionRule,
    Decision,
    Reason,
    TestRow,
    Verdict,
    ViolationRow,
)
from wavegate.ledger.acts.act import Act, ActKind, ReleaseId
from wavegate.ledger.acts.holds import holds_of
from wavegate.ledger.deployment import Adoption, Deployment, Pilot, Release, State, Status
from wavegate.ledger.environment import EnvironmentLedger, PromotionLedger
from wavegate.ledger.pilot import pilot_of
from wavegate.promotion.admission import Admission, admission_of
from wavegate.promotion.decision.consistency import inconsistencies
from wavegate.promotion.decision.pack_check import deviations
from wavegate.promotion.decision.rules import ExpectedSubject, evidence_refusals
from wavegate.promotion.hold_request import HoldRequest
from wavegate.release.manifest import Canary, CanaryStep, Environment, Manifest
from wavegate.release.pack import Criteria, Pack, PackTest, Stage, TestKind, ViolationSeverity, Waiver

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
COMMIT = "a" * 40
MANIFEST = "agentforce/release.yml"
PACK = Resource(name="agentforce/packs/p.json", digest={"sha256": "2" * 64})
ASKED = Pack(
    suite="p",
    tests=(PackTest(name="t"),),
    criteria=Criteria(minimum_success_rate=0.9),
    path=PACK.name,
    digest=PACK.digest["sha256"],
)


def criterion(name: str, passed: int = 20, total: int = 20, threshold: float = 0.9, **more: Any) -> Criterion:
    values: dict[str, Any] = {
        "observed": None,
        "confidence": None,
        "lower": None,
        "upper": None,
        "rule": CriterionRule.AS_OBSERVED,
        "method": "",
        **more,
    }
    return Criterion(
        suite="p",
        name=name,
        verdict=Verdict.PASS,
        passed=passed,
        total=total,
        threshold=threshold,
        claim="",
        **values,
    )


def row(passed: int = 20, failed: int = 0, missing: int = 0, *, expected: int | None = None) -> TestRow:
    return TestRow(
        suite="p",
        test="t",
        kind=TestKind.ANSWER_QUALITY,
        verdict=Verdict.PASS,
        expected=passed + failed + missing if expected is None else expected,
        passed=passed,
        failed=failed,
        errors=0,
        missing=missing,
        lower=0.8,
        upper=1.0,
    )


def compared(pairs: int, worse: int = 0, better: int = 0) -> ComparisonRow:
    return ComparisonRow(
        suite="p",
        test="t",
        verdict=Verdict.PASS,
        pairs=pairs,
        before=pairs - better,
        after=pairs - worse,
        worse=worse,
        better=better,
        cases=1,
        cases_worse=int(worse > better),
        loss=0.0,
        margin=0.3,
        p_value=1.0,
    )


GOOD = Decision(
    verdict=Verdict.PASS,
    stage="gate",
    environment="production",
    observed_in="uat",
    release="wave-3",
    claim="20 of 20 passed.",
    content="4" * 64,
    reasons=(),
    criteria=(criterion("minimumSuccessRate"), criterion("perTestMinimum", 1, 1, 0.5)),
    tests=(row(),),
    violations=(),
    waivers=(),
    commit=COMMIT,
    manifest=Resource(name=MANIFEST, digest={"sha256": "1" * 64}),
    packs=(PACK,),
    agents={"Support": 3},
    inputs=(),
    time=NOW - timedelta(hours=1),
    orgs=("00D000000000002",),
)
WANTED = ExpectedSubject(
    environment="production",
    commit=COMMIT,
    content=GOOD.content,
    manifest=GOOD.manifest,
    packs=(ASKED,),
    observed_in="uat",
    agents={"Support": 3},
    max_age=timedelta(hours=72),
    now=NOW,
)


def decision(**changes: Any) -> Decision:
    return msgspec.structs.replace(GOOD, **changes)


def broken(made: Decision) -> list[str]:
    return [each.rule for each in evidence_refusals(made, WANTED)]


def test_good_evidence_is_not_refused() -> None:
    assert broken(GOOD) == []


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"stage": "verify"}, "evidence/other-stage"),
        ({"environment": "uat"}, "evidence/other-environment"),
        ({"observed_in": "dev"}, "evidence/other-environment"),
        ({"observed_in": None}, "evidence/other-environment"),
        ({"commit": "b" * 40}, "evidence/other-commit"),
        ({"commit": None}, "evidence/other-commit"),
        ({"content": "5" * 64}, "evidence/other-content"),
        ({"content": ""}, "evidence/other-content"),
        ({"commit": COMMIT.upper()}, "evidence/other-commit"),
        ({"manifest": Resource(name=MANIFEST, digest={"sha256": "3" * 64})}, "evidence/other-manifest"),
        ({"manifest": Resource(name=MANIFEST, digest={})}, "evidence/other-manifest"),
        ({"packs": (Resource(name=PACK.name, digest={"sha256": "3" * 64}),)}, "evidence/other-pack"),
        ({"agents": {"Support": 2}}, "evidence/other-agent-version"),
        ({"agents": {}}, "evidence/other-agent-version"),
        ({"time": NOW - timedelta(hours=73)}, "evidence/too-old"),
        ({"oldest": NOW - timedelta(hours=73)}, "evidence/too-old"),
        ({"oldest": NOW + timedelta(hours=73), "time": NOW - timedelta(hours=73)}, "evidence/too-old"),
        ({"time": NOW + timedelta(minutes=6)}, "evidence/future"),
    ],
)
def test_each_violation_has_its_own_rule(changes: dict[str, Any], rule: str) -> None:
    assert broken(decision(**changes)) == [rule]


@pytest.mark.parametrize(
    ("agents", "shown"),
    [({}, "agent versions none, not Support v3"), ({"Z": 2, "A": 1}, "agent versions A v1, Z v2, not Support v3")],
)
def test_agent_versions_are_shown_by_name_and_none_as_none(agents: dict[str, int], shown: str) -> None:
    (refusal,) = evidence_refusals(decision(agents=agents), WANTED)
    assert shown in refusal.message


def test_evidence_may_be_as_old_as_is_allowed_and_as_far_ahead_as_clocks_differ() -> None:
    assert broken(decision(time=NOW - timedelta(hours=72))) == []
    assert broken(decision(time=NOW + timedelta(minutes=5))) == []
    assert broken(decision(time=NOW + timedelta(minutes=5, seconds=1))) == ["evidence/future"]


FAILED = Reason(code="minimumSuccessRate", weight="fail", text="")
OPEN = Reason(code="missing-runs", weight="inconclusive", text="")


@pytest.mark.parametrize(
    ("verdict", "reasons", "rules"),
    [
        (Verdict.FAIL, (FAILED, OPEN), ["evidence/not-a-pass"]),
        (Verdict.INCONCLUSIVE, (OPEN,), ["evidence/not-a-pass"]),
        (Verdict.PASS, (FAILED,), ["evidence/edited"]),
        (Verdict.PASS, (OPEN,), ["evidence/edited"]),
        (Verdict.FAIL, (OPEN,), ["evidence/edited", "evidence/not-a-pass"]),
        (Verdict.INCONCLUSIVE, (FAILED,), ["evidence/edited", "evidence/not-a-pass"]),
    ],
)
def test_the_verdict_follows_from_its_reasons(
    verdict: Verdict, reasons: tuple[Reason, ...], rules: list[str]
) -> None:
    assert broken(decision(verdict=verdict, reasons=reasons)) == rules


RATE = criterion("minimumSuccessRate")
CONFIDENT: dict[str, Any] = {"rule": CriterionRule.CONFIDENCE, "confidence": 0.95}
CRITICAL = ViolationRow(
    suite="p", test="t", policy="x", severity=ViolationSeverity.CRITICAL, confirmed=True, count=1, case="1", run=1
)


@pytest.mark.parametrize(
    "changes",
    [
        {"criteria": ()},
        {"packs": (PACK, PACK)},
        {"criteria": (criterion("minimumSuccessRate", 10),), "tests": (row(10, 10),)},
        {"criteria": (criterion("minimumSuccessRate", 20),), "tests": (row(10, 10),)},
        {"criteria": (criterion("minimumSuccessRate", **CONFIDENT),), "tests": (row(),)},
        {"criteria": (criterion("minimumSuccessRate", rule=CriterionRule.CONFIDENCE),), "tests": (row(),)},
        {"criteria": (RATE, criterion("perTestMinimum", 1, 1, 0.5)), "tests": ()},
        {"criteria": (RATE, criterion("perTestMinimum", 1, 1, 1.5))},
        {"criteria": (RATE, criterion("zeroCriticalPolicyViolations")), "violations": (CRITICAL,)},
        {"criteria": (RATE, criterion("maxErrorRate", 10, threshold=0.1))},
        {"criteria": (RATE, criterion("maxErrorRate", 0, 0))},
        {"criteria": (RATE, criterion("maxLatencyP95", 18))},
        {"criteria": (RATE, criterion("maxLatencyP95", 0, 0))},
        {"criteria": (RATE, criterion("noRegressionAgainst", 4, 4, 0.05, **CONFIDENT))},
        {"criteria": (RATE, criterion("requireVersion", 19))},
        {"criteria": (RATE, criterion("requireVersion", 0, 0))},
        {"criteria": (RATE, criterion("somethingElse"))},
        {"tests": (row(expected=30),)},
        {"tests": (row(missing=1),)},
        {"criteria": (msgspec.structs.replace(RATE, verdict=Verdict.INCONCLUSIVE),)},
    ],
)
def test_a_pass_that_its_own_numbers_contradict_is_edited(changes: dict[str, Any]) -> None:
    # by itself, without the pack, which would show most of these as well
    assert list(inconsistencies(decision(**changes)))
    found = list(evidence_refusals(decision(**changes), WANTED))
    assert {each.rule for each in found} == {"evidence/edited"}
    assert all(each.final for each in found)


def test_without_a_row_no_test_reaches_its_minimum() -> None:
    alone = decision(criteria=(criterion("perTestMinimum", 1, 1, 0.5),), tests=())
    assert list(inconsistencies(alone)) == ["p/perTestMinimum passes, which its own numbers contradict."]


def test_a_failure_may_judge_fewer_packs_than_it_names() -> None:
    assert broken(decision(verdict=Verdict.FAIL, reasons=(FAILED,), packs=(PACK, PACK))) == ["evidence/not-a-pass"]


@pytest.mark.parametrize(
    "held",
    [
        criterion("maxErrorRate", 19, threshold=0.05),
        criterion("maxLatencyP95", 19),
        criterion("zeroCriticalPolicyViolations"),
        criterion("noRegressionAgainst", 29, 29, 0.1, **CONFIDENT),
        criterion("minimumSuccessRate", threshold=0.86, **CONFIDENT),
    ],
    ids=lambda held: held.name,
)
def test_a_criterion_that_just_holds_is_consistent(held: Criterion) -> None:
    elsewhere = msgspec.structs.replace(CRITICAL, suite="q")
    made = decision(criteria=(held,), violations=(elsewhere,), comparisons=(compared(29),))
    assert list(inconsistencies(made)) == []


@pytest.mark.parametrize(
    ("rows", "passed", "total"),
    [
        ((), 0, 0),
        ((), 29, 29),
        ((compared(28),), 28, 28),
        ((compared(29),), 30, 30),
        ((compared(40, worse=3),), 37, 40),
        # gains in one test do not make up for a loss in another
        ((compared(80), compared(8)), 88, 88),
        ((compared(100, worse=0, better=9), compared(20, worse=4)), 116, 120),
    ],
)
def test_a_comparison_that_its_own_pairs_contradict_is_edited(
    rows: tuple[ComparisonRow, ...], passed: int, total: int
) -> None:
    held = criterion("noRegressionAgainst", passed, total, 0.1, **CONFIDENT)
    assert list(inconsistencies(decision(criteria=(held,), comparisons=rows))) == [
        "p/noRegressionAgainst passes, which its own numbers contradict."
    ]


def test_a_test_must_not_be_compared_with_a_wider_margin_than_its_pack_allows() -> None:
    pack = replace(ASKED, criteria=replace(ASKED.criteria, no_regression_against="baseline"))
    held = criterion("noRegressionAgainst", 29, 29, 0.1, **CONFIDENT)
    for margin, found in ((0.3, []), (0.9, ["it compares a test with a different margin than pack p allows."])):
        row = msgspec.structs.replace(compared(29), margin=margin)
        assert list(deviations(decision(criteria=(*GOOD.criteria, held), comparisons=(row,)), [pack])) == found
    lax = criterion("noRegressionAgainst", 29, 29, 0.1, rule=CriterionRule.CONFIDENCE, confidence=0.6)
    found = list(deviations(decision(criteria=(*GOOD.criteria, lax), comparisons=(compared(29),)), [pack]))
    assert found == [
        "it judges noRegressionAgainst with a different threshold, confidence or rule than pack p requires."
    ]


def test_an_easy_test_that_ran_often_does_not_hide_a_hard_one_in_a_decision() -> None:
    easy, hard = row(200), msgspec.structs.replace(row(1, 1), test="u")
    held = criterion("minimumSuccessRate", 201, 202)
    contradicted = ["p/minimumSuccessRate passes, which its own numbers contradict."]
    assert list(inconsistencies(decision(criteria=(held,), tests=(easy, hard)))) == contradicted
    even = msgspec.structs.replace(row(199, 1), test="u")
    held = criterion("minimumSuccessRate", 399, 400)
    assert list(inconsistencies(decision(criteria=(held,), tests=(easy, even)))) == []


def test_a_stage_never_passes_below_the_threshold() -> None:
    held = criterion("minimumSuccessRate", 10, rule=CriterionRule.STAGES)
    assert list(inconsistencies(decision(criteria=(held,), tests=(row(10, 10),))))


def test_one_failure_in_one_run_is_no_proof_against_the_floor() -> None:
    floor = criterion("perTestMinimum", 1, 1, 0.5, confidence=0.95)
    assert list(inconsistencies(decision(criteria=(floor,), tests=(row(0, 1),)))) == []
    assert list(inconsistencies(decision(criteria=(floor,), tests=(row(0, 2),))))
    assert list(inconsistencies(decision(criteria=(floor,), tests=(row(0, 0),))))


counts = st.integers(-2, 30) | st.sampled_from([-(10**400), 10**400, 2**63])
fractions = st.none() | st.floats(allow_nan=False) | st.sampled_from([0.0, 1.0, -1.0, 1e308, 0.95])
rows = st.builds(row, counts, counts, counts, expected=st.none() | counts)
criteria = st.builds(
    criterion,
    st.sampled_from(
        ["minimumSuccessRate", "perTestMinimum", "maxErrorRate", "maxLatencyP95", "noRegressionAgainst", "other"]
    ),
    counts,
    counts,
    st.floats(allow_nan=False),
    confidence=fractions,
    rule=st.sampled_from(CriterionRule),
)
packs = st.builds(
    lambda runs, confidence: replace(ASKED, runs=runs, criteria=replace(ASKED.criteria, confidence=confidence)),
    st.sampled_from(["auto", 1, 20, (Stage(n=10, max_failures=0), Stage(n=20, max_failures=1))]),
    st.sampled_from([None, 0.95]),
)


@given(st.lists(criteria, max_size=3), st.lists(rows, max_size=3), packs)
def test_numbers_of_a_stranger_never_raise(judged: list[Criterion], seen: list[TestRow], pack: Pack) -> None:
    made = decision(criteria=tuple(judged), tests=tuple(seen))
    list(evidence_refusals(made, replace(WANTED, packs=(pack,))))


STRICT: dict[str, Any] = {
    "zero_critical_policy_violations": True,
    "max_error_rate": 0.1,
    "max_latency_p95": 900.0,
    "no_regression_against": "baseline",
}
WAIVED = Waiver(test="u", reason="", owner="@ada", expires=NOW.date())


@pytest.mark.parametrize(
    ("pack", "deviation"),
    [
        (ASKED, ""),
        (replace(ASKED, criteria=Criteria(minimum_success_rate=0.95)), "minimumSuccessRate with a different"),
        (
            replace(ASKED, criteria=Criteria(minimum_success_rate=0.9, confidence=0.9)),
            "minimumSuccessRate with a different",
        ),
        (
            replace(ASKED, criteria=Criteria(minimum_success_rate=0.9, per_test_minimum=0.7)),
            "perTestMinimum with a different",
        ),
        *(
            (replace(ASKED, criteria=Criteria(minimum_success_rate=0.9, **{name: value})), "it does not judge")
            for name, value in STRICT.items()
        ),
        (replace(ASKED, tests=(PackTest(name="t"), PackTest(name="u"))), "its tests differ"),
        (replace(ASKED, tests=(PackTest(name="u"),)), "its tests differ"),
        (replace(ASKED, suite="q"), "its tests differ"),
        (replace(ASKED, runs=20), ""),
        (replace(ASKED, runs=21), "it expects 20 of the 21 runs that pack p has for t"),
        (replace(ASKED, tests=(PackTest(name="t", runs=21),)), "it expects 20 of the 21 runs that pack p has for t"),
        (replace(ASKED, runs="auto"), ""),
        (replace(ASKED, runs="auto", suite="q"), "its tests differ"),
        (replace(ASKED, runs=(Stage(n=20, max_failures=0),)), "minimumSuccessRate with a different"),
        (replace(ASKED, digest="9" * 64, tests=()), ""),
    ],
)
def test_a_decision_judges_what_its_pack_requires(pack: Pack, deviation: str) -> None:
    assert deviation in " ".join(deviations(GOOD, [pack]))
    assert bool(deviation) == bool(list(deviations(GOOD, [pack])))


TWO_LOOKS = replace(ASKED, runs=(Stage(n=20, max_failures=0), Stage(n=40, max_failures=2)))


@pytest.mark.parametrize(
    ("seen", "deviates"),
    [
        (row(20), False),
        (row(19, 1), True),
        (row(19), True),
        (row(39, 1), False),
        (row(38, 2), False),
        (row(37, 3), True),
        (row(20, missing=20), True),
    ],
)
def test_declared_stages_are_recomputed_from_the_pack(seen: TestRow, *, deviates: bool) -> None:
    total = seen.passed + seen.failed
    rate = criterion("minimumSuccessRate", seen.passed, total, rule=CriterionRule.STAGES, method="as observed")
    made = decision(criteria=(rate, *GOOD.criteria[1:]), tests=(seen,))
    found = " ".join(deviations(made, [TWO_LOOKS]))
    assert ("by the runs and criteria of pack p, minimumSuccessRate" in found) is deviates
    assert deviates or not found


def test_stages_too_lenient_for_the_packs_confidence_never_pass() -> None:
    pack = replace(TWO_LOOKS, criteria=replace(TWO_LOOKS.criteria, confidence=0.95))
    rate = criterion("minimumSuccessRate", rule=CriterionRule.STAGES, confidence=0.95)
    assert "minimumSuccessRate is inconclusive, not pass" in " ".join(deviations(decision(criteria=(rate,)), [pack]))


def test_auto_runs_a_test_once_at_least() -> None:
    made = decision(criteria=(criterion("minimumSuccessRate", 1, 1), GOOD.criteria[1]), tests=(row(1),))
    assert list(deviations(made, [replace(ASKED, runs="auto")])) == []
    none = decision(tests=(row(0),))
    assert "it expects 0 of the 1 runs that pack p has for t." in list(
        deviations(none, [replace(ASKED, runs="auto")])
    )


def test_what_another_pack_judged_does_not_count() -> None:
    elsewhere = tuple(msgspec.structs.replace(each, suite="q") for each in GOOD.criteria)
    assert list(deviations(decision(criteria=elsewhere), [ASKED])) == [
        f"it does not judge {name}, which pack p requires." for name in ("minimumSuccessRate", "perTestMinimum")
    ]


@pytest.mark.parametrize("method", ["as observed", "declared stages, look 1 of 1", ""])
@pytest.mark.parametrize("rule", CriterionRule)
def test_prose_never_spares_a_decision_the_recomputation(method: str, rule: CriterionRule) -> None:
    rate = criterion("minimumSuccessRate", 10, rule=rule, method=method)
    found = broken(decision(criteria=(rate, *GOOD.criteria[1:]), tests=(row(10, 10),)))
    assert set(found) == {"evidence/edited"}


def test_a_rule_that_does_not_fit_its_pack_is_refused() -> None:
    rules = {"minimumSuccessRate": CriterionRule.CONFIDENCE, "perTestMinimum": CriterionRule.STAGES}
    for name, rule in rules.items():
        judged = tuple(
            msgspec.structs.replace(each, rule=rule) if each.name == name else each for each in GOOD.criteria
        )
        assert f"it judges {name} with a different" in " ".join(deviations(decision(criteria=judged), [ASKED]))


@pytest.mark.parametrize(
    ("waivers", "deviates"), [((WAIVED,), False), ((), True), ((replace(WAIVED, expires=date(2026, 2, 28)),), True)]
)
def test_only_the_pack_waives_a_test(waivers: tuple[Waiver, ...], deviates: bool) -> None:
    made = decision(tests=(row(), msgspec.structs.replace(row(0, 20), test="u", waived=True)))
    pack = replace(ASKED, tests=(PackTest(name="t"), PackTest(name="u")), waivers=waivers)
    assert bool(list(deviations(made, [pack]))) is deviates


NOW_SHIPPED, BEFORE, OTHER = "c" * 64, "b" * 64, "9" * 40
REQUEST = HoldRequest(
    manifest=Manifest(release="wave-3", path=MANIFEST, environments=(environment("uat"), environment("production"))),
    environment=environment("production"),
    content=NOW_SHIPPED,
    contents={"uat": BEFORE, "production": NOW_SHIPPED},
    commit=COMMIT,
    agents=("Support",),
    actor="bob",
    now=NOW,
)


def deployment(
    environment: str,
    *states: State,
    manifest: str | None = MANIFEST,
    content: str = "",
    commit: str = COMMIT,
    at: datetime = NOW,
    adoption: Adoption | None = None,
    **more: Any,
) -> Deployment:
    org = "00D000000000002AAA"
    release = (
        Release(name="wave-3", manifest=manifest, org=org, content=content, adoption=adoption) if manifest else None
    )
    return Deployment(
        id=f"{environment} {commit} {content} {states} {at}",
        environment=environment,
        commit=commit,
        created_at=at,
        statuses=tuple(
            Status(state=state, created_at=NOW + timedelta(seconds=second)) for second, state in enumerate(states)
        ),
        release=release,
        **more,
    )


GONE, LIVE, TRIED = (State.SUCCESS, State.FAILURE), (State.SUCCESS,), (State.IN_PROGRESS, State.FAILURE)


def found_in(
    deployments: Sequence[Deployment],
    *,
    made: Decision | None = None,
    first: bool = False,
    now: HoldRequest = REQUEST,
    asked: bool = False,
    acts: Mapping[str, Sequence[Act]] = {},
) -> Admission:
    """What the ledger says to a promotion to production, or with first to uat, of a manifest with both."""
    ledgers = {
        name: EnvironmentLedger(
            environment=name, manifest=MANIFEST, holds=holds_of(acts.get(name, ()), manifest=MANIFEST)
        ).including(deployments)
        for name in ("uat", "production")
    }
    own, before = (ledgers["uat"], None) if first else (ledgers["production"], ledgers["uat"])
    others = {name: each.holds for name, each in ledgers.items() if name != own.environment}
    return admission_of(PromotionLedger(own=own, before=before, others=others), now, asked=asked, decision=made)


@pytest.mark.parametrize(
    ("deployments", "rules"),
    [
        ([deployment("uat", *LIVE)], []),
        ([deployment("uat", *LIVE, State.INACTIVE)], []),
        ([deployment("uat", *LIVE), deployment("production", *TRIED)], []),
        ([], ["promotion/order"]),
        ([deployment("uat")], ["promotion/order"]),
        ([deployment("uat", *TRIED)], ["promotion/order"]),
        ([deployment("uat", State.WAITING)], ["promotion/order"]),
        ([deployment("production", *LIVE)], ["promotion/order"]),
        ([deployment("uat", *LIVE, manifest="agentforce/other.yml")], ["promotion/order"]),
        ([deployment("uat", *LIVE, manifest=None)], ["promotion/order"]),
        ([deployment("uat", *GONE)], ["promotion/rolled-back"]),
        # an older ledger: nobody withdrew it, whatever another run did since
        ([deployment("uat", *LIVE), deployment("uat", *GONE)], ["promotion/rolled-back"]),
        ([deployment("uat", *LIVE), deployment("production", *GONE)], ["promotion/rolled-back"]),
        ([deployment("uat", *LIVE), deployment("production", *GONE, manifest=None)], ["promotion/rolled-back"]),
        ([deployment("uat", *LIVE), deployment("production", *GONE, manifest="agentforce/other.yml")], []),
        (
            [deployment("uat", *LIVE), deployment("production", *TRIED), deployment("production", *GONE)],
            ["promotion/rolled-back"],
        ),
        ([deployment("uat", *LIVE, live={"Support": 3})], []),
        ([deployment("uat", *LIVE, live={"Support": 2})], ["evidence/other-agent-version"]),
        ([deployment("uat", *LIVE, live={"Support": None})], ["evidence/other-agent-version"]),
        ([deployment("uat", *LIVE, live={"Another": 1})], []),
        # by content, whatever the commit
        ([deployment("uat", *LIVE, commit=OTHER, content=BEFORE)], []),
        ([deployment("uat", *LIVE, commit=OTHER, content=NOW_SHIPPED)], ["promotion/order"]),
        ([deployment("uat", *LIVE, commit=OTHER)], ["promotion/order"]),
        # an older version recorded another digest of the same commit
        ([deployment("uat", *LIVE, content=NOW_SHIPPED)], []),
        ([deployment("uat", *GONE, commit=OTHER, content=BEFORE)], ["promotion/rolled-back"]),
        (
            [deployment("uat", *LIVE), deployment("production", *GONE, commit=OTHER, content=NOW_SHIPPED)],
            ["promotion/rolled-back"],
        ),
        ([deployment("uat", *LIVE), deployment("production", *GONE, commit=OTHER, content=BEFORE)], []),
    ],
)
def test_order(deployments: Sequence[Deployment], rules: list[str]) -> None:
    assert [each.rule for each in found_in(deployments, made=decision()).refusals] == rules


def test_what_was_only_the_nearest_release_when_an_org_was_adopted_was_never_live_there() -> None:
    nearest = deployment("uat", *LIVE, adoption=Adoption(reason="x", differences=("Flow:A",)))
    (refusal,) = found_in([nearest], made=decision()).refusals
    assert refusal.rule == "promotion/order"
    assert "It is only the nearest release to what the org there had when it was adopted." in refusal.message
    assert found_in([deployment("uat", *LIVE, adoption=Adoption(reason="x"))], made=decision()).refusals == ()


def test_the_agents_that_differ_are_named_in_order() -> None:
    names = [f"Agent_{number}" for number in range(9)]
    pinned, live = dict.fromkeys(reversed(names), 3), dict.fromkeys(names, 2)
    found = found_in([deployment("uat", *LIVE, live=live)], made=decision(agents=pinned)).refusals
    assert [name for each in found for name in names if f"agent {name} " in each.message] == names


def test_the_first_environment_needs_no_earlier_one() -> None:
    assert found_in([], first=True).refusals == ()


@pytest.mark.parametrize(
    ("orgs", "rules"),
    [((), []), (("00D000000000002AAA",), []), (("00D000000000002",), []), (("00D9",), ["evidence/other-org"])],
)
def test_evidence_comes_from_the_org_that_the_environment_before_has(orgs: tuple[str, ...], rules: list[str]) -> None:
    found = found_in([deployment("uat", *LIVE)], made=decision(orgs=orgs)).refusals
    assert [each.rule for each in found] == rules


ROLLED_BACK = Act(
    kind=ActKind.ROLLBACK,
    time=NOW,
    actor="ada",
    reason="wrong refunds",
    manifest=MANIFEST,
    release=ReleaseId(name="wave-3", commit=OTHER, content="f" * 64),
    target=ReleaseId(name="wave-2", commit=OTHER, content=NOW_SHIPPED),
)


def test_the_fast_lane_keeps_the_order_by_having_been_live_here() -> None:
    earlier = deployment("production", *LIVE, commit=OTHER, content=NOW_SHIPPED)
    found = found_in([earlier], acts={"production": [ROLLED_BACK]})
    assert (found.refusals, found.lane) == ((), earlier)
    assert "It is recorded without a gate decision" in found.lane_words
    assert earlier.release
    decided = replace(earlier, release=replace(earlier.release, evidence="e" * 64))
    assert "Its evidence counts" in replace(found, lane=decided).lane_words
    assert [each.rule for each in found_in([earlier]).refusals] == ["promotion/order"]


def test_the_fast_lane_admits_what_was_rolled_back_in_the_environment_before_only_as_the_rollbacks_target() -> None:
    deployments = [
        deployment("production", *LIVE, commit=OTHER, content=NOW_SHIPPED),
        deployment("uat", *GONE, commit=OTHER, content=BEFORE),
    ]
    assert found_in(deployments, acts={"production": [ROLLED_BACK]}).refusals == ()
    asked = found_in(deployments, asked=True)
    assert asked.lane
    assert [each.rule for each in asked.refusals] == ["promotion/rolled-back"]
    assert "in uat, which comes before production" in asked.refusals[0].message


def test_a_rollback_passes_the_locks_on_its_way_and_none_beyond() -> None:
    lock = replace(ROLLED_BACK, kind=ActKind.LOCK, id="L", release=None, target=None)
    to_uat = replace(REQUEST, environment=environment("uat"), content=BEFORE)
    of_uat = replace(ROLLED_BACK, target=ReleaseId(name="wave-2", commit=OTHER, content=BEFORE))
    deployments = [deployment("uat", *LIVE), deployment("production", *LIVE, commit=OTHER, content=NOW_SHIPPED)]

    on_its_way = found_in(deployments, first=True, now=to_uat, acts={"production": [ROLLED_BACK], "uat": [lock]})
    assert (on_its_way.refusals, on_its_way.lock) == ((), lock)
    arrived = found_in(deployments, acts={"production": [lock, ROLLED_BACK]})
    assert (arrived.refusals, arrived.lock) == ((), lock)
    beyond = found_in(deployments, acts={"uat": [of_uat], "production": [lock]})
    # it is good, and has the fast lane, but nobody rolled back production, which somebody locked
    assert beyond.lane
    assert ([each.rule for each in beyond.refusals], beyond.lock) == (["promotion/locked"], None)


STEPS = Canary(
    steps=(CanaryStep(cohorts=("a",)), CanaryStep(cohorts=("b",), pause="approval"), CanaryStep(cohorts=None))
)


def canary(*users: str, steps: Canary | None = STEPS) -> Environment:
    return environment("production", rollout="canary", pilot_users=users, canary=steps)


@pytest.mark.parametrize(
    ("environment", "pilot"),
    [
        (environment("production"), None),
        (canary("a", steps=None), Pilot(cohorts=("a",))),
        (canary(), Pilot(cohorts=("a",), step=1, steps=3)),
        (canary("a"), Pilot(cohorts=("a",), step=1, steps=3)),
        (canary("b"), Pilot(cohorts=("b",), step=0, steps=3)),
        (canary("b", "a", "c"), Pilot(cohorts=("b", "a", "c"), step=2, steps=3)),
    ],
)
def test_the_canary_step_follows_from_the_pilot_cohorts(environment: Environment, pilot: Pilot | None) -> None:
    assert pilot_of(environment) == pilot
