"""An Agent Script as a consumer's workflows ship it and roll it back, under `act` with the real CLI."""

import json
import os
from pathlib import Path

import pytest
from tests.doubles.github import GitHubDouble
from tests.doubles.salesforce import SalesforceDouble
from tests.support.act import Act, ActRun, leaked
from tests.support.consumer import NAME, template
from tests.support.deploying import script_release
from tests.support.git import git
from tests.support.places import ROOT
from tests.support.product import REFERENCE
from tests.support.tools import node_bin, npm_bin

ACTIONS = "wavegate/wavegate/.github/actions"
REDIRECT = ROOT / "tests" / "doubles" / "salesforce" / "redirect.cjs"
DEPLOY = f"""
on: workflow_dispatch
permissions: {{}}
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: uat
    permissions: {{contents: read, deployments: write}}
    steps:
      - uses: actions/checkout@v7
        with: {{fetch-depth: 0}}
      - uses: {ACTIONS}/login@{REFERENCE}
        with: {{environment: uat, auth-url: "${{{{ secrets.SF_AUTH_URL }}}}"}}
      - id: deploy
        uses: {ACTIONS}/deploy@{REFERENCE}
        with: {{environment: uat}}
"""


class Scene:
    """A repository on the GitHub double whose release is an Agent Script, and an org."""

    def __init__(self, act: Act, org: SalesforceDouble, github: GitHubDouble, folder: Path) -> None:
        self.act, self.org, self.github, self.folder = act, org, github, folder
        self.checkout = folder / "checkout"
        self.runs = 0

    def seed(self, text: str) -> str:
        """Commit a release whose script says that, and check it out."""
        files = {name: content.encode() for name, content in script_release(text).items()}
        workflows = {"deploy": DEPLOY, "wavegate-rollback": template("wavegate-rollback")}
        files |= {f".github/workflows/{name}.yml": content.encode() for name, content in workflows.items()}
        commit = self.github.seed(files)
        if not self.checkout.exists():
            git(self.folder, "clone", "--quiet", self.github.git_dir.as_uri(), str(self.checkout))
        else:
            git(self.checkout, "pull", "--quiet", self.github.git_dir.as_uri(), "main")
        git(self.checkout, "remote", "set-url", "origin", self.github.clone_url)
        return commit

    def run(self, workflow: str, **inputs: str) -> ActRun:
        """Dispatch a workflow."""
        self.runs += 1
        github = {key: value for key, value in self.github.environment().items() if key != "GITHUB_TOKEN"}
        github["GITHUB_RUN_ID"] = f"47{self.runs}"
        return self.act.run(
            self.checkout,
            workflow,
            "workflow_dispatch",
            payload={"inputs": inputs},
            environment={
                **github,
                "FORCE_SFDC_LOGIN_URL": "https://login.salesforce.com",
                "NODE_OPTIONS": f"--require {REDIRECT}",
            },
            secrets={"SF_AUTH_URL": self.org.login.auth_url(self.org.url), "GITHUB_TOKEN": self.github.token},
        )

    def deploy(self, text: str) -> int | None:
        """Deploy a release whose script says that. Returns the version that is live then."""
        self.seed(text)
        run = self.run("deploy.yml")
        assert run.exit_code == 0, run.log
        live: dict[str, int | None] = json.loads(run.outputs["deploy"]["agents"])
        return live["Support_Agent"]


@pytest.mark.parametrize("versions", [0, 6])
def test_a_script_is_published_and_its_rollback_is_live_before_the_merge(
    act: Act, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, versions: int
) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join([str(node_bin()), str(npm_bin()), os.environ["PATH"]]))
    with SalesforceDouble() as org, GitHubDouble(tmp_path / "github", NAME) as github:
        if versions:
            org.records.add_bot("Support_Agent", versions=versions, active=versions)
        scene = Scene(act, org, github, tmp_path)
        assert scene.deploy("You plan visits.") == versions + 1
        assert scene.deploy("You promise refunds.") == versions + 2
        form = {"environment": "uat", "reason": "It promises refunds", "target": "", "incident": ""}
        run = scene.run("wavegate-rollback.yml", **form)
        assert run.jobs == {"activate": "success", "rollback": "success"}, run.log
        assert org.records.bots["Support_Agent"].active == versions + 1
        (pull,) = github.pulls
        assert pull.state == "open"
        assert len(org.authoring.published) == 2
        secrets = [org.token, org.login.auth_url(org.url), org.login.refresh_token]
        assert leaked(secrets, run, tmp_path, github.deployments) == []
