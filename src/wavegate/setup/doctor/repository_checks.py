"""Check whether a repository on GitHub is set up for releases, from its settings."""

import re
from collections.abc import Iterator, Sequence

from wavegate.github.repository_settings import (
    ActionsSettings,
    BranchRules,
    RepositoryFacts,
    SelfHostedRunner,
    WorkflowSettings,
)
from wavegate.setup.doctor.health import Check, Remedy, Unavailable, ok, problem, unknown
from wavegate.setup.local.generated import ACTIONS
from wavegate.setup.steps import CHECK, REPOSITORY
from wavegate.text import join_names, pluralize

_GENERAL = "Settings → Actions → General"
_ACTIONS_PAGE, _RULES_PAGE = "settings/actions", "settings/rules"
_OLDEST_RUNNER = (2, 327, 1)
"""The first runner that runs actions on Node 24, which those of the promotion need. Source: their release notes."""


def actions_checks(settings: ActionsSettings | Unavailable, actions: Sequence[str] = (ACTIONS,)) -> Iterator[Check]:
    """Whether workflows may run, wavegate's included. actions: `OWNER/REPO` of what they use, GitHub's own apart."""
    rule = "actions/enabled"
    if isinstance(settings, Unavailable):
        yield unknown(rule, REPOSITORY, settings, page=_ACTIONS_PAGE)
    elif not settings.enabled:
        fix = f"{_GENERAL}: allow actions to run."
        yield problem(rule, REPOSITORY, "GitHub Actions is disabled.", fix, page=_ACTIONS_PAGE)
    elif settings.allowed == "local_only":
        message = "Only actions of this repository's owner may run."
        fix = f"{_GENERAL}: allow {', '.join(actions)} and GitHub's own actions."
        yield problem(rule, REPOSITORY, message, fix, page=_ACTIONS_PAGE)
    elif settings.allowed == "selected" and (refused := _refused(settings, actions)):
        message = f"Only selected actions may run, without {join_names(refused)}."
        fix = f"{_GENERAL}: allow {', '.join(refused)}."
        yield problem(rule, REPOSITORY, message, fix, page=_ACTIONS_PAGE)
    else:
        yield ok(rule, REPOSITORY, "Workflows may run, and use the actions that they need.")


def _refused(settings: ActionsSettings, actions: Sequence[str]) -> list[str]:
    patterns = [each.partition("@")[0] for each in settings.patterns]
    refused = [name for name in actions if not any(_allows(pattern, name) for pattern in patterns)]
    if not settings.github_owned and not any(_allows(pattern, "actions/checkout") for pattern in patterns):
        refused.append("actions/*")
    return refused


def _allows(pattern: str, repository: str) -> bool:
    """Whether a pattern such as `acme/*` or `acme/tool/*` allows the actions of a repository."""
    owner, _, rest = pattern.partition("/")
    name = rest.partition("/")[0]
    regex = re.escape(f"{owner}/{name}").replace(r"\*", ".*")
    return re.fullmatch(regex, repository, re.IGNORECASE) is not None


def workflow_checks(settings: WorkflowSettings | Unavailable) -> Iterator[Check]:
    """What a workflow's token may do."""
    pulls, default = "actions/pull-requests", "actions/default-permissions"
    if isinstance(settings, Unavailable):
        yield unknown(pulls, REPOSITORY, settings, page=_ACTIONS_PAGE)
        yield unknown(default, REPOSITORY, settings, page=_ACTIONS_PAGE)
        return
    remedy = Remedy(
        says="let workflows open pull requests, and only read by default",
        method="PUT",
        path="actions/permissions/workflow",
        body={"default_workflow_permissions": "read", "can_approve_pull_request_reviews": True},
    )
    if settings.may_open_pulls:
        yield ok(pulls, REPOSITORY, "Workflows may open pull requests.")
    else:
        message = "Workflows may not open pull requests, so a rollback opens an issue instead."
        fix = f"{_GENERAL} → Workflow permissions: allow GitHub Actions to create and approve pull requests."
        yield problem(pulls, REPOSITORY, message, fix, page=_ACTIONS_PAGE, remedies=[remedy])
    if settings.default_permissions == "read":
        yield ok(default, REPOSITORY, "By default, workflows may only read.")
    else:
        fix = f"{_GENERAL} → Workflow permissions: read repository contents."
        message = "By default, workflows may write."
        yield problem(default, REPOSITORY, message, fix, page=_ACTIONS_PAGE, remedies=[remedy])


def release_branch_checks(branch: str, default: str, *, exists: bool | Unavailable) -> Iterator[Check]:
    """Whether the branch whose pushes start releases exists; nothing if it is the default one."""
    rule = "workflow/release-branch"
    if branch == default:
        return
    if isinstance(exists, Unavailable):
        yield unknown(rule, REPOSITORY, exists)
    elif exists:
        yield ok(rule, REPOSITORY, f"Releases start from `{branch}`; the default branch is `{default}`.")
    else:
        message = f"Releases start from `{branch}`, which does not exist; the default branch is `{default}`."
        fix = "Name the release branch under `on: push: branches:` of the release workflow."
        yield problem(rule, REPOSITORY, message, fix)


def branch_checks(branch: str, rules: BranchRules | Unavailable, reported: Sequence[str]) -> Iterator[Check]:
    """Whether a pull request can bypass the check. reported: names under which workflows report it."""
    rule = "branch/required-check"
    names = reported or (CHECK,)
    fix = f"Settings → Rules → Rulesets: require the status check “{names[0]}”."
    if isinstance(rules, Unavailable):
        yield unknown(rule, REPOSITORY, rules, page=_RULES_PAGE)
    elif found := [name for name in names if name in rules.checks]:
        yield ok(rule, REPOSITORY, f"`{branch}` requires the check “{found[0]}”.")
    elif CHECK in rules.checks:
        message = f"`{branch}` requires the check “{CHECK}”, which no workflow reports: pull requests wait forever."
        yield problem(rule, REPOSITORY, message, f"{fix} Remove the other one.", page=_RULES_PAGE)
    else:
        required = f": it requires only {join_names(sorted(rules.checks), 3)}" if rules.checks else ""
        message = f"`{branch}` does not require the check “{names[0]}”{required}."
        yield problem(rule, REPOSITORY, message, fix, page=_RULES_PAGE)


def attestation_check(facts: RepositoryFacts, plan: str | Unavailable) -> Iterator[Check]:
    """Whether the decision can be signed, for workflows that ask for it. plan: '' if the token may not see it."""
    rule = "plan/attestations"
    fix = "Remove `attest: true` from the release workflow. The decision is recorded in the deployment all the same."
    if not facts.private:
        yield ok(rule, REPOSITORY, "The decision can be signed: the repository is public.")
    elif plan == "enterprise":
        yield ok(rule, REPOSITORY, "The decision can be signed, if the enterprise is on GitHub Enterprise Cloud.")
    elif isinstance(plan, Unavailable) or not plan:
        message = "In a private repository, signing the decision needs GitHub Enterprise Cloud; the plan is unknown."
        yield unknown(rule, REPOSITORY, Unavailable(message=message, fix=fix))
    else:
        message = f"The plan {plan} cannot sign the decisions of a private repository, so no release is deployed."
        yield problem(rule, REPOSITORY, message, fix)


def runner_versions(runners: Sequence[SelfHostedRunner] | Unavailable) -> Iterator[Check]:
    """Whether the repository's own runners are new enough; nothing if it has none that can be seen."""
    rule = "runner/version"
    if isinstance(runners, Unavailable) or not runners:
        return
    old = [each.name for each in runners if each.version and _numbers(each.version) < _OLDEST_RUNNER]
    if old:
        oldest = ".".join(str(each) for each in _OLDEST_RUNNER)
        message = f"{pluralize(len(old), 'self-hosted runner')} older than {oldest}: {join_names(sorted(old))}."
        yield problem(rule, REPOSITORY, message, "Update the runner's software.", page="settings/actions/runners")
    else:
        yield ok(rule, REPOSITORY, f"{pluralize(len(runners), 'self-hosted runner')}, all new enough.")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in re.findall(r"\d+", version)[:3])


def server_checks(version: str | Unavailable, *, are_for_server: bool) -> Iterator[Check]:
    """Whether the workflows fit a GitHub Enterprise Server. version: of the server; '' for github.com.

    are_for_server: whether the local workflows were written for one.
    """
    rule = "server/workflows"
    if isinstance(version, Unavailable):
        yield unknown(rule, REPOSITORY, version)
    elif version and not are_for_server:
        message = f"This is GitHub Enterprise Server {version}, and the workflows are those for github.com."
        fix = "Delete .github/workflows/wavegate-*.yml and run `wavegate init`: it writes those for a server."
        yield problem(rule, REPOSITORY, message, fix)
    elif version:
        yield ok(rule, REPOSITORY, f"The workflows are those for GitHub Enterprise Server {version}.")
    elif are_for_server:
        message = "The workflows were written for GitHub Enterprise Server, and this is github.com."
        fix = "Delete .github/workflows/wavegate-*.yml and run `wavegate init`."
        yield problem(rule, REPOSITORY, message, fix)
