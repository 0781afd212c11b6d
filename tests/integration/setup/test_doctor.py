"""`doctor` against both doubles: all well, each item broken in turn, what may not be read, and what it can fix."""

import contextlib
import io
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import pytest
from tests.doubles.github.github import GitHubDouble
from tests.doubles.github.state import Environment, Settings
from tests.doubles.salesforce import SalesforceDouble
from tests.support.consumer import RELEASE, consumer
from tests.support.git import git
from tests.support.product import REFERENCE

from wavegate.__main__ import main
from wavegate.setup.steps import CHECK

AGENT = b"agents: [{name: Support_Agent}]\n"


class Ran(NamedTuple):
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


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
        state.settings.ruleset_pulls = (0, False)
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

    def run(self, *arguments: str, **more: str) -> Ran:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            **self.github.environment(self.github.admin_token),
            "GITHUB_ACTIONS": "",
            **self.org.environment(),
            **more,
        }
        output, errors = io.StringIO(), io.StringIO()
        with (
            patch.dict(os.environ, environment, clear=True),
            contextlib.chdir(self.checkout),
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(errors),
        ):
            code = main(arguments)
        return Ran(returncode=code, stdout=output.getvalue(), stderr=errors.getvalue())

    @property
    def settings(self) -> Settings:
        """The repository's settings on GitHub."""
        return self.github.state.settings

    def edit(self, file: str, old: str, new: str) -> None:
        """Change a workflow."""
        path = self.checkout / ".github" / "workflows" / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def pass_input(self, line: str) -> None:
        """Let the release workflow pass one more input to uat's promotion."""
        first = "      environment: uat\n"
        self.edit("wavegate-release.yml", first, f"{first}      {line}\n")

    def environment(self, name: str) -> Environment:
        """An environment on GitHub."""
        return next(each for each in self.github.state.environments if each.name == name)

    def found(self, **more: str) -> tuple[int, dict[tuple[str, str], str]]:
        """Exit code, and health by subject and rule of what is not ok. Of the orgs, production's alone is asked."""
        done = self.run("doctor", "production", "--format", "json", **more)
        assert done.stdout, done.stderr
        checks = json.loads(done.stdout)["checks"]
        assert all(each["fix"] for each in checks if each["health"] != "ok")
        return done.returncode, {
            (each["subject"], each["rule"]): each["health"] for each in checks if each["health"] != "ok"
        }


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    with GitHubDouble(tmp_path / "github") as github, SalesforceDouble() as org:
        yield Clinic(tmp_path, github, org)


def test_all_is_well(clinic: Clinic) -> None:
    assert clinic.found() == (0, {})
    done = clinic.run("doctor", "production")
    for words in ("The token reads acme/support-agents", "release@acme.example logs in", "Sessions are traced"):
        assert words in done.stdout
    assert "0 problems, 0 unknown" in done.stdout


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
    clinic.edit("wavegate-reusable-check.yml", REFERENCE, "main")


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


def break_queue(clinic: Clinic) -> None:
    clinic.settings.merge_queue = True
    clinic.edit("wavegate-check.yml", "  merge_group:\n", "")


def break_paths(clinic: Clinic) -> None:
    clinic.edit("wavegate-check.yml", "  pull_request:\n", "  pull_request:\n    paths: [agentforce/**]\n")


def break_branches_of_check(clinic: Clinic) -> None:
    clinic.edit("wavegate-check.yml", "  pull_request:\n", "  pull_request:\n    branches: ['release/**']\n")


def break_types(clinic: Clinic) -> None:
    clinic.edit("wavegate-check.yml", "  pull_request:\n", "  pull_request:\n    types: [opened, labeled]\n")


def break_check_file(clinic: Clinic) -> None:
    # the promotion checks its release too, which says nothing about pull requests
    (clinic.checkout / ".github" / "workflows" / "wavegate-check.yml").unlink()


def break_condition(clinic: Clinic) -> None:
    clinic.edit("wavegate-check.yml", "  check:\n", "  check:\n    if: false\n")


def break_push(clinic: Clinic) -> None:
    clinic.edit("wavegate-release.yml", "branches: [main]", "branches-ignore: [main]")


def break_release_paths(clinic: Clinic) -> None:
    clinic.edit("wavegate-release.yml", ', "sfdx-project.json", "**/.forceignore"', "")


def break_values(clinic: Clinic) -> None:
    path = clinic.checkout / "sfdx-project.json"
    entry = {"glob": "**", "stringToReplace": "URL", "replaceWithEnv": "SUPPORT_URL"}
    path.write_text(json.dumps({**json.loads(path.read_text()), "replacements": [entry]}))
    clinic.environment("production").secrets.append("DEPLOY_ENV")


def break_check_name(clinic: Clinic) -> None:
    clinic.edit("wavegate-check.yml", "  check:\n", "  agents:\n")


def break_custom_rule(clinic: Clinic) -> None:
    clinic.environment("uat").custom_rules = ["change-tickets"]


def break_custom_rule_of_stop(clinic: Clinic) -> None:
    clinic.environment("production-stop").custom_rules = ["change-tickets"]


def break_wait_timer(clinic: Clinic) -> None:
    clinic.environment("production-stop").wait_minutes = 30


def break_runner_image(clinic: Clinic) -> None:
    clinic.edit(
        "wavegate-release.yml", "      environment: uat\n", "      environment: uat\n      runner: ubuntu-22.04\n"
    )


def break_runner_version(clinic: Clinic) -> None:
    clinic.settings.runners = {"old": "2.320.0", "new": "2.340.0"}


def break_selected(clinic: Clinic) -> None:
    clinic.settings.allowed_actions = "selected"
    clinic.settings.allowed_patterns = ["acme/*"]


def break_owner_only(clinic: Clinic) -> None:
    clinic.settings.allowed_actions = "local_only"


def break_attestation(clinic: Clinic) -> None:
    clinic.settings.plan = "team"
    clinic.pass_input("attest: true")


def break_owner_access(clinic: Clinic) -> None:
    path = clinic.checkout / "agentforce" / "release.yml"
    path.write_text(f'owners: {{dashboards: "@acme/gone"}}\n{path.read_text()}')


def break_owner(clinic: Clinic) -> None:
    clinic.edit(
        "wavegate-release.yml",
        "./.github/workflows/wavegate-reusable-promote.yml",
        f"wavegate/wavegate/.github/workflows/promote.yml@{REFERENCE}",
    )


def break_organization_secret(clinic: Clinic) -> None:
    clinic.environment("production").secrets = []
    clinic.github.state.organization_secrets = ["SF_AUTH_URL"]


def break_repository_secret(clinic: Clinic) -> None:
    clinic.environment("production").secrets = []
    clinic.github.state.secrets = ["SF_AUTH_URL"]


def break_variables(clinic: Clinic) -> None:
    clinic.environment("production").secrets = ["SF_JWT_KEY"]
    clinic.github.state.organization_variables = {"SF_CLIENT_ID": "1"}


def break_star(clinic: Clinic) -> None:
    clinic.environment("production").branch_patterns = ["*"]


def break_form(clinic: Clinic) -> None:
    clinic.edit("wavegate-rollback.yml", "type: choice", "type: environment")


def break_no_rollback_form(clinic: Clinic) -> None:
    clinic.edit("wavegate-disable.yml", "  workflow_dispatch:\n", "  workflow_call:\n")


def break_pull_request(clinic: Clinic) -> None:
    clinic.settings.ruleset_pulls = None


def own(clinic: Clinic) -> None:
    """Name an owner in the manifest."""
    manifest = clinic.checkout / "agentforce" / "release.yml"
    manifest.write_text('owners: {release: "@acme/agents"}\n' + manifest.read_text())


def break_approvals(clinic: Clinic) -> None:
    own(clinic)
    clinic.settings.ruleset_pulls = (1, False)


def break_code_owners(clinic: Clinic) -> None:
    own(clinic)
    clinic.settings.ruleset_pulls = (1, True)


def break_protected_only(clinic: Clinic) -> None:
    clinic.settings.ruleset_checks = []
    clinic.settings.ruleset_pulls = None
    clinic.environment("production").branch_patterns = []
    clinic.environment("production").protected_branches = True


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
        (break_queue, "repository", "workflow/check-trigger"),
        (break_paths, "repository", "workflow/check-trigger"),
        (break_branches_of_check, "repository", "workflow/check-trigger"),
        (break_types, "repository", "workflow/check-trigger"),
        (break_check_file, "repository", "workflow/check-trigger"),
        (break_condition, "repository", "workflow/check-trigger"),
        (break_push, "repository", "workflow/release-trigger"),
        (break_pull_request, "repository", "branch/pull-request"),
        (break_approvals, "repository", "branch/owners"),
        (break_code_owners, "repository", "branch/owners"),
        (break_release_paths, "repository", "workflow/release-paths"),
        (break_values, "uat", "environment/deploy-env"),
        (break_check_name, "repository", "branch/required-check"),
        (break_custom_rule, "uat", "environment/custom-rules"),
        (break_custom_rule_of_stop, "production-stop", "environment/custom-rules"),
        (break_wait_timer, "production", "kill-switch/reviewers"),
        (break_runner_image, "repository", "workflow/runner"),
        (break_runner_version, "repository", "runner/version"),
        (break_selected, "repository", "actions/enabled"),
        (break_owner_only, "repository", "actions/enabled"),
        (break_attestation, "repository", "plan/attestations"),
        (break_owner, "repository", "workflow/owner"),
        (break_owner_access, "repository", "owners/access"),
        (break_organization_secret, "production", "environment/login"),
        (break_repository_secret, "production", "environment/login"),
        (break_variables, "production", "environment/login"),
        (break_star, "production", "environment/branches"),
        (break_form, "repository", "workflow/form"),
        (break_no_rollback_form, "repository", "workflow/disable"),
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
    clinic.settings.ruleset_checks, clinic.settings.ruleset_pulls = [], None
    clinic.settings.required_checks, clinic.settings.protected_pulls = [CHECK], (1, True)
    assert clinic.found() == (0, {})


def test_what_branch_protection_requires_is_unknown_without_an_administrators_token(clinic: Clinic) -> None:
    clinic.settings.ruleset_pulls = None
    clinic.settings.required_checks = [CHECK]
    assert clinic.found() == (1, {("repository", "branch/pull-request"): "problem"})
    done = clinic.run("doctor", "production")
    assert "Settings → Branches → Branch protection rules → the rule for `main`" in done.stdout
    assert f"{clinic.github.url}/acme/support-agents/settings/branches" in done.stdout
    _, bad = clinic.found(GITHUB_TOKEN=clinic.github.token)
    assert bad["repository", "branch/pull-request"] == "unknown"
    # GitHub says 404 for what a classic token may not see, and for a branch that has no protection
    clinic.github.faults.add("^GET .*/protection$", times=5, status=404, body={"message": "Not Found"})
    assert clinic.found() == (5, {("repository", "branch/pull-request"): "unknown"})


def test_a_branch_that_only_rulesets_protect_has_no_protection_to_read(clinic: Clinic) -> None:
    clinic.settings.ruleset_pulls = None
    assert clinic.found() == (1, {("repository", "branch/pull-request"): "problem"})


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
    # a job's own token has no such permission: a workflow that asks for it is invalid
    assert "permissions: administration" not in done.stdout


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
        ("contents", [("repository", f"branch/{name}") for name in ("pull-request", "required-check")]),
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
    assert clinic.found() == (5 if unread else 0, dict.fromkeys(unread, "unknown"))


def test_without_a_token_github_is_unknown(clinic: Clinic) -> None:
    assert clinic.found(GITHUB_TOKEN="") == (5, {("repository", "github/token"): "unknown"})


def test_the_repository_is_origins_where_nobody_names_it(clinic: Clinic) -> None:
    git(clinic.checkout, "remote", "set-url", "origin", clinic.github.clone_url)
    assert clinic.found(GITHUB_REPOSITORY="") == (0, {})
    other = clinic.github.clone_url.replace(clinic.github.repository, "acme/other")
    git(clinic.checkout, "remote", "set-url", "origin", other)
    code, bad = clinic.found(GITHUB_REPOSITORY="")
    assert (code, bad) == (5, {("repository", "github/token"): "unknown"})


def test_an_origin_on_another_server_is_named(clinic: Clinic) -> None:
    git(clinic.checkout, "remote", "set-url", "origin", "git@gitlab.com:acme/agents.git")
    done = clinic.run("doctor", GITHUB_REPOSITORY="")
    assert "origin is on gitlab.com" in done.stdout
    assert "--repository OWNER/NAME" in done.stdout


def test_on_an_enterprise_server_the_fix_begins_with_its_address(
    clinic: Clinic,
) -> None:
    git(clinic.checkout, "remote", "set-url", "origin", "git@ghe.acme.example:acme/agents.git")
    done = clinic.run("doctor", GITHUB_REPOSITORY="", GITHUB_SERVER_URL="")
    (fix,) = (line for line in done.stdout.splitlines() if "--repository" in line)
    assert fix.index("GITHUB_SERVER_URL") < fix.index("--repository")


def test_a_token_for_an_enterprise_server_is_not_sent_to_github_com(clinic: Clinic) -> None:
    git(clinic.checkout, "remote", "set-url", "origin", "git@ghe.acme.example:acme/support-agents.git")
    # the double is where the token would go without a server's name
    named = {"GITHUB_REPOSITORY": "", "GITHUB_SERVER_URL": ""}
    clinic.github.routes.clear()
    for arguments in (
        ("--repository", "acme/support-agents"),
        ("--repository", "acme/support-agents", "--fix", "--yes"),
    ):
        done = clinic.run("doctor", "production", *arguments, **named)
        assert (done.returncode, clinic.github.routes) == (5, [])
        assert "origin is on ghe.acme.example, and GITHUB_SERVER_URL does not say where acme/support-agents is" in (
            done.stdout
        )
    assert (
        clinic.run("doctor", "production", *arguments, **named | {"GITHUB_SERVER_URL": clinic.github.url}).returncode
        == 0
    )


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


FOREIGN = {
    "ci.yml": "on: [push, pull_request]\njobs: {test: {runs-on: ubuntu-22.04, steps: [{run: make}]}}\n",
    "empty.yml": "",
    "comment.yml": "# nothing\n",
    "list.yml": "- a\n",
    "broken.yml": "on: [push\n",
    "tabs.yml": "on:\tpush\n",
    "anchors.yml": "a: &a {runs-on: ubuntu-latest}\non: push\njobs: {test: {<<: *a, steps: []}}\n",
    "other-tool.yml": "on: push\njobs: {check: {uses: acme/tools/.github/workflows/check.yml@main}}\n",
    "odd.yml": "on: {schedule: [{cron: '0 0 * * *'}]}\njobs: {a: {steps: [1, {uses: 2}, {uses: docker://alpine}]}}\n",
    "loop.yml": "on: push\njobs: {a: {uses: ./.github/workflows/loop.yml}}\n",
}


@pytest.mark.parametrize("file", FOREIGN)
def test_workflows_of_others_change_nothing(clinic: Clinic, file: str) -> None:
    (clinic.checkout / ".github" / "workflows" / file).write_text(FOREIGN[file])
    assert clinic.found() == (0, {})


def well_with_owners(clinic: Clinic) -> None:
    own(clinic)
    clinic.settings.ruleset_pulls = (1, True)
    (clinic.checkout / ".github" / "CODEOWNERS").write_text("* @acme/everybody\n/agentforce/ @acme/agents\n")


def well_with_owners_by_rules_of_both_kinds(clinic: Clinic) -> None:
    own(clinic)
    clinic.settings.ruleset_pulls, clinic.settings.protected_pulls = (1, False), (0, True)
    (clinic.checkout / "CODEOWNERS").write_text("*.yml @acme/agents\n")


def well_in_a_queue(clinic: Clinic) -> None:
    clinic.settings.merge_queue = True


def well_on_a_plan(clinic: Clinic) -> None:
    clinic.settings.plan = "enterprise"
    clinic.pass_input("attest: true")


def well_for_a_user(clinic: Clinic) -> None:
    clinic.settings.organization = False


def well_in_public(clinic: Clinic) -> None:
    clinic.settings.private = False


def well_with_wider_variables(clinic: Clinic) -> None:
    clinic.environment("production").secrets = ["SF_JWT_KEY"]
    clinic.github.state.organization_variables = {"SF_CLIENT_ID": "1", "SF_USERNAME": "2"}


def well_with_a_rule_for_deployments_only(clinic: Clinic) -> None:
    clinic.environment("production").custom_rules = ["change-tickets"]


def well_with_selected_actions(clinic: Clinic) -> None:
    clinic.settings.allowed_actions = "selected"
    clinic.settings.allowed_patterns = ["wavegate/wavegate/*@*"]


def well_from_release_branches(clinic: Clinic) -> None:
    clinic.environment("production").branch_patterns = ["main", "release/*"]


def well_with_other_names(clinic: Clinic) -> None:
    for environment in clinic.github.state.environments:
        environment.name = environment.name.title()


@pytest.mark.parametrize(
    "arranging",
    [
        well_with_owners,
        well_with_owners_by_rules_of_both_kinds,
        well_in_a_queue,
        well_on_a_plan,
        well_for_a_user,
        well_in_public,
        well_with_wider_variables,
        well_with_a_rule_for_deployments_only,
        well_with_selected_actions,
        well_from_release_branches,
        well_with_other_names,
    ],
    ids=lambda each: each.__name__,
)
def test_other_ways_to_be_well(clinic: Clinic, arranging: Callable[[Clinic], None]) -> None:
    arranging(clinic)
    assert clinic.found() == (0, {})


def test_the_release_branch_is_the_one_whose_pushes_start_releases(clinic: Clinic) -> None:
    clinic.edit("wavegate-release.yml", "branches: [main]", "branches: [release]")
    clinic.github.seed({"README.md": b"y"}, branch="release")
    for environment in clinic.github.state.environments:
        environment.branch_patterns = ["release"]
    code, bad = clinic.found()
    # the rulesets of the double are those of every branch
    assert (code, bad) == (0, {})
    clinic.environment("uat").branch_patterns = []
    assert clinic.run("doctor", "production", "--fix", "--yes").stderr.count("done ") == 2
    assert clinic.environment("uat").branch_patterns == ["release"]


def test_a_release_branch_that_does_not_exist_is_named(clinic: Clinic) -> None:
    clinic.edit("wavegate-release.yml", "branches: [main]", "branches: [trunk]")
    for environment in clinic.github.state.environments:
        environment.branch_patterns = ["trunk"]
    assert clinic.found() == (1, {("repository", "workflow/release-branch"): "problem"})
    assert "the default branch is `main`" in clinic.run("doctor", "production").stdout


def test_what_a_plan_cannot_do_and_what_to_do_instead(clinic: Clinic) -> None:
    clinic.environment("production").reviewers = []
    done = clinic.run("doctor", "production")
    assert "needs GitHub Enterprise. Without it" in done.stdout
    assert f"{clinic.github.url}/acme/support-agents/settings/environments" in done.stdout


def test_fix_sets_up_what_the_api_can(clinic: Clinic) -> None:
    state = clinic.github.state
    state.environments = [each for each in state.environments if each.name != "production-stop"]
    clinic.environment("production").prevent_self_review = False
    clinic.environment("production").wait_minutes = 5
    clinic.environment("uat").branch_patterns = []
    clinic.settings.default_permissions = "write"
    clinic.settings.actions_may_open_pulls = False
    assert clinic.found()[0] == 1
    assert "`wavegate doctor --fix` can fix 5 of them" in clinic.run("doctor", "production").stdout
    done = clinic.run("doctor", "production", "--fix", "--yes")
    assert done.stderr.count("done ") == 6
    assert (clinic.environment("production").reviewers, clinic.environment("production").wait_minutes) == (
        ["@ada", "@acme/agents"],
        5,
    )
    assert clinic.environment("production").branch_patterns == ["main"]
    assert (
        clinic.environment("uat").branch_patterns == clinic.environment("production-stop").branch_patterns == ["main"]
    )
    # secrets are a person's to add
    assert clinic.found() == (1, {("production-stop", "environment/login"): "problem"})
    assert "done " not in clinic.run("doctor", "production", "--fix", "--yes").stderr


def test_fixes_of_one_environment_do_not_undo_each_other(clinic: Clinic) -> None:
    production = clinic.environment("production")
    production.prevent_self_review, production.branch_patterns = False, []
    done = clinic.run("doctor", "production", "--fix", "--yes")
    assert (done.returncode, done.stderr.count("done ")) == (0, 3)
    assert (production.prevent_self_review, production.branch_patterns) == (True, ["main"])
    assert production.reviewers == ["@ada", "@acme/agents"]


@pytest.mark.parametrize("skip", [0, 1, 2])
def test_an_interrupted_fix_is_completed_by_the_next_one(clinic: Clinic, skip: int) -> None:
    clinic.environment("production").branch_patterns = []
    clinic.environment("production").prevent_self_review = False
    clinic.github.faults.add("^(PUT|POST) /repos", skip=skip, times=20, status=503, when="after")
    done = clinic.run("doctor", "production", "--fix", "--yes")
    assert (done.returncode, done.stderr.count("done ")) == (4, skip)
    clinic.github.faults.clear()
    done = clinic.run("doctor", "production", "--fix", "--yes")
    assert (done.returncode, clinic.found()) == (0, (0, {}))


def test_fix_asks_and_changes_nothing_without_an_answer(clinic: Clinic) -> None:
    clinic.settings.default_permissions = "write"
    with patch("sys.stdin", io.StringIO("n\n")):
        done = clinic.run("doctor", "production", "--fix")
    assert "only read by default?" in done.stderr
    assert (done.returncode, clinic.settings.default_permissions) == (1, "write")


def test_what_fix_may_not_change_is_named(clinic: Clinic) -> None:
    clinic.settings.default_permissions = "write"
    clinic.github.permit("administration", "read", clinic.github.admin_token)
    done = clinic.run("doctor", "production", "--fix", "--yes")
    assert (done.returncode, "refused " in done.stderr, "administration: write" in done.stderr) == (1, True, True)


def test_fix_does_not_run_in_actions(clinic: Clinic) -> None:
    done = clinic.run("doctor", "production", "--fix", GITHUB_ACTIONS="true")
    assert (done.returncode, "--fix changes the repository's settings" in done.stdout + done.stderr) == (2, True)
