"""The end of a pilot: a release is for everybody, or the pilot is rolled back. One result, wherever a run ends."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.pilot_world import (
    ACCESS,
    COHORT,
    COPY,
    COPY_ACCESS,
    EVERYBODY,
    PilotWorld,
    changing,
    piloting,
    ship,
)
from tests.support.promotion_world import files

from wavegate.ledger.acts.act import ActKind, ReleaseId

BEGINS = [6, 7, 8]
"""Requests to GitHub with which every deployment begins."""
GITHUB, ORG = [9, 15, 16, 17, 18], [6, 11, 16, 19, 21]
"""The other requests of the promotion to everybody, of those that change something."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PilotWorld]:
    made = PilotWorld(tmp_path)
    made.begin_pilot(taken=True)
    made.gate()
    yield made
    made.close()


def assert_over(world: PilotWorld, *, active: int) -> None:
    assert (world.active, world.copy) == (active, None)
    assert (world.with_live, world.with_copy) == (set(EVERYBODY), set())
    assert [state for state in world.records()[-1][1] if state == "success"] == ["success"]
    assert [each for each in world.descriptions(-2) if each.startswith("retired: ")] == [
        f"retired: {world.newest().payload['release']} is live for everybody"
    ]
    assert [(each.change, each.permission_set) for each in world.access_entries()] == [
        ("taken", ACCESS), ("given-back", ACCESS),
    ]  # fmt: skip


def test_everybody_gets_the_release_and_the_copy_is_retired(world: PilotWorld) -> None:
    assert world.with_live == set(EVERYBODY) - set(COHORT)
    before, asked = len(world.github.routes), len(world.org.routes)
    done = world.deploy()
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert_over(world, active=3)
    assert f"Deactivated, because the pilot is over: `{COPY}`." in done.log
    assert f"sf project delete source --metadata Agent:{COPY} --metadata PermissionSet:{COPY_ACCESS}" in done.log
    assert changing(world.github.routes[before:]) == [*BEGINS, *GITHUB]
    assert changing(world.org.routes[asked:]) == ORG
    again = world.deploy()
    assert (again.code, again.outputs["result"]) == (0, "unchanged"), again.log
    assert_over(world, active=3)


@pytest.mark.parametrize("k", GITHUB)
def test_killed_at_any_change_on_github_and_run_again(world: PilotWorld, k: int) -> None:
    world.deploy_killed(world.github, k)
    if k % 2:
        shutil.rmtree(world.desk.temporary)
    done = world.deploy()
    assert done.code == 0, done.log
    assert_over(world, active=3)


@pytest.mark.parametrize("k", ORG)
def test_killed_at_any_change_in_the_org_and_run_again(world: PilotWorld, k: int) -> None:
    world.deploy_killed(world.org, k)
    done = world.deploy()
    assert done.code == 0, done.log
    assert_over(world, active=3)


def test_a_rolled_back_pilot_is_retired_without_touching_the_live_agent(world: PilotWorld) -> None:
    bad = ReleaseId(name="wave-3", commit=world.commit, content="c" * 64)
    world.act(ActKind.ROLLBACK, release=bad, manifest="agentforce/release.yml", number=7)
    world.github.deployments[-2].statuses[-1].state = "failure"
    world.release(files(pinned=2), "wave-2")
    world.gate()
    done = world.deploy()
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert_over(world, active=2)
    assert not world.org.deployments.jobs
    assert [each["kind"] for each in world.acts()] == ["rollback", "rollback-done"]


def test_a_user_who_left_gets_nothing_back_and_keeps_nobody_waiting(world: PilotWorld) -> None:
    world.org.records.inactive = {COHORT[0]}
    done = world.deploy()
    assert done.code == 0, done.log
    assert f"{ACCESS} was not given back to 1 who are inactive" in done.log
    assert (world.copy, world.with_live) == (None, set(EVERYBODY) - {COHORT[0]})


def test_an_org_that_refuses_to_give_access_back_is_asked_again(world: PilotWorld) -> None:
    world.org.records.unlicensed = {COHORT[0]}
    done = world.deploy()
    assert done.code == 4, done.log
    assert "wave-3 is live in production, but `Support_Agent_Pilot` could not be taken out of use" in done.log
    # the cohort keeps the copy until it has the live agent again
    assert (world.active, world.copy, world.with_copy) == (3, 3, set(COHORT))
    world.org.records.unlicensed = set()
    done = world.deploy()
    assert done.code == 0, done.log
    assert_over(world, active=3)


def test_a_rollback_to_a_manifest_that_says_canary_pilots_nothing(tmp_path: Path) -> None:
    world = PilotWorld(tmp_path)
    # what everybody has; its manifest says canary as soon as the next release is prepared
    assert ship(world, piloting("", rollout="all-at-once"), "wave-3").code == 0
    assert ship(world, piloting("new"), "wave-4").code == 0
    assert (world.active, world.copy) == (3, 3)
    jobs = len(world.org.deployments.jobs)
    done = ship(world, piloting(""), "wave-3")
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert (world.active, world.copy, world.with_copy) == (3, None, set())
    assert len(world.org.deployments.jobs) == jobs
    assert "pilot" not in world.newest().payload
    world.close()


def test_a_release_to_everybody_takes_no_permission_set_although_its_manifest_lists_cohorts(tmp_path: Path) -> None:
    world = PilotWorld(tmp_path)
    world.org.records.add_permission_set("Early_Access")
    world.org.records.assign("Early_Access", *EVERYBODY)
    made = piloting("new", rollout="all-at-once", cohort="{group: Tier2_Support, permissionSet: Early_Access}")
    manifest = made["agentforce/release.yml"].rstrip().removesuffix(b"}")
    made["agentforce/release.yml"] = manifest + b", rollout: all-at-once, pilotUsers: [tier2-support]}\n"
    done = ship(world, made)
    assert (done.code, world.active) == (0, 3), done.log
    assert world.org.records.assigned("Early_Access") == set(EVERYBODY)
    world.close()
