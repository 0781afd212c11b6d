"""Agent Scripts published by the real CLI, in orgs that number differently."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.doubles.salesforce import SalesforceDouble
from tests.support.deploying import Desk, script_release
from tests.support.places import ROOT
from tests.support.tools import node_bin, npm_bin

REDIRECT = ROOT / "tests" / "doubles" / "salesforce" / "redirect.cjs"
FIRST = {
    "GET /agentforce/bootstrap/nameduser",
    "POST /einstein/ai-agent/v1.1/authoring/scripts",
    "POST /einstein/ai-agent/v1.1/authoring/agents",
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with SalesforceDouble() as org:
        desk = Desk(folder=tmp_path, org=org, path=(node_bin(), npm_bin()))
        desk.extra = {"NODE_OPTIONS": f"--require {REDIRECT}"}
        desk.write(script_release())
        yield desk


def test_a_script_is_published_and_activated_in_two_orgs_that_number_differently(desk: Desk) -> None:
    done = desk.run("deploy", "uat")
    assert (done.code, done.outputs["agents"]) == (0, '{"Support_Agent": 1}'), done.log
    assert {f"{each.method} {each.template}" for each in desk.org.routes} >= FIRST
    with SalesforceDouble() as other:
        other.records.add_bot("Support_Agent", versions=6, active=5)
        desk.org = other
        done = desk.run("deploy", "uat")
        assert (done.code, done.outputs["agents"]) == (0, '{"Support_Agent": 7}'), done.log
        assert list(other.authoring.published) == [("Support_Agent", 7)]
        # the CLI links the bundle in the org to its version, by a deployment of its own
        assert len(other.deployments.jobs) == 2
        # it does that in the staged folder: the checkout stays as it was
        assert not [path for path in desk.checkout.rglob("*.xml") if "<target>" in path.read_text()]


@pytest.mark.parametrize(
    ("text", "fault", "said"),
    [
        ("!!", "", "Support_Agent.agent: line 4: SyntaxError Unexpected token '!!'"),
        ("x", "POST .*/authoring/agents", "ERROR_HTTP_400"),
    ],
)
def test_what_the_real_cli_reports_of_a_refusal(desk: Desk, text: str, fault: str, said: str) -> None:
    desk.write(script_release(text))
    if fault:
        desk.org.faults.add(fault, status=400)
    done = desk.run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert said in done.log
    assert not desk.org.records.bots
    assert desk.org.token not in done.log


def test_a_lost_answer_and_a_failed_last_step_of_the_real_cli_publish_once(desk: Desk) -> None:
    desk.org.records.add_bot("Support_Agent", versions=2, active=2)
    desk.org.faults.add("POST .*/versions$", when="after", drop=True)
    done = desk.run("deploy", "uat")
    assert (done.code, done.outputs["agents"]) == (0, '{"Support_Agent": 3}'), done.log
    desk.write(script_release("You plan tours."))
    # the deployment that links the bundle to its version
    desk.org.faults.add("POST .*/Soap/m/", times=0, status=400)
    done = desk.run("deploy", "uat")
    assert (done.code, done.outputs["agents"]) == (0, '{"Support_Agent": 4}'), done.log
    assert "`sf agent publish` failed for Support_Agent" in done.log
    assert sorted(desk.org.authoring.published) == [("Support_Agent", 3), ("Support_Agent", 4)]


def test_the_token_is_not_shown_when_the_service_is_not_there(desk: Desk) -> None:
    desk.org.faults.add("POST .*/authoring/scripts", times=0, status=404)
    done = desk.run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert "AgentApiNotFound" in done.log
    assert "chatbot_api" in done.log
    assert desk.org.token not in done.log
