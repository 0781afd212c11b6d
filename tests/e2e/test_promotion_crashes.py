"""A promotion that is killed at any request and run again, or loses any answer, leaves one job and one record."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from tests.doubles.double import Double
from tests.e2e.promotion_world import PromotionWorld

When = Literal["before", "after"]
LEDGER = 6
"""Requests to GitHub: what is live, the releases of the commit, the newest, a deployment, two statuses."""
ORG = 12
"""Its requests to the org."""


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
    assert made == [(world.commit, ["in_progress", "success"])]
    assert world.newest().statuses[-1].description == "live: Support_Agent v3"


def test_the_crash_points_cover_the_whole_run(world: PromotionWorld) -> None:
    done = world.deploy()
    assert done.code == 0, done.log
    assert_one_of_each(world)
    assert (len(api(world)), len(world.org.routes)) == (LEDGER, ORG)


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
@pytest.mark.parametrize("route", ["POST .*/deployments$", "POST .*/statuses$", "POST /graphql"])
def test_an_answer_that_is_lost_once_changes_nothing(
    world: PromotionWorld, route: str, fault: dict[str, object]
) -> None:
    world.github.faults.add(route, **fault)  # type: ignore[arg-type]
    done = world.deploy()
    assert done.code == 0, done.log
    assert_one_of_each(world)


def test_a_ledger_that_cannot_be_marked_is_marked_by_the_next_run(world: PromotionWorld) -> None:
    world.github.faults.add("POST .*/statuses$", skip=1, times=0, status=503)
    done = world.deploy()
    assert done.code == 4, done.log
    assert world.records()[1:] == [(world.commit, ["in_progress"])]
    world.github.faults.clear()
    assert world.deploy().code == 0
    assert_one_of_each(world)
