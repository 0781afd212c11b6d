"""An act round-trips; a payload that is not exactly one is never read as one, nor as a release."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from wavegate.ledger.acts.act import MAX_AGENTS, Act, ActKind, ReleaseId, act_payload, parse_act, release_id
from wavegate.ledger.deployment import REASON_LIMIT, Deployment, Release
from wavegate.ledger.payload import parse_release

GITHUB_LIMIT = 65_535
"""Characters of a deployment's payload on GitHub."""
COMMIT, CONTENT = "a" * 40, "c" * 64
MOMENT = datetime(2026, 3, 1, 3, 12, tzinfo=UTC)
STOP = Act(
    kind=ActKind.STOP,
    time=MOMENT,
    actor="ada",
    reason="It promises refunds",
    id="DE_1",
    run="https://github.com/acme/agents/actions/runs/7/attempts/2",
    manifest="agentforce/release.yml",
    release=ReleaseId(name="wave-3", commit=COMMIT, content=CONTENT),
    agents={"Support_Agent": None, "Sales_Agent": 2, "Old_Agent": 0},
    target=ReleaseId(name="wave-2", commit="b" * 64),
    after="DE_0",
)


def test_a_page_that_another_tool_named_does_not_make_an_act_unreadable() -> None:
    written = act_payload(replace(STOP, page="https://ci.acme/(job),1", run="javascript:alert(1)"))
    assert parse_act(written, act_id="DE_1") == replace(STOP, page="", run="")


@pytest.mark.parametrize(
    "act",
    [
        STOP,
        Act(kind=ActKind.UNLOCK, time=MOMENT, actor="", reason="", id="DE_1"),
        replace(STOP, kind=ActKind.ROLLBACK, page="https://ghe.acme/x/y/pull/7", number=7, incident="INC-1 ü \u202e"),
        replace(STOP, reason="x" * REASON_LIMIT, agents={f"A{number}": number for number in range(MAX_AGENTS)}),
    ],
)
def test_an_act_round_trips(act: Act) -> None:
    payload = act_payload(act)
    text = json.dumps(payload)
    assert len(text) < GITHUB_LIMIT
    # GitHub keeps a payload that was sent as a string as a string
    for written in (payload, text, json.dumps(text)):
        assert parse_act(written, act_id="DE_1") == act
    assert parse_release(text) is None


def test_an_act_of_a_manifest_with_the_longest_path_that_a_system_opens_round_trips() -> None:
    act = replace(STOP, manifest=f"{'ü/' * 2045}release.yml"[-4096:])
    assert parse_act(act_payload(act), act_id="DE_1") == act


def test_the_longest_act_fits() -> None:
    # an API name has at most 80 characters
    agents = {f"{'A' * 76}{number:04}": 999_999_999 for number in range(MAX_AGENTS)}
    act = replace(STOP, reason="\u202e" * 9999, actor="a" * 999, incident="i" * 999, agents=agents)
    payload = act_payload(act)
    found = parse_act(payload, act_id="DE_1")
    assert found
    assert (len(found.reason), len(found.actor), len(found.incident)) == (REASON_LIMIT, 100, 300)
    assert found.agents == agents


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"schema": "1"},
        {"kind": "release"},
        {"kind": None},
        {"time": "yesterday"},
        {"time": "2026-03-01T03:12:00"},
        {"actor": 1},
        {"actor": "a" * 101},
        {"reason": ["x"]},
        {"reason": "x" * (REASON_LIMIT + 1)},
        {"run": "javascript:alert(1)"},
        {"run": "https://x.example/)](evil"},
        {"page": "https://x.example/\n::error::"},
        {"release": {"name": "wave-3", "commit": "main"}},
        {"release": {"name": "wave-3", "commit": COMMIT, "content": "short"}},
        {"release": {"name": "wave-3", "commit": f"{COMMIT}\n"}},
        {"release": "wave-3"},
        {"target": {"name": "n" * 201, "commit": COMMIT}},
        {"agents": {"Support_Agent": "3"}},
        {"agents": {"Support_Agent": -1}},
        {"agents": {"Support_Agent": 1.5}},
        {"agents": {"Support Agent": 1}},
        {"agents": {"Support_Agent\n": 1}},
        {"agents": {"": 1}},
        {"agents": ["Support_Agent"]},
        {"agents": {f"A{number}": 1 for number in range(MAX_AGENTS + 1)}},
        {"number": -1},
        {"after": "x" * 201},
        {"manifest": "x" * 4097},
    ],
    ids=str,
)
def test_a_malformed_payload_is_never_an_act(change: dict[str, Any]) -> None:
    assert parse_act({**act_payload(STOP), **change}, act_id="DE_1") is None


@pytest.mark.parametrize("missing", ["schema", "kind", "time"])
def test_an_act_says_at_least_what_was_done_and_when(missing: str) -> None:
    payload = act_payload(STOP)
    del payload[missing]
    assert parse_act(payload, act_id="DE_1") is None


@pytest.mark.parametrize("payload", ["", "{", "null", "[]", "3", None, [], {}, 3, '"stop"', "[" * 9999, "x" * 70_000])
def test_what_is_not_an_object_is_never_an_act(payload: object) -> None:
    assert parse_act(payload, act_id="DE_1") is None


def test_a_payload_over_the_limit_is_never_an_act() -> None:
    assert parse_act({**act_payload(STOP), "more": "x" * 70_000}, act_id="DE_1") is None
    assert parse_act({**act_payload(STOP), "more": "x"}, act_id="DE_1") == STOP


@pytest.mark.parametrize(("content", "known"), [(CONTENT, CONTENT), ("", ""), ("C" * 64, ""), (f"{CONTENT}\n", "")])
def test_the_release_of_a_deployment(content: str, known: str) -> None:
    release = Release(name="wave-3", manifest="m.yml", content=content)
    deployment = Deployment(id="DE_1", environment="uat", commit=COMMIT, created_at=MOMENT, release=release)
    assert release_id(deployment) == ReleaseId(name="wave-3", commit=COMMIT, content=known)
    assert release_id(replace(deployment, release=None)) == ReleaseId(name=COMMIT[:12], commit=COMMIT)
