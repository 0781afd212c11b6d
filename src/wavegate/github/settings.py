"""Reading a repository's settings. Each needs its own permission, so any of them may be refused."""

from collections.abc import Iterator
from urllib.parse import quote

import msgspec

from wavegate.github.client import GitHub
from wavegate.github.errors import Purpose
from wavegate.github.repository_settings import (
    ActionsSettings,
    BranchRules,
    EnvironmentSettings,
    Names,
    WorkflowSettings,
)

_ADMINISTRATION = "administration: read (of a person's or a GitHub App's token)"
_REPOSITORY = Purpose(doing="read the repository", permission="metadata: read")
_ACTIONS = Purpose(doing="read the settings of Actions", permission=_ADMINISTRATION)
_ENVIRONMENTS = Purpose(doing="read the environments", permission="actions: read")
_SECRETS = Purpose(doing="list the names of an environment's secrets", permission="environments: read")
_OWN_SECRETS = Purpose(
    doing="list the names of the repository's secrets", permission="secrets: read, variables: read"
)
_BRANCH = Purpose(doing="read the rules of the branch", permission="contents: read")


class _RepositorySettings(msgspec.Struct):
    default_branch: str


class _Actions(msgspec.Struct):
    enabled: bool
    allowed_actions: str = "all"


class _Workflow(msgspec.Struct):
    default_workflow_permissions: str
    can_approve_pull_request_reviews: bool


class _ProtectionRule(msgspec.Struct):
    type: str
    prevent_self_review: bool = False
    reviewers: list[msgspec.Raw] = []


class _Policy(msgspec.Struct):
    protected_branches: bool
    custom_branch_policies: bool


class _EnvironmentSettings(msgspec.Struct):
    name: str
    protection_rules: list[_ProtectionRule] = []
    deployment_branch_policy: _Policy | None = None


class _Environments(msgspec.Struct):
    environments: list[_EnvironmentSettings]


class _Named(msgspec.Struct):
    name: str
    type: str | None = None


class _Policies(msgspec.Struct):
    branch_policies: list[_Named]


class _Secrets(msgspec.Struct):
    secrets: list[_Named]


class _Variables(msgspec.Struct):
    variables: list[_Named]


class _StatusChecks(msgspec.Struct):
    contexts: list[str] = []


class _Protection(msgspec.Struct):
    required_status_checks: _StatusChecks | None = None


class _Branch(msgspec.Struct):
    protected: bool
    protection: _Protection | None = None


class _Context(msgspec.Struct):
    context: str


class _Parameters(msgspec.Struct):
    required_status_checks: list[_Context] = []


class _BranchRule(msgspec.Struct):
    type: str
    parameters: _Parameters | None = None


def default_branch(github: GitHub, repository: str) -> str:
    """The branch that releases come from."""
    return github.get(f"/repos/{repository}", _RepositorySettings, _REPOSITORY).default_branch


def actions_settings(github: GitHub, repository: str) -> ActionsSettings:
    """Whether workflows run."""
    found = github.get(f"/repos/{repository}/actions/permissions", _Actions, _ACTIONS)
    return ActionsSettings(enabled=found.enabled, allowed=found.allowed_actions)


def workflow_settings(github: GitHub, repository: str) -> WorkflowSettings:
    """What a workflow's token may do."""
    found = github.get(f"/repos/{repository}/actions/permissions/workflow", _Workflow, _ACTIONS)
    return WorkflowSettings(
        default_permissions=found.default_workflow_permissions,
        may_open_pulls=found.can_approve_pull_request_reviews,
    )


def environments(github: GitHub, repository: str) -> tuple[EnvironmentSettings, ...]:
    """All environments, with the branches that may deploy to each."""
    path = f"/repos/{repository}/environments"
    pages = github.pages(f"{path}?per_page=100", _Environments, _ENVIRONMENTS)
    return tuple(_settings(github, path, each) for page in pages for each in page.environments)


def asks_reviewers(github: GitHub, repository: str, environment: str) -> bool:
    """Whether a deployment to an environment waits for reviewers. RefusedError: status 404, there is none."""
    path = f"/repos/{repository}/environments/{quote(environment, safe='')}"
    found = github.get(path, _EnvironmentSettings, _ENVIRONMENTS)
    return any(each.type == "required_reviewers" and each.reviewers for each in found.protection_rules)


def environment_names(github: GitHub, repository: str, environment: str) -> Names:
    """The secrets and variables of an environment."""
    path = f"/repos/{repository}/environments/{quote(environment, safe='')}/"
    return _names(github, path, _SECRETS)


def repository_names(github: GitHub, repository: str) -> Names:
    """The secrets and variables of the repository."""
    return _names(github, f"/repos/{repository}/actions/", _OWN_SECRETS)


def organization_names(github: GitHub, repository: str) -> Names:
    """The secrets and variables that the organization shares with the repository."""
    path = f"/repos/{repository}/actions/organization-"
    return _names(github, path, _OWN_SECRETS)


def branch_rules(github: GitHub, repository: str, branch: str) -> BranchRules:
    """What branch protection and rulesets together require of a branch."""
    name = quote(branch, safe="")
    found = github.get(f"/repos/{repository}/branches/{name}", _Branch, _BRANCH)
    required = found.protection.required_status_checks if found.protection else None
    pages = github.pages(f"/repos/{repository}/rules/branches/{name}?per_page=100", list[_BranchRule], _BRANCH)
    rules = [rule for page in pages for rule in page]
    checks = {each.context for rule in rules if rule.parameters for each in rule.parameters.required_status_checks}
    checks.update(required.contexts if required else ())
    return BranchRules(protected=found.protected or bool(rules), checks=frozenset(checks))


def _settings(github: GitHub, path: str, found: _EnvironmentSettings) -> EnvironmentSettings:
    reviews = [each for each in found.protection_rules if each.type == "required_reviewers"]
    policy = found.deployment_branch_policy
    branches = None
    if policy:
        branches = tuple(_patterns(github, path, found.name)) if policy.custom_branch_policies else ()
    return EnvironmentSettings(
        name=found.name,
        reviewers=sum(len(each.reviewers) for each in reviews),
        prevent_self_review=any(each.prevent_self_review for each in reviews),
        protected_only=bool(policy and policy.protected_branches),
        branches=branches,
    )


def _patterns(github: GitHub, path: str, environment: str) -> Iterator[str]:
    url = f"{path}/{quote(environment, safe='')}/deployment-branch-policies?per_page=100"
    for page in github.pages(url, _Policies, _ENVIRONMENTS):
        yield from (each.name for each in page.branch_policies if each.type != "tag")


def _names(github: GitHub, path: str, purpose: Purpose) -> Names:
    secrets = github.pages(f"{path}secrets?per_page=100", _Secrets, purpose)
    variables = github.pages(f"{path}variables?per_page=100", _Variables, purpose)
    return Names(
        secrets=frozenset(each.name for page in secrets for each in page.secrets),
        variables=frozenset(each.name for page in variables for each in page.variables),
    )
