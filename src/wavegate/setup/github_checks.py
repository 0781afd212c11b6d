"""Check whether a repository on GitHub is set up for releases, from its settings."""

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
from wavegate.text import join_names, pluralize

REPOSITORY = "repository"
_ACTIONS = "Settings → Actions → General"
_LOGINS = (
    (frozenset({"SF_AUTH_URL"}), frozenset[str]()),
    (frozenset({"SF_JWT_KEY"}), frozenset({"SF_CLIENT_ID", "SF_USERNAME"})),
    (frozenset({"SF_ACCESS_TOKEN"}), frozenset({"SF_ORG_INSTANCE_URL"})),
)
"""Secrets and variables of every login method."""
_LOGIN_FIX = (
    "Add the secret SF_AUTH_URL, or SF_JWT_KEY with the variables SF_CLIENT_ID and SF_USERNAME, to the environment."
)


def actions_checks(settings: ActionsSettings | Unavailable) -> Iterator[Check]:
    """Whether workflows may run, wavegate's included."""
    rule = "actions/enabled"
    if isinstance(settings, Unavailable):
        yield unknown(rule, REPOSITORY, settings)
    elif not settings.enabled:
        yield problem(rule, REPOSITORY, "GitHub Actions is disabled.", f"{_ACTIONS}: allow actions to run.")
    elif settings.allowed == "local_only":
        message = "Only actions of this repository's owner may run."
        yield problem(rule, REPOSITORY, message, f"{_ACTIONS}: allow wavegate/wavegate and GitHub's own actions.")
    elif settings.allowed == "selected":
        unavailable = Unavailable(
            message="Only selected actions may run.",
            fix=f"Check that {_ACTIONS} allows wavegate/wavegate and GitHub's own actions.",
        )
        yield unknown(rule, REPOSITORY, unavailable)
    else:
        yield ok(rule, REPOSITORY, "Workflows may run.")


def workflow_checks(settings: WorkflowSettings | Unavailable) -> Iterator[Check]:
    """What a workflow's token may do."""
    pulls, default = "actions/pull-requests", "actions/default-permissions"
    if isinstance(settings, Unavailable):
        yield unknown(pulls, REPOSITORY, settings)
        yield unknown(default, REPOSITORY, settings)
        return
    if settings.may_open_pulls:
        yield ok(pulls, REPOSITORY, "Workflows may open pull requests.")
    else:
        message = "Workflows may not open pull requests, so a rollback opens an issue instead."
        fix = f"{_ACTIONS} → Workflow permissions: allow GitHub Actions to create and approve pull requests."
        yield problem(pulls, REPOSITORY, message, fix)
    if settings.default_permissions == "read":
        yield ok(default, REPOSITORY, "By default, workflows may only read.")
    else:
        message = "By default, workflows may write."
        yield problem(default, REPOSITORY, message, f"{_ACTIONS} → Workflow permissions: read repository contents.")


def branch_checks(branch: str, rules: BranchRules | Unavailable) -> Iterator[Check]:
    """Whether a pull request can bypass the check."""
    rule = "branch/required-check"
    if isinstance(rules, Unavailable):
        yield unknown(rule, REPOSITORY, rules)
    elif CHECK in rules.checks:
        yield ok(rule, REPOSITORY, f"`{branch}` requires the check “{CHECK}”.")
    else:
        required = f": it requires only {join_names(sorted(rules.checks), 3)}" if rules.checks else ""
        message = f"`{branch}` does not require the check “{CHECK}”{required}."
        yield problem(rule, REPOSITORY, message, f"Settings → Rules → Rulesets: require the status check “{CHECK}”.")


def environment_checks(
    names: Sequence[str],
    settings: Sequence[EnvironmentSettings] | Unavailable,
    *,
    branch: str,
    rules: BranchRules | Unavailable,
) -> Iterator[Check]:
    """Existence, reviewers and branches of the environments. names: in the order of promotion."""
    if isinstance(settings, Unavailable):
        yield from (unknown("environment/exists", name, settings) for name in names)
        return
    by_name = {each.name.casefold(): each for each in settings}
    for index, name in enumerate(names):
        environment = by_name.get(name.casefold())
        if environment is None:
            fix = (
                "Settings → Environments → New environment. "
                "GitHub creates a missing environment without protection rules."
            )
            yield problem("environment/exists", name, "The environment does not exist.", fix)
            continue
        yield ok("environment/exists", name, "The environment exists.")
        yield from _reviewers(environment, name, needed=index > 0)
        yield _branches(environment, name, branch=branch, rules=rules)


def kill_switch_checks(
    stops: Mapping[str, str | Unavailable],
    settings: Sequence[EnvironmentSettings],
    *,
    branch: str,
    rules: BranchRules | Unavailable,
) -> Iterator[Check]:
    """Whether the kill switch runs without an approval. stops: by environment, the GitHub environment it runs in."""
    rule = "kill-switch/reviewers"
    by_name = {each.name.casefold(): each for each in settings}
    for name, stop in stops.items():
        if isinstance(stop, Unavailable):
            yield unknown(rule, name, stop)
            continue
        environment = by_name.get(stop.casefold())
        if stop.casefold() != name.casefold():
            yield from _stop_environment(environment, stop, name, branch=branch, rules=rules)
        if environment and environment.reviewers:
            message = f"The kill switch waits for one of {pluralize(environment.reviewers, 'reviewer')} of `{stop}`."
            yield problem(rule, name, message, stop_fix(name))
        elif environment:
            yield ok(rule, name, "The kill switch does not wait for a reviewer.")


def _stop_environment(
    environment: EnvironmentSettings | None, stop: str, name: str, *, branch: str, rules: BranchRules | Unavailable
) -> Iterator[Check]:
    if environment is None:
        message = f"The kill switch of `{name}` runs in this environment, which does not exist."
        yield problem("environment/exists", stop, message, stop_fix(name))
    else:
        yield _branches(environment, stop, branch=branch, rules=rules)


def _reviewers(environment: EnvironmentSettings, name: str, *, needed: bool) -> Iterator[Check]:
    rule = "environment/reviewers"
    place = f"Settings → Environments → {name}"
    if environment.reviewers:
        reviewers = pluralize(environment.reviewers, "required reviewer")
        yield ok(rule, name, f"Releases wait for one of {reviewers}.")
    elif needed:
        yield problem(rule, name, "Releases do not need an approval.", f"{place}: add required reviewers.")
    else:
        yield ok(rule, name, "Releases start here without an approval.")
    if environment.reviewers and environment.prevent_self_review:
        yield ok("environment/self-review", name, "Nobody can approve a release that they started.")
    elif environment.reviewers:
        message = "The person who starts a release may approve it."
        yield problem("environment/self-review", name, message, f"{place}: prevent self-review.")


def _branches(environment: EnvironmentSettings, name: str, *, branch: str, rules: BranchRules | Unavailable) -> Check:
    rule = "environment/branches"
    fix = f"Settings → Environments → {name} → Deployment branches: only {branch}."
    if environment.protected_only:
        if isinstance(rules, Unavailable):
            return unknown(rule, name, rules)
        if rules.protected:
            return ok(rule, name, "Only protected branches may deploy.")
        return problem(rule, name, f"Only protected branches may deploy, but `{branch}` is not protected.", fix)
    if environment.branches is None:
        return problem(rule, name, "A workflow on any branch gets this environment's secrets.", fix)
    if not any(fnmatchcase(branch, pattern) for pattern in environment.branches):
        return problem(rule, name, f"The release branch `{branch}` may not deploy.", fix)
    open_patterns = [each for each in environment.branches if each.startswith("*")]
    if open_patterns:
        return problem(rule, name, f"Any branch may deploy, because of {join_names(open_patterns)}.", fix)
    return ok(rule, name, f"Only {join_names(environment.branches, 3)} may deploy.")


def login_checks(names: Mapping[str, Names | Unavailable], repository: Names | Unavailable) -> Iterator[Check]:
    """Whether the existing environments have the secrets and variables for a login. names: by environment."""
    rule = "environment/login"
    for environment, own in names.items():
        if isinstance(own, Unavailable):
            yield unknown(rule, environment, own)
        elif _can_log_in(own):
            yield ok(rule, environment, "The environment has the secrets to log in to its org.")
        elif isinstance(repository, Unavailable):
            yield unknown(rule, environment, repository)
        elif _can_log_in(_combined(own, repository)):
            message = "The login secret is a repository secret, which workflows on any branch can read."
            yield problem(rule, environment, message, "Move the secret to the environment.")
        else:
            message = "The environment does not have all secrets needed to log in to its org."
            yield problem(rule, environment, message, _LOGIN_FIX)


def _can_log_in(names: Names) -> bool:
    # a variable may also be stored as a secret
    return any(
        secrets <= names.secrets and variables <= names.variables | names.secrets for secrets, variables in _LOGINS
    )


def _combined(one: Names, other: Names) -> Names:
    return Names(secrets=one.secrets | other.secrets, variables=one.variables | other.variables)


def ok(rule: str, subject: str, message: str) -> Check:
    """A check that passed."""
    return Check(rule=rule, subject=subject, health=Health.OK, message=message)


def problem(rule: str, subject: str, message: str, fix: str) -> Check:
    """A check that failed."""
    return Check(rule=rule, subject=subject, health=Health.PROBLEM, message=message, fix=fix)


def unknown(rule: str, subject: str, unavailable: Unavailable) -> Check:
    """A check that could not be made."""
    return Check(rule=rule, subject=subject, health=Health.UNKNOWN, message=unavailable.message, fix=unavailable.fix)
