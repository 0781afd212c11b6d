"""What an agent said and did, from the several forms in which an org writes it."""

import json
from typing import Any

import pytest
from tests.doubles.salesforce import center_case, studio_case

from wavegate.smoke.transcripts import center_transcript, studio_transcript
from wavegate.smoke.values import PlannedRun, Runner

PLANNED = PlannedRun(suite="s", test="t", run=2, definition="T", runner=Runner.TESTING_CENTER)
INVOKED = json.dumps([[{"function": {"name": "Refund_179c7c824b693d7", "input": {}}, "executionLatency": 3}]])


@pytest.mark.parametrize(
    ("sequence", "invoked", "actions"),
    [
        ("['Look', 'Refund']", "[]", ("Look", "Refund")),
        ('["Look"]', None, ("Look",)),
        (["Look"], "", ("Look",)),
        ("[&#39;Look&#39;]", "[]", ("Look",)),
        ("[]", "[]", ()),
        ("[]", INVOKED, ("Refund_179c7c824b693d7",)),
        ("['Look']", INVOKED.replace('"', "&quot;"), ("Look", "Refund_179c7c824b693d7")),
        ("[]", json.dumps([[{"name": "Refund"}]]), ("Refund",)),
        (None, None, None),
        ("", "", None),
        ("Look, Refund", "[]", None),
        ("['Look']", "[[{}]]", None),
        ("['Look']", '[[{"function": {"name": 3}}]]', None),
        ("['Look'", "[]", None),
        ("['Look' 'Refund']", "[]", None),
        ("['a'," * 5_000, "[]", None),
        ("[]", "[" * 50_000, None),
        ("[]", "[" * 20 + "]" * 20, None),
        ("__import__('os').abort()", "[]", None),
    ],
)
def test_actions(sequence: Any, invoked: Any, actions: tuple[str, ...] | None) -> None:
    data = {"outcome": "Done.", "actionsSequence": sequence, "invokedActions": invoked}
    found = center_transcript(PLANNED, {**center_case(1), "generatedData": data})
    assert found.actions == actions


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        ({"outcome": "it&#39;s &lt;a@b.org&gt;"}, "it's <a@b.org>"),
        ({"generatedResponse": "hello"}, "hello"),
        ({"outcome": None}, None),
        ({"outcome": ""}, None),
        ({}, None),
        ("text", None),
        (None, None),
    ],
)
def test_answer(data: Any, answer: str | None) -> None:
    assert center_transcript(PLANNED, {**center_case(1), "generatedData": data}).answer == answer


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        (json.dumps({"userInput": "hi", "message": "hello"}), "hello"),
        (json.dumps({"content": "hello", "performance": {"latency": {"duration": 8}}}), "hello"),
        (json.dumps({"userInput": "hi"}), None),
        (json.dumps({"userInput": "hi"}).replace('"', "&quot;"), None),
        ("hello", None),
        (None, None),
        ("[1]", None),
    ],
)
def test_studio(response: Any, answer: str | None) -> None:
    found = studio_transcript(PLANNED, {**studio_case(1), "subjectResponse": response})
    assert found.answer == answer
    assert found.actions is None
    assert found.run == 2
