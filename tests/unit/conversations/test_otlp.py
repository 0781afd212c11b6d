"""Conversations from OpenTelemetry traces in OTLP JSON, by several versions of the conventions for generative AI."""

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from wavegate.conversations.read import ReadConversations, read_conversations
from wavegate.conversations.values import ActionCall

TRACE = "5b8efff798038103d269b633813fc60c"
T0 = 1_784_400_000_000_000_000
SECOND = 1_000_000_000


def any_value(value: Any) -> dict[str, Any]:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case str():
            return {"stringValue": value}
        case list():
            return {"arrayValue": {"values": [any_value(each) for each in value]}}
        case dict():
            return {
                "kvlistValue": {"values": [{"key": key, "value": any_value(each)} for key, each in value.items()]}
            }
    return {}


def attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": any_value(value)} for key, value in values.items()]


def span(key: str, start: int, values: dict[str, Any], *, parent: str = "", **more: Any) -> dict[str, Any]:
    """A span that takes a second. start: in seconds."""
    return {
        "traceId": TRACE,
        "spanId": key,
        "parentSpanId": parent,
        "name": str(values.get("gen_ai.operation.name", "x")),
        "kind": 3,
        "startTimeUnixNano": str(T0 + start * SECOND),
        "endTimeUnixNano": str(T0 + (start + 1) * SECOND),
        "attributes": attributes(values),
        "status": {},
        **more,
    }


def event(name: str, values: dict[str, Any], at: int = 0) -> dict[str, Any]:
    return {"name": name, "timeUnixNano": str(T0 + at * SECOND), "attributes": attributes(values)}


def document(spans: Sequence[dict[str, Any]], **resource: Any) -> dict[str, Any]:
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": attributes({"service.name": "agent", **resource})},
                "scopeSpans": [{"scope": {"name": "test", "version": "1"}, "spans": list(spans)}],
            }
        ]
    }


def said(role: str, text: str, *more: dict[str, Any]) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}, *more]}


def messages(*pairs: dict[str, Any]) -> str:
    return json.dumps(pairs)


def read(folder: Path, *documents: object) -> ReadConversations:
    (folder / "traces.json").write_text("".join(json.dumps(each) + "\n" for each in documents), "utf-8")
    return read_conversations(["traces.json"], folder)


def texts(found: ReadConversations) -> list[tuple[str, str]]:
    (conversation,) = found.conversations
    return [(each.speaker, each.text) for each in conversation.turns]


def agent(key: str, start: int, inputs: Any, outputs: Any, **more: Any) -> dict[str, Any]:
    values = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.conversation.id": "conv-1",
        "gen_ai.agent.name": "Support",
        "gen_ai.input.messages": inputs,
        "gen_ai.output.messages": outputs,
        "user.email": "anna@example.com",
    }
    return span(key, start, {name: value for name, value in values.items() if value is not None}, **more)


ASKED, ANSWERED = said("user", "Where is it?"), said("assistant", "In Lyon.")
AGAIN, REFUNDED = said("user", "Refund me."), said("assistant", "Done.")
TOOL = {
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": "track_parcel",
    "gen_ai.tool.call.arguments": '{"orderId": "88-1"}',
}
EXPECTED = [("user", "Where is it?"), ("agent", "In Lyon."), ("user", "Refund me."), ("agent", "Done.")]


def test_turns_calls_and_people_are_read(tmp_path: Path) -> None:
    chat = {
        "gen_ai.operation.name": "chat",
        "gen_ai.input.messages": messages(ASKED),
        "gen_ai.output.messages": messages(ANSWERED),
    }
    first = agent("a1", 0, messages(said("system", "Be kind."), ASKED), messages(ANSWERED))
    failed = {"code": 2, "message": "timed out"}
    found = read(
        tmp_path,
        # a child is exported before its parent, and a batch may hold either
        document([span("c1", 0, chat, parent="a1"), span("t1", 0, TOOL, parent="c1"), first]),
        document([span("t2", 10, {**TOOL, "gen_ai.tool.name": "issue_refund"}, parent="a2", status=failed)]),
        document([agent("a2", 10, messages(ASKED, ANSWERED, AGAIN), messages(REFUNDED))]),
    )  # fmt: skip
    assert found.problems == ()
    assert texts(found) == EXPECTED
    (conversation,) = found.conversations
    assert (conversation.id, conversation.agent) == ("conv-1", "Support")
    assert conversation.variables == {"user.email": "anna@example.com"}
    assert conversation.turns[1].actions == (ActionCall(name="track_parcel", inputs={"orderId": "88-1"}),)
    assert conversation.turns[3].actions == (
        ActionCall(name="issue_refund", inputs={"orderId": "88-1"}, error="timed out"),
    )
    assert conversation.turns[1].latency == 1000


@pytest.mark.parametrize(
    "turns",
    [
        pytest.param([([ASKED], [ANSWERED]), ([AGAIN], [REFUNDED])], id="each turn alone"),
        pytest.param([([ASKED], [ANSWERED]), ([ASKED, ANSWERED, AGAIN], [REFUNDED])], id="with history"),
        pytest.param([([ASKED], [ANSWERED]), ([ANSWERED, AGAIN], [REFUNDED])], id="with a part of the history"),
        pytest.param([([ASKED, ANSWERED, AGAIN], [REFUNDED])], id="the last turn alone"),
        pytest.param([([ASKED], []), ([ASKED], [ANSWERED]), ([AGAIN], [REFUNDED])], id="a call of a tool in between"),
    ],
)
def test_what_was_said_is_said_once(tmp_path: Path, turns: list[tuple[list[Any], list[Any]]]) -> None:
    spans = [
        agent(f"a{index}", index * 10, messages(*inputs), messages(*outputs))
        for index, (inputs, outputs) in enumerate(turns)
    ]
    assert texts(read(tmp_path, document(spans[::-1]))) == EXPECTED


def test_the_same_turn_twice_is_two_turns(tmp_path: Path) -> None:
    spans = [agent(f"a{at}", at, messages(ASKED), messages(ANSWERED)) for at in (0, 10)]
    assert texts(read(tmp_path, document(spans))) == EXPECTED[:2] * 2


def choice(text: str) -> dict[str, Any]:
    return {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}


CONVENTIONS = {
    "structured attributes": lambda: span(
        "a1", 0, {"gen_ai.input.messages": [ASKED], "gen_ai.output.messages": [ANSWERED]}
    ),
    "details event": lambda: span(
        "a1",
        0,
        {"gen_ai.operation.name": "chat"},
        events=[
            event(
                "gen_ai.client.inference.operation.details",
                {"gen_ai.input.messages": messages(ASKED), "gen_ai.output.messages": messages(ANSWERED)},
            )
        ],
    ),
    "events with attributes": lambda: span(
        "a1",
        0,
        {"gen_ai.operation.name": "chat"},
        events=[
            event("gen_ai.choice", {"message": json.dumps({"role": "assistant", "content": "In Lyon."})}, at=1),
            event("gen_ai.user.message", {"content": "Where is it?"}),
            event("gen_ai.system.message", {"content": "Be kind."}),
        ],
    ),
    "events with JSON": lambda: span(
        "a1",
        0,
        {"gen_ai.operation.name": "chat"},
        events=[
            event("gen_ai.user.message", {"gen_ai.event.content": '{"role": "user", "content": "Where is it?"}'}),
            event("gen_ai.choice", {"gen_ai.event.content": json.dumps(choice("In Lyon."))}),
        ],
    ),
    "events of 1.27": lambda: span(
        "a1",
        0,
        {"gen_ai.system": "openai"},
        events=[
            event("gen_ai.content.prompt", {"gen_ai.prompt": '[{"role": "user", "content": "Where is it?"}]'}),
            event(
                "gen_ai.content.completion", {"gen_ai.completion": '[{"role": "assistant", "content": "In Lyon."}]'}
            ),
        ],
    ),
    "indexed attributes": lambda: span(
        "a1",
        0,
        {
            "gen_ai.prompt.0.role": "system",
            "gen_ai.prompt.0.content": "Be kind.",
            "gen_ai.prompt.1.role": "user",
            "gen_ai.prompt.1.content": "Where is it?",
            "gen_ai.completion.0.role": "assistant",
            "gen_ai.completion.0.content": "In Lyon.",
        },
    ),
}


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_older_conventions_are_read(tmp_path: Path, convention: str) -> None:
    assert texts(read(tmp_path, document([CONVENTIONS[convention]()]))) == EXPECTED[:2]


def test_messages_as_log_records_are_read(tmp_path: Path) -> None:
    def log(name: str, body: dict[str, Any], at: int) -> dict[str, Any]:
        return {
            "timeUnixNano": str(T0 + at),
            "eventName": name,
            "traceId": TRACE.upper(),
            "spanId": "a1",
            "body": any_value(body),
        }

    logs = [log("gen_ai.choice", choice("In Lyon."), 2), log("gen_ai.user.message", {"content": "Where is it?"}, 1)]
    found = read(
        tmp_path,
        {"resourceLogs": [{"scopeLogs": [{"logRecords": logs}]}]},
        document([span("a1", 0, {"gen_ai.operation.name": "chat"})]),
        {"resourceMetrics": []},
    )
    assert texts(found) == EXPECTED[:2]


def test_calls_are_those_that_the_model_asked_for_if_no_span_records_them(tmp_path: Path) -> None:
    call = {"type": "tool_call", "id": "1", "name": "track_parcel", "arguments": {"orderId": "88-1"}}
    asking = {"role": "assistant", "parts": [call], "finish_reason": "tool_call"}
    returned = {"role": "tool", "parts": [{"type": "tool_call_response", "id": "1", "response": "Lyon"}]}
    found = read(
        tmp_path,
        document([
            agent("a1", 0, messages(ASKED), messages(asking)),
            agent("a2", 2, messages(ASKED, asking, returned), messages(ANSWERED)),
        ]),
    )  # fmt: skip
    assert texts(found) == EXPECTED[:2]
    assert found.conversations[0].turns[1].actions == (ActionCall(name="track_parcel", inputs={"orderId": "88-1"}),)


def test_without_any_record_of_calls_they_are_unknown(tmp_path: Path) -> None:
    found = read(tmp_path, document([agent("a1", 0, messages(ASKED), messages(ANSWERED))]))
    assert found.conversations[0].turns[1].actions is None


def test_a_span_that_an_exporter_sent_again_is_one(tmp_path: Path) -> None:
    spans = [agent("a1", 0, messages(ASKED), messages(ANSWERED))]
    found = read(tmp_path, document(spans), document(spans))
    assert found.problems == () and texts(found) == EXPECTED[:2]


def nested(depth: int) -> dict[str, Any]:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return any_value(value)


def with_attribute(value: Any) -> dict[str, Any]:
    built = agent("a1", 0, messages(ASKED), messages(ANSWERED))
    built["attributes"].append({"key": "x", "value": value})
    return built


@pytest.mark.parametrize(
    ("documents", "problem"),
    [
        ([document([agent("a1", 0, None, None)])], "no content of messages"),
        ([document([agent("a1", 0, messages(ASKED), "")])], "is not answered"),
        ([document([agent("a1", 0, "", messages(ANSWERED))])], "nothing that the user said"),
        ([document([with_attribute(nested(200))])], "nested too deeply"),
        ([document([{**with_attribute({}), "spanId": ""}])], "no trace id or span id"),
        ([document([{**with_attribute({}), "startTimeUnixNano": "soon"}])], "not a number of nanoseconds"),
        ([{"resourceSpans": [{"scopeSpans": {}}]}], "not OTLP JSON"),
        ([{"resourceSpans": "x"}], "not OTLP JSON"),
        (
            [document([agent("a1", 0, messages(ASKED), messages(answer))]) for answer in (ANSWERED, REFUNDED)],
            "differs from an earlier span",
        ),
    ],
)
def test_a_trace_that_is_not_whole_is_a_problem_and_not_shown(
    tmp_path: Path, documents: list[object], problem: str
) -> None:
    found = read(tmp_path, *documents)
    assert found.conversations == ()
    assert any(problem in each.message for each in found.problems), found.problems


def test_nothing_is_shown_of_traces_if_a_line_is_cut_short(tmp_path: Path) -> None:
    text = json.dumps(document([agent("a1", 0, messages(ASKED), messages(ANSWERED))]))
    (tmp_path / "traces.json").write_text(f"{text}\n{text[:80]}", "utf-8")
    found = read_conversations(["traces.json"], tmp_path)
    assert found.conversations == ()
    assert found.problems[0].location.line == 2


def test_a_failed_turn_is_shown_without_an_answer(tmp_path: Path) -> None:
    failed = agent("a1", 0, messages(ASKED), "", status={"code": "STATUS_CODE_ERROR"})
    assert texts(read(tmp_path, document([failed]))) == [("user", "Where is it?"), ("agent", "")]


def test_a_session_that_is_in_two_files_is_a_problem(tmp_path: Path) -> None:
    transcript = {
        "test": "t",
        "session": "conv-1",
        "turns": [{"speaker": "user", "text": "Hi"}, {"speaker": "agent", "text": "Hello"}],
    }
    found = read(tmp_path, transcript, document([agent("a1", 0, messages(ASKED), messages(ANSWERED))]))
    assert len(found.conversations) == 1
    assert "already read from traces.json, line 1" in found.problems[0].message


def test_a_loop_of_parents_ends(tmp_path: Path) -> None:
    spans = [
        agent("a1", 0, messages(ASKED), messages(ANSWERED)),
        span("x1", 0, TOOL, parent="x2"),
        span("x2", 0, {}, parent="x1"),
    ]
    assert texts(read(tmp_path, document(spans))) == EXPECTED[:2]


def test_mutated_traces_never_fail(tmp_path: Path) -> None:
    choose = random.Random(5)  # noqa: S311 - texts for a test
    built = document([agent("a1", 0, messages(ASKED), messages(ANSWERED)), span("t1", 0, TOOL, parent="a1")])
    text = json.dumps(built, indent=1)
    for _ in range(150):
        at, size = choose.randrange(len(text)), choose.randrange(1, 12)
        broken = text[:at] + choose.choice(("", "null", "[]", "{}", '"', "-1", "1e400")) + text[at + size :]
        (tmp_path / "traces.json").write_text(broken, "utf-8")
        read_conversations(["traces.json"], tmp_path)
