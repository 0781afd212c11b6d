"""A gate's entry round-trips; a payload that is not exactly one is never read as one."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from wavegate.ledger.gate_entry import (
    MAX_EVIDENCE,
    GateEntry,
    digest_of,
    gate_payload,
    gate_task,
    is_gate_task,
    listed,
    parse_gate_entry,
    parse_gate_entry_of,
    question_digest,
)
from wavegate.ledger.payload import parse_release

CONTENT = "c" * 64
EVIDENCE = tuple(f"{number:064x}" for number in range(MAX_EVIDENCE + 1))
ENTRY = GateEntry(
    stage="gate",
    release="wave-3",
    content=CONTENT,
    question="1" * 64,
    verdict="fail",
    attempt=3,
    decision="2" * 64,
    time=datetime(2026, 3, 1, 12, tzinfo=UTC),
    run="https://github.com/acme/agents/actions/runs/7/attempts/3",
    actor="ada",
    evidence=listed(EVIDENCE[:3]),
    evidence_digest=digest_of(EVIDENCE[:3]),
)


@pytest.mark.parametrize(
    "entry",
    [
        ENTRY,
        replace(ENTRY, run="", actor="", evidence=(), evidence_digest=digest_of(())),
        replace(ENTRY, evidence=listed(EVIDENCE[1:]), evidence_digest=digest_of(EVIDENCE[1:])),
        replace(ENTRY, evidence=listed(EVIDENCE), evidence_digest=digest_of(EVIDENCE)),
    ],
)
def test_an_entry_round_trips(entry: GateEntry) -> None:
    payload = gate_payload(entry)
    assert len(json.dumps(payload)) < 32 * 1024
    for written in (payload, json.dumps(payload)):
        assert parse_gate_entry(written, stage="gate", content=CONTENT) == entry
    assert parse_release(json.dumps(payload)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"kind": "release"},
        {"stage": "verify"},
        {"content": "d" * 64},
        {"content": "c" * 63},
        {"question": "1" * 63 + "G"},
        {"verdict": "PASS"},
        {"verdict": None},
        {"attempt": 0},
        {"attempt": 10**9},
        {"attempt": "3"},
        {"decision": "2" * 64 + "\n"},
        {"time": "2026-03-01T12:00:00"},
        {"time": "yesterday"},
        {"run": "javascript:alert(1)//actions/runs/7"},
        {"run": "https://evil.example/)[x](actions/runs/7"},
        {"run": "https://github.com/acme/agents/actions/runs/7/attempts/0"},
        {"actor": "a" * 101},
        {"release": ""},
        {"evidence": ["3" * 64]},
        {"evidence": list(EVIDENCE)},
        {"evidenceDigest": "short"},
    ],
)
def test_a_malformed_entry_is_unreadable(change: dict[str, object]) -> None:
    assert parse_gate_entry({**gate_payload(ENTRY), **change}, stage="gate", content=CONTENT) is None


@pytest.mark.parametrize("payload", [None, "", "{", [], "[" * 100_000, 1, {}, '"text"', "x" * 70_000])
def test_a_payload_of_anybody_else_is_unreadable(payload: object) -> None:
    assert parse_gate_entry(payload, stage="gate", content=CONTENT) is None


def test_the_question_depends_on_everything_that_is_asked() -> None:
    asked: dict[str, Any] = {
        "stage": "gate",
        "environment": "uat",
        "content": CONTENT,
        "packs": ["a", "b"],
        "census": "",
    }
    others: list[dict[str, Any]] = [
        {"stage": "verify"},
        {"environment": "production"},
        {"content": "d" * 64},
        {"packs": ["a"]},
        {"census": "e" * 64},
    ]
    digests = {question_digest(**{**asked, **other}) for other in ({}, *others)}
    assert len(digests) == len(others) + 1
    assert question_digest(**{**asked, "packs": ["b", "a"]}) in digests


def test_stages_and_contents_have_tasks_of_their_own() -> None:
    tasks = {gate_task("gate", CONTENT), gate_task("verify", CONTENT), gate_task("gate", "d" * 64)}
    assert len(tasks) == 3
    assert all(task != "wavegate" and len(task) < 60 for task in tasks)


@pytest.mark.parametrize("text", [json.dumps(gate_payload(ENTRY)), json.dumps(json.dumps(gate_payload(ENTRY)))])
def test_its_task_alone_is_enough_to_read_an_entry(text: str) -> None:
    assert parse_gate_entry_of(gate_task("gate", CONTENT), text) == ENTRY
    assert parse_gate_entry_of(gate_task("verify", CONTENT), text) is None
    assert parse_gate_entry_of(gate_task("gate", "d" * 64), text) is None


@pytest.mark.parametrize(
    ("task", "is_one"),
    [
        (gate_task("gate", CONTENT), True),
        (gate_task("verify", CONTENT), True),
        ("wavegate", False),
        ("wavegate:act", False),
    ],
)
def test_the_task_of_a_gate(task: str, *, is_one: bool) -> None:
    assert is_gate_task(task) is is_one
