"""Deployments through the real CLI to the org double."""

import json
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.doubles.salesforce import SalesforceDouble
from tests.support.deploying import HEAD, SOURCE, XMLNS, Desk, before_staged_release, release, staged_release
from tests.support.git import commit, git
from tests.support.projects import FOLLOWED_TYPES, PROJECT, scope_of
from tests.support.tools import node_bin, npm_bin

from wavegate.release.manifest import Agent


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with SalesforceDouble() as org:
        org.records.add_bot("Support_Agent", versions=3, active=2)
        desk = Desk(folder=tmp_path, org=org, path=(node_bin(), npm_bin()))
        desk.write(release(pinned=3))
        yield desk


def live(desk: Desk) -> int | None:
    return desk.org.records.bots["Support_Agent"].active


def test_a_release_is_deployed_activated_and_read_back(desk: Desk) -> None:
    done = desk.run("deploy", "uat")
    assert done.code == 0, done.log
    assert done.outputs["result"] == "deployed"
    assert json.loads(done.outputs["agents"]) == {"Support_Agent": 3}
    assert done.outputs["deploy-id"] in desk.org.deployments.jobs
    assert live(desk) == 3
    assert set(desk.org.deployments.deployed) == {
        ("Bot", "Support_Agent"),
        ("GenAiPlannerBundle", "Support_Agent_v3"),
        ("GenAiPromptTemplate", "Support_Resolution"),
    }
    assert "| version 3 | version 2 |" in done.summary
    # version 2 was live, and its planner did not change: nobody was cut off
    assert "deactivating" not in done.log


def test_an_access_token_in_jwt_form_deploys_too(desk: Desk) -> None:
    desk.org.token = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1aWQ6MDA1In0.c2lnbmF0dXJl"
    done = desk.run("deploy", "uat")
    assert done.code == 0, done.log
    assert done.outputs["result"] == "deployed"
    assert live(desk) == 3
    assert desk.org.token not in done.log + done.summary
    # the CLI's own copy of the login is gone
    assert not list(desk.folder.rglob("key.json"))
    assert not list(desk.folder.rglob(".sfdx"))


def test_agents_of_both_generations_are_deployed_with_all_that_they_need(desk: Desk) -> None:
    """What is in the package, and where it lies in the project, is as the real CLI has it, for every type."""
    for name, versions in {"Billing_Agent": 1, "Field_Agent": 1, "Returns_Agent": 2}.items():
        desk.org.records.add_bot(name, versions=versions, active=1)
    names = ("Support_Agent, version: 3", "Billing_Agent", "Field_Agent, version: 1", "Returns_Agent")
    agents = ", ".join(f"{{name: {name}}}" for name in names)
    shutil.rmtree(desk.checkout / "force-app")
    shutil.copytree(PROJECT, desk.checkout, dirs_exist_ok=True)
    (desk.checkout / "agentforce/release.yml").write_text(
        f"release: r\nagents: [{agents}]\nenvironments: [{{name: uat, prompts: [Support_Resolution]}}]\n"
    )
    desk.commit()
    done = desk.run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    live = {"Support_Agent": 3, "Billing_Agent": 1, "Field_Agent": 1, "Returns_Agent": 2}
    assert json.loads(done.outputs["agents"]) == live
    pins = {"Support_Agent": 3, "Field_Agent": 1}
    scope = scope_of(
        prompts=("Support_Resolution",), agents=tuple(Agent(name=name, version=pins.get(name)) for name in live)
    )
    wanted = {(each.id.type, each.id.name) for each in scope.components if each.parent is None}
    assert set(desk.org.deployments.deployed) == {each for each in wanted if each[0] != "BotVersion"}
    assert {each for each, _ in wanted} == FOLLOWED_TYPES - {"FlowDefinition"}


def test_flows_and_templates_are_as_git_says_in_an_org_that_deploys_flows_inactive(desk: Desk) -> None:
    flow, template = f"{SOURCE}/flows/Route_Case", f"{SOURCE}/genAiPromptTemplates/Support_Resolution"
    more = {
        f"{flow}.flow-meta.xml": f"{HEAD}<Flow {XMLNS}><label>Route</label><status>Active</status></Flow>\n",
        f"{SOURCE}/flowDefinitions/Route_Case.flowDefinition-meta.xml": f"{HEAD}<FlowDefinition {XMLNS}>"
        "<activeVersionNumber>1</activeVersionNumber></FlowDefinition>\n",
        f"{SOURCE}/genAiFunctions/Route_Case/Route_Case.genAiFunction-meta.xml": f"{HEAD}<GenAiFunction {XMLNS}>"
        "<invocationTarget>Route_Case</invocationTarget><invocationTargetType>flow</invocationTargetType>"
        "</GenAiFunction>\n",
        f"{template}.genAiPromptTemplate-meta.xml": f"{HEAD}<GenAiPromptTemplate {XMLNS}>"
        "<activeVersionIdentifier>SR_1</activeVersionIdentifier><developerName>Support_Resolution</developerName>"
        "</GenAiPromptTemplate>\n",
    }
    desk.org.flows.deployed_active = False
    desk.org.flows.add("Route_Case", versions=3, active=2)
    desk.write(release(pinned=3) | more)
    manifest = desk.checkout / "agentforce/release.yml"
    manifest.write_text(f"{manifest.read_text()}    actions: [Route_Case]\n")
    desk.commit()
    done = desk.run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    found = desk.org.flows.definitions["Route_Case"]
    assert found.active == found.latest == 4
    assert ("FlowDefinition", "Route_Case") not in desk.org.deployments.deployed
    assert "flow Route_Case: version 4 is active" in done.log
    assert "prompt template Support_Resolution: version SR_1 is active" in done.log


def test_a_failed_deployment_leaves_the_version_from_before_live(desk: Desk) -> None:
    desk.org.deployments.plan(failures={"Support_Resolution": "Invalid <b>template</b>"})
    done = desk.run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert live(desk) == 2
    assert not desk.org.deployments.deployed
    assert "Invalid &lt;b&gt;template" in done.summary
    assert "version 2 | version 2 |" in done.summary


def test_a_live_planner_is_changed_while_its_agent_is_off(desk: Desk) -> None:
    desk.write(release(pinned=2))
    done = desk.run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert live(desk) == 2
    assert ("GenAiPlannerBundle", "Support_Agent_v2") in desk.org.deployments.deployed
    steps = [line for line in done.log.splitlines() if "activating version" in line or line.endswith(": Succeeded")]
    words = [step.split(": ")[-1].split()[0] for step in steps]
    assert words == ["deactivating", "Succeeded", "activating"]


def test_a_client_that_runs_out_of_time_takes_up_the_same_job(desk: Desk) -> None:
    desk.org.deployments.plan(statuses=("Pending", "InProgress"))
    first = desk.run("deploy", "uat", "--timeout", "1s")
    assert first.code == 4, first.log
    (job,) = desk.org.deployments.jobs
    assert f"Deployment {job} is still" in first.log
    assert live(desk) == 2
    desk.org.deployments.replan(statuses=("Succeeded",))
    second = desk.run("deploy", "uat")
    assert (second.code, second.outputs["deploy-id"]) == (0, job), second.log
    assert list(desk.org.deployments.jobs) == [job]
    assert live(desk) == 3


def test_what_the_release_no_longer_has_is_deleted_with_it(desk: Desk) -> None:
    """Nothing else changes: the CLI gets a package without members, and a project without files."""
    action = "force-app/main/default/genAiFunctions/Old_Action/Old_Action.genAiFunction-meta.xml"
    files = release(pinned=3)
    manifest = files["agentforce/release.yml"]
    desk.write(
        {
            **files,
            action: '<GenAiFunction xmlns="http://soap.sforce.com/2006/04/metadata"/>',
            "agentforce/release.yml": f"{manifest}    actions: [Old_Action]\n",
        }
    )
    before = git(desk.checkout, "rev-parse", "HEAD").decode().strip()
    (desk.checkout / action).unlink()
    commit(desk.checkout, {"agentforce/release.yml": manifest.encode()}, "Remove an action")
    desk.org.deployments.deployed["GenAiFunction", "Old_Action"] = "digest"
    done = desk.run("deploy", "uat", "--live", before)
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert not desk.org.deployments.deployed


def test_no_secret_is_in_a_process_list_a_log_or_a_file(desk: Desk) -> None:
    desk.extra |= {"GITHUB_TOKEN": "ghs_the.token.of.the.job", "GITHUB_REPOSITORY": ""}
    secrets = (desk.org.token, desk.extra["GITHUB_TOKEN"])
    seen: set[str] = set()
    process = desk.start("deploy", "uat")
    watching = threading.Event()

    def watch() -> None:
        while not watching.is_set():
            for entry in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.add(entry.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
                except OSError:
                    continue
            time.sleep(0.02)

    thread = threading.Thread(target=watch)
    thread.start()
    done = desk.finish(process)
    watching.set()
    thread.join()
    assert done.code == 0, done.log
    assert any("project deploy start" in command for command in seen)
    left = [path.read_text(errors="replace") for path in desk.folder.rglob("*") if path.is_file()]
    everything = "\n".join([done.log, *seen, *left])
    assert not [secret for secret in secrets if secret in everything]


def test_the_cli_keeps_to_no_proxy(desk: Desk) -> None:
    nowhere = "http://127.0.0.1:9"
    desk.extra |= {"HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere, "NO_PROXY": "127.0.0.1,localhost"}
    assert desk.run("deploy", "uat").code == 0


def test_the_cli_sees_the_orgs_token_alone(desk: Desk, tmp_path: Path) -> None:
    """Plugins of the CLI run with its environment; other secrets of the job are none of its business."""
    witness = tmp_path / "witness"
    spy = tmp_path / "spy" / "sf"
    spy.parent.mkdir()
    spy.write_text(f'#!/bin/sh\nenv > {witness}\nexec {npm_bin() / "sf"} "$@"\n')
    spy.chmod(0o755)
    desk.path = (spy.parent, *desk.path)
    desk.extra |= {"GITHUB_TOKEN": "ghs_x", "SF_AUTH_URL": "force://x", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "x"}
    desk.extra["GITHUB_REPOSITORY"] = ""
    desk.run("deploy", "uat")
    names = {line.partition("=")[0] for line in witness.read_text().splitlines()}
    assert "SF_TARGET_ORG" in names
    assert not names & {"GITHUB_TOKEN", "SF_AUTH_URL", "SF_ACCESS_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"}
    assert f"HOME={desk.temporary / '.wavegate' / 'sf-home'}" in witness.read_text().splitlines()


def test_a_component_that_the_cli_would_leave_out_is_no_part_of_the_release(desk: Desk) -> None:
    desk.write({**release(pinned=3), ".forceignore": "**/genAiPromptTemplates/**\n"})
    done = desk.run("deploy", "uat")
    assert done.code == 2, done.log
    assert "Support_Resolution" in done.log
    assert not desk.org.deployments.jobs
    desk.write({**release(pinned=3), ".forceignore": "**/bots/**\n"})
    # what only the org has is left to it
    manifest = desk.checkout / "agentforce/release.yml"
    manifest.write_text("release: wave-3\nenvironments:\n  - {name: uat, prompts: [Support_Resolution]}\n")
    desk.commit()
    done = desk.run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert set(desk.org.deployments.deployed) == {("GenAiPromptTemplate", "Support_Resolution")}


def test_a_release_is_validated_then_deployed_without_its_tests_while_the_org_accepts_that(desk: Desk) -> None:
    checked = desk.run("deploy", "uat", "--check-only", "--test-level", "RunLocalTests")
    assert (checked.code, checked.outputs["result"]) == (0, "validated"), checked.log
    assert (desk.org.deployments.deployed, live(desk)) == ({}, 2)
    validation, subject = checked.outputs["validation"], checked.outputs["validation-subject"]
    given = ("--test-level", "RunLocalTests", "--validation", validation, "--validation-subject", subject)
    done = desk.run("deploy", "uat", *given)
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    check, quick = desk.org.deployments.jobs.values()
    assert (check.id, check.options["checkOnly"], quick.options["validation"]) == (validation, True, validation)
    assert (done.outputs["deploy-id"], live(desk)) == (quick.id, 3)
    # the deployment was one, so that the org does not accept the validation again
    done = desk.run("deploy", "uat", *given)
    assert (done.code, done.outputs["result"]) == (0, "unchanged"), done.log
    assert f"Validation {validation} is not used, so the tests run again: `sf project deploy quick`" in done.log
    assert [job.options["testLevel"] for job in desk.org.deployments.jobs.values()][2:] == ["RunLocalTests"]


def test_stages_are_deployed_in_order_and_the_first_is_restored_when_the_second_fails(desk: Desk) -> None:
    desk.write(before_staged_release())
    assert desk.run("deploy", "uat").code == 0
    desk.commit(staged_release())
    desk.org.deployments.jobs.clear()
    desk.org.deployments.plan()
    desk.org.deployments.plan(failures={"Escalate_Case": "Invalid flow"})
    failed = desk.run("deploy", "uat", "--live", "HEAD~1")
    assert (failed.code, failed.outputs["result"]) == (1, "failed"), failed.log
    packages = [job.package for job in desk.org.deployments.jobs.values() if job.package]
    flow = "flows/Load_Context.flow"
    assert [flow in each.files for each in packages] == [True, False, True]
    assert b"Load it as before" in packages[2].files[flow]
    assert "Restored as they were before: `Flow:Load_Context`." in failed.log
    done = desk.run("deploy", "uat", "--live", "HEAD~1")
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
