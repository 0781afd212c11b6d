"""Results of Agentforce Studio in the shapes that its runner and its published mock write."""

import json
from typing import Any

import pytest

from wavegate.evidence import studio
from wavegate.evidence.observation import Observation
from wavegate.evidence.source import Attribution
from wavegate.findings.finding import Finding
from wavegate.release.pack import PackTest, TestKind


def read(**case: Any) -> Observation:
    document = {"status": "SUCCESS", "testCases": [{"testNumber": 1, "testScorerResults": []} | case]}
    (found,) = studio.parse(document, Attribution(file="x.json", test=("smoke", "alpha")))
    assert isinstance(found, Observation)
    return found


@pytest.mark.parametrize(
    ("response", "outcome"),
    [
        ({"actualValue": "Refunds", "expectedValue": "Refunds"}, "pass"),
        ({"actualValue": "Orders", "expectedValue": "Refunds"}, "fail"),
        ({"actualValue": ["a"], "expectedValue": ["a"]}, "pass"),
        ({"actualValue": "Refunds"}, "error"),
        ({"expectedValue": "Refunds"}, "error"),
        ({}, "error"),
        ({"status": "", "actualValue": "a", "expectedValue": "a"}, "error"),
        ({"status": "FAIL", "actualValue": "a", "expectedValue": "a"}, "fail"),
        ({"status": "Failure", "actualValue": "a", "expectedValue": "a"}, "fail"),
        ({"status": "pass", "actualValue": "a", "expectedValue": "b"}, "pass"),
    ],
)
def test_a_scorer_without_a_status_is_judged_by_its_values(response: dict[str, Any], outcome: str) -> None:
    scorers = [{"scorerName": "topic_sequence_match", "scorerResponse": json.dumps(response)}]
    assert read(testScorerResults=scorers).outcome == outcome


def test_the_latency_is_in_the_response_where_no_scorer_measured_it() -> None:
    response = json.dumps({"content": "Tuesday", "performance": {"latency": {"duration": 812.5}}})
    assert read(subjectResponse=response).latency == 812.5
    scorers = [{"scorerName": "output_latency_milliseconds", "scorerResponse": '{"actualValue": "400"}'}]
    assert read(subjectResponse=response, testScorerResults=scorers).latency == 400


@pytest.mark.parametrize("response", ["", "no JSON", "[]", '{"performance": 1}', None])
def test_a_response_without_a_latency_has_none(response: str | None) -> None:
    assert read(subjectResponse=response).latency is None


def scorer(name: str, **response: Any) -> dict[str, Any]:
    return {"scorerName": name, "scorerResponse": json.dumps(response)}


@pytest.mark.parametrize("expected", ["", "[]", []])
@pytest.mark.parametrize(
    ("actual", "outcome"), [("[]", "pass"), ([], "pass"), (["Issue_Refund"], "fail"), ("['Issue_Refund']", "fail")]
)
def test_an_expectation_of_no_action_is_judged(expected: object, actual: object, outcome: str) -> None:
    found = read(
        testScorerResults=[scorer("action_sequence_match", status="PASS", expectedValue=expected, actualValue=actual)]
    )
    assert (found.outcome, found.checks) == (outcome, {"actions": outcome})


def test_a_judgement_by_a_model_does_not_fail_a_safety_test() -> None:
    scorers = [
        scorer("topic_sequence_match", status="PASS", expectedValue="Refunds", actualValue="Refunds"),
        scorer("task_resolution", status="FAIL"),
        scorer("completeness", status="FAIL"),
    ]
    document = {"status": "SUCCESS", "testCases": [{"testNumber": 1, "testScorerResults": scorers}]}
    key = ("smoke", "alpha")
    for kind, outcome in ((TestKind.ACTION_SAFETY, "pass"), (TestKind.ANSWER_QUALITY, "fail")):
        about = Attribution(file="x.json", test=key, tests={key: PackTest(name="alpha", kind=kind)})
        (found,) = studio.parse(document, about)
        assert isinstance(found, Observation)
        assert found.outcome == outcome
        assert found.checks == {"topic": "pass", "task-resolution": "fail", "completeness": "fail"}


@pytest.mark.parametrize(
    ("case", "outcome"),
    [
        ({}, "pass"),
        ({"status": "COMPLETED"}, "pass"),
        ({"status": "Success"}, "pass"),
        ({"status": "ERROR"}, "error"),
        ({"status": ""}, "error"),
        ({"errorMessage": "The agent did not answer."}, "error"),
    ],
)
def test_a_case_that_did_not_end_well_is_no_pass(case: dict[str, str], outcome: str) -> None:
    scorers = [scorer("topic_sequence_match", status="PASS")]
    assert read(testScorerResults=scorers, **case).outcome == outcome


@pytest.mark.parametrize("status", ["FAIL", "FAILURE"])
def test_a_latency_that_the_service_fails_is_a_failure(status: str) -> None:
    scorers = [
        scorer("topic_sequence_match", status="PASS"),
        scorer("output_latency_milliseconds", status=status, actualValue="9000"),
    ]
    found = read(testScorerResults=scorers)
    assert (found.outcome, found.latency) == ("fail", 9000)


@pytest.mark.parametrize(
    "measured",
    [
        {"status": "PASS", "actualValue": "400"},
        {"status": "ERROR", "actualValue": "400"},
        {"actualValue": "400", "expectedValue": ""},
        {"actualValue": "400", "expectedValue": "400"},
    ],
)
def test_a_latency_that_was_only_measured_is_not_judged(measured: dict[str, str]) -> None:
    latency = scorer("output_latency_milliseconds", **measured)
    assert read(testScorerResults=[latency]).outcome == "error"
    found = read(testScorerResults=[latency, scorer("topic_sequence_match", status="PASS")])
    assert (found.outcome, found.checks) == ("pass", {"topic": "pass"})


@pytest.mark.parametrize("name", ["topic_sequence_match", "bot_response_rating", "agent_handoff_match"])
def test_what_the_definition_does_not_declare_is_not_judged(name: str) -> None:
    undeclared = scorer(name, status="FAIL", expectedValue="")
    found = read(testScorerResults=[undeclared, scorer("coherence", status="PASS")])
    assert (found.outcome, found.checks) == ("pass", {"coherence": "pass"})


def test_results_of_another_shape_are_one_finding() -> None:
    (found,) = studio.parse({"status": 1}, Attribution(file="x.json", test=("smoke", "alpha")))
    assert isinstance(found, Finding)
    assert found.rule == "evidence/malformed"
