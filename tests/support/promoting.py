"""Promotes releases through two environments: one repository on GitHub, and one org per environment."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.doubles.github import GitHubDouble
from tests.doubles.salesforce import SalesforceDouble, center_case
from tests.doubles.salesforce.state import ORG_ID
from tests.support.act import Act, ActRun, leaked
from tests.support.consumer import NAME
from tests.support.deploying import release
from tests.support.git import git, start
from tests.support.product import REFERENCE, ROOT

from wavegate.components.release_at_commit import content_at, read_release_at
from wavegate.git.repository import Git
from wavegate.ledger.deployment import Release
from wavegate.ledger.payload import payload_of
from wavegate.release.reference import ReleaseRef

MANIFEST = "agentforce/release.yml"
EVIDENCE = "e" * 64
"""The decision's digest of a release that was live."""
WORKFLOW = ".github/workflows/wavegate-release.yml"
TESTS = ("answers-at-all", "case-summary-quality", "pii-redaction-check")
PACKS: dict[str, bytes] = {
    "agentforce/packs/alive.json": b'{"suite": "alive", "tests": ["answers-at-all"],'
    b' "passCriteria": {"minimumSuccessRate": 1}}\n',
    "agentforce/packs/readiness.json": b'{"suite": "readiness", "tests": ["case-summary-quality", {"name":'
    b' "pii-redaction-check", "kind": "action-safety", "severity": "critical", "checks": ["outcome"]}],'
    b' "passCriteria": {"minimumSuccessRate": 0.95, "zeroCriticalPolicyViolations": true}}\n',
}
PROCEDURES = """\
owners: {release: "@acme/agents"}
rollback: {prompts: {strategy: restore}, agents: {strategy: activate-previous}}
"""
CHECK = "production-check"
"""The GitHub environment without reviewers in which releases for production are validated; uat has none."""
MORE = f"      check-environment: {CHECK}\n".encode()
ATTEST = b"      attest: true\n"
"""Not on an Enterprise Server."""
COMMENTED = b"# SLACK_WEBHOOK_URL:"
"""The secret of the notifications, which the template has as a comment."""
ENVIRONMENTS = """\
environments:
  - name: uat
    prompts: [Support_Resolution]
    verify: {packs: [alive]}
  - name: production
    gate: {packs: [readiness]}
"""
HOOK = """\
mkdir -p "$STAND_IN_ARTIFACTS"
url=$(python3 -c 'import json, os; print(json.load(open(os.environ["WAVEGATE_SESSION"]))["instance_url"])')
echo "NAME $WAVEGATE_ENVIRONMENT $url ${WAVEGATE_RESULT-none}" >> "$STAND_IN_ARTIFACTS/hooks"
"""
HOOKS: dict[str, bytes] = {
    f".github/wavegate/{when}-deploy{end}": (head + HOOK.replace("NAME", when + end).replace("\n", line)).encode()
    for when in ("before", "after")
    for end, head, line in (
        (".sh", "set -e\n", "\n"),
        ("/action.yml", "runs:\n  using: composite\n  steps:\n  - shell: bash\n    run: |\n      ", "\n      "),
    )
}
"""The four hooks of a repository; each records its environment, its org, and what came of the deployment."""
PROMPT = "force-app/main/default/genAiPromptTemplates/Support_Resolution.genAiPromptTemplate-meta.xml"

REPLACED: dict[str, bytes] = {
    "sfdx-project.json": json.dumps(
        {
            "packageDirectories": [{"path": "force-app", "default": True}],
            "sourceApiVersion": "66.0",
            "replacements": [
                {"filename": PROMPT, "stringToReplace": "%%BRAND%%", "replaceWithEnv": "BRAND"},
                {"filename": PROMPT, "stringToReplace": "%%TEAM%%", "replaceWithEnv": "TEAM_SECRET"},
            ],
        }
    ).encode()
}
"""A project whose prompt has placeholders, which are replaced by a variable and by a secret."""
SECRET = "sesame-street"
"""The value of that secret."""


def files(number: int, *, version: int) -> dict[str, bytes]:
    """The files of release wave-<number>, which pins this version of its agent."""
    texts = release(pinned=version, more=PROCEDURES)
    head = texts["agentforce/release.yml"].partition("environments:")[0]
    texts["agentforce/release.yml"] = head.replace("wave-3", f"wave-{number}") + ENVIRONMENTS
    texts[PROMPT] = texts[PROMPT].replace(
        "</GenAi", f"<description>wave {number} %%BRAND%% %%TEAM%%</description></GenAi"
    )
    return {**{name: text.encode() for name, text in texts.items()}, **PACKS}


def notifying(number: int, *, version: int) -> dict[str, bytes]:
    """The manifest of such a release, which asks for notifications."""
    manifest = files(number, version=version)["agentforce/release.yml"]
    return {"agentforce/release.yml": manifest + b"notify: {slack: SLACK_WEBHOOK_URL, issue: {}}\n"}


def workflows(repository: Path, *options: str) -> dict[str, bytes]:
    """The workflows that `wavegate init` writes for these releases, with further inputs for production."""
    start(repository, files(1, version=1))
    command = [sys.executable, "-m", "wavegate", "init", "--pin", REFERENCE, *options]
    environment = {"PYTHONPATH": str(ROOT / "src"), "PATH": os.environ["PATH"]}
    subprocess.run(command, cwd=repository, env=environment, check=True, capture_output=True)
    written = {
        path.relative_to(repository).as_posix(): path.read_bytes() for path in repository.glob(".github/workflows/*")
    }
    production = b"      environment: production\n"
    assert production in written[WORKFLOW]
    more = MORE if "--server" in options else MORE + ATTEST
    written[WORKFLOW] = written[WORKFLOW].replace(production, production + more)
    assert COMMENTED in written[WORKFLOW]
    written[WORKFLOW] = written[WORKFLOW].replace(COMMENTED, COMMENTED.removeprefix(b"# "))
    return written


class Stage:
    """The doubles, and workflow runs on their commits. Close it at the end. init: options of `wavegate init`."""

    def __init__(self, folder: Path, act: Act, *init: str) -> None:
        self.folder = folder
        self.act = act
        self.github = GitHubDouble(folder / "github", NAME)
        self.orgs = {name: SalesforceDouble() for name in ("uat", "production")}
        self.github.__enter__()
        for org in self.orgs.values():
            org.__enter__()
            org.records.add_bot("Support_Agent", versions=3, active=1)
        for name in self.orgs:
            self.script(name)
        self._runs = 0
        self._workflows = workflows(folder / "initialized", *init)

    def release(self, number: int, *, version: int, **more: bytes) -> str:
        """Commit release wave-<number> to main, with the repository's workflows, and return the commit."""
        return self.github.seed({**files(number, version=version), **self._workflows, **more}, f"Wave {number}")

    def was_live(self, environment: str, commit: str, *, name: str = "wave-1", version: int | None = None) -> None:
        """Record that a release was live and good in an environment. version: read back of its agent, if known."""
        repository = Git(self.github.git_dir)
        manifest = read_release_at(repository, ReleaseRef(commit=commit, name=""), MANIFEST, environment).manifest
        content = content_at(self.github.git_dir, commit, manifest, environment)
        release = Release(name=name, manifest=MANIFEST, org=ORG_ID, content=content, evidence=EVIDENCE)
        self.github.deploy(environment, commit, payload=payload_of(release))
        if version:
            self.github.deployments[-1].statuses[-1].description = f"live: Support_Agent v{version}"

    def close(self, *, check: bool = True) -> None:
        """Stop; fail if the contract of a double was broken."""
        failed = None if check else RuntimeError
        for each in (self.github, *self.orgs.values()):
            each.__exit__(failed, failed and failed(), None)

    def script(self, environment: str, **results: str) -> None:
        """Set the outcomes of the smoke tests in an environment's org: PASS, unless results says otherwise."""
        for name in TESTS:
            outcome = results.get(name.replace("-", "_"), "PASS")
            self.orgs[environment].testing.define(name, cases=[center_case(1, outcome)])

    def leaked(self, run: ActRun) -> list[str]:
        """The tokens that a run leaked into its log, its files or GitHub."""
        tokens = {self.github.token, SECRET, *(org.token for org in self.orgs.values())}
        return leaked(tokens, run, self.folder, self.github.deployments, self.github.pulls, self.github.issues)

    def live(self, environment: str) -> int | None:
        """The agent's active version in that environment's org."""
        return self.orgs[environment].records.bots["Support_Agent"].active

    def artifact(self, name: str) -> Path:
        """An artifact of the last run."""
        return self.folder / f"artifacts-{self._runs}" / name

    def attestation(self) -> str:
        """The digest of the decision file that the last run attested."""
        return (self.folder / f"attestations-{self._runs}" / "wavegate-decision.json.sha256").read_text().strip()

    def promote(self, *, secrets: Mapping[str, str] | None = None, **variables: str) -> ActRun:
        """Run the release workflow on main's head commit, as if it had just been pushed.

        secrets, variables: further ones of the repository.
        """
        self._runs += 1
        return self._run(1, secrets or {}, variables)

    def dispatch(self, form: str = "release", **inputs: str | bool) -> ActRun:
        """Run a workflow on main's head commit, as if a person had filled in its form. form: such as `disable`."""
        self._runs += 1
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        return self._run(1, {}, {}, workflow=f"wavegate-{form}.yml", inputs=given)

    def rerun(self, attempt: int) -> ActRun:
        """Run all jobs of the last run again. attempt: number of this attempt."""
        return self._run(attempt, {}, {})

    def _run(
        self,
        attempt: int,
        secrets: Mapping[str, str],
        variables: Mapping[str, str],
        *,
        workflow: str = Path(WORKFLOW).name,
        inputs: Mapping[str, str | bool] | None = None,
    ) -> ActRun:
        checkout = self.folder / f"checkout-{self._runs}-{attempt}"
        # as actions/checkout leaves it: one commit, and no credentials
        git(self.folder, "clone", "--quiet", "--depth=1", self.github.git_dir.as_uri(), str(checkout))
        git(checkout, "remote", "set-url", "origin", self.github.clone_url)
        return self.act.run(
            checkout,
            workflow,
            "push" if inputs is None else "workflow_dispatch",
            payload={"ref": "refs/heads/main", "inputs": inputs or {}},
            environment={**self.surroundings(), "GITHUB_RUN_ATTEMPT": str(attempt)},
            secrets={"GITHUB_TOKEN": self.github.token, **secrets},
            environment_secrets={
                name: {"SF_ACCESS_TOKEN": org.token}
                for name, org in {**self.orgs, CHECK: self.orgs["production"]}.items()
            },
            variables={
                **{f"{name}_SF_ORG_INSTANCE_URL": org.url for name, org in self.orgs.items()},
                f"{CHECK}_SF_ORG_INSTANCE_URL": self.orgs["production"].url,
                **variables,
            },
        )

    def surroundings(self) -> Mapping[str, str]:
        """The environment variables of every step of a run."""
        return {
            "GITHUB_API_URL": self.github.api_url,
            "GITHUB_GRAPHQL_URL": self.github.graphql_url,
            "GITHUB_SERVER_URL": self.github.server_url,
            "GITHUB_REPOSITORY": NAME,
            "GITHUB_RUN_ID": str(4710 + self._runs),
            "FORCE_SFDC_LOGIN_URL": "https://login.salesforce.com",
            "STAND_IN_ARTIFACTS": str(self.folder / f"artifacts-{self._runs}"),
            "STAND_IN_ATTESTATIONS": str(self.folder / f"attestations-{self._runs}"),
        }
