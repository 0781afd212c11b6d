"""A canary's look as an entry of the ledger: what is read back, what is refused, and which look is which."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wavegate.ledger.canary_entry import MAX_RULES, CanaryLook, look_payload, looks_of, parse_look
from wavegate.ledger.gate_entry import is_gate_task

TIME = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
RUN = "https://github.com/acme/agents/actions/runs/7/attempts/1"


def look(**values: Any) -> CanaryLook:
    given: dict[str, Any] = {
        "release": "wave-3",
        "manifest": "agentforce/release.yml",
        "content": "c" * 64,
        "verdict": "hold",
        "look": 1,
        "decision": "d" * 64,
        "time": TIME,
        "rules": ("canary/no-data",),
        "cohorts": ("service-ops",),
        "run": RUN,
        "actor": "ada",
    }
    return CanaryLook(**given | values)


@pytest.mark.parametrize("dry_run", [False, True])
def test_what_is_written_is_read_back(dry_run: bool) -> None:
    written = look(dry_run=dry_run, verdict="rollback")
    payload = look_payload(written)
    assert parse_look(payload) == written
    assert parse_look(json.dumps(payload)) == written
    assert parse_look(json.dumps(json.dumps(payload)), recorded=TIME) == replace(written, recorded=TIME)


def test_what_is_too_long_is_cut_and_read_back() -> None:
    long = look(
        release="r" * 900,
        actor="a" * 900,
        cohorts=tuple(f"{number}{'c' * 900}" for number in range(900)),
        rules=tuple(f"canary/rule-{number}" for number in range(900)),
    )
    read = parse_look(look_payload(long))
    assert read
    assert (len(read.release), len(read.actor), len(read.rules)) == (200, 100, MAX_RULES)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"kind": "gate-decision"},
        {"verdict": "pass"},
        {"verdict": "none"},
        {"look": 0},
        {"look": 10**9},
        {"look": True},
        {"content": ""},
        {"content": "C" * 64},
        {"decision": "d" * 63},
        {"time": "2026-11-27T02:00:00"},
        {"time": "yesterday"},
        {"rules": ["canary/x\n::error::"]},
        {"run": "javascript:alert(1)"},
        {"run": f"{RUN}\n"},
        {"manifest": "m" * 5000},
        {"release": ""},
    ],
)
def test_what_nobody_wrote_is_not_read(change: dict[str, Any]) -> None:
    payload = look_payload(look())
    assert parse_look(payload)
    assert parse_look(payload | change) is None


@pytest.mark.parametrize(
    "payload", [None, "", "[]", "{", 7, [], {}, "[" * 100_000, "x" * 70_000, {"x": "y" * 70_000}]
)
def test_hostile_payloads(payload: object) -> None:
    assert parse_look(payload) is None


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        # of the same attempt, which ran again
        ({"decision": "e" * 64}, True),
        ({"decision": "e" * 64, "time": TIME + timedelta(minutes=5), "look": 2}, True),
        ({"decision": "e" * 64, "verdict": "rollback"}, False),
        ({"decision": "e" * 64, "content": "f" * 64}, False),
        ({"decision": "e" * 64, "manifest": "other.yml"}, False),
        ({"decision": "e" * 64, "run": RUN.replace("attempts/1", "attempts/2")}, False),
        # outside Actions, only the file says which look it is
        ({"decision": "e" * 64, "run": ""}, False),
        ({"run": ""}, True),
    ],
)
def test_the_same_look_is_recorded_once(change: dict[str, Any], same: bool) -> None:
    assert look().is_same(look(**change)) == same


def test_two_looks_outside_actions_are_two() -> None:
    assert not look(run="").is_same(look(run="", decision="e" * 64))


def test_looks_at_one_content_by_the_clock_of_github() -> None:
    later = look(look=2, decision="e" * 64, time=TIME - timedelta(days=1), recorded=TIME + timedelta(hours=1))
    first = look(recorded=TIME)
    others = [look(content="f" * 64), look(manifest="other.yml")]
    found = looks_of([first, *others, later], manifest="agentforce/release.yml", content="c" * 64)
    assert found == (later, first)


def test_the_task_is_not_one_of_a_gate() -> None:
    assert not is_gate_task("wavegate:canary")
