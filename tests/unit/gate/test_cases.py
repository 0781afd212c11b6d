"""A case that is lost, extra or renamed is never a pass, whoever declares the cases; and every number says so."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.questions import question_of

from wavegate.census.values import Census, ExpectedCases
from wavegate.evidence.observation import RUN_CASE, Observation, Outcome
from wavegate.evidence.resource import Resource
from wavegate.findings.finding import Location, error
from wavegate.gate.as_markdown import decision_markdown
from wavegate.gate.as_text import decision_text
from wavegate.gate.decision import Decision, Reason, Verdict, from_json, to_json
from wavegate.gate.judge import judge
from wavegate.gate.tally import empty_tally
from wavegate.promotion.decision.consistency import inconsistencies
from wavegate.promotion.decision.pack_check import deviations
from wavegate.release.pack import Criteria, Pack, PackTest, TestKind, ViolationSeverity, Waiver
from wavegate.statistics.power import declared_runs, power_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LAX = Criteria(minimum_success_rate=0.01, per_test_minimum=0)
PACK = Pack(suite="s", tests=(PackTest(name="a"),), criteria=LAX, runs=2, path="agentforce/packs/s.json")
TWO = replace(PACK, tests=(PackTest(name="a"), PackTest(name="b")))
SOURCE = "force-app/a.aiEvaluationDefinition-meta.xml"


def numbered(count: int) -> ExpectedCases:
    return ExpectedCases(count=count, names=tuple(map(str, range(1, count + 1))), source=SOURCE)


def counted(count: int) -> ExpectedCases:
    return ExpectedCases(count=count, source="agentforce/packs/s.json")


def census(**cases: ExpectedCases) -> Census:
    return Census(tests={("s", test): expected for test, expected in cases.items()})


def observed(*cases: str, test: str = "a", runs: Iterable[int] = (1, 2), outcome: str = "pass") -> list[Observation]:
    return [
        Observation(suite="s", test=test, case=case, run=run, outcome=Outcome(outcome))
        for case in cases
        for run in runs
    ]


def decide(pack: Pack, known: Census | None, evidence: Iterable[Observation]) -> Decision:
    question = question_of((pack,), NOW, release="r", census=known)
    tally = empty_tally((pack,), subjects={pack.suite: question.subject(pack)}, now=NOW)
    tally.add_all(evidence)
    return judge(question, tally)


def reason(decision: Decision, code: str) -> Reason:
    return next(each for each in decision.reasons if each.code == code)


def codes(decision: Decision) -> set[str]:
    return {each.code for each in decision.reasons if each.weight}


def test_a_definition_of_three_cases_whose_result_holds_one_does_not_pass() -> None:
    one = observed("1", runs=(1,))
    once = replace(PACK, runs=1, criteria=Criteria(minimum_success_rate=0.95))
    assert decide(once, None, one).verdict is Verdict.PASS
    decision = decide(once, census(a=numbered(3)), one)
    assert decision.verdict is Verdict.INCONCLUSIVE
    assert reason(decision, "missing-runs").text == "Missing: 2 of 3 observations of s/a (case 2, 3)."
    row = decision.tests[0]
    assert (row.cases, row.cases_from, row.expected, row.missing) == (3, SOURCE, 3, 2)
    assert f"(3 cases by {SOURCE})" in decision_text(decision)
    assert "| 3 |" in decision_markdown(decision)
    assert "cases as declared in" in decision_markdown(decision)


@pytest.mark.parametrize("expected", [numbered(2), counted(2)])
def test_all_declared_cases_in_every_run_pass(expected: ExpectedCases) -> None:
    decision = decide(PACK, census(a=expected), observed("1", "2"))
    assert decision.verdict is Verdict.PASS
    assert decision.reasons == ()


LOST = "missing-runs"
EXTRA = "undeclared-cases"


@pytest.mark.parametrize(
    ("expected", "evidence", "texts"),
    [
        (numbered(3), observed("1", "3"), {LOST: "2 of 6 observations of s/a (case 2)."}),
        (counted(3), observed("x", "y"), {LOST: "2 of 6 observations of s/a (1 of 3 cases)."}),
        (
            numbered(3),
            [*observed("1"), *observed("3", runs=(2,))],
            {LOST: "3 of 6 observations of s/a (case 2; run 1 of other cases)."},
        ),
        (numbered(3), observed("1", "2", "3", runs=(1,)), {LOST: "3 of 6 observations of s/a (run 2)."}),
        (numbered(14), observed("1"), {LOST: "s/a (case 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 3 more)."}),
        (numbered(2), observed("1", "2", "3"), {EXTRA: f"s/a has 1 case that {SOURCE} does not declare: 3."}),
        (counted(2), observed("1", "2", "3"), {EXTRA: "s/a has 3 cases, but agentforce/packs/s.json declares 2."}),
        (
            numbered(2),
            observed("1", "two"),
            {LOST: "2 of 4 observations of s/a (case 2).", EXTRA: f"1 case that {SOURCE} does not declare: two."},
        ),
        # an extra case that did not run every time misses nothing: nobody expects it
        (numbered(1), [*observed("1"), *observed("2", runs=(2,))], {EXTRA: "does not declare: 2."}),
    ],
)  # fmt: skip
def test_a_lost_extra_or_renamed_case_is_named_and_no_pass(
    expected: ExpectedCases, evidence: list[Observation], texts: dict[str, str]
) -> None:
    decision = decide(PACK, census(a=expected), evidence)
    assert decision.verdict is Verdict.INCONCLUSIVE
    assert codes(decision) == texts.keys()
    for code, text in texts.items():
        assert text in reason(decision, code).text
        assert reason(decision, code).fix


@pytest.mark.parametrize(
    ("runs", "named"),
    [
        (20, "16, 18, 20)"),
        (22, "16, 18, 20 and 1 more range)"),
        (24, "16, 18, 20 and 2 more ranges)"),
    ],
)
def test_ten_ranges_of_missing_runs_are_named(runs: int, named: str) -> None:
    odd = observed("1", runs=range(1, runs, 2))
    text = reason(decide(replace(PACK, runs=runs), None, odd), LOST).text
    assert "(run 2, 4, 6, " in text
    assert text.removesuffix(".").endswith(named)


@pytest.mark.parametrize("known", [census(b=numbered(2)), census(b=counted(2))])
def test_a_test_without_observations_misses_all_its_cases(known: Census) -> None:
    decision = decide(TWO, known, observed("1"))
    assert reason(decision, LOST).text == "Missing: 4 of 4 observations of s/b (run 1-2)."
    row = next(row for row in decision.tests if row.test == "b")
    assert (row.expected, row.missing, row.cases) == (4, 4, 2)


def test_an_undeclared_case_counts_for_nothing_but_its_failures_are_said() -> None:
    strict = replace(PACK, criteria=Criteria(minimum_success_rate=0.9))
    decision = decide(strict, census(a=numbered(1)), [*observed("1"), *observed("9", outcome="fail")])
    assert codes(decision) == {EXTRA}
    assert reason(decision, EXTRA).text.endswith("does not declare: 9. 2 observations of them failed.")
    row = decision.tests[0]
    assert (row.passed, row.failed, row.missing, row.expected) == (2, 0, 0, 2)
    safety = PackTest(name="a", kind=TestKind.ACTION_SAFETY, severity=ViolationSeverity.CRITICAL)
    forbids = replace(PACK, tests=(safety,), criteria=replace(LAX, zero_critical_policy_violations=True))
    evidence = [*observed("1"), *observed("9", outcome="fail")]
    assert decide(forbids, census(a=numbered(1)), evidence).verdict is Verdict.FAIL


@pytest.mark.parametrize("expected", [numbered(2), counted(2)])
def test_an_error_of_a_whole_run_is_no_case(expected: ExpectedCases) -> None:
    evidence = [*observed("1", "2"), *observed(RUN_CASE, runs=(2,), outcome="error")]
    assert EXTRA not in codes(decide(PACK, census(a=expected), evidence))
    assert LOST not in codes(decide(PACK, census(a=expected), evidence))
    # a case of that name that passes is one
    assert EXTRA in codes(decide(PACK, census(a=expected), [*evidence, *observed(RUN_CASE, runs=(1,))]))
    assert decide(PACK, None, evidence).tests[0].missing == 0


def test_what_nobody_declares_is_a_note_that_names_the_tests() -> None:
    decision = decide(TWO, census(a=numbered(1)), [*observed("1"), *observed("1", "2", test="b")])
    assert decision.verdict is Verdict.PASS
    assert [each.code for each in decision.reasons] == ["unknown-cases"]
    assert decision.reasons[0].text.startswith("Nothing declares the cases of `b` in s: ")
    assert [(row.cases, row.cases_from) for row in decision.tests] == [(1, SOURCE), (2, "")]
    assert "| 2 seen |" in decision_markdown(decision)


def test_a_definition_that_cannot_be_read_is_a_reason() -> None:
    problem = error("census/conflict", Location("x.xml", 7, 1), "Declared twice.", "Keep one.")
    decision = decide(PACK, Census(problems=(problem,)), observed("1"))
    assert decision.verdict is Verdict.INCONCLUSIVE
    found = reason(decision, "conflict")
    assert (found.text, found.fix) == ("x.xml, line 7: Declared twice.", "Keep one.")
    assert "unknown-cases" not in {each.code for each in decision.reasons}


def test_the_decision_keeps_the_census_and_agrees_with_itself() -> None:
    known = census(a=numbered(2))
    decision = from_json(to_json(decide(PACK, known, observed("1", "2"))), path="x")
    assert decision.census == known.digest
    assert decision.tests[0].cases_from == SOURCE
    assert list(inconsistencies(decision)) == []
    judged = replace(PACK, digest="p" * 64)
    named = msgspec.structs.replace(decision, packs=(Resource(name="p", digest={"sha256": judged.digest}),))
    assert list(deviations(named, (judged,))) == []
    row = msgspec.structs.replace(decision.tests[0], cases=3)
    (said,) = deviations(msgspec.structs.replace(named, tests=(row,)), (judged,))
    assert said == "it expects 4 of the 2 runs of 3 cases that pack s has for a."


def test_hostile_names_of_cases_stay_text() -> None:
    expected = ExpectedCases(count=2, names=("1", "\u202e::error::<b>\n"), source="x\u202e.xml")
    decision = decide(PACK, census(a=expected), observed("1", "</table>::stop\n"))
    for shown in (decision_text(decision), decision_markdown(decision)):
        assert "\u202e" not in shown
        assert "<b>" not in shown.replace("::error::<b>", "") or "&lt;b&gt;" in shown
        assert not any(line.lstrip().startswith("::") for line in shown.splitlines())


SURE = Criteria(minimum_success_rate=0.9, confidence=0.95)
AUTO = Pack(suite="s", tests=(PackTest(name="a"),), criteria=SURE, runs="auto", path="agentforce/packs/s.json")


def test_a_definition_of_thirteen_cases_runs_five_times_and_not_sixty_one() -> None:
    assert declared_runs(AUTO) == (61,)
    assert declared_runs(AUTO, {"a": 13}) == (5,)
    power = power_of(AUTO, cases={"a": 13})
    assert (power.observations, power.conversations, power.failures) == (65, 65, 2)
    known = census(a=numbered(13))
    cases = [str(number) for number in range(1, 14)]
    decision = decide(AUTO, known, observed(*cases, runs=range(1, 6)))
    assert decision.verdict is Verdict.PASS
    assert decision.tests[0].expected == 65
    more = decide(AUTO, known, observed(*cases, runs=range(1, 62)))
    assert "undeclared-runs" in codes(more)
    # a pack whose cases nobody declares was planned as if it had one
    assert decide(AUTO, None, observed(*cases, runs=range(1, 62))).verdict is Verdict.PASS


def test_waived_tests_do_not_count_for_auto() -> None:
    waiver = Waiver(test="b", reason="known", owner="@acme/agents", expires=date(2026, 4, 1))
    both = replace(AUTO, tests=TWO.tests, waivers=(waiver,))
    cases = {"a": 13, "b": 100}
    assert declared_runs(both, cases) == (1,)
    assert declared_runs(both, cases, NOW.date()) == (5,)
    assert declared_runs(both, cases, date(2026, 4, 2)) == (1,)
    power = power_of(both, cases=cases, today=NOW.date())
    assert (power.runs, power.observations, power.conversations) == ({"a": 5, "b": 5}, 65, 565)
    known = census(a=numbered(13), b=counted(100))
    evidence = [
        *observed(*map(str, range(1, 14)), runs=range(1, 6)),
        *observed(*map(str, range(100)), test="b", runs=range(1, 6), outcome="fail"),
    ]
    assert decide(both, known, evidence).verdict is Verdict.PASS


def test_without_any_test_that_counts_a_run_is_enough() -> None:
    waiver = Waiver(test="a", reason="known", owner="@acme/agents", expires=date(2026, 4, 1))
    assert declared_runs(replace(AUTO, waivers=(waiver,)), {}, NOW.date()) == (1,)


PACKS: dict[str, tuple[Pack, dict[str, int]]] = {
    "one test": (replace(PACK, criteria=Criteria(minimum_success_rate=0.6)), {"a": 4}),
    "two tests": (replace(TWO, criteria=Criteria(minimum_success_rate=0.6)), {"a": 1, "b": 4}),
    "one unknown": (replace(TWO, criteria=Criteria(minimum_success_rate=0.6)), {"a": 4}),
    "high floor": (replace(TWO, criteria=Criteria(minimum_success_rate=0.5, per_test_minimum=0.8)), {"a": 2, "b": 3}),
    "auto": (
        replace(TWO, runs="auto", criteria=Criteria(minimum_success_rate=0.3, confidence=0.8)),
        {"a": 2, "b": 3},
    ),
    "waived": (
        replace(
            TWO,
            criteria=Criteria(minimum_success_rate=0.6),
            waivers=(Waiver(test="b", reason="known", owner="@acme/qa", expires=date(2026, 4, 1)),),
        ),
        {"a": 3, "b": 2},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PACKS)
def test_the_chance_to_pass_is_that_of_all_outcomes_that_the_gate_passes(name: str) -> None:
    pack, cases = PACKS[name]
    power = power_of(pack, true_rate=0.9, cases=cases, today=NOW.date())
    known = census(**{test: numbered(number) for test, number in cases.items()})
    cells = [
        (test.name, str(case), run)
        for test in pack.tests
        for case in range(1, cases.get(test.name, 1) + 1)
        for run in range(1, power.runs[test.name] + 1)
    ]
    assert len(cells) == power.conversations
    passing = []
    for flat in product((Outcome.PASS, Outcome.FAIL), repeat=len(cells)):
        evidence = [
            Observation(suite="s", test=test, case=case, run=run, outcome=outcome)
            for (test, case, run), outcome in zip(cells, flat, strict=True)
        ]
        if decide(pack, known, evidence).verdict is Verdict.PASS:
            passing.append(flat.count(Outcome.FAIL))
    for chance in power.chances:
        exact = sum((1 - chance.rate) ** bad * chance.rate ** (len(cells) - bad) for bad in passing)
        assert chance.passes == pytest.approx(exact, abs=1e-12)


NAMES = st.sampled_from(["1", "2", "3", "x", RUN_CASE])


@given(
    st.lists(st.tuples(NAMES, st.integers(1, 2), st.sampled_from(list(Outcome))), max_size=8),
    st.sampled_from([numbered(1), numbered(2), numbered(3), counted(1), counted(2)]),
)
def test_only_exactly_the_declared_cases_pass(cells: list[tuple[str, int, Any]], expected: ExpectedCases) -> None:
    evidence = [Observation(suite="s", test="a", case=case, run=run, outcome=outcome) for case, run, outcome in cells]
    decision = decide(PACK, census(a=expected), evidence)
    seen = {(case, run) for case, run, _ in cells}
    errors = [cell for cell in cells if cell[2] is Outcome.ERROR]
    names = {case for case, _ in seen}
    if decision.verdict is Verdict.PASS and not errors:
        assert len(names) == expected.count
        assert not expected.names or names == set(expected.names)
        assert seen == {(case, run) for case in names for run in (1, 2)}
