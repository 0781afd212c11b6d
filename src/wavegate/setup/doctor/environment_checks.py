"""Check the environments of a repository on GitHub: reviewers, branches, protection rules and logins."""

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from wavegate.github.repository_settings import BranchRules, EnvironmentSettings, Names
from wavegate.setup.doctor.health import Check, Remedy, Unavailable, ok, problem, unknown
from wavegate.setup.steps import stop_fix
from wavegate.text import join_names, pluralize

PAGE = "settings/environments"
_LOGINS = (
    (frozenset({"SF_AUTH_URL"}), frozenset[str]()),
    (frozenset({"SF_JWT_KEY"}), frozenset({"SF_CLIENT_ID", "SF_USERNAME"})),
    (frozenset({"SF_ACCESS_TOKEN"}), frozenset({"SF_ORG_INSTANCE_URL"})),
)
"""Secrets and variables of every login method."""
_MAY_BE_SECRET = frozenset({"SF_CLIENT_ID", "SF_USERNAME"})
"""Variables that the workflows also take from secrets."""
_LOGIN_FIX = (
    "Add the secret SF_JWT_KEY with the variables SF_CLIENT_ID, SF_USERNAME and SF_LOGIN_URL, or the secret "
    "SF_AUTH_URL, to the environment."
)
_WILDCARDS = {"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}
_NO_REVIEWERS = (
    " In a private repository, this needs GitHub Enterprise. Without it, let production be deployed only from a "
    "branch with a ruleset that requires an approval, and promote by a pull request to that branch."
)


def environment_checks(
    names: Sequence[str],
    settings: Sequence[EnvironmentSettings] | Unavailable,
    *,
    branch: str,
    rules: BranchRules | Unavailable,
    private: bool = False,
) -> Iterator[Check]:
    """Existence, reviewers and branches of the environments. names: in the order of promotion."""
    if isinstance(settings, Unavailable):
        yield from (unknown("environment/exists", name, settings, page=PAGE) for name in names)
        return
    by_name = {each.name.casefold(): each for each in settings}
    for index, name in enumerate(names):
        environment = by_name.get(name.casefold())
        if environment is None:
            fix = (
                "Settings → Environments → New environment. "
                "GitHub creates a missing environment without protection rules."
            )
            message = "The environment does not exist."
            remedies = list(_creation(name, branch))
            yield problem("environment/exists", name, message, fix, page=f"{PAGE}/new", remedies=remedies)
            continue
        yield ok("environment/exists", name, "The environment exists.")
        yield from _reviewers(environment, name, needed=index > 0, private=private)
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
            reviewers = pluralize(len(environment.reviewers), "reviewer")
            message = f"The kill switch waits for one of {reviewers} of `{stop}`."
            yield problem(rule, name, message, stop_fix(name), page=PAGE)
        elif environment and environment.wait_minutes:
            minutes = pluralize(environment.wait_minutes, "minute")
            message = f"The kill switch waits {minutes}, because of the wait timer of `{stop}`."
            yield problem(rule, name, message, stop_fix(name), page=PAGE)
        elif environment:
            yield ok(rule, name, "The kill switch does not wait for a reviewer.")


def custom_rule_checks(
    rules: Mapping[str, Sequence[str] | Unavailable], *, without_deployment: frozenset[str]
) -> Iterator[Check]:
    """Whether custom protection rules make jobs fail. rules: by environment, the apps that have one.

    without_deployment: the environments in which jobs run with `deployment: false`, which fail if there is such a
    rule. Source: docs.github.com, "Interaction with protection rules".
    """
    rule = "environment/custom-rules"
    for name, apps in rules.items():
        if isinstance(apps, Unavailable):
            yield unknown(rule, name, apps, page=PAGE)
        elif apps and name in without_deployment:
            message = (
                f"The custom protection rule of {join_names(apps)} makes jobs fail that create no deployment, as "
                "smoke tests and the kill switch do."
            )
            fix = (
                "Move the rule to an environment that only deployments use, or remove `deployment: false` from the "
                "workflow; then these jobs show up as deployments too."
            )
            yield problem(rule, name, message, fix, page=PAGE)


def _creation(name: str, branch: str) -> Iterator[Remedy]:
    path = f"environments/{quote(name, safe='')}"
    policy = {"protected_branches": False, "custom_branch_policies": True}
    says = f"create the environment {name}"
    yield Remedy(says=says, method="PUT", path=path, body={"deployment_branch_policy": policy})
    yield _allow_branch(name, branch)


def _allow_branch(name: str, branch: str) -> Remedy:
    path = f"environments/{quote(name, safe='')}/deployment-branch-policies"
    says = f"let only {branch} deploy to {name}"
    return Remedy(says=says, method="POST", path=path, body={"name": branch, "type": "branch"})


def _update(environment: EnvironmentSettings, says: str, **changes: object) -> Remedy:
    """A request that changes an environment; what it leaves out, GitHub would remove."""
    policy = None
    if environment.branches is not None:
        protected = environment.protected_only
        policy = {"protected_branches": protected, "custom_branch_policies": not protected}
    body = {
        "wait_timer": environment.wait_minutes,
        "prevent_self_review": environment.prevent_self_review,
        "reviewers": [{"type": kind, "id": number} for kind, number in environment.reviewers],
        "deployment_branch_policy": policy,
    }
    path = f"environments/{quote(environment.name, safe='')}"
    return Remedy(says=says, method="PUT", path=path, body={**body, **changes}, changes=changes)


def _stop_environment(
    environment: EnvironmentSettings | None, stop: str, name: str, *, branch: str, rules: BranchRules | Unavailable
) -> Iterator[Check]:
    if environment is None:
        message = f"The kill switch of `{name}` runs in this environment, which does not exist."
        remedies = _creation(stop, branch)
        yield problem(
            "environment/exists", stop, message, stop_fix(name), page=f"{PAGE}/new", remedies=tuple(remedies)
        )
    else:
        yield _branches(environment, stop, branch=branch, rules=rules)


def _reviewers(environment: EnvironmentSettings, name: str, *, needed: bool, private: bool) -> Iterator[Check]:
    rule = "environment/reviewers"
    place = f"Settings → Environments → {name}"
    if environment.reviewers:
        reviewers = pluralize(len(environment.reviewers), "required reviewer")
        yield ok(rule, name, f"Releases wait for one of {reviewers}.")
    elif needed:
        fix = f"{place}: add required reviewers.{_NO_REVIEWERS if private else ''}"
        yield problem(rule, name, "Releases do not need an approval.", fix, page=PAGE)
    else:
        yield ok(rule, name, "Releases start here without an approval.")
    if environment.reviewers and environment.prevent_self_review:
        yield ok("environment/self-review", name, "Nobody can approve a release that they started.")
    elif environment.reviewers:
        message = "The person who starts a release may approve it."
        remedy = _update(environment, f"prevent self-review in {name}", prevent_self_review=True)
        fix = f"{place}: prevent self-review."
        yield problem("environment/self-review", name, message, fix, page=PAGE, remedies=[remedy])


def _branches(environment: EnvironmentSettings, name: str, *, branch: str, rules: BranchRules | Unavailable) -> Check:
    rule = "environment/branches"
    fix = f"Settings → Environments → {name} → Deployment branches: only {branch}."
    if environment.protected_only:
        if isinstance(rules, Unavailable):
            return unknown(rule, name, rules, page=PAGE)
        if rules.protected:
            return ok(rule, name, "Only protected branches may deploy.")
        message = f"Only protected branches may deploy, but `{branch}` is not protected."
        return problem(rule, name, message, fix, page=PAGE)
    if environment.branches is None:
        policy = {"protected_branches": False, "custom_branch_policies": True}
        narrowed = _update(environment, f"let only named branches deploy to {name}", deployment_branch_policy=policy)
        message = "A workflow on any branch gets this environment's secrets."
        remedies = (narrowed, _allow_branch(name, branch))
        return problem(rule, name, message, fix, page=PAGE, remedies=remedies)
    if not any(matches(branch, pattern) for pattern in environment.branches):
        message = f"The release branch `{branch}` may not deploy."
        return problem(rule, name, message, fix, page=PAGE, remedies=[_allow_branch(name, branch)])
    open_patterns = [each for each in environment.branches if each.startswith("*")]
    if open_patterns:
        return problem(rule, name, f"Any branch may deploy, because of {join_names(open_patterns)}.", fix, page=PAGE)
    return ok(rule, name, f"Only {join_names(environment.branches, 3)} may deploy.")


def matches(branch: str, pattern: str) -> bool:
    """Whether a pattern for deployment branches allows a branch: `*` does not cross `/`, `**/` does.

    Source: docs.github.com, "Deployment branches and tags", which names Ruby's File.fnmatch.
    """
    parts = re.split(r"(\*\*/|\*|\?)", pattern)
    regex = "".join(_WILDCARDS.get(part) or re.escape(part) for part in parts)
    return re.fullmatch(regex, branch) is not None


def login_checks(
    names: Mapping[str, Names | Unavailable], repository: Names | Unavailable, organization: Names | Unavailable
) -> Iterator[Check]:
    """Whether the existing environments have the secrets and variables for a login. names: by environment."""
    rule = "environment/login"
    for environment, own in names.items():
        if isinstance(own, Unavailable):
            yield unknown(rule, environment, own, page=PAGE)
            continue
        if _can_log_in(own, own):
            yield ok(rule, environment, "The environment has the secrets to log in to its org.")
            continue
        wider = [each for each in (repository, organization) if isinstance(each, Names)]
        unread = [each for each in (repository, organization) if isinstance(each, Unavailable)]
        everything = _combined(own, *wider)
        if _can_log_in(own, everything):
            yield ok(rule, environment, "The environment has the secrets, and wider variables, to log in to its org.")
        elif _can_log_in(everything, everything):
            message = "The login secret is not the environment's own, so workflows on any branch can read it."
            yield problem(rule, environment, message, "Move the secret to the environment.", page=PAGE)
        elif unread:
            yield unknown(rule, environment, unread[0], page=PAGE)
        else:
            message = "The environment does not have all secrets needed to log in to its org."
            yield problem(rule, environment, message, _LOGIN_FIX, page=PAGE)


def _can_log_in(secret: Names, anything: Names) -> bool:
    """Whether there is a login with these secrets. anything: where its variables count."""
    variables = anything.variables | (anything.secrets & _MAY_BE_SECRET)
    return any(secrets <= secret.secrets and needed <= variables for secrets, needed in _LOGINS)


def _combined(*names: Names) -> Names:
    return Names(
        secrets=frozenset[str]().union(*(each.secrets for each in names)),
        variables=frozenset[str]().union(*(each.variables for each in names)),
    )
