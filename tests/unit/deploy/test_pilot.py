"""What a pilot's deployment remembers, what it takes out of use, and which users its copies run as."""

import json
from datetime import UTC, datetime

import pytest

from wavegate.deploy.pilot.access import agent_users, check_recordable
from wavegate.deploy.pilot.ending import retirement_of
from wavegate.deploy.pilot.values import CopiesRequest, Members, Retirement
from wavegate.errors import InputError
from wavegate.ledger.deployment import Deployment, Pilot, Release
from wavegate.ledger.pilot_access import (
    MAX_USERS,
    AccessEntry,
    access_entries,
    access_payload,
    parse_access,
    taken_access,
)
from wavegate.pilot.values import PilotCopy

ENTRY = AccessEntry(change="taken", manifest="m.yml", permission_set="A", users=("005000000000001AAA",), after="x")


def pilot(permission_set: str = "Set", **copies: str) -> Deployment:
    known = Pilot(cohorts=("a",), copies=copies, permission_set=permission_set)
    release = Release(name="wave-3", manifest="m.yml", pilot=known)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Deployment(id="1", environment="uat", commit="a" * 40, created_at=now, release=release)


def test_an_entry_about_access_round_trips() -> None:
    assert parse_access(access_payload(ENTRY)) == ENTRY
    assert parse_access(json.dumps(json.dumps(access_payload(ENTRY)))) == ENTRY


@pytest.mark.parametrize(
    "changed",
    [
        {"users": ["006000000000001AAA"]},
        {"users": ["005' OR Id != '"]},
        {"users": []},
        {"users": ["005000000000001AAA"] * (MAX_USERS + 1)},
        {"permissionSet": "A B"},
        {"change": "lost"},
        {"schema": 2},
        {"kind": "gate-decision"},
        {"manifest": ""},
    ],
)
def test_a_malformed_entry_is_none(changed: dict[str, object]) -> None:
    assert parse_access({**access_payload(ENTRY), **changed}) is None


@pytest.mark.parametrize("payload", [None, 1, "", "[", "null", [], "x" * 70_000])
def test_what_is_no_entry_is_none(payload: object) -> None:
    assert parse_access(payload) is None


def test_what_is_taken_is_what_was_not_given_back() -> None:
    users = [f"005{number:012d}AAA" for number in range(MAX_USERS + 1)]
    taken = list(access_entries("taken", "m.yml", "A", users))
    assert [len(each.users) for each in taken] == [MAX_USERS, 1]
    back = list(access_entries("given-back", "m.yml", "A", users[1:]))
    again = list(access_entries("taken", "m.yml", "B", users[:1]))
    assert taken_access([*taken, *back, *again]) == {"A": {users[0]}, "B": {users[0]}}
    assert taken_access([*taken, *back, *access_entries("given-back", "m.yml", "A", users[:1])]) == {}


def test_a_release_to_everybody_takes_all_copies_out_of_use_and_a_pilot_those_that_it_lacks() -> None:
    known = [pilot(A="A_Pilot"), pilot("Old", A="A_Pilot", B="B_Pilot")]
    whole = Retirement(copies=("A_Pilot", "B_Pilot"), permission_sets=("Set", "Old"))
    assert retirement_of(known, None) == whole
    request = CopiesRequest(agents={"A": "a_pilot"}, permission_set="Set")
    left = Retirement(copies=("B_Pilot",), permission_sets=("Old",), ends_pilot=False)
    assert retirement_of(known, request) == left
    assert retirement_of(known[:1], request) is None
    assert retirement_of([], None) is None


def test_the_users_of_copied_agents_need_the_copied_actions_too() -> None:
    files = {
        "a.bot": b"<Bot><botUser> svc@acme.example </botUser></Bot>",
        "b.agent": b'config:\n    default_agent_user: "bot@acme.example"\n',
        "c.bot": b"<botUser>agent-%%PLACEHOLDER%%@acme.example</botUser>",
        "d.agent": b"instructions: ask default_agent_user: x@acme.example about it\n",
    }
    assert agent_users(PilotCopy(agents={}, names={}, files=files)) == ("bot@acme.example", "svc@acme.example")


def test_nothing_is_taken_that_nothing_would_remember() -> None:
    request = CopiesRequest(agents={"A": "A_Pilot"}, permission_set="Set", without_live=Members(users=("a@b.c",)))
    with pytest.raises(InputError, match="remember"):
        check_recordable(request, None)
    many = CopiesRequest(agents={}, permission_set="", reaching=tuple(f"ApexTrigger:T{n}" for n in range(201)))
    with pytest.raises(InputError, match="at most 200"):
        check_recordable(many, None)
    check_recordable(CopiesRequest(agents={"A": "A_Pilot"}, permission_set="Set"), None)
