"""A pilot of an agent that is an Agent Script: its copy is published first, and then granted to the cohort."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.pilot_world import COHORT, COPY, COPY_ACCESS, EVERYBODY, PilotWorld, piloting_script, ship

BUNDLE, ACCESS = {("AiAuthoringBundle", COPY)}, {("PermissionSet", COPY_ACCESS)}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PilotWorld]:
    made = PilotWorld(tmp_path, scripts=("You plan visits.", "You plan visits."))
    yield made
    made.close()


def sent(world: PilotWorld) -> list[set[tuple[str, str]]]:
    """What each job sent."""
    return [set(job.package.components) for job in world.org.deployments.jobs.values() if job.package]


def assert_piloted(world: PilotWorld, *, version: int = 1) -> None:
    assert (world.copy, world.with_copy) == (version, set(COHORT))
    assert (world.active, world.with_live) == (2, set(EVERYBODY))
    assert [name for name, agents in world.org.records.grants.items() if COPY in agents] == [COPY_ACCESS]
    assert {name for name, _ in world.org.authoring.published} == {COPY}


def test_the_copy_is_published_before_access_to_it_is_deployed(world: PilotWorld) -> None:
    live = world.live_state()
    done = ship(world, piloting_script("You plan and book visits."))
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert_piloted(world)
    assert sent(world) == [BUNDLE, ACCESS]
    assert world.live_state() == live
    again = world.deploy()
    assert (again.code, again.outputs["result"], len(sent(world))) == (0, "unchanged", 2), again.log
    # the next candidate is the next version of the copy
    done = ship(world, piloting_script("You book visits."), "wave-4")
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert_piloted(world, version=2)
    done = ship(world, piloting_script("You book visits.", rollout="all-at-once"), "wave-4")
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert (world.active, world.copy, world.with_copy) == (4, None, set())


def test_an_org_that_refuses_the_access_leaves_the_copy_inactive(world: PilotWorld) -> None:
    live = world.live_state()
    world.org.deployments.plan()
    world.org.deployments.plan(failures={COPY_ACCESS: "No"})
    done = ship(world, piloting_script("You plan and book visits."))
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert f"Stage 2 of 2 failed: Deployment {list(world.org.deployments.jobs)[1]} ended as Failed." in done.log
    assert (world.copy, world.active, world.live_state()) == (None, 2, live)
    done = world.deploy()
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    # the version of the failed attempt is the one that it published
    assert_piloted(world)


STEPS = {"published": 23, "second job started": 30, "second job ended": 33, "activated": 35}
"""Requests to the org after which a deployment is killed."""


@pytest.mark.parametrize("step", STEPS)
def test_killed_around_the_second_job_and_run_again(world: PilotWorld, step: str) -> None:
    world.release(piloting_script("You plan and book visits."), "wave-3")
    world.gate()
    world.org.crash_at(STEPS[step], when="after")
    world.org.client = world.desk.start("deploy", "production", "--decision", str(world.decision))
    assert world.desk.finish(world.org.client).code == -9
    world.org.client = None
    done = world.deploy()
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert_piloted(world)
    assert sent(world) == [BUNDLE, ACCESS]
    assert len(world.org.authoring.published) == 1
