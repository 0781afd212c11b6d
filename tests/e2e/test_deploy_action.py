"""Login, deploy and the kill switch as a consumer's workflows call them, under `act` with the real CLI."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.doubles.github import GitHubDouble
from tests.doubles.salesforce import SalesforceDouble
from tests.support.act import Act, ActRun, leaked
from tests.support.consumer import NAME, template
from tests.support.deploying import release
from tests.support.git import git
from tests.support.product import REFERENCE
from tests.support.tools import node_bin, npm_bin

from wavegate.ledger.acts.act import ACT_TASK, ActKind, parse_act

ACTIONS = "wavegate/wavegate/.github/actions"
DEPLOY = f"""
on: {{workflow_dispatch: {{inputs: {{timeout: {{type: string}}}}}}}}
permissions: {{}}
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: uat
    permissions: {{contents: read, deployments: write}}
    steps:
      - uses: actions/checkout@v7
      - uses: {ACTIONS}/login@{REFERENCE}
        with: {{environment: uat, auth-url: "${{{{ secrets.SF_AUTH_URL }}}}"}}
      - id: deploy
        uses: {ACTIONS}/deploy@{REFERENCE}
        with: {{environment: uat, timeout: "${{{{ inputs.timeout }}}}"}}
      - if: always()
        uses: {ACTIONS}/login@{REFERENCE}
        with: {{environment: uat, logout: true}}
"""


@pytest.fixture
def org() -> Iterator[SalesforceDouble]:
    with SalesforceDouble() as org:
        org.records.add_bot("Support_Agent", versions=3, active=2)
        yield org


@pytest.fixture(autouse=True)
def cli_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join([str(node_bin()), str(npm_bin()), os.environ["PATH"]]))


class Scene:
    """A repository on the GitHub double with a release in it, as a job has it checked out, and an org."""

    def __init__(self, act: Act, org: SalesforceDouble, github: GitHubDouble, folder: Path, pinned: int) -> None:
        self.act, self.org, self.github, self.folder = act, org, github, folder
        files = {name: text.encode() for name, text in release(pinned=pinned).items()}
        forms = ("wavegate-disable", "wavegate-enable")
        workflows = {"deploy": DEPLOY, **{form: template(form) for form in forms}}
        github.seed({**files, **{f".github/workflows/{name}.yml": text.encode() for name, text in workflows.items()}})
        self.checkout = folder / "checkout"
        git(folder, "clone", "--quiet", "--depth=1", github.git_dir.as_uri(), str(self.checkout))
        git(self.checkout, "remote", "set-url", "origin", github.clone_url)

    def run(self, workflow: str, **payload: object) -> ActRun:
        github = {key: value for key, value in self.github.environment().items() if key != "GITHUB_TOKEN"}
        return self.act.run(
            self.checkout,
            workflow,
            "workflow_dispatch",
            payload=payload,
            environment={**github, "FORCE_SFDC_LOGIN_URL": "https://login.salesforce.com"},
            secrets={"SF_AUTH_URL": self.org.login.auth_url(self.org.url), "GITHUB_TOKEN": self.github.token},
        )

    def leaked(self, run: ActRun) -> list[str]:
        """Secrets that are in the log, in what was recorded, or in a file that the run left behind."""
        login = self.org.login
        secrets = [self.org.token, login.auth_url(self.org.url), login.refresh_token, login.client_secret]
        return leaked(secrets, run, self.folder, self.github.deployments)


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubDouble]:
    with GitHubDouble(tmp_path / "github", NAME) as double:
        yield double


def test_a_job_logs_in_deploys_and_logs_out(
    act: Act, org: SalesforceDouble, github: GitHubDouble, tmp_path: Path
) -> None:
    scene = Scene(act, org, github, tmp_path, pinned=3)
    run = scene.run("deploy.yml")
    assert run.exit_code == 0, run.log
    assert run.outputs["deploy"]["result"] == "deployed"
    assert json.loads(run.outputs["deploy"]["agents"]) == {"Support_Agent": 3}
    assert org.records.bots["Support_Agent"].active == 3
    assert [each.path for each in org.routes].count("/services/oauth2/token") == 1
    assert "Logged out." in run.log
    assert scene.leaked(run) == []


def test_a_failed_deployment_fails_the_job_and_leaves_the_version_from_before_live(
    act: Act, org: SalesforceDouble, github: GitHubDouble, tmp_path: Path
) -> None:
    org.deployments.plan(failures={"Support_Resolution": "Invalid template"})
    scene = Scene(act, org, github, tmp_path, pinned=2)
    run = scene.run("deploy.yml")
    assert run.exit_code != 0
    assert run.outputs["deploy"]["result"] == "failed"
    (error,) = [each for each in run.annotations if "Invalid template" in each.message]
    assert (error.file or "").endswith("Support_Resolution.genAiPromptTemplate-meta.xml")
    assert org.records.bots["Support_Agent"].active == 2
    assert "Logged out." in run.log
    assert scene.leaked(run) == []


def test_a_live_planner_is_changed_while_its_agent_is_off(
    act: Act, org: SalesforceDouble, github: GitHubDouble, tmp_path: Path
) -> None:
    scene = Scene(act, org, github, tmp_path, pinned=2)
    run = scene.run("deploy.yml")
    assert run.exit_code == 0, run.log
    assert ("GenAiPlannerBundle", "Support_Agent_v2") in org.deployments.deployed
    steps = [line for line in run.log.splitlines() if "activating version" in line or line.endswith(": Succeeded")]
    words = [step.split(": ")[-1].split()[0] for step in steps]
    assert words == ["deactivating", "Succeeded", "activating"]
    assert json.loads(run.outputs["deploy"]["agents"]) == {"Support_Agent": 2}
    assert org.records.bots["Support_Agent"].active == 2


def test_a_job_that_times_out_is_resumed_by_the_next_run(
    act: Act, org: SalesforceDouble, github: GitHubDouble, tmp_path: Path
) -> None:
    org.deployments.plan(statuses=("Pending", "InProgress"))
    scene = Scene(act, org, github, tmp_path, pinned=3)
    first = scene.run("deploy.yml", inputs={"timeout": "1s"})
    assert first.exit_code != 0
    (job,) = org.deployments.jobs
    assert f"Deployment {job} is still" in first.log
    assert org.records.bots["Support_Agent"].active == 2
    org.deployments.replan(statuses=("Succeeded",))
    second = scene.run("deploy.yml", inputs={})
    assert second.exit_code == 0, second.log
    assert second.outputs["deploy"]["deploy-id"] == job
    assert list(org.deployments.jobs) == [job]
    assert org.records.bots["Support_Agent"].active == 3
    assert scene.leaked(first) == scene.leaked(second) == []


def test_the_dispatched_kill_switch_stops_the_agent_and_the_dispatched_restart_activates_it(
    act: Act, org: SalesforceDouble, github: GitHubDouble, tmp_path: Path
) -> None:
    scene = Scene(act, org, github, tmp_path, pinned=2)
    commit = git(scene.checkout, "rev-parse", "HEAD").decode().strip()
    github.deploy("uat", commit, payload={"schema": 1, "release": "wave-3", "manifest": "agentforce/release.yml"})
    github.deployments[-1].statuses[-1].description = "live: Support_Agent v2"
    form = {"environment": "uat", "reason": "It promises `refunds`", "to-previous": "false", "agent": ""}
    run = scene.run("wavegate-disable.yml", inputs=form)
    assert run.exit_code == 0, run.log
    assert org.records.bots["Support_Agent"].active is None
    assert "It promises" in run.summary
    assert f"(<{github.server_url}/{github.repository}/actions/workflows/wavegate-enable.yml>)" in run.summary
    acting = [each for each in org.routes if each.path != "/services/oauth2/userinfo"]
    assert len(acting) == 4
    assert scene.leaked(run) == []

    run = scene.run("wavegate-enable.yml", inputs={"environment": "uat", "reason": "Reviewed", "agent": ""})
    assert run.exit_code == 0, run.log
    assert org.records.bots["Support_Agent"].active == 2
    acts = [parse_act(each.payload, act_id="") for each in github.deployments if each.task == ACT_TASK]
    said = [(each.kind, each.agents, each.reason) for each in acts if each]
    assert said == [
        (ActKind.STOP, {"Support_Agent": None}, "It promises `refunds`"),
        (ActKind.RESTART, {"Support_Agent": 2}, "Reviewed"),
    ]
    assert github.deployments[0].state == "success"
    assert scene.leaked(run) == []
