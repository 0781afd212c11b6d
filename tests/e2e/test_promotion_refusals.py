"""GitHub refuses a status of the ledger while the org deploys: one job, its true outcome, and a record in the end."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.deploying import Done
from tests.support.promotion_world import PromotionWorld

MARK = "POST /graphql#CreateDeploymentStatus"
MARKS = 4
"""Statuses of a promotion: deploying, what was live, the org's job, the outcome."""


def graph(kind: str) -> dict[str, object]:
    """A refusal of GraphQL."""
    errors = [{"type": kind, "message": "Resource not accessible by integration"}]
    return {"status": 200, "body": {"data": None, "errors": errors}}


REFUSALS: dict[str, dict[str, object]] = {
    **{kind: graph(kind) for kind in ("FORBIDDEN", "NOT_FOUND", "UNPROCESSABLE")},
    **{str(status): {"status": status, "body": {"message": "No."}} for status in (401, 403, 404, 422)},
}
refusals = pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS.keys())


def made(tmp_path: Path, *, pinned: int) -> Iterator[PromotionWorld]:
    found = PromotionWorld(tmp_path, pinned=pinned)
    found.gate()
    yield found
    found.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PromotionWorld]:
    """A release whose agent stays active while it is deployed."""
    yield from made(tmp_path, pinned=3)


@pytest.fixture
def changed(tmp_path: Path) -> Iterator[PromotionWorld]:
    """A release that changes the live planner, so that its agent is inactive while it is deployed."""
    yield from made(tmp_path, pinned=2)


def refuse(world: PromotionWorld, k: int, refusal: dict[str, object]) -> None:
    """Have GitHub refuse the k-th status from now, from 1."""
    world.github.faults.add(MARK, skip=k - 1, **refusal)  # type: ignore[arg-type]


def move(world: PromotionWorld) -> None:
    """Go on where nothing of the last run's disk is left, as each job of a hosted runner does."""
    shutil.rmtree(world.desk.temporary)


def last(world: PromotionWorld) -> list[str]:
    """The newest state of each record of this promotion."""
    return [statuses[-1] if statuses else "" for commit, statuses in world.records() if commit == world.commit]


def assert_deployed(world: PromotionWorld, done: Done, *, version: int) -> None:
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert done.outputs["agents"] == f'{{"Support_Agent": {version}}}'
    assert world.org.records.bots["Support_Agent"].active == version
    assert len(world.org.deployments.jobs) == 1
    assert last(world) == ["success"]
    assert world.newest().statuses[-1].description == f"live: Support_Agent v{version}"


@refusals
def test_refused_before_the_org_is_touched_nothing_is_done(world: PromotionWorld, refusal: dict[str, object]) -> None:
    refuse(world, 1, refusal)
    first = world.deploy()
    assert (first.code, first.outputs) == (2, {}), first.log
    assert world.org.deployments.jobs == {}
    assert_deployed(world, world.deploy(), version=3)


@pytest.mark.parametrize("k", [2, 3])
@refusals
def test_refused_while_the_job_runs_it_is_followed_to_its_end(
    world: PromotionWorld, k: int, refusal: dict[str, object]
) -> None:
    world.org.deployments.plan(statuses=("Pending", "InProgress", "Succeeded"))
    refuse(world, k, refusal)
    done = world.deploy()
    assert_deployed(world, done, version=3)
    assert "Not noted in the ledger" in done.log
    assert "✅ Deployed: wave" in done.log
    assert "✅ Deployed" in done.summary


@pytest.mark.parametrize("moved", [False, True])
@refusals
def test_refused_at_the_outcome_the_next_run_completes_the_record(
    world: PromotionWorld, refusal: dict[str, object], *, moved: bool
) -> None:
    refuse(world, MARKS, refusal)
    first = world.deploy()
    # something was done, and running it again helps
    assert (first.code, first.outputs["result"]) == (4, "deployed"), first.log
    assert first.outputs["deploy-id"] in world.org.deployments.jobs
    assert "wave-3 is live in production, but the ledger does not show it" in first.log
    assert "✅ Deployed" in first.summary
    assert "The ledger does not show this result" in first.summary
    assert last(world) == ["in_progress"]
    if moved:
        move(world)
    assert_deployed(world, world.deploy(), version=3)


@pytest.mark.parametrize("k", range(1, MARKS + 1))
def test_refused_about_an_agent_that_is_off_meanwhile(changed: PromotionWorld, k: int) -> None:
    world = changed
    refuse(world, k, REFUSALS["FORBIDDEN"])
    done = world.deploy()
    if k <= 2:
        assert (done.code, done.outputs) == (2, {}), done.log
        assert world.org.deployments.jobs == {}
        assert world.org.records.bots["Support_Agent"].active == 2
    if k == 2:
        assert "Nothing was changed in the org" in done.log
    if k == MARKS:
        assert (done.code, done.outputs["result"]) == (4, "deployed"), done.log
    assert_deployed(world, done if k == 3 else world.deploy(), version=2)


@pytest.mark.parametrize("k", range(1, MARKS + 1))
def test_refused_about_a_job_that_fails(changed: PromotionWorld, k: int) -> None:
    world = changed
    world.org.deployments.plan(statuses=("Pending", "Failed"), failures={"Support_Resolution": "Invalid template"})
    refuse(world, k, REFUSALS["FORBIDDEN"])
    first = world.deploy()
    if k == MARKS:
        assert (first.code, first.outputs["result"]) == (1, "failed"), first.log
        assert "wave-3 failed in production, but the ledger does not show it" in first.log
        assert "❌ Not deployed" in first.summary
    done = first if k == 3 else world.deploy()
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert "Invalid template" in done.log
    assert world.org.records.bots["Support_Agent"].active == 2
    assert len(world.org.deployments.jobs) == 1
    assert last(world) == ["failure"]


def test_a_job_that_could_not_be_noted_is_noted_when_its_run_ends_early(world: PromotionWorld) -> None:
    world.org.deployments.plan(statuses=("Pending", "InProgress"))
    refuse(world, 3, REFUSALS["FORBIDDEN"])
    assert world.deploy("--timeout", "1s").code == 4
    world.org.deployments.replan(statuses=("Succeeded",))
    move(world)
    assert_deployed(world, world.deploy(), version=3)


@pytest.mark.parametrize("k", range(1, 6))
def test_refused_about_the_record_of_another_run_its_job_is_not_forgotten(changed: PromotionWorld, k: int) -> None:
    """The marks of the other run: deploying, what was live, the org's job, the first run's end, the outcome."""
    world = changed
    world.org.deployments.plan(statuses=("Pending", "InProgress"))
    assert world.deploy("--timeout", "1s").code == 4
    world.org.deployments.replan(statuses=("Succeeded",))
    move(world)
    world.desk.extra["GITHUB_RUN_ID"] = "4712"
    refuse(world, k, REFUSALS["FORBIDDEN"])
    first = world.deploy()
    assert first.code == 4, first.log
    # and whatever GitHub refuses, the job is followed
    assert "Succeeded" in first.log
    move(world)
    done = world.deploy()
    assert (done.code, done.outputs["agents"]) == (0, '{"Support_Agent": 2}'), done.log
    assert len(world.org.deployments.jobs) == 1
    assert last(world) == ["inactive", "success"]


OUTAGE: dict[str, object] = {"status": 503, "times": 0}


@pytest.mark.parametrize("moved", [False, True])
@pytest.mark.parametrize("answer", [REFUSALS["FORBIDDEN"], REFUSALS["401"], OUTAGE], ids=["graph", "rest", "outage"])
@pytest.mark.parametrize("query", ["Newest", "Commit"])
def test_an_open_job_is_followed_though_github_does_not_say_whether_the_release_may_enter(
    changed: PromotionWorld, query: str, answer: dict[str, object], *, moved: bool
) -> None:
    world = changed
    world.org.deployments.plan(statuses=("Pending", "InProgress"))
    assert world.deploy("--timeout", "1s").code == 4
    world.org.deployments.replan(statuses=("InProgress", "Succeeded"))
    if moved:
        move(world)
    world.github.faults.add(f"POST /graphql#{query}", **answer)  # type: ignore[arg-type]
    first = world.deploy()
    # on another machine, only GitHub knows the job
    assert first.code == (4 if not moved or answer is OUTAGE else 2), first.log
    assert ("ended as Succeeded" in first.log) is not moved
    assert ("Support_Agent stays inactive until then" in first.log) is not moved
    # nothing else is done in the org
    assert world.org.records.bots["Support_Agent"].active is None
    world.github.faults.clear()
    assert_deployed(world, world.deploy(), version=2)


def test_a_release_that_may_no_longer_enter_is_refused_though_its_job_runs(changed: PromotionWorld) -> None:
    world = changed
    world.org.deployments.plan(statuses=("Pending", "InProgress"))
    assert world.deploy("--timeout", "1s").code == 4
    world.record("uat", world.commit, "wave-3", statuses=("success", "failure"))
    done = world.deploy()
    assert (done.code, done.outputs["result"]) == (2, "refused"), done.log
    assert world.org.records.bots["Support_Agent"].active is None


@pytest.mark.parametrize("k", range(1, MARKS + 1))
@pytest.mark.parametrize("then", [1, 2, 3])
def test_refused_twice_or_refused_and_then_cut_off_there_is_one_job_and_one_record(
    changed: PromotionWorld, k: int, then: int
) -> None:
    world = changed
    refuse(world, k, REFUSALS["FORBIDDEN"])
    world.github.faults.add(MARK, skip=k - 1 + then, times=0, status=503)
    codes = {world.deploy().code}
    world.github.faults.clear()
    codes.add(world.deploy().code)
    assert codes <= {0, 2, 4}
    if 0 not in codes:
        assert_deployed(world, world.deploy(), version=2)
    assert len(world.org.deployments.jobs) == 1
    assert last(world) == ["success"]


def lose(world: PromotionWorld) -> None:
    """Deploy in a run that GitHub refuses to note the job and the outcome, and whose disk is gone afterwards."""
    world.github.faults.add(MARK, skip=2, times=2, **graph("FORBIDDEN"))
    first = world.deploy()
    assert first.code == 4, first.log
    assert last(world) == ["in_progress"]
    move(world)


@pytest.mark.parametrize("run", ["4711", "4712"])
def test_a_job_that_only_the_org_knows_is_found_there(changed: PromotionWorld, run: str) -> None:
    world = changed
    lose(world)
    world.desk.extra["GITHUB_RUN_ID"] = run
    done = world.deploy()
    assert done.outputs["deploy-id"] in world.org.deployments.jobs, done.log
    assert (done.code, len(world.org.deployments.jobs)) == (0, 1), done.log
    assert last(world)[-1] == "success"


def test_a_job_of_something_else_is_not_taken_for_it(changed: PromotionWorld) -> None:
    """The newest job of the same user since the lost try began deployed another component."""
    world = changed
    lose(world)
    (lost,) = world.org.deployments.jobs.values()
    assert lost.outcome
    lost.outcome["details"]["componentSuccesses"][0]["fullName"] = "Another"
    done = world.deploy()
    assert (done.code, len(world.org.deployments.jobs)) == (0, 2), done.log
    assert done.outputs["deploy-id"] != lost.id


def test_an_older_job_with_the_same_components_is_not_taken_for_it(changed: PromotionWorld) -> None:
    world = changed
    assert world.deploy().code == 0
    (older,) = world.org.deployments.jobs.values()
    older.created_at -= timedelta(hours=1)
    del world.github.deployments[-1]
    move(world)
    refuse(world, 2, REFUSALS["FORBIDDEN"])
    assert world.deploy().code == 2
    move(world)
    done = world.deploy()
    assert (done.code, len(world.org.deployments.jobs)) == (0, 2), done.log
