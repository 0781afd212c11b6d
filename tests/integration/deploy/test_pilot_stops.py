"""A pilot that goes wrong: stopped by a person at once, or rolled back by a pull request."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.deploying import HEAD, SOURCE, XMLNS
from tests.support.git import git
from tests.support.pilot_world import COHORT, COPY, EVERYBODY, PilotWorld, piloting, ship

WITHOUT_LIVE = "{group: Tier2_Support, liveAgent: remove}"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PilotWorld]:
    made = PilotWorld(tmp_path)
    done = ship(made, piloting("new", cohort=WITHOUT_LIVE))
    assert (done.code, made.copy) == (0, 3), done.log
    yield made
    made.close()


def stop(world: PilotWorld, *arguments: str) -> None:
    done = world.desk.run("disable", "production", "--reason", "It leaks", *arguments)
    assert done.code == 0, done.log


def test_stopping_the_copy_leaves_the_live_agent_and_keeps_this_content_from_everybody(world: PilotWorld) -> None:
    stop(world, "--agent", COPY)
    assert (world.copy, world.active) == (None, 2)
    (act,) = world.acts()
    assert (act["agents"], act["release"]["name"]) == ({COPY: None}, "wave-3")
    done = ship(world, piloting("new", rollout="all-at-once"))
    assert (done.code, "promotion/stopped" in done.log, world.active) == (2, True, 2), done.log
    # nor does the next step of the pilot turn it on
    world.org.records.add_user("ann@acme.example", "Supervisors")
    done = ship(world, piloting("new", "supervisors", cohort=WITHOUT_LIVE))
    assert (done.code, "promotion/stopped" in done.log, world.copy) == (2, True, None), done.log
    done = world.desk.run("enable", "production", "--reason", "A false alarm", "--agent", COPY)
    assert (done.code, world.copy, world.active) == (0, 3, 2), done.log


def test_stopping_without_a_name_stops_the_copies_too_and_records_both_releases(world: PilotWorld) -> None:
    stop(world)
    assert (world.copy, world.active) == (None, None)
    assert [(each["agents"], each["release"]["name"]) for each in world.acts()] == [
        ({COPY: None}, "wave-3"), ({"Support_Agent": None}, "wave-2"),
    ]  # fmt: skip
    done = world.desk.run("enable", "production", "--reason", "A false alarm")
    assert (done.code, world.copy, world.active) == (0, 3, 2), done.log


def test_a_copy_that_only_the_ledger_still_knows_is_stopped_too(world: PilotWorld) -> None:
    world.release(piloting("new", rollout="all-at-once"), "wave-3")
    stop(world)
    assert (world.copy, world.active) == (None, None)


def test_an_agent_that_is_merely_named_like_a_copy_is_left(tmp_path: Path) -> None:
    world = PilotWorld(tmp_path)
    world.org.records.add_bot(COPY, versions=1, active=1)
    done = world.desk.run("disable", "production", "--reason", "It leaks")
    assert done.code == 0, done.log
    assert (world.active, world.copy) == (None, 1)
    assert f"{COPY} stays active: it is not a pilot's copy." in done.log
    assert [each["agents"] for each in world.acts()] == [{"Support_Agent": None}]
    world.close()


@pytest.mark.parametrize(("rollout", "copy"), [("canary", None), ("all-at-once", 3)])
def test_without_the_ledger_the_manifest_says_what_a_copy_is(
    world: PilotWorld, rollout: str, copy: int | None
) -> None:
    world.release(piloting("new", rollout=rollout), "wave-3")
    for name in ("GITHUB_TOKEN", "GITHUB_REPOSITORY"):
        world.desk.extra.pop(name, None)
    done = world.desk.run("disable", "production", "--reason", "It leaks")
    assert (world.active, world.copy) == (None, copy), done.log
    assert ("is unknown whether" in done.log, done.code) == (bool(copy), 4), done.log


def test_an_earlier_version_is_for_the_agent_and_its_copy_is_disabled(world: PilotWorld) -> None:
    stop(world, "--to-version", "1")
    assert (world.active, world.copy) == (1, None)


def test_a_pilot_is_rolled_back_by_a_pull_request_that_says_whom_it_affects(world: PilotWorld) -> None:
    live = world.live_state()
    git(world.desk.checkout, "remote", "set-url", "origin", world.github.clone_url)
    done = world.desk.run("rollback", "production", "--reason", "It leaks")
    assert done.code == 0, done.log
    (pull,) = world.github.pulls
    assert pull.body
    assert "Only the pilot has wave\\-3 in production:" in pull.body
    assert "The live agents were never changed." in pull.body
    status = world.desk.run("status", "--environment", "production")
    assert "Only the pilot's cohorts have the bad release, as copies." in status.log
    world.check_out(world.github.merge(pull.number), "wave-2")
    world.gate()
    done = world.deploy()
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert (world.copy, world.active, world.live_state()) == (None, 2, live)
    assert (world.with_live, world.with_copy) == (set(EVERYBODY), set())
    assert [each["kind"] for each in world.acts()] == ["rollback", "rollback-done"]
    # the content of the pilot stays refused, for the cohort and for everybody
    done = ship(world, piloting("new"), "wave-5")
    assert (done.code, "promotion/rolled-back" in done.log) == (2, True), done.log


def test_the_status_names_what_everybody_has_and_what_the_pilot_has(world: PilotWorld) -> None:
    log = world.desk.run("status", "--environment", "production").log
    assert "wave-2 is live, wave-3 is piloted" in log
    assert f"for tier2-support as {COPY}" in log
    world.org.records.bots[COPY].activate(None)
    done = world.desk.run("status", "--environment", "production")
    # which counts as a stop by somebody unknown, of what the pilot has
    assert ("STOPPED (1 of 2 agents)" in done.log, world.acts()[0]["release"]["name"]) == (True, "wave-3"), done.log
    history = world.desk.run("status", "--history", "--environment", "production").log
    assert "piloted" in history, history
    assert {*COHORT} == world.with_copy


TRIGGER = f"{SOURCE}/triggers/CaseTrigger.trigger"


def with_trigger(files: dict[str, bytes], text: str) -> dict[str, bytes]:
    """The same release with a trigger, which reaches everybody."""
    include = b"include: ['ApexTrigger:CaseTrigger']\nenvironments:"
    manifest = files["agentforce/release.yml"].replace(b"environments:", include)
    steps = b"canary: {reachesEveryone: accept, steps: [{cohorts: [tier2-support]}, {cohorts: all}]}"
    manifest = manifest.replace(b"rollout: canary,", b"rollout: canary, " + steps + b",")
    body = f"trigger CaseTrigger on Case (before insert) {{ {text} }}"
    meta = f"{HEAD}<ApexTrigger {XMLNS}><status>Active</status></ApexTrigger>"
    return {**files, "agentforce/release.yml": manifest, TRIGGER: body.encode(), f"{TRIGGER}-meta.xml": meta.encode()}


def test_what_a_pilot_changed_for_everybody_is_changed_back_when_it_is_over(tmp_path: Path) -> None:
    world = PilotWorld(tmp_path)
    done = ship(world, with_trigger(piloting("", rollout="all-at-once"), ""), "wave-2")
    assert done.code == 0, done.log
    key = ("ApexTrigger", "CaseTrigger")
    first = world.org.deployments.deployed[key]
    done = ship(world, with_trigger(piloting("new"), "Case.x();"))
    assert (done.code, world.copy) == (0, 3), done.log
    assert world.newest().payload["pilot"]["reaching"] == ["ApexTrigger:CaseTrigger"]
    assert world.org.deployments.deployed[key] != first
    done = ship(world, with_trigger(piloting("", rollout="all-at-once"), ""), "wave-2")
    assert (done.code, world.copy, world.org.deployments.deployed[key]) == (0, None, first), done.log
    world.close()
