"""The flows of a deployment, against the org double: activated, read back, restored, and deleted with the release."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.sf import install
from tests.support.deploying import HEAD, SOURCE, XMLNS, Desk, Run, release
from tests.support.git import commit, start

ACTION = "Update_Case_Status"
ACTION_FILE = f"{SOURCE}/genAiFunctions/{ACTION}/{ACTION}.genAiFunction-meta.xml"
FLOW = f"{SOURCE}/flows/{ACTION}.flow-meta.xml"


def with_flow(*, status: str = "Active", label: str = "One", pinned: int = 3) -> dict[str, str]:
    """A release whose action calls a flow."""
    files = release(pinned=pinned, versions=(3,))
    files["agentforce/release.yml"] += f"    actions: [{ACTION}]\n"
    files[ACTION_FILE] = (
        f"{HEAD}<GenAiFunction {XMLNS}><invocationTarget>{ACTION}</invocationTarget>"
        f"<invocationTargetType>flow</invocationTargetType></GenAiFunction>\n"
    )
    files[FLOW] = f"{HEAD}<Flow {XMLNS}><label>{label}</label><status>{status}</status></Flow>\n"
    return files


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with SalesforceDouble() as org:
        org.records.add_bot("Support_Agent", versions=3, active=2)
        org.flows.deployed_active = False
        desk = Desk(folder=tmp_path, org=org, path=(install(tmp_path / "bin"),))
        desk.write(with_flow())
        yield desk


def active(desk: Desk, name: str = ACTION) -> tuple[int | None, int | None]:
    """The active and the latest version of a flow."""
    flow = desk.org.flows.definitions[name]
    return flow.active, flow.latest


def live(desk: Desk) -> int | None:
    return desk.org.records.bots["Support_Agent"].active


def test_a_flow_that_a_production_org_deploys_inactive_is_activated(desk: Desk, run: Run) -> None:
    desk.org.flows.add(ACTION, versions=4, active=4)
    done = run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert active(desk) == (5, 5)
    assert f"Flow {ACTION}: activating version 5" in done.log
    assert f"flow {ACTION}: version 5 is active" in done.log
    assert "| version 5 is active | version 4 |" in done.summary
    again = run("deploy", "uat")
    assert again.outputs["result"] == "unchanged", again.log
    assert "version 5 is active (unchanged)" in again.log


def test_a_flow_that_the_org_activates_by_itself_is_only_read_back(desk: Desk, run: Run) -> None:
    desk.org.flows.deployed_active = True
    done = run("deploy", "uat")
    assert done.code == 0, done.log
    assert active(desk) == (1, 1)
    assert not [each for each in desk.org.routes if each.method == "PATCH"]


def test_a_flow_that_is_a_draft_in_git_is_not_activated_and_that_is_said(desk: Desk, run: Run) -> None:
    desk.org.flows.add(ACTION, versions=2, active=2)
    desk.write(with_flow(status="Draft"))
    done = run("deploy", "uat")
    assert done.code == 0, done.log
    assert active(desk) == (2, 3)
    assert "not activated: git has it as Draft; version 2 stays active in the org" in done.log


@pytest.mark.parametrize("status", [204, 400])
def test_a_flow_that_does_not_become_active_fails_the_deployment(desk: Desk, run: Run, status: int) -> None:
    desk.org.flows.add(ACTION, versions=2, active=2)
    told = [{"errorCode": "FIELD_INTEGRITY_EXCEPTION", "message": "The flow is invalid"}]
    desk.org.faults.add("PATCH .*/FlowDefinition", status=status, body=told if status == 400 else b"")
    done = run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    said = "The flow is invalid" if status == 400 else "should have version 3 active, but has version 2 active"
    assert said in done.log
    assert (active(desk), live(desk)) == ((2, 3), 2)


def test_a_later_failure_makes_the_flow_from_before_active_again(desk: Desk, run: Run) -> None:
    desk.org.flows.add(ACTION, versions=2, active=2)
    desk.org.faults.add("POST .*/activation", status=400)
    done = run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert (active(desk), live(desk)) == ((2, 3), 2)


def test_a_new_flow_is_inactive_after_a_failure(desk: Desk, run: Run) -> None:
    desk.org.faults.add("POST .*/activation", status=400)
    assert run("deploy", "uat").code == 1
    assert active(desk) == (None, 1)


def test_a_flow_that_cannot_be_restored_is_named(desk: Desk, run: Run) -> None:
    desk.org.flows.add(ACTION, versions=2, active=2)
    desk.org.faults.add("POST .*/activation", status=400)
    desk.org.faults.add("PATCH .*/FlowDefinition", skip=1, status=400)
    done = run("deploy", "uat")
    assert done.code == 1
    assert f"Flow {ACTION} could not be restored" in done.log
    # the journal stays open, and the next run knows what was active
    desk.org.faults.clear()
    desk.org.faults.add("POST .*/activation", status=400)
    assert run("deploy", "uat").code == 1
    assert active(desk) == (2, 3)


def test_somebodys_draft_is_not_activated(desk: Desk, run: Run) -> None:
    desk.org.flows.add(ACTION, versions=2, active=2)
    desk.org.flows.saved_meanwhile = ACTION
    done = run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert "got versions 3 to 4, but the deployment makes only one" in done.log
    assert active(desk) == (2, 4)


def test_an_org_without_access_to_its_flows_is_not_touched(desk: Desk, run: Run) -> None:
    desk.org.faults.add("GET .*/tooling/query", status=403)
    done = run("deploy", "uat")
    assert done.code == 2, done.log
    assert not desk.org.deployments.jobs


def test_a_managed_packages_flow_of_the_same_name_is_left_alone(desk: Desk, run: Run) -> None:
    other = desk.org.flows.add("theirs", versions=3, active=1)
    other.name, other.namespace = ACTION, "theirs"
    assert run("deploy", "uat").code == 0
    assert active(desk) == (1, 1)
    assert other.active == 1


OLD_FLOW = f"{SOURCE}/flows/Old_Flow.flow-meta.xml"
OLD_ACTION = f"{SOURCE}/genAiFunctions/Old_Flow/Old_Flow.genAiFunction-meta.xml"
WAIT_POLLS = ("Pending", "Succeeded")
REMOVAL_REQUESTS = 23
"""Requests of a deployment that changes one flow and removes another with two versions."""


def rolled_back(desk: Desk) -> str:
    """The checkout after the rollback of a release that added a flow; returns the commit of that release."""
    good = with_flow()
    bad = {**good, OLD_FLOW: good[FLOW], OLD_ACTION: good[ACTION_FILE].replace(ACTION, "Old_Flow")}
    bad["agentforce/release.yml"] = bad["agentforce/release.yml"].replace(f"[{ACTION}]", f"[{ACTION}, Old_Flow]")
    good[FLOW] = good[FLOW].replace("One", "Zero")
    shutil.rmtree(desk.checkout)
    live = start(desk.checkout, {name: text.encode() for name, text in bad.items()})
    for name in bad.keys() - good.keys():
        (desk.checkout / name).unlink()
    commit(desk.checkout, {name: text.encode() for name, text in good.items()}, "Roll back")
    desk.org.flows.add(ACTION, versions=1, active=1)
    desk.org.flows.add("Old_Flow", versions=2, active=2)
    desk.org.deployments.deployed["GenAiFunction", "Old_Flow"] = "digest"
    return live


def test_a_rollback_of_a_release_that_added_a_flow_deletes_it(desk: Desk, run: Run) -> None:
    done = run("deploy", "uat", "--live", rolled_back(desk))
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert list(desk.org.flows.definitions) == [ACTION]
    assert ("GenAiFunction", "Old_Flow") not in desk.org.deployments.deployed
    assert active(desk) == (2, 2)
    lines = done.log.splitlines()
    steps = [line for line in lines if line.startswith("Flow Old_Flow") or "Agent: activating" in line]
    assert [step.split(": ")[1] for step in steps] == [
        "activating version 3",
        "deactivating it",
        "deleting version 1",
        "deleting version 2",
    ]
    assert "flow Old_Flow: deleted" in done.log
    assert "| deleted | version 2 |" in done.summary


@pytest.mark.parametrize("why", ["used", "waits"])
def test_a_removed_flow_that_the_org_keeps_stays_inactive_and_that_is_said(desk: Desk, run: Run, why: str) -> None:
    commit_id = rolled_back(desk)
    flow = desk.org.flows.definitions["Old_Flow"]
    if why == "used":
        flow.used_by = "Agent Version"
    else:
        flow.versions[1].waits = True
    done = run("deploy", "uat", "--live", commit_id)
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert flow.active is None
    assert desk.org.flows.definitions["Old_Flow"] is flow
    said = "Agent Version" if why == "used" else "paused or waiting interviews"
    assert "flow Old_Flow: stays in the org, inactive: " in done.log
    assert said in done.log


def test_a_removed_flow_that_cannot_be_deactivated_fails_the_deployment(desk: Desk, run: Run) -> None:
    commit_id = rolled_back(desk)
    desk.org.faults.add("PATCH .*/FlowDefinition", skip=1, status=400)
    done = run("deploy", "uat", "--live", commit_id)
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert active(desk, "Old_Flow") == (2, 2)
    assert active(desk) == (1, 2)
    assert live(desk) == 2


def test_a_failure_after_its_deactivation_makes_a_removed_flow_active_again(desk: Desk, run: Run) -> None:
    commit_id = rolled_back(desk)
    lie = {"success": True, "isActivated": True, "messages": []}
    desk.org.faults.add("POST .*/activation", status=200, body=lie)
    done = run("deploy", "uat", "--live", commit_id)
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert active(desk, "Old_Flow") == (2, 2)


def test_a_flow_that_the_org_has_not_got_is_deleted_already(desk: Desk, run: Run) -> None:
    commit_id = rolled_back(desk)
    del desk.org.flows.definitions["Old_Flow"]
    done = run("deploy", "uat", "--live", commit_id)
    assert done.code == 0, done.log
    assert "flow Old_Flow: deleted" in done.log


def test_the_crash_points_cover_the_whole_removal(desk: Desk, run: Run) -> None:
    desk.org.deployments.plan(statuses=WAIT_POLLS)
    assert run("deploy", "uat", "--live", rolled_back(desk)).code == 0
    assert len(desk.org.routes) == REMOVAL_REQUESTS


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("k", range(1, REMOVAL_REQUESTS + 1))
def test_killed_at_any_request_and_run_again_the_flows_are_as_the_release_says(
    desk: Desk, k: int, when: Literal["before", "after"]
) -> None:
    org, commit_id = desk.org, rolled_back(desk)
    org.deployments.plan(statuses=WAIT_POLLS)
    org.crash_at(k, when=when)
    org.client = desk.start("deploy", "uat", "--live", commit_id)
    assert desk.finish(org.client).code == -9
    org.client = None
    done = desk.run("deploy", "uat", "--live", commit_id)
    assert (done.code, done.outputs["agents"]) == (0, '{"Support_Agent": 3}'), done.log
    assert len(org.deployments.jobs) == 1
    assert list(org.flows.definitions) == [ACTION]
    assert active(desk) == (2, 2)
    assert "flow Old_Flow: deleted" in done.log


@pytest.mark.parametrize("k", range(8, REMOVAL_REQUESTS + 1))
def test_killed_while_the_org_refuses_the_agent_the_flows_from_before_are_active(desk: Desk, k: int) -> None:
    org, commit_id = desk.org, rolled_back(desk)
    for _ in range(2):
        org.deployments.plan(statuses=WAIT_POLLS)
    org.faults.add("POST .*/activation", status=400, times=0)
    org.crash_at(k, when="after")
    org.client = desk.start("deploy", "uat", "--live", commit_id)
    first = desk.finish(org.client)
    org.client = None
    done = desk.run("deploy", "uat", "--live", commit_id) if first.code == -9 else first
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert active(desk, "Old_Flow") == (2, 2)
    assert active(desk)[0] == 1
    assert live(desk) == 2
