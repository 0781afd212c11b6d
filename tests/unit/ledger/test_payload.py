"""Payloads and status descriptions round-trip."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavegate.ledger.deployment import Adoption, Override, Pilot, Release
from wavegate.ledger.payload import (
    DESCRIPTION_LIMIT,
    Unfinished,
    flow_lines,
    live_lines,
    parse_flows,
    parse_live,
    parse_release,
    parse_released,
    parse_unfinished,
    payload_of,
    unfinished_lines,
)

RELEASE = Release(name="wave-3", manifest="agentforce/release.yml")
WHOLE = Release(
    name="wave-3",
    manifest="agentforce/release.yml",
    manifest_digest="1" * 64,
    evidence="2" * 64,
    run="https://github.com/acme/agents/actions/runs/1",
    actor="ada",
    org="00D000000000001AAA",
    override=Override(reason="“Why?” ✓ \n", actor="bo", rules=("evidence/missing",)),
    pilot=Pilot(cohorts=("a", "b"), step=1, steps=3, copies={"A": "A_Pilot"}, permission_set="A_Pilot_Access"),
    adoption=Adoption(reason="As it was", differences=("Flow:A",), more=2),
)


@pytest.mark.parametrize("release", [RELEASE, WHOLE])
def test_a_payload_round_trips(release: Release) -> None:
    text = json.dumps(payload_of(release))
    assert parse_release(text) == release
    assert parse_release(json.dumps(text)) == release


@pytest.mark.parametrize("key", ["override", "pilot", "adoption"])
@pytest.mark.parametrize("value", [1, [], {"reason": 1}, {"step": "x"}, "text"])
def test_a_malformed_field_makes_the_payload_unreadable(key: str, value: object) -> None:
    assert parse_release(json.dumps({**payload_of(WHOLE), key: value})) is None


@pytest.mark.parametrize(
    "copies",
    [
        {"A": "A"},
        {"A": "a"},
        {"A": "B", "B": "C"},
        {"A": "C", "B": "c"},
        {"A": ""},
        {"A": "1A"},
        {"A": "A'; --"},
        {"A": "A" * 81},
        {"Ä": "A_Pilot"},
        {"A": None},
        {f"A{number}": f"A{number}_Pilot" for number in range(101)},
    ],
)
def test_copies_that_no_org_can_have_make_the_payload_unreadable(copies: dict[str, object]) -> None:
    payload = payload_of(WHOLE)
    assert parse_release(json.dumps({**payload, "pilot": {**payload["pilot"], "copies": copies}})) is None
    assert parse_release(json.dumps({**payload, "pilot": {**payload["pilot"], "permission_set": "x y"}})) is None


names = st.text("abcXYZ_09", min_size=1, max_size=80)
agents = st.dictionaries(names, st.none() | st.integers(0, 999), max_size=20)


@given(agents)
def test_agents_round_trip_through_descriptions_within_githubs_limit(live: dict[str, int | None]) -> None:
    lines = live_lines(live)
    assert all(len(line) <= DESCRIPTION_LIMIT for line in lines)
    assert parse_live(lines) == live


@given(agents, agents)
def test_a_stop_hides_no_version_of_the_release(live: dict[str, int | None], held: dict[str, int | None]) -> None:
    lines = live_lines(live, held=held)
    assert all(len(line) <= DESCRIPTION_LIMIT for line in lines)
    assert parse_live(lines) == live
    own = {name: held.get(name, version) for name, version in live.items()}
    assert parse_released(lines) == {name: version for name, version in own.items() if version is not None}


def test_a_release_has_the_version_that_it_last_left_live() -> None:
    first = ["live: A v1, B v1, C v1", "Deploying"]
    assert parse_released([*first, "live: A off, B v2, C v3 (stopped), D off (stopped: v4)"]) == {
        "A": 1,
        "B": 2,
        "C": 1,
        "D": 4,
    }
    # the longest name and version with the longest words still fit
    (line,) = live_lines({"A" * 100: 999_999_999}, held={"A" * 100: 999_999_999})
    assert len(line) <= DESCRIPTION_LIMIT


@given(agents)
def test_flows_round_trip_beside_agents(flows: dict[str, int | None]) -> None:
    lines = [*live_lines({"A": 1}), *flow_lines(flows), "Deploying"]
    assert parse_flows(lines) == flows
    assert parse_live(lines) == {"A": 1}


def test_a_later_description_overrides_an_earlier_one() -> None:
    assert parse_live(["live: A v1, B v1", "Deploying", "live: A off"]) == {"A": None, "B": 1}


@pytest.mark.parametrize("text", ["", "Deploying", "live:A v1", "Live: A v1", "live: no agents", "live: A vx"])
def test_other_descriptions_name_no_agent(text: str) -> None:
    assert parse_live([text]) == {}


ONE, TWO, THREE, FOUR = (f"0Af00000000000{number}AAA" for number in range(1, 5))
SUBJECT, OTHER = "a" * 64, "b" * 64


@pytest.mark.parametrize(
    "unfinished",
    [
        Unfinished(before={}),
        Unfinished(before={"A": 2, "B": None}),
        Unfinished(before={"A": 2}, subject=SUBJECT, job=ONE),
        Unfinished(before={"A": 2}, subject=SUBJECT, finished=(ONE, TWO), job=THREE),
        Unfinished(before={}, subject=SUBJECT, finished=(ONE, TWO), failed=THREE, job=FOUR),
        Unfinished(before={}, subject=SUBJECT, finished=(ONE,), failed="", job=FOUR),
    ],
)
def test_an_unfinished_deployment_round_trips(unfinished: Unfinished) -> None:
    lines = unfinished_lines(unfinished)
    assert all(len(line) <= DESCRIPTION_LIMIT for line in lines)
    assert parse_unfinished(lines) == unfinished


def test_what_was_noted_last_counts() -> None:
    stages = [f"job: {ONE} {SUBJECT}", f"job 2: {TWO} {SUBJECT}", f"job 2: {THREE} {SUBJECT}"]
    found = parse_unfinished(stages)
    assert (found.finished, found.job) == ((ONE,), THREE)
    # another content starts over
    assert parse_unfinished([*stages, f"job: {FOUR} {OTHER}"]) == Unfinished(before={}, subject=OTHER, job=FOUR)
    # a stage whose earlier ones were never noted cannot be resumed
    assert parse_unfinished([f"job 2: {TWO} {SUBJECT}"]).job is None
