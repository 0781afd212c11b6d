"""The newest attempt and the last known good release, in tables of deployment histories."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from wavegate.errors import InputError
from wavegate.ledger.deployment import RETIRED, Deployment, Pilot, Release, State, Status
from wavegate.ledger.history import (
    earlier,
    last_known_good,
    live_release_of,
    named,
    never_live,
    newest_attempt,
    none_good,
    pilot_release_of,
    unretired,
)
from wavegate.ledger.payload import parse_release

START = datetime(2026, 1, 1, tzinfo=UTC)
STATES = {
    "+": [State.IN_PROGRESS, State.SUCCESS],
    "~": [State.IN_PROGRESS, State.SUCCESS, State.INACTIVE],
    "!": [State.IN_PROGRESS, State.FAILURE],
    "x": [State.IN_PROGRESS, State.SUCCESS, State.FAILURE],
    "o": [State.IN_PROGRESS, State.FAILURE, State.SUCCESS],
    ">": [State.IN_PROGRESS],
    "?": [State.QUEUED, State.WAITING],
    ".": [],
}


def history(text: str) -> list[Deployment]:
    """Deployments, newest first, from oldest-first words: commit letter, state sign, optional manifest digit.

    Signs: + live, ~ live once, ! failed, x live then marked as broken, o failed then live, > under way, ? waiting.
    """
    made = []
    for number, word in enumerate(text.split()):
        at = START + timedelta(hours=number)
        made.append(
            Deployment(
                id=str(number),
                environment="production",
                commit=word[0] * 40,
                created_at=at,
                statuses=tuple(
                    Status(state=state, created_at=at + timedelta(seconds=second))
                    for second, state in enumerate(STATES[word[1]])
                ),
                release=None if word[2:] == "-" else Release(name=f"wave-{word[0]}", manifest=f"m{word[2:]}.yml"),
            )
        )
    return made[::-1]


@pytest.mark.parametrize(
    ("deployments", "live", "good"),
    [
        ("", None, None),
        ("a+", "a", None),
        ("a~ b+", "b", "a"),
        ("a~ b!", "b", "a"),
        ("a~ b>", "b", "a"),
        ("a~ b+ c?", "b", "a"),
        ("a~ b+ c.", "b", "a"),
        ("a~ b! c+", "c", "a"),
        ("a~ bx", "b", "a"),
        ("a~ bx c~ d+", "d", "c"),
        ("a~ bx d+", "d", "a"),
        ("a~ bo d+", "d", "b"),
        ("a~ b~ b+", "b", "a"),
        ("a~ b~ bx c+", "c", "a"),
        ("a~ bx b~ c+", "c", "b"),
        ("a~ b~ b! c+", "c", "b"),
        ("ax b+", "b", None),
        ("a~1 b~2 c+1", "c", "a"),
        ("a~2 c+1", "c", None),
        ("a~- c+1", "c", "a"),
        ("a~1 c+-", "c", "a"),
    ],
)
def test_last_known_good(deployments: str, live: str | None, good: str | None) -> None:
    found = history(deployments)
    bad = newest_attempt(found)
    assert (bad and bad.commit[0]) == live
    if bad:
        before = last_known_good(found, bad)
        assert (before and before.commit[0]) == good


def test_the_manifest_chooses_among_releases_of_one_environment() -> None:
    found = history("a~1 b~2 c+1 d+2")
    bad = newest_attempt(found, manifest="m1.yml")
    assert bad
    assert bad.commit[0] == "c"


@pytest.mark.parametrize(
    ("target", "good"),
    [
        ("wave-a", "a"),
        ("Wave-A", "a"),
        ("a" * 7, "a"),
        ("A" * 40, "a"),
        ("wave-b", "b"),
        ("aaaaaa", None),
        ("", None),
    ],
)
def test_a_named_target_was_live_there(target: str, good: str | None) -> None:
    found = history("a~ bx e! c+")
    bad = found[0]
    chosen = named(found, bad, target)
    assert (chosen and chosen.commit[0]) == good


def test_a_shared_name_means_the_newest_release_that_was_not_rolled_back() -> None:
    found = [replace(each, release=Release(name="wave", manifest="m.yml")) for each in history("a~ b~ cx d+")]
    assert [each.commit[0] for each in earlier(found, found[0])] == ["c", "b", "a"]
    chosen = named(found, found[0], "wave")
    assert chosen
    assert chosen.commit[0] == "b"


def test_without_a_known_good_release_the_error_lists_those_that_were_live() -> None:
    found = history("a~1 bx2 e! c+2")
    problem = none_good(found, found[0])
    assert "no earlier release of m2.yml" in problem.message
    assert "--target: wave-b (bbbbbbbbbbbb), rolled back; wave-a (aaaaaaaaaaaa)" in problem.fix
    assert "wavegate disable production" in problem.fix
    assert "--target" not in none_good(found[-1:], found[-1]).fix


def test_a_target_that_failed_or_is_live_is_rejected() -> None:
    found = history("a~ e! c+")
    assert named(found, found[0], "wave-e") is None
    assert "wave-a (aaaaaaaaaaaa)" in never_live(found, found[0], "wave-e").fix
    assert "wavegate disable production" in never_live(found[-1:], found[-1], "wave-e").fix
    with pytest.raises(InputError):
        named(found, found[0], "c" * 40)


@pytest.mark.parametrize(
    ("states", "rolled_back"),
    [
        ((State.SUCCESS, State.FAILURE), True),
        # the rollback was withdrawn at once
        ((State.SUCCESS, State.FAILURE, State.SUCCESS), False),
        ((State.FAILURE, State.SUCCESS), False),
        ((State.SUCCESS, State.ERROR, State.INACTIVE), True),
        ((State.FAILURE,), False),
    ],
)
def test_of_two_marks_of_the_same_second_the_later_one_counts(
    states: tuple[State, ...], *, rolled_back: bool
) -> None:
    statuses = tuple(Status(state=state, created_at=START) for state in states)
    found = Deployment(id="1", environment="e", commit="a" * 40, created_at=START, statuses=statuses)
    assert found.rolled_back is rolled_back


GOOD = '{"schema": 1, "release": "wave-1", "manifest": "agentforce/release.yml", "agents": {"A": 3, "B": "v2"}}'


def test_a_payload_as_object_or_as_text_in_text() -> None:
    import json

    for payload in (GOOD, json.dumps(GOOD)):
        release = parse_release(payload)
        assert release
        assert (release.name, release.manifest) == ("wave-1", "agentforce/release.yml")
        assert release.agents == {"A": "3", "B": "v2"}


@pytest.mark.parametrize(
    "payload",
    [
        None,
        "",
        "not json",
        "[]",
        "null",
        "1e999",
        '"text"',
        '{"schema": 2, "release": "a", "manifest": "m"}',
        '{"schema": 1, "release": 3, "manifest": "m"}',
        '{"schema": 1, "release": "a"}',
        '{"schema": 1, "release": "", "manifest": "m"}',
        '{"schema": 1, "release": "a", "manifest": "../outside.yml"}',
        '{"schema": 1, "release": "a", "manifest": "/etc/passwd"}',
        '{"schema": 1, "release": "a", "manifest": "m", "agents": []}',
        "[" * 100_000,
        GOOD[:-1] + " " * 70_000 + "}",
    ],
)
def test_an_invalid_or_foreign_payload_is_ignored(payload: str | None) -> None:
    assert parse_release(payload) is None


@pytest.mark.parametrize(
    ("deployments", "good"),
    [
        # the same content under another commit is as bad
        ("a+ b+ c+", "a"),
        ("a+ b+ d+ c+", "d"),
        # the newest deployment of a content decides, under whatever commit
        ("e+ a+ d+ bx c+", "d"),
        ("e+ bx d+ a+ cx f+", "a"),
    ],
)
def test_the_same_content_is_the_same_release_under_every_commit(deployments: str, good: str) -> None:
    contents = {"b": "1" * 64, "c": "1" * 64, "a": "2" * 64}
    known = [
        replace(each, release=replace(each.release, content=contents.get(each.commit[0], "")))
        for each in history(deployments)
        if each.release
    ]
    found = last_known_good(known, known[0])
    assert found
    assert found.commit[0] == good


def piloted(deployment: Deployment, *, retired: bool = False, again: bool = False) -> Deployment:
    """The same with a copy of an agent for a pilot. again: attempted once more after it was retired."""
    assert deployment.release
    at = deployment.created_at + timedelta(minutes=1)
    statuses = [*deployment.statuses]
    if retired:
        statuses.append(Status(state=State.INACTIVE, created_at=at, description=f"{RETIRED}rolled back"))
    if again:
        statuses.append(Status(state=State.SUCCESS, created_at=at))
    pilot = Pilot(cohorts=("tier2",), copies={"A": "A_Pilot"})
    return replace(deployment, statuses=tuple(statuses), release=replace(deployment.release, pilot=pilot))


@pytest.mark.parametrize(
    ("deployments", "pilots", "retired", "live", "pilot", "left"),
    [
        ("a+ b+", "b", "", "a", "b", "b"),
        ("a+ b+ c+", "bc", "", "a", "c", "cb"),
        ("a+ b+ c!", "bc", "", "a", "b", "cb"),
        ("a+ b+ c+", "b", "", "c", None, "b"),
        ("a+ b+ c+", "b", "b", "c", None, ""),
        ("a+ bx", "b", "", "a", None, "b"),
        ("a+ bx", "b", "b", "a", None, ""),
        # a pilot that another replaced is not the pilot again once that one is rolled back
        ("a+ b+ cx", "bc", "", "a", None, "cb"),
        ("a+ b>", "b", "", "a", None, "b"),
        ("a+ b?", "b", "", "a", None, ""),
        ("b+", "b", "", None, "b", "b"),
        ("ax b+", "b", "", "a", "b", "b"),
    ],
)
def test_a_pilot_with_copies_is_never_what_everybody_has(
    deployments: str, pilots: str, retired: str, live: str | None, pilot: str | None, left: str
) -> None:
    known = [
        piloted(each, retired=each.commit[0] in retired) if each.commit[0] in pilots else each
        for each in history(deployments)
    ]
    found = live_release_of(known)
    assert (found and found.commit[0]) == live
    found = pilot_release_of(known)
    assert (found and found.commit[0]) == pilot
    assert "".join(each.commit[0] for each in unretired(known)) == left


def test_a_pilot_that_is_deployed_again_is_no_longer_retired() -> None:
    (deployment,) = history("a+")
    assert piloted(deployment, retired=True).retired
    assert not piloted(deployment, retired=True, again=True).retired


def test_a_rollback_never_goes_back_to_a_pilot() -> None:
    c, b, a = history("a+ b+ c+")
    known = [piloted(c), piloted(b), a]
    good = last_known_good(known, known[0])
    assert good is a
    assert named(known, known[0], "wave-b") is None
    assert earlier(known, known[0]) == [a]
