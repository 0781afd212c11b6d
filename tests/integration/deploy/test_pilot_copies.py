"""A pilot on both doubles: two users of fifty meet the copy of an agent, and the live agent stays as it is."""

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

BEGINS = [5, 6, 7]
"""Requests to GitHub with which every deployment begins."""
GITHUB, ORG = [12, 13, 15], [10, 15, 21, 31]
"""The other requests of a pilot that takes the live agent from its cohort, of those that change something."""
WITHOUT_LIVE = "{group: Tier2_Support, liveAgent: remove}"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PilotWorld]:
    made = PilotWorld(tmp_path)
    yield made
    made.close()


def test_exactly_the_cohort_reaches_the_copy_and_everybody_else_keeps_the_live_version(world: PilotWorld) -> None:
    live = world.live_state()
    done = ship(world, piloting("new"))
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert (world.copy, world.with_copy) == (3, set(COHORT))
    assert (world.active, world.with_live) == (2, set(EVERYBODY))
    assert world.live_state() == live
    assert done.summary.startswith("## ✅ Deployed to the pilot: wave\\-3 in production")
    payload = world.newest().payload
    assert payload["pilot"]["copies"] == {"Support_Agent": COPY}
    assert payload["pilot"]["permission_set"] == COPY_ACCESS
    # a pilot is not what everybody has: the next plan compares with wave-2 again
    again = world.deploy()
    assert (again.code, again.outputs["result"]) == (0, "unchanged"), again.log
    assert len(world.org.deployments.jobs) == 1


def test_a_live_agent_that_has_the_copys_name_and_is_no_copy_is_not_replaced(world: PilotWorld) -> None:
    world.org.records.add_bot(COPY, versions=2, active=2)
    done = ship(world, piloting("new"))
    assert done.code == 2, done.log
    assert f"`{COPY}` is live in" in done.log and "would replace it. [canary/not-limited]" in done.log
    assert (world.copy, len(world.org.deployments.jobs)) == (2, 0)


def test_a_pilot_of_nobody_says_so(world: PilotWorld) -> None:
    world.org.records.inactive = set(COHORT)
    done = ship(world, piloting("new"))
    assert done.code == 0, done.log
    assert f"Nobody gets {COPY_ACCESS}: its cohorts have no active user." in done.log
    assert world.with_copy == set()


def test_a_further_cohort_joins_without_a_pause_of_the_copy(world: PilotWorld) -> None:
    ship(world, piloting("new"))
    world.org.records.add_user("ann@acme.example", "Supervisors")
    done = ship(world, piloting("new", "supervisors"))
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert (world.copy, world.with_copy) == (3, {*COHORT, "ann@acme.example"})
    assert len(world.org.deployments.jobs) == 1
    done = ship(world, piloting("new"))
    assert world.with_copy == set(COHORT)


def test_the_next_candidate_replaces_the_copy(world: PilotWorld) -> None:
    ship(world, piloting("new"))
    live, first = world.live_state(), world.org.deployments.deployed["GenAiPlannerBundle", f"{COPY}_v3"]
    done = ship(world, piloting("newer"), "wave-4")
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert (world.copy, world.with_copy, world.live_state()) == (3, set(COHORT), live)
    assert world.org.deployments.deployed["GenAiPlannerBundle", f"{COPY}_v3"] != first
    assert f"{COPY}: deactivating version 3" in done.log


def test_the_whole_cycle_to_everybody_gives_back_what_the_cohort_lost(world: PilotWorld) -> None:
    done = ship(world, piloting("new", cohort=WITHOUT_LIVE))
    assert (done.code, world.with_live) == (0, set(EVERYBODY) - set(COHORT)), done.log
    done = ship(world, piloting("new", rollout="all-at-once"))
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert (world.active, world.copy) == (3, None)
    assert (world.with_live, world.with_copy) == (set(EVERYBODY), set())
    assert world.descriptions(-2)[-1] == "retired: wave-3 is live for everybody"
    assert [(each.change, each.permission_set) for each in world.access_entries()] == [
        ("taken", ACCESS), ("given-back", ACCESS),
    ]  # fmt: skip


def test_a_copy_that_fails_leaves_the_live_agent_and_the_cohort_as_they_were(world: PilotWorld) -> None:
    live = world.live_state()
    world.org.records.unlicensed = {COHORT[1]}
    done = ship(world, piloting("new", cohort=WITHOUT_LIVE))
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert (world.copy, world.active, world.live_state()) == (None, 2, live)
    assert world.with_live == set(EVERYBODY)
    world.org.records.unlicensed = set()
    done = world.deploy()
    assert done.code == 0, done.log
    assert (world.copy, world.with_copy, world.with_live) == (3, set(COHORT), set(EVERYBODY) - set(COHORT))
    # the job of the next candidate fails: the copy that the cohort has is active again
    world.org.deployments.plan(failures={f"{COPY}_v3": "No"})
    done = ship(world, piloting("newer", cohort=WITHOUT_LIVE), "wave-4")
    assert (done.code, world.copy, world.with_copy) == (1, 3, set(COHORT)), done.log


def assert_piloted(world: PilotWorld) -> None:
    assert (world.copy, world.with_copy) == (3, set(COHORT))
    assert (world.active, world.with_live) == (2, set(EVERYBODY) - set(COHORT))
    assert [state for state in world.records()[-1][1] if state == "success"] == ["success"]
    assert len(world.records()) == 2
    assert len(world.org.deployments.jobs) == 1
    assert [(each.change, set(each.users)) for each in world.access_entries()] == [
        ("taken", {world.org.records.users[name] for name in COHORT})
    ]


@pytest.fixture
def ready(world: PilotWorld) -> PilotWorld:
    """A pilot that takes the live agent from its cohort is about to be deployed."""
    world.release(piloting("new", cohort=WITHOUT_LIVE), "wave-3")
    world.gate()
    return world


def test_a_pilot_takes_the_live_agent_from_its_cohort_alone(ready: PilotWorld) -> None:
    before, asked = len(ready.github.routes), len(ready.org.routes)
    done = ready.deploy()
    assert done.code == 0, done.log
    assert_piloted(ready)
    assert changing(ready.github.routes[before:]) == [*BEGINS, *GITHUB]
    assert changing(ready.org.routes[asked:]) == ORG


@pytest.mark.parametrize("k", GITHUB)
def test_killed_at_any_change_on_github_and_run_again(ready: PilotWorld, k: int) -> None:
    ready.deploy_killed(ready.github, k)
    if k % 2:
        shutil.rmtree(ready.desk.temporary)
    done = ready.deploy()
    assert done.code == 0, done.log
    assert_piloted(ready)


@pytest.mark.parametrize("k", ORG)
def test_killed_at_any_change_in_the_org_and_run_again(ready: PilotWorld, k: int) -> None:
    ready.deploy_killed(ready.org, k)
    done = ready.deploy()
    assert done.code == 0, done.log
    assert_piloted(ready)
