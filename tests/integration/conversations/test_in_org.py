"""One session, read from an org that refuses as the beta of its API does."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.doubles.salesforce import SalesforceDouble

from wavegate.conversations.in_org import read_session
from wavegate.errors import InputError, RefusedError, ServiceError
from wavegate.salesforce.org import Org, Session

SESSION = "0199c1f2-6c1e-7a30-9d55-3f6a1a2b3c4d"


def attribute(key: str, text: str) -> dict[str, Any]:
    return {"key": key, "value": {"stringValue": text}}


def message(role: str, text: str) -> str:
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text}]}])


def trace(*attributes: dict[str, Any]) -> dict[str, Any]:
    span = {
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174",
        "name": "agent.turn",
        "startTimeUnixNano": "1784400000000000000",
        "endTimeUnixNano": "1784400005000000000",
        "attributes": attributes,
        "status": {"message": "OK"},
    }
    scope = {"scope": {"name": "einstein.agent", "version": "1.0"}, "spans": [span]}
    return {"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [scope]}]}


WHOLE = trace(
    attribute("gen_ai.input.messages", message("user", "Where is it?")),
    attribute("gen_ai.output.messages", message("assistant", "In Lyon.")),
)


@pytest.fixture
def double() -> Iterator[SalesforceDouble]:
    with SalesforceDouble() as double:
        double.traces = {SESSION: (datetime.now(UTC), WHOLE)}
        yield double


@pytest.fixture
def org(double: SalesforceDouble) -> Org:
    return Org(Session(instance_url=double.url, access_token=double.token), pause=lambda _: None)


def test_a_session_is_read_by_its_id(org: Org) -> None:
    found = read_session(org, SESSION)
    assert found.problems == ()
    (conversation,) = found.conversations
    assert conversation.id == SESSION
    assert [turn.text for turn in conversation.turns] == ["Where is it?", "In Lyon."]


def test_an_old_or_unknown_session_is_one_clear_error(double: SalesforceDouble, org: Org) -> None:
    double.traces = {SESSION: (datetime.now(UTC) - timedelta(hours=73), WHOLE)}
    with pytest.raises(InputError, match="shows no session") as refused:
        read_session(org, SESSION)
    assert "72 hours" in refused.value.fix


def test_an_org_without_tracing_says_what_to_turn_on(double: SalesforceDouble, org: Org) -> None:
    double.traces = None
    with pytest.raises(RefusedError, match="No selected dataspace") as refused:
        read_session(org, SESSION)
    assert "session tracing" in refused.value.fix


@pytest.mark.parametrize("session", ["", "../query", "a b", "x" * 80, f"{SESSION}?q=1"])
def test_what_is_not_an_id_is_not_sent(org: Org, session: str) -> None:
    with pytest.raises(InputError, match="id of a session"):
        read_session(org, session)


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (trace(attribute("name", "agent.turn")), "no content of messages"),
        ({"resourceSpans": []}, "has no spans"),
        ({"resourceSpans": "none"}, "not OTLP JSON"),
    ],
)
def test_a_trace_without_messages_is_a_problem(
    double: SalesforceDouble, org: Org, document: dict[str, Any], problem: str
) -> None:
    double.traces = {SESSION: (datetime.now(UTC), document)}
    found = read_session(org, SESSION)
    assert found.conversations == ()
    assert problem in found.problems[0].message


def test_another_answer_is_an_error_of_the_service(double: SalesforceDouble, org: Org) -> None:
    double.traces = {SESSION: (datetime.now(UTC), {"records": []})}
    with pytest.raises(ServiceError, match="without a trace"):
        read_session(org, SESSION)
