"""A promotion that is killed at any request and run again, or loses any answer, leaves one job and one record."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from tests.doubles.double import Double
from tests.support.promotion_world import PromotionWorld

When = Literal["before", "after"]
MARK = "POST /graphql#CreateDeploymentStatus"
LEDGER = 11
"""Requests to GitHub: what is live, the newest, the acts, the releases of the commit, a
deployment and its four statuses: deploying, what was live, the org's job, success. And the acts before and after the
activation."""
ORG = 12
"""Its requests to the org; one more where an agent is off meanwhile."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PromotionWorld]:
    made = PromotionWorld(tmp_path)
    made.gate()
    yield made
    made.close()


def api(world: PromotionWorld) -> list[str]:
    """Requests to GitHub's API so far."""
    return [f"{each.method} {each.template}" for each in world.github.routes if ".git/" not in each.path]


def assert_one_of_each(world: PromotionWorld) -> None:
    assert len(world.org.deployments.jobs) == 1
    assert world.org.records.bots["Support_Agent"].active == 3
    made = world.records()[1:]
    assert [(commit, statuses[-1]) for commit, statuses in made] == [(world.commit, "success")]
    said = [each.description for each in world.newest().statuses]
    assert len(said) == len(set(said)), "nothing is noted twice"
    assert world.newest().statuses[-1].description == "live: Support_Agent v3"


def test_the_crash_points_cover_the_whole_run(world: PromotionWorld) -> None:
    gated = len(api(world))
    done = world.deploy()
    assert done.code == 0, done.log
    assert_one_of_each(world)
    assert (len(api(world)) - gated, len(world.org.routes)) == (LEDGER, ORG)


def kill(world: PromotionWorld, double: Double, k: int, when: When) -> None:
    double.crash_at(k, when=when)
    double.client = world.desk.start("deploy", "production", "--decision", str(world.decision))
    assert world.desk.finish(double.client).code == -9
    double.client = None


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("k", range(1, LEDGER + 1))
def test_killed_at_any_request_to_github_and_run_again(world: PromotionWorld, k: int, when: When) -> None:
    kill(world, world.github, k, when)
    done = world.deploy()
    assert done.code == 0, done.log
    assert_one_of_each(world)


@pytest.mark.parametrize("k", range(1, ORG + 1))
def test_killed_at_any_request_to_the_org_and_run_again(world: PromotionWorld, k: int) -> None:
    kill(world, world.org, k, "after")
    done = world.deploy()
    assert done.code == 0, done.log
    assert_one_of_each(world)


@pytest.mark.parametrize(
    "fault", [{"when": "after", "drop": True}, {"when": "after", "status": 502}, {"status": 503}]
)
@pytest.mark.parametrize("route", ["POST .*/deployments$", MARK, "POST /graphql#Commit", "POST /graphql#Newest"])
def test_an_answer_that_is_lost_once_changes_nothing(
    world: PromotionWorld, route: str, fault: dict[str, object]
) -> None:
    world.github.faults.add(route, **fault)  # type: ignore[arg-type]
    done = world.deploy()
    assert done.code == 0, done.log
    assert_one_of_each(world)


def test_a_ledger_that_cannot_be_marked_is_marked_by_the_next_run(world: PromotionWorld) -> None:
    world.github.faults.add(MARK, skip=3, times=0, status=503)
    done = world.deploy()
    assert done.code == 4, done.log
    assert [set(statuses) for _, statuses in world.records()[1:]] == [{"in_progress"}]
    world.github.faults.clear()
    assert world.deploy().code == 0
    assert_one_of_each(world)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[PromotionWorld]:
    """A release that changes the live planner, so that its agent is off while it is deployed."""
    made = PromotionWorld(tmp_path, pinned=2)
    made.gate()
    yield made
    made.close()


def move(world: PromotionWorld) -> None:
    """Go on where nothing of the killed run's disk is left, as each job of a hosted runner does."""
    shutil.rmtree(world.desk.temporary)


@pytest.mark.parametrize("k", range(5, ORG + 2))
def test_killed_and_run_again_on_another_machine_it_takes_up_the_same_job(elsewhere: PromotionWorld, k: int) -> None:
    world = elsewhere
    kill(world, world.org, k, "after")
    move(world)
    done = world.deploy()
    assert (done.code, done.outputs["agents"]) == (0, '{"Support_Agent": 2}'), done.log
    assert world.org.records.bots["Support_Agent"].active == 2
    # also that of a run that was killed before it could note it
    assert len(world.org.deployments.jobs) == 1


def test_a_run_that_was_cut_short_is_closed_by_the_next_one(world: PromotionWorld) -> None:
    kill(world, world.github, LEDGER, "before")
    world.desk.extra["GITHUB_RUN_ID"] = "4712"
    done = world.deploy()
    assert done.code == 0, done.log
    cut, made = world.records()[1:]
    assert (cut[1][-1], made[1][-1]) == ("inactive", "success")
    assert cut[0] == made[0] == world.commit
    assert len(world.org.deployments.jobs) == 1


def test_the_next_run_keeps_what_the_one_before_noted(elsewhere: PromotionWorld) -> None:
    world = elsewhere
    world.org.deployments.plan(statuses=("Pending", "InProgress"))
    for run in ("4711", "4712", "4713"):
        world.desk.extra["GITHUB_RUN_ID"] = run
        assert world.deploy("--timeout", "1s").code == 4
        assert world.org.records.bots["Support_Agent"].active is None
        move(world)
    world.org.deployments.replan(statuses=("Failed",), failures={"Support_Agent": "No"})
    done = world.deploy()
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert world.org.records.bots["Support_Agent"].active == 2
    assert len(world.org.deployments.jobs) == 1
    assert [statuses[-1] for _, statuses in world.records()[1:]] == ["inactive", "inactive", "failure"]


def test_a_refused_release_leaves_the_version_from_before_live_whichever_machine_ends_it(
    elsewhere: PromotionWorld,
) -> None:
    world = elsewhere
    world.org.deployments.plan(statuses=("Pending", "Failed"), failures={"Support_Resolution": "Invalid template"})
    world.org.faults.add("GET .*/deployRequest", times=0, status=503)
    assert world.deploy().code == 4
    assert world.org.records.bots["Support_Agent"].active is None
    world.org.faults.clear()
    move(world)
    done = world.deploy()
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert world.org.records.bots["Support_Agent"].active == 2
    assert len(world.org.deployments.jobs) == 1


def test_a_time_out_is_taken_up_on_another_machine(elsewhere: PromotionWorld) -> None:
    world = elsewhere
    world.org.deployments.plan(statuses=("Pending", "InProgress"))
    assert world.deploy("--timeout", "1s").code == 4
    world.org.deployments.replan(statuses=("Succeeded",))
    move(world)
    done = world.deploy()
    assert done.code == 0, done.log
    assert ": resumed" in done.log
    assert len(world.org.deployments.jobs) == 1
    assert world.org.records.bots["Support_Agent"].active == 2


LOST = 12
"""Killed once the second stage's job was started, before that is noted anywhere. If that job then fails, it has
changed nothing, and another machine starts it again."""


@pytest.mark.parametrize(
    ("k", "failing"),
    [*((k, False) for k in (7, 9, LOST, 14, 17)), *((k, True) for k in range(10, 20) if k != LOST)],
)
def test_killed_in_any_stage_and_run_again_on_another_machine_each_stages_job_runs_once(
    tmp_path: Path, k: int, failing: bool
) -> None:
    world = PromotionWorld(tmp_path, staged=True)
    world.gate()
    for failures in ({}, {"Escalate_Case": "Invalid flow"} if failing else {}, {}):
        world.org.deployments.plan(statuses=("Pending", "Succeeded"), failures=failures)
    kill(world, world.org, k, "after")
    move(world)
    done = world.deploy()
    assert done.outputs["result"] == ("failed" if failing else "deployed"), done.log
    packages = [job.package for job in world.org.deployments.jobs.values()]
    sent = [[name for _, name in each.components] for each in packages if each]
    restored = [["Load_Context"]] if failing else []
    assert sent == [["Load_Context", "Support_Resolution"], ["Escalate_Case", "Escalate"], *restored]
    world.close()
