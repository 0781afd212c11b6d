"""A deployment that is killed at any request and run again, or loses any answer, ends as if nothing had happened."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.sf import install
from tests.support.deploying import Desk, Done, before_staged_release, release, staged_release

WAIT_POLLS = ("Pending", "Succeeded")
REQUESTS = 12
"""Requests of the run below, from the first login check to the last look."""
STAGED, RESTORING = 17, 25
"""Requests of a deployment in two stages, and of one whose second stage fails."""


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


FIRST, SECOND, RESTORED = ("Load_Context", "Support_Resolution"), ("Escalate_Case", "Escalate"), ("Load_Context",)


@pytest.fixture
def stages(desk: Desk) -> Desk:
    """The desk with a release of two stages, of which the first changes a flow and adds a prompt."""
    desk.write(before_staged_release(pinned=2))
    assert desk.run("deploy", "uat").code == 0
    desk.org.deployments.jobs.clear()
    desk.org.routes.clear()
    desk.commit(staged_release(pinned=2))
    return desk


def sent(desk: Desk) -> list[tuple[str, ...]]:
    """The components of each job, in order."""
    packages = [job.package for job in desk.org.deployments.jobs.values()]
    return [tuple(name for _, name in each.components) for each in packages if each]


def deploy_stages(desk: Desk, k: int, when: Literal["before", "after"], *, failing: bool) -> Done:
    """Deploy the stages; the client is killed at its k-th request, if there are so many, and started again."""
    org = desk.org
    for failures in ({}, {"Escalate_Case": "Invalid flow"} if failing else {}, {}):
        org.deployments.plan(statuses=WAIT_POLLS, failures=failures)
    org.crash_at(k, when=when)
    org.client = desk.start("deploy", "uat", "--live", "HEAD~1")
    first = desk.finish(org.client)
    org.client = None
    return desk.run("deploy", "uat", "--live", "HEAD~1") if first.code == -9 else first


@pytest.mark.parametrize(("failing", "requests"), [(False, STAGED), (True, RESTORING)])
def test_the_crash_points_cover_all_stages(stages: Desk, failing: bool, requests: int) -> None:
    deploy_stages(stages, 99, "after", failing=failing)
    assert len(stages.org.routes) == requests


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("k", range(5, STAGED + 1))
def test_killed_in_any_stage_each_stages_job_runs_once(
    stages: Desk, k: int, when: Literal["before", "after"]
) -> None:
    done = deploy_stages(stages, k, when, failing=False)
    assert (done.code, done.outputs["agents"]) == (0, '{"Support_Agent": 2}'), done.log
    assert sent(stages) == [FIRST, SECOND]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("k", range(9, RESTORING + 1))
def test_killed_while_a_later_stage_fails_the_first_is_restored_once(
    stages: Desk, k: int, when: Literal["before", "after"]
) -> None:
    done = deploy_stages(stages, k, when, failing=True)
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert sent(stages) == [FIRST, SECOND, RESTORED]
    assert "Stage 2 of 2 failed: " in done.log
    assert "Restored as they were before: `Flow:Load_Context`." in done.log
