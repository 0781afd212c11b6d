"""The sentences of single reasons, beside the tables of `test_judge`."""

import pytest
from tests.unit.gate.test_judge import CLEAN, GIVEN, LOOSE, NOW, SETTLED, codes, decide, each, observed, pack

from wavegate.evidence.observation import Subject
from wavegate.findings.finding import Finding, Location, Severity
from wavegate.gate.decision import Decision, Reason
from wavegate.gate.reasons import baseline_reasons, evidence_reasons
from wavegate.gate.tally import empty_tally
from wavegate.release.pack import PackTest


def reason(decision: Decision, code: str) -> Reason:
    return next(each for each in decision.reasons if each.code == code)


@pytest.mark.parametrize(("new", "named"), [(5, "t1, t2, t3, t4, t5:"), (6, "t1, t2, t3, t4, t5 and others:")])
def test_at_most_five_tests_that_are_not_compared_are_named(new: int, named: str) -> None:
    names = [f"t{number}" for number in range(1, new + 1)]
    tests = tuple(PackTest(name=name) for name in ("a", *names))
    compares = pack(tests=tests, no_regression_against="baseline")
    evidence = [one for test in tests for one in observed("p", test=test.name)]
    decision = decide(compares, evidence, baseline=observed("p"))
    assert f"The baseline has no case of {named}" in reason(decision, "not-compared").text


def test_a_baseline_that_the_pack_does_not_ask_for_is_no_matter() -> None:
    assert codes(decide(GIVEN, CLEAN, baseline=observed("p"))) == set()


def test_an_unreadable_or_incomplete_baseline_is_named_once_and_by_one_test_already() -> None:
    for broken in (
        [Finding(rule="e/x", severity=Severity.ERROR, location=Location(file="f"), message="m", fix="f")],
        [*each("ppp", "ppp", "ppp", "p-p")],
        [*each("p", "p", "p", "p"), *observed("p", test="b")],
    ):
        tally = empty_tally((LOOSE,), subjects={"readiness": Subject()}, now=decide(GIVEN, CLEAN).time)
        tally.add_all(broken)
        assert [each.code for each in baseline_reasons(tally)] == ["baseline-malformed"]
    assert list(baseline_reasons(None)) == []


def test_runs_that_a_pack_does_not_declare_are_named_with_what_it_allows() -> None:
    decision = decide(GIVEN, [*CLEAN, *observed("p", first=2)])
    assert reason(decision, "undeclared-runs").text == (
        "readiness/a has 2 runs, but the pack declares 1: rerunning a test until it passes proves nothing."
    )
    settled = decide(SETTLED, each(*["p" * 41] * 4))
    assert "but the pack's budget allows 40." in reason(settled, "undeclared-runs").text


@pytest.mark.parametrize(
    ("subject", "text", "fix"),
    [
        (
            Subject(environment="x"),
            "it was recorded in a different environment.",
            "Run the pack in uat: `wavegate smoke uat`.",
        ),
        (
            Subject(commit="d", environment="x"),
            "it was recorded for a different commit, environment.",
            "Run the pack in uat: `wavegate smoke uat`.",
        ),
        (
            Subject(org="other"),
            "it was recorded in a different org.",
            "Rerun the pack on the release to be promoted.",
        ),
        (
            Subject(commit="d"),
            "it was recorded for a different commit.",
            "Rerun the pack on the release to be promoted.",
        ),
    ],
)
def test_evidence_of_another_place_was_recorded_in_it(subject: Subject, text: str, fix: str) -> None:
    # the first pack accepts evidence of any environment
    subjects = {"any": Subject(), "readiness": Subject(commit="c", environment="uat", org="o")}
    given = Subject(commit=subject.commit or "c", environment=subject.environment or "uat", org=subject.org or "o")
    tally = empty_tally((pack(suite="any"), GIVEN), subjects=subjects, now=NOW)
    tally.add_all(observed("p", subject=given))
    (rejected,) = evidence_reasons(tally)
    assert f": {text} The first is" in rejected.text
    assert rejected.fix == fix


def test_a_criterion_that_fails_without_advice_asks_to_fix_the_agent() -> None:
    failing = decide(GIVEN, each("p", "p", "p", "f"))
    assert reason(failing, "minimumSuccessRate").fix == "Fix the agent and rerun the pack."
    assert reason(decide(GIVEN, each("p", "p", "p", "e")), "minimumSuccessRate").fix.startswith("Rerun the runs")
