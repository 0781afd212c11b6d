"""A deployment that is killed at any request and run again, or loses any answer, ends as if nothing had happened."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.sf import install
from tests.support.deploying import Desk, release

WAIT_POLLS = ("Pending", "Succeeded")
REQUESTS = 12
"""Requests of the run below, from the first login check to the last look."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with SalesforceDouble() as org:
        # version 2 is live and its planner changes, so it has to be turned off and on again
        org.records.add_bot("Support_Agent", versions=3, active=2)
        desk = Desk(folder=tmp_path, org=org, path=(install(tmp_path / "bin"),))
        desk.write(release(pinned=2))
        yield desk


def test_the_crash_points_cover_the_whole_run(desk: Desk) -> None:
    desk.org.deployments.plan(statuses=WAIT_POLLS)
    done = desk.run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert len(desk.org.routes) == REQUESTS


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("k", range(1, REQUESTS + 1))
def test_killed_and_run_again_there_is_one_job_and_the_pinned_version_is_live(
    desk: Desk, k: int, when: Literal["before", "after"]
) -> None:
    org = desk.org
    org.deployments.plan(statuses=WAIT_POLLS)
    org.crash_at(k, when=when)
    org.client = desk.start("deploy", "uat")
    assert desk.finish(org.client).code == -9
    org.client = None
    done = desk.run("deploy", "uat")
    assert (done.code, done.outputs["agents"]) == (0, '{"Support_Agent": 2}'), done.log
    assert len(org.deployments.jobs) == 1
    assert org.records.bots["Support_Agent"].active == 2


@pytest.mark.parametrize("k", range(5, REQUESTS + 1))
def test_killed_while_the_org_refuses_the_version_from_before_is_live_in_the_end(desk: Desk, k: int) -> None:
    org = desk.org
    for _ in range(2):
        org.deployments.plan(statuses=WAIT_POLLS, failures={"Support_Resolution": "Invalid template"})
    org.crash_at(k, when="after")
    org.client = desk.start("deploy", "uat")
    first = desk.finish(org.client)
    org.client = None
    done = desk.run("deploy", "uat") if first.code == -9 else first
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert org.records.bots["Support_Agent"].active == 2


@pytest.mark.parametrize("k", range(1, REQUESTS + 1))
def test_an_answer_that_is_lost_once_changes_nothing(desk: Desk, k: int) -> None:
    org = desk.org
    org.deployments.plan(statuses=WAIT_POLLS)
    org.faults.add(".", skip=k - 1, when="after", drop=True)
    done = desk.run("deploy", "uat")
    assert (done.code, done.outputs["agents"]) == (0, '{"Support_Agent": 2}'), done.log
    assert len(org.deployments.jobs) == 1


def test_an_older_job_that_the_org_did_not_show_before_is_not_taken_for_a_lost_one(desk: Desk) -> None:
    org = desk.org
    assert desk.run("deploy", "uat").code == 0
    (older,) = org.deployments.jobs
    org.faults.add("GET .*/tooling/query", status=403)
    org.faults.add("POST .*/deployRequest", drop=True)
    first = desk.run("deploy", "uat")
    assert first.code == 4, first.log
    assert list(org.deployments.jobs) == [older]
    assert desk.run("deploy", "uat").code == 0
    assert len(org.deployments.jobs) == 2
