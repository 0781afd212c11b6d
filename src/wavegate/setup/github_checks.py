"""Whether a repository on GitHub is set up for releases: one check for each setting."""

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from wavegate.github.repository_settings import (
    ActionsSettings,
    BranchRules,
    EnvironmentSettings,
    Names,
    WorkflowSettings,
)
from wavegate.setup.health import Check, Health, Unavailable
from wavegate.setup.steps import CHECK, stop_fix
from wavegate.text import join_names

REPOSITORY = "repository"
_ACTIONS = "Settings → Actions → General"
_LOGINS = (
    (frozenset({"SF_AUTH_URL"}), frozenset[str]()),
    (frozenset({"SF_JWT_KEY"}), frozenset({"SF_CLIENT_ID", "SF_USERNAME"})),
    (frozenset({"SF_ACCESS_TOKEN"}), frozenset({"SF_ORG_INSTANCE_URL"})),
)
"""Secrets and variables of each login method."""
_LOGIN_FIX = (
    "Add the secret SF_AUTH_URL, or SF_JWT_KEY with the variables SF_CLIENT_ID and SF_USERNAME, to the environment."
)


def actions_checks(settings: ActionsSettings | Unavailable) -> Iterator[Check]:
    """Whether workflows may run, and use wavegate's actions."""
    rule = "actions/enabled"
    if isinstance(settings, Unavailable):
        yield unknown(rule, REPOSITORY, settings)
    elif not settings.enabled:
        yield wrong(rule, REPOSITORY, "GitHub Actions is disabled.", f"{_ACTIONS}: allow actions to run.")
    elif settings.allowed == "local_only":
        message = "Only actions of this repository's owner may run."
        yield wrong(rule, REPOSITORY, message, f"{_ACTIONS}: allow wavegate/wavegate and GitHub's own actions.")
    elif settings.allowed == "selected":
        unread = Unavailable(
            message="Only selected actions may run.",
            fix=f"Check that {_ACTIONS} allows wavegate/wavegate and GitHub's own actions.",
        )
        yield unknown(rule, REPOSITORY, unread)
    else:
        yield ok(rule, REPOSITORY, "Workflows may run.")


def workflow_checks(settings: WorkflowSettings | Unavailable) -> Iterator[Check]:
    """What the token of a workflow may do."""
    pulls, default = "actions/pull-requests", "actions/default-permissions"
    if isinstance(settings, Unavailable):
        yield unknown(pulls, REPOSITORY, settings)
        yield unknown(default, REPOSITORY, settings)
        return
    if settings.may_open_pulls:
        yield ok(pulls, REPOSITORY, "Workflows may open pull requests.")
    else:
        message = "Workflows may not open pull requests, so a rollback would open an issue instead."
        fix = f"{_ACTIONS} → Workflow permissions: allow GitHub Actions to create and approve pull requests."
        yield wrong(pulls, REPOSITORY, message, fix)
    if settings.default_permissions == "read":
        yield ok(default, REPOSITORY, "By default, a workflow's token may only read.")
    else:
        message = "By default, a workflow's token may write to everything."
        yield wrong(default, REPOSITORY, message, f"{_ACTIONS} → Workflow permissions: read repository contents.")


def branch_checks(branch: str, rules: BranchRules | Unavailable) -> Iterator[Check]:
    """Whether a pull request can be merged without the check."""
    rule = "branch/required-check"
    if isinstance(rules, Unavailable):
        yield unknown(rule, REPOSITORY, rules)
    elif CHECK in rules.checks:
        yield ok(rule, REPOSITORY, f"`{branch}` requires the check “{CHECK}”.")
    else:
        asked = f"; it requires {join_names(sorted(rules.checks), 3)}" if rules.checks else ""
        message = f"`{branch}` does not require the check “{CHECK}”{asked}."
        yield wrong(rule, REPOSITORY, message, f"Settings → Rules → Rulesets: require the status check “{CHECK}”.")


def environment_checks(
    names: Sequence[str],
    found: Sequence[EnvironmentSettings] | Unavailable,
    *,
    branch: str,
    rules: BranchRules | Unavailable,
) -> Iterator[Check]:
    """Existence, reviewers and branches of each environment. names: in the order of promotion."""
    if isinstance(found, Unavailable):
        yield from (unknown("environment/exists", name, found) for name in names)
        return
    by_name = {each.name.casefold(): each for each in found}
    for index, name in enumerate(names):
        environment = by_name.get(name.casefold())
        if environment is None:
            fix = "Settings → Environments → New environment. GitHub creates a missing one without protection rules."
            yield wrong("environment/exists", name, "The environment does not exist.", fix)
            continue
        yield ok("environment/exists", name, "The environment exists.")
        yield from _reviewers(environment, name, needed=index > 0)
        yield _branches(environment, name, branch=branch, rules=rules)


def kill_switch_checks(
    stops: Mapping[str, str | Unavailable],
    found: Sequence[EnvironmentSettings],
    *,
    branch: str,
    rules: BranchRules | Unavailable,
) -> Iterator[Check]:
    """Whether the kill switch runs without an approval. stops: the GitHub environment that it runs in, by name."""
    rule = "kill-switch/reviewers"
    by_name = {each.name.casefold(): each for each in found}
    for name, stop in stops.items():
        if isinstance(stop, Unavailable):
            yield unknown(rule, name, stop)
            continue
        environment = by_name.get(stop.casefold())
        if stop != name:
            yield from _stop_environment(environment, stop, name, branch=branch, rules=rules)
        if environment and environment.reviewers:
            message = f"The kill switch waits for one of the {environment.reviewers} reviewers of `{stop}`."
            yield wrong(rule, name, message, stop_fix(name))
        elif environment:
            yield ok(rule, name, "The kill switch runs without an approval.")


def _stop_environment(
    environment: EnvironmentSettings | None, stop: str, name: str, *, branch: str, rules: BranchRules | Unavailable
) -> Iterator[Check]:
    if environment is None:
        message = f"The kill switch of `{name}` runs in this environment, which does not exist."
        yield wrong("environment/exists", stop, message, stop_fix(name))
    else:
        yield _branches(environment, stop, branch=branch, rules=rules)


def _reviewers(environment: EnvironmentSettings, name: str, *, needed: bool) -> Iterator[Check]:
    rule = "environment/reviewers"
    place = f"Settings → Environments → {name}"
    if environment.reviewers:
        yield ok(rule, name, f"A release needs the approval of one of {environment.reviewers} required reviewers.")
    elif needed:
        yield wrong(rule, name, "A release needs no approval.", f"{place}: add required reviewers.")
    else:
        yield ok(rule, name, "A release needs no approval here.")
    if environment.reviewers and environment.prevent_self_review:
        yield ok("environment/self-review", name, "Whoever starts a release cannot approve it.")
    elif environment.reviewers:
        message = "Whoever starts a release can approve it."
        yield wrong("environment/self-review", name, message, f"{place}: prevent self-review.")


def _branches(environment: EnvironmentSettings, name: str, *, branch: str, rules: BranchRules | Unavailable) -> Check:
    rule = "environment/branches"
    fix = f"Settings → Environments → {name} → Deployment branches: only {branch}."
    if environment.protected_only:
        if isinstance(rules, Unavailable):
            return unknown(rule, name, rules)
        if rules.protected:
            return ok(rule, name, "Only protected branches can deploy.")
        return wrong(rule, name, f"Only protected branches can deploy, and `{branch}` is not protected.", fix)
    if environment.branches is None:
        return wrong(rule, name, "A workflow on any branch can read this environment's secrets.", fix)
    if not any(fnmatchcase(branch, pattern) for pattern in environment.branches):
        return wrong(rule, name, f"The release branch `{branch}` cannot deploy.", fix)
    others = [each for each in environment.branches if each.startswith("*")]
    if others:
        return wrong(rule, name, f"The pattern {join_names(others)} allows any branch to deploy.", fix)
    return ok(rule, name, f"Only {join_names(environment.branches, 3)} can deploy.")


def login_checks(names: Mapping[str, Names | Unavailable], repository: Names | Unavailable) -> Iterator[Check]:
    """Whether each environment can log in to its org. names: of secrets and variables, by existing environment."""
    rule = "environment/login"
    for environment, found in names.items():
        if isinstance(found, Unavailable):
            yield unknown(rule, environment, found)
        elif _can_log_in(found):
            yield ok(rule, environment, "The secrets for a login are set.")
        elif isinstance(repository, Unavailable):
            yield unknown(rule, environment, repository)
        elif _can_log_in(_together(found, repository)):
            message = "The login is a repository secret, which workflows on every branch can read."
            yield wrong(rule, environment, message, "Move the secret to the environment.")
        else:
            yield wrong(
                rule, environment, "The secrets for a login to its org are missing or incomplete.", _LOGIN_FIX
            )


def _can_log_in(names: Names) -> bool:
    # a team may store the variables as secrets, too
    return any(
        secrets <= names.secrets and variables <= names.variables | names.secrets for secrets, variables in _LOGINS
    )


def _together(one: Names, other: Names) -> Names:
    return Names(secrets=one.secrets | other.secrets, variables=one.variables | other.variables)


def ok(rule: str, subject: str, message: str) -> Check:
    """An item that is set up correctly."""
    return Check(rule=rule, subject=subject, health=Health.OK, message=message)


def wrong(rule: str, subject: str, message: str, fix: str) -> Check:
    """An item to fix."""
    return Check(rule=rule, subject=subject, health=Health.PROBLEM, message=message, fix=fix)


def unknown(rule: str, subject: str, unread: Unavailable) -> Check:
    """An item that could not be checked."""
    return Check(rule=rule, subject=subject, health=Health.UNKNOWN, message=unread.message, fix=unread.fix)
