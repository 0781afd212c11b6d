"""A deployment that publishes an Agent Script, killed at any request and run again, publishes it once."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from tests.doubles.double import Double
from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.sf import install
from tests.support.deploying import Desk, script_release
from tests.support.promotion_world import PromotionWorld

When = Literal["before", "after"]
REQUESTS = 21
"""Requests to the org, from the first login check to the last look."""
LEDGER = 14
"""Requests to GitHub: as for every promotion, and one each before and after the publication."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with SalesforceDouble() as org:
        org.records.add_bot("Support_Agent", versions=4, active=2)
        desk = Desk(folder=tmp_path, org=org, path=(install(tmp_path / "bin"),))
        desk.write(script_release())
        yield desk


def assert_published_once(org: SalesforceDouble) -> None:
    assert list(org.authoring.published) == [("Support_Agent", 5)]
    assert org.records.bots["Support_Agent"].active == 5
    assert len(org.deployments.jobs) == 1


def test_the_crash_points_cover_the_whole_run(desk: Desk) -> None:
    desk.org.deployments.plan(statuses=("Pending", "Succeeded"))
    done = desk.run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert_published_once(desk.org)
    assert len(desk.org.routes) == REQUESTS, [each.template for each in desk.org.routes]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("k", range(1, REQUESTS + 1))
def test_killed_and_run_again_there_is_one_new_version_and_it_is_live(desk: Desk, k: int, when: When) -> None:
    org = desk.org
    org.deployments.plan(statuses=("Pending", "Succeeded"))
    org.crash_at(k, when=when)
    org.client = desk.start("deploy", "uat")
    assert desk.finish(org.client).code == -9
    org.client = None
    done = desk.run("deploy", "uat")
    assert (done.code, done.outputs["agents"]) == (0, '{"Support_Agent": 5}'), done.log
    assert_published_once(org)


@pytest.mark.parametrize("k", range(1, REQUESTS + 1))
def test_an_answer_that_is_lost_once_publishes_nothing_twice(desk: Desk, k: int) -> None:
    org = desk.org
    org.deployments.plan(statuses=("Pending", "Succeeded"))
    org.faults.add(".", skip=k - 1, when="after", drop=True)
    done = desk.run("deploy", "uat")
    if done.code:
        # the CLI does not repeat a request, so its command failed before it published anything
        done = desk.run("deploy", "uat")
    assert (done.code, done.outputs["agents"]) == (0, '{"Support_Agent": 5}'), done.log
    assert_published_once(org)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PromotionWorld]:
    made = PromotionWorld(tmp_path, scripts=("You plan visits.", "You plan visits and tours."))
    made.org.records.add_version("Support_Agent", 4)
    made.gate()
    yield made
    made.close()


def kill(world: PromotionWorld, double: Double, k: int) -> None:
    """Kill a run at its k-th request, and lose its machine, as each job of a hosted runner does."""
    double.crash_at(k, when="after")
    double.client = world.desk.start("deploy", "production", "--decision", str(world.decision))
    assert world.desk.finish(double.client).code == -9
    double.client = None
    shutil.rmtree(world.desk.temporary)


def api(world: PromotionWorld) -> list[str]:
    return [f"{each.method} {each.template}" for each in world.github.routes if ".git/" not in each.path]


def test_the_ledger_says_which_version_the_script_is(world: PromotionWorld) -> None:
    done = world.deploy()
    assert done.code == 0, done.log
    assert_published_once(world.org)
    said = [each.description for each in world.newest().statuses]
    about, known, live = said[-3:]
    assert about.startswith("publish: Support_Agent after v4 ")
    assert known == f"script: Support_Agent v5 {about.split()[-1]}"
    assert live == "live: Support_Agent v5"
    # the first request was the gate's, for earlier attempts
    assert (len(api(world)[1:]), len(world.org.routes)) == (LEDGER, REQUESTS + 1), api(world)


@pytest.mark.parametrize("k", range(1, REQUESTS + 2))
def test_killed_at_any_request_to_the_org_and_resumed_on_another_machine(world: PromotionWorld, k: int) -> None:
    kill(world, world.org, k)
    done = world.deploy()
    assert (done.code, done.outputs["agents"]) == (0, '{"Support_Agent": 5}'), done.log
    assert_published_once(world.org)


@pytest.mark.parametrize("k", range(1, LEDGER + 1))
def test_killed_at_any_request_to_github_and_resumed_on_another_machine(world: PromotionWorld, k: int) -> None:
    kill(world, world.github, k)
    done = world.deploy()
    assert (done.code, done.outputs["agents"]) == (0, '{"Support_Agent": 5}'), done.log
    assert_published_once(world.org)
    assert world.newest().statuses[-1].description == "live: Support_Agent v5"
