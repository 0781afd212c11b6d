"""`doctor` as a process, against both doubles: all well, each item broken in turn, and what may not be read."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.doubles.github.github import GitHubDouble
from tests.doubles.github.state import Environment
from tests.doubles.salesforce import SalesforceDouble
from tests.support.consumer import RELEASE, consumer
from tests.support.git import git
from tests.support.product import REFERENCE, ROOT

from wavegate.setup.steps import CHECK

AGENT = b"agents: [{name: Support_Agent}]\n"


class Clinic:
    """A repository that init has made, with all that it needs on GitHub and in the org."""

    def __init__(self, folder: Path, github: GitHubDouble, org: SalesforceDouble) -> None:
        self.folder, self.github, self.org = folder, github, org
        files = {**RELEASE, "agentforce/release.yml": AGENT + RELEASE["agentforce/release.yml"]}
        self.checkout = consumer(folder / "checkout", files)
        assert self.run("init", "--pin", REFERENCE).returncode == 0
        disable = self.checkout / ".github" / "workflows" / "wavegate-disable.yml"
        given = "      environment: ${{ inputs.environment }}\n"
        stop = given + "      github-environment: ${{ inputs.environment }}-stop # nobody is asked\n"
        disable.write_text(disable.read_text().replace(given, stop))
        github.seed({"README.md": b"x"})
        state = github.state
        state.settings.ruleset_checks = [CHECK]
        for number, name in enumerate(("uat", "production", "uat-stop", "production-stop"), 1):
            state.environments.append(
                Environment(
                    id=number,
                    name=name,
                    reviewers=[] if name.endswith("-stop") else ["@ada", "@acme/agents"],
                    prevent_self_review=True,
                    branch_patterns=["main"],
                    secrets=["SF_AUTH_URL"],
                )
            )
        org.records.add_bot("Support_Agent", versions=1, active=1)
        org.sessions = 1

    def run(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "PYTHONPATH": str(ROOT / "src"),
            **self.github.environment(self.github.admin_token),
            "GITHUB_ACTIONS": "",
            **self.org.environment(),
            **more,
        }
        command = [sys.executable, "-m", "wavegate", *arguments]
        return subprocess.run(
            command, cwd=self.checkout, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    def found(self, **more: str) -> tuple[int, dict[tuple[str, str], str]]:
        """Exit code, and health by subject and rule of what is not ok, production's org apart."""
        done = self.run("doctor", "production", "--format", "json", **more)
        assert done.stdout, done.stderr
        checks = json.loads(done.stdout)["checks"]
        bad = {(each["subject"], each["rule"]): each["health"] for each in checks if each["health"] != "ok"}
        # credentials are of one org at a time
        assert bad.pop(("uat", "org/login")) == "unknown"
        return done.returncode, bad


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    with GitHubDouble(tmp_path / "github") as github, SalesforceDouble() as org:
        yield Clinic(tmp_path, github, org)


def test_all_is_well(clinic: Clinic) -> None:
    assert clinic.found() == (5, {})
    done = clinic.run("doctor", "production")
    for words in ("The token reads acme/support-agents", "release@acme.example logs in", "Sessions are traced"):
        assert words in done.stdout
    assert "0 problems, 1 unknown" in done.stdout


def test_with_a_login_for_every_org_nothing_is_unknown(clinic: Clinic) -> None:
    temporary = str(clinic.folder / "temporary")
    for environment in ("uat", "production"):
        assert clinic.run("login", environment, RUNNER_TEMP=temporary).returncode == 0
    done = clinic.run("doctor", RUNNER_TEMP=temporary, SF_ACCESS_TOKEN="", SF_ORG_INSTANCE_URL="")
    assert (done.returncode, "0 problems, 0 unknown" in done.stdout) == (0, True), done.stdout


def break_environment(clinic: Clinic) -> None:
    del clinic.github.state.environments[0]


def break_reviewers(clinic: Clinic) -> None:
    clinic.github.state.environments[1].reviewers = []


def break_self_review(clinic: Clinic) -> None:
    clinic.github.state.environments[1].prevent_self_review = False


def break_branches(clinic: Clinic) -> None:
    clinic.github.state.environments[1].branch_patterns = []


def break_secrets(clinic: Clinic) -> None:
    clinic.github.state.environments[1].secrets = ["SF_JWT_KEY"]


def break_kill_switch(clinic: Clinic) -> None:
    clinic.github.state.environments[3].reviewers = ["@ada"]


def break_stop_environment(clinic: Clinic) -> None:
    del clinic.github.state.environments[3]


def break_stop_branches(clinic: Clinic) -> None:
    clinic.github.state.environments[3].branch_patterns = []


def break_stop_secrets(clinic: Clinic) -> None:
    clinic.github.state.environments[3].secrets = []


def break_pulls(clinic: Clinic) -> None:
    clinic.github.state.settings.actions_may_open_pulls = False


def break_default(clinic: Clinic) -> None:
    clinic.github.state.settings.default_permissions = "write"


def break_actions(clinic: Clinic) -> None:
    clinic.github.state.settings.actions_enabled = False


def break_check(clinic: Clinic) -> None:
    clinic.github.state.settings.ruleset_checks = ["build"]


def break_pin(clinic: Clinic) -> None:
    path = clinic.checkout / ".github" / "workflows" / "wavegate-reusable-check.yml"
    path.write_text(path.read_text().replace(f"validate@{REFERENCE}", "validate@main"))


def break_workflow(clinic: Clinic) -> None:
    (clinic.checkout / ".github" / "workflows" / "wavegate-rollback.yml").unlink()


def break_login(clinic: Clinic) -> None:
    clinic.org.token = "another"


def break_deploy(clinic: Clinic) -> None:
    clinic.org.records.may_deploy = False


def break_agent(clinic: Clinic) -> None:
    clinic.org.records.bots.clear()


def break_tracing(clinic: Clinic) -> None:
    clinic.org.sessions = None


@pytest.mark.parametrize(
    ("breaking", "subject", "rule"),
    [
        (break_environment, "uat", "environment/exists"),
        (break_reviewers, "production", "environment/reviewers"),
        (break_self_review, "production", "environment/self-review"),
        (break_branches, "production", "environment/branches"),
        (break_secrets, "production", "environment/login"),
        (break_kill_switch, "production", "kill-switch/reviewers"),
        (break_stop_environment, "production-stop", "environment/exists"),
        (break_stop_branches, "production-stop", "environment/branches"),
        (break_stop_secrets, "production-stop", "environment/login"),
        (break_pulls, "repository", "actions/pull-requests"),
        (break_default, "repository", "actions/default-permissions"),
        (break_actions, "repository", "actions/enabled"),
        (break_check, "repository", "branch/required-check"),
        (break_pin, "repository", "workflow/pinned"),
        (break_workflow, "repository", "workflow/rollback"),
        (break_login, "production", "org/login"),
        (break_deploy, "production", "org/deploy"),
        (break_agent, "production", "org/agents"),
        (break_tracing, "production", "org/session-tracing"),
    ],
    ids=lambda each: getattr(each, "__name__", None),
)
def test_each_thing_that_is_wrong_is_found_alone(
    clinic: Clinic, breaking: Callable[[Clinic], None], subject: str, rule: str
) -> None:
    given = dict(clinic.org.environment())
    breaking(clinic)
    assert clinic.found(**given) == (1, {(subject, rule): "problem"})


def test_what_init_writes_has_the_kill_switch_wait_for_the_reviewers(clinic: Clinic) -> None:
    (clinic.checkout / ".github" / "workflows" / "wavegate-disable.yml").unlink()
    assert clinic.run("init", "--pin", REFERENCE).returncode == 0
    code, bad = clinic.found()
    assert (code, bad) == (1, {(name, "kill-switch/reviewers"): "problem" for name in ("uat", "production")})


def test_branch_protection_counts_like_a_ruleset(clinic: Clinic) -> None:
    clinic.github.state.settings.ruleset_checks = []
    clinic.github.state.settings.required_checks = [CHECK]
    assert clinic.found() == (5, {})


def test_what_the_token_may_not_read_is_unknown(clinic: Clinic) -> None:
    code, bad = clinic.found(GITHUB_TOKEN=clinic.github.token)
    assert (code, set(bad.values())) == (5, {"unknown"})
    assert {rule for _, rule in bad} == {
        "actions/enabled",
        "actions/pull-requests",
        "actions/default-permissions",
        "environment/login",
    }
    done = clinic.run("doctor", GITHUB_TOKEN=clinic.github.token)
    assert "administration: read" in done.stdout


LOGINS = [(name, "environment/login") for name in ("uat", "production", "uat-stop", "production-stop")]
ENVIRONMENTS = [(name, "environment/exists") for name in ("uat", "production")]
ACTIONS = [("repository", f"actions/{name}") for name in ("enabled", "pull-requests", "default-permissions")]


@pytest.mark.parametrize(
    ("permission", "unread"),
    [
        ("administration", ACTIONS),
        ("environments", LOGINS),
        ("actions", ENVIRONMENTS),
        ("metadata", [("repository", "github/token")]),
        ("contents", [("repository", "branch/required-check")]),
        # the environments have all that a login takes
        ("secrets", []),
        ("variables", []),
        ("deployments", []),
    ],
)
def test_without_one_permission_what_it_shows_is_unknown_and_the_rest_is_told(
    clinic: Clinic, permission: str, unread: list[tuple[str, str]]
) -> None:
    clinic.github.permit(permission, "none", clinic.github.admin_token)
    assert clinic.found() == (5, dict.fromkeys(unread, "unknown"))


def test_without_a_token_github_is_unknown(clinic: Clinic) -> None:
    assert clinic.found(GITHUB_TOKEN="") == (5, {("repository", "github/token"): "unknown"})


def test_the_repository_is_origins_where_nobody_names_it(clinic: Clinic) -> None:
    git(clinic.checkout, "remote", "set-url", "origin", clinic.github.clone_url)
    assert clinic.found(GITHUB_REPOSITORY="") == (5, {})
    other = clinic.github.clone_url.replace(clinic.github.repository, "acme/other")
    git(clinic.checkout, "remote", "set-url", "origin", other)
    code, bad = clinic.found(GITHUB_REPOSITORY="")
    assert (code, bad) == (5, {("repository", "github/token"): "unknown"})


def test_an_origin_on_another_server_is_named(clinic: Clinic) -> None:
    git(clinic.checkout, "remote", "set-url", "origin", "git@gitlab.com:acme/agents.git")
    done = clinic.run("doctor", GITHUB_REPOSITORY="")
    assert "origin is on gitlab.com" in done.stdout
    assert "--repository OWNER/NAME" in done.stdout


def test_without_credentials_no_org_is_asked(clinic: Clinic) -> None:
    done = clinic.run("doctor", SF_ACCESS_TOKEN="", SF_ORG_INSTANCE_URL="")
    assert done.returncode == 5
    assert done.stdout.count("No credentials for its org are set") == 2


def test_a_failing_org_is_unknown(clinic: Clinic) -> None:
    code, bad = clinic.found(SF_ORG_INSTANCE_URL="http://127.0.0.1:9")
    assert (code, bad) == (5, {("production", "org/login"): "unknown"})


def test_an_environment_that_the_manifest_lacks_is_an_error(clinic: Clinic) -> None:
    done = clinic.run("doctor", "prodction")
    assert (done.returncode, "uat, production" in done.stderr) == (2, True)
