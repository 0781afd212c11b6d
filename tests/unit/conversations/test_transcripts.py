"""Conversations from wavegate's own transcripts."""

import json
from pathlib import Path

import pytest

from wavegate.conversations.read import read_conversations
from wavegate.conversations.values import ActionCall
from wavegate.errors import InputError
from wavegate.findings.finding import Location


def write(folder: Path, *records: object, name: str = "t.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(each) + "\n" for each in records), "utf-8")
    return path


TRANSCRIPT = {
    "test": "shipment-delay",
    "turns": [{"speaker": "user", "text": "Where is it?"}, {"speaker": "agent", "text": "In Lyon."}],
    "actions": ["get_shipment_status"],
    "topic": "Shipping",
    "session": "0f1e",
    "latency": 1200,
}


def test_a_transcript_becomes_a_conversation(tmp_path: Path) -> None:
    write(tmp_path, TRANSCRIPT)
    read = read_conversations(["t.jsonl"], tmp_path)
    (found,) = read.conversations
    assert read.problems == ()
    assert (found.id, found.place) == ("0f1e", Location("t.jsonl", 1))
    user, agent = found.turns
    assert (user.speaker, user.text, user.actions) == ("user", "Where is it?", None)
    assert (agent.text, agent.topic, agent.latency) == ("In Lyon.", "Shipping", 1200)
    assert agent.actions == (ActionCall(name="get_shipment_status"),)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"turns": [{"speaker": "user", "text": "Where is it?"}]}, "nothing that the agent said"),
        ({"turns": [{"speaker": "agent", "text": "In Lyon."}]}, "nothing that the user said"),
        ({"turns": [{"speaker": "robot", "text": "In Lyon."}]}, "Invalid transcript"),
        ({"typo": 1}, "unknown field"),
    ],
)
def test_a_transcript_that_is_not_whole_is_a_problem(tmp_path: Path, change: dict[str, object], problem: str) -> None:
    write(tmp_path, TRANSCRIPT, {**TRANSCRIPT, **change})
    read = read_conversations(["t.jsonl"], tmp_path)
    assert len(read.conversations) == 1
    (found,) = read.problems
    assert problem in found.message
    assert found.location == Location("t.jsonl", 2)


def test_an_unknown_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file or folder"):
        read_conversations(["absent"], tmp_path)
