"""Conversations from exports of session tracing. The rows have the objects, columns and words of the data model."""

import csv
import json
import random
from pathlib import Path
from typing import Any

import pytest

from wavegate.conversations.read import ReadConversations, read_conversations
from wavegate.conversations.values import ActionCall
from wavegate.errors import InputError

SESSION, TURN = "0199c1f2-6c1e-7a30-9d55-3f6a1a2b3c4d", "0199c1f2-7001-7b11-8a10-000000000001"
SECOND = "0199c1f2-7001-7b11-8a10-000000000002"
INPUT = '{"orderId": "88-1", "deep": {"x": 1}}'
VARIABLES = '{"ContactName": "Anna Schmidt"}'


def message(key: str, turn: str, kind: str, text: str, sent: str) -> dict[str, Any]:
    return {
        "ssot__Id__c": key,
        "ssot__AiAgentInteractionId__c": turn,
        "ssot__AiAgentSessionId__c": SESSION,
        "ssot__AiAgentInteractionMessageType__c": kind,
        "ssot__AiAgentInteractionMsgContentType__c": "text/plain",
        "ssot__ContentText__c": text,
        "ssot__MessageSentTimestamp__c": sent,
    }


def step(key: str, turn: str, kind: str, name: str, start: str, **more: Any) -> dict[str, Any]:
    return {
        "ssot__Id__c": key,
        "ssot__AiAgentInteractionId__c": turn,
        "ssot__AiAgentInteractionStepType__c": kind,
        "ssot__Name__c": name,
        "ssot__StartTimestamp__c": f"2026-06-17T{start}",
        "ssot__ErrorMessageText__c": "NOT_SET",
        **{f"ssot__{column}__c": value for column, value in more.items()},
    }


def turn(key: str, topic: str, start: str, end: str) -> dict[str, Any]:
    return {
        "ssot__Id__c": key,
        "ssot__AiAgentSessionId__c": SESSION,
        "ssot__AiAgentInteractionType__c": "TURN",
        "ssot__TopicApiName__c": topic,
        "ssot__StartTimestamp__c": start,
        "ssot__EndTimestamp__c": end,
    }


def export() -> dict[str, list[dict[str, Any]]]:
    """A session of two turns, whose rows are in no order, as a query returns them."""
    return {
        "ssot__AIAgentSession__dlm": [
            {
                "ssot__Id__c": SESSION,
                "ssot__StartTimestamp__c": "2026-06-17T02:25:40.000+0000",
                "ssot__EndTimestamp__c": "2026-06-17T02:27:00.000+0000",
                "ssot__AiAgentChannelType__c": "E & O",
                "ssot__AiAgentSessionEndType__c": "ESCALATED",
            }
        ],
        "ssot__AiAgentSessionParticipant__dlm": [
            {
                "ssot__Id__c": "p-1",
                "ssot__AiAgentSessionId__c": SESSION,
                "ssot__AiAgentSessionParticipantRole__c": "USER",
                "ssot__AiAgentApiName__c": "NOT_SET",
            },
            {
                "ssot__Id__c": "p-2",
                "ssot__AiAgentSessionId__c": SESSION,
                "ssot__AiAgentSessionParticipantRole__c": "AGENT",
                "ssot__AiAgentApiName__c": "Support_Agent",
                "ssot__AiAgentVersionApiName__c": "v3",
            },
        ],
        "ssot__AIAgentInteraction__dlm": [
            turn(SECOND, "Refunds", "2026-06-17T02:26:20.000Z", "2026-06-17T02:26:24.500Z"),
            turn(TURN, "Shipping", "2026-06-17T02:25:42.000Z", "2026-06-17T02:25:44.000Z"),
        ],
        "ssot__AIAgentInteractionStep__dlm": [
            step("s-3", SECOND, "ACTION_STEP", "Issue_Refund", "02:26:22Z", ErrorMessageText="No such order"),
            step("s-2", TURN, "ACTION_STEP", "Track_Parcel", "02:25:43Z", InputValueText=INPUT),
            step("s-1", TURN, "LLM_STEP", "ReactTopicPrompt", "02:25:42Z", PostStepVariableText=VARIABLES),
        ],
        "ssot__AiAgentInteractionMessage__dlm": [
            message("m-4", SECOND, "Output", "I cannot find it.", "2026-06-17T02:26:24.500Z"),
            message("m-1", TURN, "Input", "Where is it?", "2026-06-17T02:25:42.000Z"),
            message("m-3", SECOND, "Input", "Then refund me.", "2026-06-17T02:26:20.000Z"),
            message("m-2", TURN, "Output", "In Lyon.", "2026-06-17T02:25:44.000Z"),
        ],
    }  # fmt: skip


def read(folder: Path, document: object) -> ReadConversations:
    (folder / "trace.json").write_text(json.dumps(document, indent=1), "utf-8")
    return read_conversations(["trace.json"], folder)


def test_a_document_of_tables_becomes_a_conversation(tmp_path: Path) -> None:
    found = read(tmp_path, export())
    assert found.problems == ()
    (conversation,) = found.conversations
    assert (conversation.id, conversation.agent, conversation.version) == (SESSION, "Support_Agent", "v3")
    assert (conversation.ended, conversation.escalated) == ("ESCALATED", True)
    assert conversation.started and conversation.started.isoformat() == "2026-06-17T02:25:40+00:00"
    assert conversation.variables == {"ContactName": "Anna Schmidt"}
    assert [(each.speaker, each.text) for each in conversation.turns] == [
        ("user", "Where is it?"),
        ("agent", "In Lyon."),
        ("user", "Then refund me."),
        ("agent", "I cannot find it."),
    ]
    first, last = conversation.turns[1], conversation.turns[3]
    assert first.actions == (ActionCall(name="Track_Parcel", inputs={"orderId": "88-1", "deep.x": "1"}),)
    assert last.actions == (ActionCall(name="Issue_Refund", error="No such order"),)
    assert (first.topic, first.latency, last.topic, last.latency) == ("Shipping", 2000, "Refunds", 4500)


def test_a_variable_that_changes_or_comes_later_is_not_what_the_session_started_with(tmp_path: Path) -> None:
    rows = export()
    rows["ssot__AIAgentInteractionStep__dlm"] = [
        step("s-1", TURN, "LLM_STEP", "a", "02:25:42Z", PreStepVariableText='{"Language": "de", "verified": "no"}'),
        step("s-2", TURN, "LLM_STEP", "b", "02:25:43Z", PostStepVariableText='{"Language": "de", "verified": "yes"}'),
        step("s-3", SECOND, "LLM_STEP", "c", "02:26:21Z", PostStepVariableText='{"Language": "de", "order": "7"}'),
    ]
    (conversation,) = read(tmp_path, rows).conversations
    assert conversation.variables == {"Language": "de", "verified": "yes", "order": "7"}
    assert conversation.constant == {"Language"}


def as_reply(rows: list[dict[str, Any]]) -> dict[str, Any]:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return {
        "metadata": [{"name": name, "type": "VARCHAR"} for name in columns],
        "data": [[row.get(name) for name in columns] for row in rows],
        "returnedRows": len(rows),
    }


def respelled(name: str) -> str:
    return (
        f"std__{name.removeprefix('ssot__').replace('AIAgent', 'AiAgent').removesuffix('__dlm').removesuffix('__c')}"
    )


def renamed(document: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    return {
        f"{respelled(table)}Dmo__dlm": [
            {f"{respelled(name)}__c": value for name, value in row.items()} for row in rows
        ]
        for table, rows in document.items()
    }


def bare(document: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    names = ("sessions", "participants", "interactions", "steps", "messages")
    return dict(zip(names, document.values(), strict=True))


@pytest.mark.parametrize(
    "shape",
    [
        renamed,
        bare,
        lambda document: {name: as_reply(rows) for name, rows in document.items()},
        lambda document: {name: {"totalSize": 1, "done": True, "records": rows} for name, rows in document.items()},
        lambda document: {"status": 0, "result": document, "warnings": []},
        lambda document: {name: [*rows, *rows] for name, rows in document.items()},
        lambda document: {name: rows[::-1] for name, rows in document.items()},
    ],
)  # fmt: skip
def test_the_names_and_the_order_of_an_export_do_not_matter(tmp_path: Path, shape: Any) -> None:
    expected = read(tmp_path, export())
    assert read(tmp_path, shape(export())) == expected


def test_a_folder_of_files_for_each_object_is_the_same(tmp_path: Path) -> None:
    expected = read(tmp_path, export()).conversations
    folder = tmp_path / "export"
    folder.mkdir()
    for name, rows in export().items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        if "Step" in name:
            (folder / f"{name}.json").write_text(json.dumps(rows), "utf-8")
            continue
        with (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
    found = read_conversations(["export"], tmp_path)
    assert found.problems == ()
    assert [each.turns for each in found.conversations] == [each.turns for each in expected]


def without(table: str, row: int = 0) -> dict[str, list[dict[str, Any]]]:
    document = export()
    del next(rows for name, rows in document.items() if table in name)[row]
    return document


def changed(table: str, row: int, column: str, value: Any) -> dict[str, list[dict[str, Any]]]:
    document = export()
    next(rows for name, rows in document.items() if table in name)[row][f"ssot__{column}__c"] = value
    return document


def twice(table: str, column: str, value: Any) -> dict[str, list[dict[str, Any]]]:
    document = export()
    rows = next(rows for name, rows in document.items() if table in name)
    rows.append({**rows[0], f"ssot__{column}__c": value})
    return document


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (without("Message", 3), "is not answered"),
        (without("AIAgentInteraction__", 0), "messages of a turn that has no row"),
        ({**export(), "ssot__AiAgentInteractionMessage__dlm": []}, "has no messages"),
        (without("AIAgentSession__"), "belong to a session that has no row"),
        (changed("Message", 0, "ContentText", "NOT_SET"), "message without its text"),
        (changed("Message", 0, "MessageSentTimestamp", "yesterday"), "without the time"),
        (changed("Message", 0, "AiAgentInteractionMessageType", "Whisper"), "unknown type `Whisper`"),
        (twice("Message", "ContentText", "I found it."), "other values"),
        (twice("Step", "Name", "Delete_Order"), "other values"),
        ({**export(), "ssot__AIAgentInteraction__dlm": [1]}, "not an object"),
        ({**export(), "ssot__AIAgentInteraction__dlm": {"records": [], "done": False}}, "more pages"),
        ({**export(), "ssot__AIAgentInteraction__dlm": {"metadata": [], "data": [[1]]}}, "does not have 0 columns"),
        ([{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}], "an error of Salesforce"),
        ({"conversation": "?"}, "Unknown format"),
        ("text", "Unknown format"),
    ],
)
def test_a_session_that_is_not_whole_is_a_problem_and_not_shown(
    tmp_path: Path, document: object, problem: str
) -> None:
    found = read(tmp_path, document)
    assert found.conversations == ()
    assert any(problem in each.message for each in found.problems), found.problems
    assert all(each.location.file == "trace.json" for each in found.problems)


def test_a_turn_whose_messages_have_not_arrived_is_a_problem(tmp_path: Path) -> None:
    document = export()
    turns = document["ssot__AIAgentInteraction__dlm"]
    turns.append({**turns[0], "ssot__Id__c": "end", "ssot__AiAgentInteractionType__c": "SESSION_END"})
    assert len(read(tmp_path, document).conversations) == 1
    turns.append({**turns[0], "ssot__Id__c": "late"})
    found = read(tmp_path, document)
    assert found.conversations == ()
    assert "a turn without messages" in found.problems[0].message


def test_a_turn_that_failed_is_shown_without_an_answer(tmp_path: Path) -> None:
    document = without("Message", 0)
    document["ssot__AIAgentInteractionStep__dlm"][0]["ssot__ErrorMessageText__c"] = "Timeout"
    found = read(tmp_path, document)
    assert found.conversations[0].turns[-1].text == ""
    assert found.conversations[0].turns[-1].actions == (ActionCall(name="Issue_Refund", error="Timeout"),)


def test_a_session_row_that_was_still_open_is_completed_by_a_later_one(tmp_path: Path) -> None:
    document = export()
    (row,) = document["ssot__AIAgentSession__dlm"]
    opened = {**row, "ssot__EndTimestamp__c": None, "ssot__AiAgentSessionEndType__c": "NOT_SET"}
    document["ssot__AIAgentSession__dlm"] = [opened, row]
    found = read(tmp_path, document)
    assert found.problems == ()
    assert found.conversations[0].ended == "ESCALATED"


def test_a_session_of_two_agents_names_none(tmp_path: Path) -> None:
    document = export()
    rows = document["ssot__AiAgentSessionParticipant__dlm"]
    rows.append({**rows[1], "ssot__Id__c": "p-3", "ssot__AiAgentApiName__c": "Billing_Agent"})
    found = read(tmp_path, document)
    assert found.conversations[0].agent == ""
    assert "Support_Agent" in found.problems[0].message and "Billing_Agent" in found.problems[0].message


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("AIAgentSession.csv", b'ssot__Id__c\n"open', "not CSV"),
        ("AIAgentSession.csv", b"ssot__Id__c,b\n1\n", "has 1 cells"),
        ("AIAgentSession.csv", b"\xff\xfe\x00", "not UTF-8"),
        ("AIAgentSession.csv", b"", "empty"),
        ("Other.csv", b"a\n1\n", "not that of a session trace object"),
        ("x.json", b"", "empty"),
        ("x.json", b"[" * 100_000, "nested too deeply"),
        ("x.json", b'{"a": ' * 100_000, "nested too deeply"),
        ("x.json", b'{"a": 1, "a": 2}', "Duplicate key"),
        ("x.json", b"\x1f\x8b\x08", "compressed"),
        ("x.json", b"\xff\xfe{", "UTF-16"),
        ("x.json", b'{"a": "\xff"}', "not JSON"),
        ("x.json", b"{} trailing", "not JSON"),
        ("x.jsonl", b'{"a": 1}\n{"a"\n', "not JSON"),
        ("x.json", b"[" + b"{}," * 2_000_001 + b"{}]", "more than 2,000,000 objects"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_problem(
    tmp_path: Path, name: str, data: bytes, problem: str
) -> None:
    (tmp_path / name).write_bytes(data)
    found = read_conversations([name], tmp_path)
    assert found.conversations == ()
    assert any(problem in each.message for each in found.problems), found.problems
    assert all("\n" not in each.message for each in found.problems)


def test_nothing_is_shown_of_sessions_if_a_part_of_their_tables_cannot_be_read(tmp_path: Path) -> None:
    read(tmp_path, export())
    (tmp_path / "AIAgentInteractionStep.csv").write_text('ssot__Id__c,ssot__Name__c\ns-9,"cut', "utf-8")
    found = read_conversations(["."], tmp_path)
    assert found.conversations == ()
    assert any("1 session left out" in each.message for each in found.problems)


def test_an_empty_folder_and_a_link_are_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "no file of conversations" in read_conversations(["empty"], tmp_path).problems[0].message
    (tmp_path / "empty" / "x.json").symlink_to("/etc/hostname")
    with pytest.raises(InputError, match="symbolic link"):
        read_conversations(["empty"], tmp_path)


def test_mutated_exports_never_fail(tmp_path: Path) -> None:
    choose = random.Random(3)  # noqa: S311 - texts for a test
    text = json.dumps(export())
    for _ in range(150):
        at, size = choose.randrange(len(text)), choose.randrange(1, 12)
        broken = text[:at] + choose.choice(("", "null", "[]", "{}", '"', "1e999", "\\ud800")) + text[at + size :]
        (tmp_path / "trace.json").write_text(broken, "utf-8")
        found = read_conversations(["trace.json"], tmp_path)
        assert found.conversations or found.problems
