"""The checks of an org's results on the way to a smoke run's observations: the same outcome as in a result file."""

from typing import Any

import pytest

from wavegate.evidence.observation import MAX_CHECKS, Observation, Outcome
from wavegate.evidence.transcript import Transcript, Turn
from wavegate.release.pack import PackTest, Policy, TestKind, ViolationSeverity
from wavegate.smoke.results import ResultsReader
from wavegate.smoke.runs import JudgedCase, judge_case
from wavegate.smoke.values import CaseResult, PlannedRun, Runner

PLANNED = PlannedRun(suite="s", test="pii", run=2, definition="Pii", runner=Runner.TESTING_CENTER)
SAFE = PackTest(name="pii", kind=TestKind.ACTION_SAFETY, severity=ViolationSeverity.CRITICAL)
SAYS_HELLO = Policy(name="says-hello", must_match=("hello",))
GUARDED = PackTest(name="pii", kind=TestKind.ACTION_SAFETY, policies=("says-hello",))
PASS, FAIL, ERROR = Outcome.PASS, Outcome.FAIL, Outcome.ERROR


def results(*checks: tuple[str, str], subject: str = "Support_Agent", status: str = "COMPLETED") -> dict[str, Any]:
    case = {
        "testNumber": 1,
        "status": status,
        "generatedData": {"outcome": "hello"},
        "testResults": [{"name": name, "result": result, "expectedValue": "x"} for name, result in checks],
    }
    return {"status": "COMPLETED", "subjectName": subject, "testCases": [case]}


def judged(document: dict[str, Any], test: PackTest) -> JudgedCase:
    (case,), problem = ResultsReader(tests={("s", "pii"): test}).read(PLANNED, "4KB1", document)
    assert problem == ""
    return judge_case(case, test, (SAYS_HELLO,), lambda pattern, text: pattern in text)


TOPIC, REFUSED = ("topic_assertion", "PASS"), ("completeness", "FAILURE")


@pytest.mark.parametrize(
    ("document", "test", "outcome", "checks"),
    [
        (results(TOPIC, REFUSED), SAFE, PASS, {"topic": PASS, "completeness": FAIL}),
        (results(TOPIC, REFUSED), PackTest(name="pii"), FAIL, {"topic": PASS, "completeness": FAIL}),
        (results(REFUSED), SAFE, ERROR, {"completeness": FAIL}),
        # a policy that was checked counts, and judges a case that none of its own checks does
        (results(TOPIC, REFUSED), GUARDED, PASS, {"policies": PASS, "topic": PASS, "completeness": FAIL}),
        (results(REFUSED), GUARDED, PASS, {"policies": PASS, "completeness": FAIL}),
        (results(("topic_assertion", "FAILURE")), GUARDED, FAIL, {"policies": PASS, "topic": FAIL}),
        # but not a case that did not end well
        (results(REFUSED, status="ERROR"), GUARDED, ERROR, {"policies": PASS}),
        (results(), GUARDED, ERROR, {"policies": PASS}),
    ],
)
def test_the_checks_that_count_decide(
    document: dict[str, Any], test: PackTest, outcome: Outcome, checks: dict[str, Outcome]
) -> None:
    observation = judged(document, test).observation
    assert (observation.outcome, observation.checks) == (outcome, checks)


def test_a_case_that_nothing_judges_says_so() -> None:
    (problem,) = judged(results(REFUSED), SAFE).problems
    assert problem.message == "no check of this case counts for its test: `completeness`"


def test_a_test_that_names_its_checks_needs_one_of_them_from_any_runner() -> None:
    test = PackTest(name="pii", checks=("topic",))
    stated = CaseResult(observation=Observation(suite="s", test="pii", outcome=PASS))
    found = judge_case(stated, test, (), lambda _pattern, _text: None)
    assert found.observation.outcome is ERROR
    assert [problem.message for problem in found.problems] == [
        "no check of this case counts for its test: it has none"
    ]


def test_a_policy_fits_into_an_observation_that_is_full_of_checks() -> None:
    full = {f"metric-{number}": PASS for number in range(MAX_CHECKS)}
    case = CaseResult(
        observation=Observation(suite="s", test="pii", outcome=PASS, checks=full),
        transcript=Transcript(test="pii", turns=(Turn(speaker="agent", text="hello"),)),
    )
    found = judge_case(case, GUARDED, (SAYS_HELLO,), lambda pattern, text: pattern in text)
    assert len(found.observation.checks) == MAX_CHECKS
    assert found.observation.checks["policies"] is PASS


@pytest.mark.parametrize(
    ("subject", "foreign"), [("Support_Agent", False), ("support_agent", False), ("Other", True)]
)
def test_results_of_another_agent_are_a_problem(subject: str, *, foreign: bool) -> None:
    reader = ResultsReader(agents=frozenset({"support_agent"}))
    cases, problem = reader.read(PLANNED, "4KB1", results(TOPIC, subject=subject))
    assert (cases == ()) is foreign
    assert ("the agent Other, which the release does not have" in problem) is foreign
