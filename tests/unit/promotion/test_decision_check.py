"""A decision whose verdict does not follow from its own numbers: each number, at its edge."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from tests.unit.promotion.test_admission import ASKED, CONFIDENT, GOOD, compared, criterion, decision, row

from wavegate.gate.decision import ComparisonRow, Criterion, CriterionRule, TestRow
from wavegate.promotion.decision.consistency import MAX_COUNT, inconsistencies
from wavegate.promotion.decision.pack_check import deviations
from wavegate.statistics.comparison import loss_bound
from wavegate.statistics.rates import lower_bound

IMPOSSIBLE = ["it has impossible counts or confidences."]
OVERALL, FLOOR = "minimumSuccessRate", "perTestMinimum"


def contradicted(*criteria: Criterion, rows: tuple[TestRow, ...] = (row(),), **more: Any) -> list[str]:
    """The criteria that the decision's numbers contradict, and whatever else is wrong."""
    found = list(inconsistencies(decision(criteria=criteria, tests=rows, **more)))
    return [each.removesuffix(" passes, which its own numbers contradict.") for each in found]


def test_counts_up_to_a_trillion_are_possible() -> None:
    assert MAX_COUNT == 10**12
    most = criterion("maxErrorRate", MAX_COUNT, MAX_COUNT, 0.1)
    assert contradicted(most) == []
    assert contradicted(msgspec.structs.replace(most, total=MAX_COUNT + 1)) == IMPOSSIBLE


@pytest.mark.parametrize("name", ["expected", "passed", "failed", "errors", "missing"])
@pytest.mark.parametrize("count", [-1, MAX_COUNT + 1])
def test_no_count_of_a_row_is_negative_or_absurd(name: str, count: int) -> None:
    assert contradicted(*GOOD.criteria, rows=(row(), msgspec.structs.replace(row(), **{name: count}))) == IMPOSSIBLE


@pytest.mark.parametrize(
    "changes",
    [
        {"passed": -1},
        {"passed": 21},
        {"confidence": 0.0},
        {"confidence": 1.0},
        {"confidence": 1.5},
        {"threshold": float("inf")},
    ],
)
def test_no_number_of_a_criterion_is_impossible(changes: dict[str, Any]) -> None:
    assert contradicted(msgspec.structs.replace(criterion(OVERALL), **changes), GOOD.criteria[1]) == IMPOSSIBLE


@pytest.mark.parametrize(
    "changes", [{"worse": -1}, {"worse": 41}, {"pairs": MAX_COUNT + 1}, {"better": -1}, {"better": 40}]
)
def test_no_number_of_a_comparison_is_impossible(changes: dict[str, Any]) -> None:
    one = compared(40, worse=1)
    bad = msgspec.structs.replace(one, **changes)
    assert contradicted(*GOOD.criteria, comparisons=(one, bad)) == IMPOSSIBLE
    assert contradicted(*GOOD.criteria, comparisons=(one, compared(40, worse=1, better=39))) == []


def test_counts_that_do_not_add_up_are_named() -> None:
    assert contradicted(criterion("maxErrorRate", 20, 20, 0.1), rows=(row(expected=30),)) == [
        "the counts of p/t do not add up."
    ]


def test_the_attempt_follows_from_the_earlier_decisions() -> None:
    assert list(inconsistencies(decision(attempt=2))) == [
        "its earlier decisions imply attempt 1, but it is attempt 2."
    ]
    run = "https://github.com/acme/agents/actions/runs/7/attempts/3"
    assert list(inconsistencies(decision(run=run))) == ["its earlier decisions imply attempt 3, but it is attempt 1."]


@pytest.mark.parametrize(("confidence", "holds"), [(None, True), (0.95, True), (0.6, False)])
def test_a_floor_with_few_runs_is_judged_at_its_confidence(confidence: float | None, *, holds: bool) -> None:
    floor = criterion(FLOOR, 1, 1, 0.75, confidence=confidence)
    assert (contradicted(floor, rows=(row(0, 2),)) == []) is holds


def test_every_test_of_the_pack_reaches_the_floor_and_no_other_counts() -> None:
    floor = criterion(FLOOR, 1, 1, 0.5)
    low = row(5, 15)
    assert contradicted(floor, rows=(row(), low)) == ["p/perTestMinimum"]
    assert contradicted(floor, rows=(row(), msgspec.structs.replace(low, waived=True))) == []
    assert contradicted(floor, rows=(row(), msgspec.structs.replace(low, suite="q"))) == []


@pytest.mark.parametrize("name", ["maxErrorRate", "maxLatencyP95"])
def test_one_observation_is_enough_for_a_rate(name: str) -> None:
    assert contradicted(criterion(name, 1, 1)) == []
    assert contradicted(criterion(name, 0, 0)) == [f"p/{name}"]


def test_the_rate_counts_what_the_rows_count() -> None:
    assert contradicted(criterion(OVERALL, 20, 20), rows=(row(20, 1),)) == ["p/minimumSuccessRate"]
    assert contradicted(criterion(OVERALL, 20, 21, 0.9), rows=(row(20, 1),)) == []
    assert contradicted(criterion(OVERALL, 19, 21, 0.9), rows=(row(20, 1),)) == ["p/minimumSuccessRate"]
    assert contradicted(criterion(OVERALL), rows=(row(), row(0))) == []


@pytest.mark.parametrize("rule", [CriterionRule.STAGES, CriterionRule.AS_OBSERVED])
def test_a_good_mean_does_not_hide_a_bad_rate(rule: CriterionRule) -> None:
    rows = (row(60, 20), row(2))
    assert contradicted(criterion(OVERALL, 62, 82, 0.8, rule=rule), rows=rows) == ["p/minimumSuccessRate"]


@pytest.mark.parametrize("rule", [CriterionRule.STAGES, CriterionRule.AS_OBSERVED])
def test_a_rate_at_the_threshold_holds(rule: CriterionRule) -> None:
    assert contradicted(criterion(OVERALL, 18, 20, 0.9, rule=rule), rows=(row(18, 2),)) == []


def test_a_bound_may_differ_from_its_threshold_by_rounding_only() -> None:
    lower = lower_bound(20, 20, confidence=0.95)
    for by, found in ((5e-10, []), (5e-9, ["p/minimumSuccessRate"])):
        assert contradicted(criterion(OVERALL, 20, 20, lower + by, **CONFIDENT)) == found
    loss = loss_bound(1, 0, 40, confidence=0.95)
    for by, found in ((5e-10, []), (5e-9, ["p/noRegressionAgainst"])):
        held = criterion("noRegressionAgainst", 39, 40, loss - by, **CONFIDENT)
        assert contradicted(held, comparisons=(compared(40, worse=1),)) == found


def test_a_comparison_is_of_its_own_pack_and_has_a_confidence() -> None:
    held = criterion("noRegressionAgainst", 40, 40, 0.1, **CONFIDENT)
    other: ComparisonRow = msgspec.structs.replace(compared(40, worse=40), suite="q")
    assert contradicted(held, comparisons=(compared(40), other)) == []
    empty: ComparisonRow = compared(0)
    assert contradicted(held, comparisons=(compared(40), empty)) == []
    sure = msgspec.structs.replace(held, confidence=None)
    assert contradicted(sure, comparisons=(compared(40),)) == ["p/noRegressionAgainst"]
    nothing = criterion("noRegressionAgainst", 0, 0, 2.0, **CONFIDENT)
    assert contradicted(nothing) == ["p/noRegressionAgainst"]


def test_a_pack_is_judged_at_the_confidence_of_the_attempt() -> None:
    pack = replace(ASKED, criteria=replace(ASKED.criteria, confidence=0.8))
    for attempt, confidence in ((1, 0.8), (2, 0.966666666667)):
        rate = criterion(OVERALL, rule=CriterionRule.CONFIDENCE, confidence=confidence)
        found = list(deviations(decision(criteria=(rate, GOOD.criteria[1]), attempt=attempt), [pack]))
        assert not [each for each in found if "different threshold, confidence" in each]


@pytest.mark.parametrize(("confidence", "deviates"), [(0.8, False), (0.95, True)])
def test_a_floor_and_a_comparison_are_judged_at_the_packs_confidence(confidence: float, *, deviates: bool) -> None:
    criteria = replace(ASKED.criteria, confidence=0.8, no_regression_against="baseline")
    judged = (
        criterion(OVERALL, rule=CriterionRule.CONFIDENCE, confidence=0.8),
        criterion(FLOOR, 1, 1, 0.5, confidence=confidence),
        criterion("noRegressionAgainst", 40, 40, 0.1, rule=CriterionRule.CONFIDENCE, confidence=confidence),
    )
    found = list(deviations(decision(criteria=judged), [replace(ASKED, criteria=criteria)]))
    for name in (FLOOR, "noRegressionAgainst"):
        said = f"it judges {name} with a different threshold, confidence or rule than pack p requires."
        assert (said in found) is deviates


@pytest.mark.parametrize(
    ("counts", "cases", "source", "said"),
    [
        (row(30), 2, "defs.xml", []),
        (row(29), 2, "defs.xml", ["it expects 29 of the 15 runs of 2 cases that pack p has for t."]),
        (row(14), 1, "defs.xml", ["it expects 14 of the 15 runs that pack p has for t."]),
        # cases that nothing declares may be any number
        (row(15), 2, "", []),
    ],
)
def test_a_test_expects_every_run_of_its_declared_cases(
    counts: TestRow, cases: int, source: str, said: list[str]
) -> None:
    one: TestRow = msgspec.structs.replace(counts, cases=cases, cases_from=source)
    assert list(deviations(decision(tests=(one,)), [replace(ASKED, runs=15)])) == said


def test_every_observation_of_the_pack_proves_its_version() -> None:
    mixed: TestRow = msgspec.structs.replace(row(1, 1, expected=4), errors=2)
    other: TestRow = msgspec.structs.replace(row(9), suite="q")
    name = "requireVersion"
    assert contradicted(criterion(name, 4, 4, 1.0), rows=(mixed, other)) == []
    assert contradicted(criterion(name, 13, 13, 1.0), rows=(mixed, other)) == ["p/requireVersion"]
    assert contradicted(criterion(name, 1, 1, 1.0), rows=(row(1),)) == []


def test_violations_are_bounded_at_the_packs_confidence() -> None:
    pack = replace(ASKED, criteria=replace(ASKED.criteria, zero_critical_policy_violations=True))
    for confidence, deviates in ((0.95, False), (None, True), (0.5, True)):
        held = criterion("zeroCriticalPolicyViolations", threshold=0.0, confidence=confidence)
        found = list(deviations(decision(criteria=(*GOOD.criteria, held)), [pack]))
        assert bool(found) is deviates


def test_only_the_packs_own_tests_have_its_margin_and_runs() -> None:
    other = msgspec.structs.replace(compared(29), suite="q", margin=0.9)
    assert list(deviations(decision(comparisons=(other,)), [ASKED])) == []
    stranger = msgspec.structs.replace(row(0), test="u")
    assert list(deviations(decision(tests=(row(), stranger)), [ASKED])) == ["its tests differ from those of pack p."]
