"""Whether a repository on GitHub is set up for releases: from its settings to one check an item."""

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
"""Secrets and variables of each way to log in."""
_LOGIN_FIX = (
    "Add the secret SF_AUTH_URL, or SF_JWT_KEY with the variables SF_CLIENT_ID and SF_USERNAME, to the environment."
)


def actions_checks(settings: ActionsSettings | Unavailable) -> Iterator[Check]:
    """Whether workflows run, and whether wavegate's may."""
    rule = "actions/enabled"
    if isinstance(settings, Unavailable):
        yield unknown(rule, REPOSITORY, settings)
    elif not settings.enabled:
        yield wrong(rule, REPOSITORY, "GitHub Actions is off.", f"{_ACTIONS}: allow actions to run.")
    elif settings.allowed == "local_only":
        told = "Only actions of this repository's owner may run."
        yield wrong(rule, REPOSITORY, told, f"{_ACTIONS}: allow wavegate/wavegate and GitHub's own actions.")
    elif settings.allowed == "selected":
        unread = Unavailable(
            told="Only selected actions may run.",
            fix=f"Look whether {_ACTIONS} allows wavegate/wavegate and GitHub's own actions.",
        )
        yield unknown(rule, REPOSITORY, unread)
    else:
        yield ok(rule, REPOSITORY, "Workflows run.")


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
        told = "Workflows may not open pull requests: a rollback would end in an issue."
        fix = f"{_ACTIONS} → Workflow permissions: allow GitHub Actions to create and approve pull requests."
        yield wrong(pulls, REPOSITORY, told, fix)
    if settings.default_permissions == "read":
        yield ok(default, REPOSITORY, "A workflow that asks for nothing may only read.")
    else:
        told = "A workflow that asks for nothing may write to everything."
        yield wrong(default, REPOSITORY, told, f"{_ACTIONS} → Workflow permissions: read repository contents.")


def branch_checks(branch: str, rules: BranchRules | Unavailable) -> Iterator[Check]:
    """Whether a pull request can go around the check."""
    rule = "branch/required-check"
    if isinstance(rules, Unavailable):
        yield unknown(rule, REPOSITORY, rules)
    elif CHECK in rules.checks:
        yield ok(rule, REPOSITORY, f"`{branch}` asks for the check “{CHECK}”.")
    else:
        asked = f": it asks for {join_names(sorted(rules.checks), 3)}" if rules.checks else ""
        told = f"`{branch}` takes a pull request without the check “{CHECK}”{asked}."
        yield wrong(rule, REPOSITORY, told, f"Settings → Rules → Rulesets: require the status check “{CHECK}”.")


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
            fix = "Settings → Environments → New environment. GitHub makes a missing one up, without any protection."
            yield wrong("environment/exists", name, "There is no environment of this name.", fix)
            continue
        yield ok("environment/exists", name, "The environment is there.")
        yield from _reviewers(environment, name, needed=index > 0)
        yield _branches(environment, name, branch=branch, rules=rules)


def kill_switch_checks(
    stops: Mapping[str, str | Unavailable],
    found: Sequence[EnvironmentSettings],
    *,
    branch: str,
    rules: BranchRules | Unavailable,
) -> Iterator[Check]:
    """Whether the kill switch waits for nobody. stops: the GitHub environment that it runs in, by environment."""
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
            told = f"The kill switch waits for one of {environment.reviewers} reviewers of `{stop}`."
            yield wrong(rule, name, told, stop_fix(name))
        elif environment:
            yield ok(rule, name, "The kill switch waits for nobody.")


def _stop_environment(
    environment: EnvironmentSettings | None, stop: str, name: str, *, branch: str, rules: BranchRules | Unavailable
) -> Iterator[Check]:
    if environment is None:
        told = f"The kill switch of `{name}` runs in this environment, which is not there."
        yield wrong("environment/exists", stop, told, stop_fix(name))
    else:
        yield _branches(environment, stop, branch=branch, rules=rules)


def _reviewers(environment: EnvironmentSettings, name: str, *, needed: bool) -> Iterator[Check]:
    rule = "environment/reviewers"
    place = f"Settings → Environments → {name}"
    if environment.reviewers:
        yield ok(rule, name, f"Releases wait for one of {environment.reviewers} required reviewers.")
    elif needed:
        yield wrong(rule, name, "Nobody has to approve a release.", f"{place}: add required reviewers.")
    else:
        yield ok(rule, name, "Releases start here without an approval.")
    if environment.reviewers and environment.prevent_self_review:
        yield ok("environment/self-review", name, "Nobody approves a release that they started.")
    elif environment.reviewers:
        told = "Whoever starts a release may approve it."
        yield wrong("environment/self-review", name, told, f"{place}: prevent self-review.")


def _branches(environment: EnvironmentSettings, name: str, *, branch: str, rules: BranchRules | Unavailable) -> Check:
    rule = "environment/branches"
    fix = f"Settings → Environments → {name} → Deployment branches: only {branch}."
    if environment.protected_only:
        if isinstance(rules, Unavailable):
            return unknown(rule, name, rules)
        if rules.protected:
            return ok(rule, name, "Only protected branches deploy.")
        return wrong(rule, name, f"Only protected branches deploy, and `{branch}` is not one.", fix)
    if environment.branches is None:
        return wrong(rule, name, "A workflow on any branch gets this environment's secrets.", fix)
    if not any(fnmatchcase(branch, pattern) for pattern in environment.branches):
        return wrong(rule, name, f"`{branch}`, where releases come from, may not deploy.", fix)
    others = [each for each in environment.branches if each.startswith("*")]
    if others:
        return wrong(rule, name, f"{join_names(others)} lets any branch deploy.", fix)
    return ok(rule, name, f"Only {join_names(environment.branches, 3)} deploys.")


def login_checks(names: Mapping[str, Names | Unavailable], repository: Names | Unavailable) -> Iterator[Check]:
    """Whether each environment has what a login to its org takes. names: of those environments that are there."""
    rule = "environment/login"
    for environment, found in names.items():
        if isinstance(found, Unavailable):
            yield unknown(rule, environment, found)
        elif _can_log_in(found):
            yield ok(rule, environment, "It has the secrets of a login.")
        elif isinstance(repository, Unavailable):
            yield unknown(rule, environment, repository)
        elif _can_log_in(_together(found, repository)):
            told = "Its login is a secret of the repository, which workflows on every branch can read."
            yield wrong(rule, environment, told, "Move the secret to the environment.")
        else:
            yield wrong(rule, environment, "It has no complete set of secrets to log in to its org.", _LOGIN_FIX)


def _can_log_in(names: Names) -> bool:
    # what is a variable here may as well be kept secret
    return any(
        secrets <= names.secrets and variables <= names.variables | names.secrets for secrets, variables in _LOGINS
    )


def _together(one: Names, other: Names) -> Names:
    return Names(secrets=one.secrets | other.secrets, variables=one.variables | other.variables)


def ok(rule: str, subject: str, told: str) -> Check:
    """An item that is as it should be."""
    return Check(rule=rule, subject=subject, health=Health.OK, told=told)


def wrong(rule: str, subject: str, told: str, fix: str) -> Check:
    """An item to mend."""
    return Check(rule=rule, subject=subject, health=Health.PROBLEM, told=told, fix=fix)


def unknown(rule: str, subject: str, unread: Unavailable) -> Check:
    """An item that could not be looked at."""
    return Check(rule=rule, subject=subject, health=Health.UNKNOWN, told=unread.told, fix=unread.fix)
