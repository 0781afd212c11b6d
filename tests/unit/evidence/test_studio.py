"""Results of Agentforce Studio in the shapes that its runner and its published mock write."""

import json
from typing import Any

import pytest

from wavegate.evidence import studio
from wavegate.evidence.observation import Observation
from wavegate.evidence.source import Attribution


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
