"""Reading a repository's settings. Each needs its own permission, so any of them may be refused."""

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from urllib.parse import quote

from wavegate.errors import RefusedError
from wavegate.github.client import GitHub
from wavegate.github.errors import Purpose
from wavegate.github.repository_settings import (
    ActionsSettings,
    BranchRules,
    EnvironmentSettings,
    Names,
    PullRequestRules,
    RepositoryFacts,
    SelfHostedRunner,
    WorkflowSettings,
)
from wavegate.github.settings_replies import (
    ActionsReply,
    BranchProtectionReply,
    BranchReply,
    BranchRuleReply,
    CustomRulesReply,
    EnvironmentSettingsReply,
    EnvironmentsReply,
    OrganizationReply,
    ParametersReply,
    PoliciesReply,
    RepositorySettingsReply,
    RunnersReply,
    SecretsReply,
    SelectedReply,
    ServerReply,
    VariablesReply,
    WorkflowReply,
)

_ADMINISTRATION = "administration: read"
_REPOSITORY = Purpose(doing="read the repository", permission="metadata: read")
_ACTIONS = Purpose(doing="read the settings of Actions", permission=_ADMINISTRATION)
_ENVIRONMENTS = Purpose(doing="read the environments", permission="actions: read")
_SECRETS = Purpose(doing="list the names of an environment's secrets", permission="environments: read")
_OWN_SECRETS = Purpose(
    doing="list the names of the repository's secrets", permission="secrets: read, variables: read"
)
_BRANCH = Purpose(doing="read the rules of the branch", permission="contents: read")
_PROTECTION = Purpose(doing="read the protection of the branch", permission=_ADMINISTRATION)


_RULES = Purpose(doing="read the custom protection rules of an environment", permission="actions: read")
_RUNNERS = Purpose(doing="list the self-hosted runners", permission=_ADMINISTRATION)
_PLAN = Purpose(doing="read the organization's plan", permission="administration: read, of the organization")
_SERVER = Purpose(doing="read the server's version", permission="metadata: read")


def repository_facts(github: GitHub, repository: str) -> RepositoryFacts:
    """The repository itself."""
    found = github.get(f"/repos/{repository}", RepositorySettingsReply, _REPOSITORY)
    return RepositoryFacts(
        branch=found.default_branch,
        private=found.private,
        owner=found.owner.login,
        is_organization=found.owner.type == "Organization",
    )


def plan_name(github: GitHub, organization: str) -> str:
    """The organization's plan, such as `free`, `team` or `enterprise`; '' if the token may not see it."""
    found = github.get(f"/orgs/{quote(organization, safe='')}", OrganizationReply, _PLAN)
    return found.plan.name if found.plan else ""


def server_version(github: GitHub) -> str:
    """The version of a GitHub Enterprise Server; '' for github.com."""
    return github.get("/meta", ServerReply, _SERVER).installed_version


def actions_settings(github: GitHub, repository: str) -> ActionsSettings:
    """Whether workflows run."""
    path = f"/repos/{repository}/actions/permissions"
    found = github.get(path, ActionsReply, _ACTIONS)
    if found.allowed_actions != "selected":
        return ActionsSettings(enabled=found.enabled, allowed=found.allowed_actions)
    selected = github.get(f"{path}/selected-actions", SelectedReply, _ACTIONS)
    return ActionsSettings(
        enabled=found.enabled,
        allowed=found.allowed_actions,
        patterns=tuple(selected.patterns_allowed),
        github_owned=selected.github_owned_allowed,
    )


def custom_rules(github: GitHub, repository: str, environment: str) -> tuple[str, ...]:
    """The apps whose custom protection rules an environment has enabled."""
    path = f"/repos/{repository}/environments/{quote(environment, safe='')}/deployment_protection_rules"
    found = github.get(path, CustomRulesReply, _RULES).custom_deployment_protection_rules
    return tuple(each.app.slug for each in found if each.enabled)


def self_hosted_runners(github: GitHub, repository: str) -> tuple[SelfHostedRunner, ...]:
    """The repository's own runners; those of its organization are not listed."""
    pages = github.pages(f"/repos/{repository}/actions/runners?per_page=100", RunnersReply, _RUNNERS)
    return tuple(
        SelfHostedRunner(
            name=each.name, labels=frozenset(label.name for label in each.labels), version=each.version or ""
        )
        for page in pages
        for each in page.runners
    )


def workflow_settings(github: GitHub, repository: str) -> WorkflowSettings:
    """What a workflow's token may do."""
    found = github.get(f"/repos/{repository}/actions/permissions/workflow", WorkflowReply, _ACTIONS)
    return WorkflowSettings(
        default_permissions=found.default_workflow_permissions,
        may_open_pulls=found.can_approve_pull_request_reviews,
    )


def environments(github: GitHub, repository: str) -> tuple[EnvironmentSettings, ...]:
    """All environments, with the branches that may deploy to each."""
    path = f"/repos/{repository}/environments"
    pages = github.pages(f"{path}?per_page=100", EnvironmentsReply, _ENVIRONMENTS)
    return tuple(_settings(github, path, each) for page in pages for each in page.environments)


def asks_reviewers(github: GitHub, repository: str, environment: str) -> bool:
    """Whether a deployment to an environment waits for reviewers. RefusedError: status 404, there is none."""
    path = f"/repos/{repository}/environments/{quote(environment, safe='')}"
    found = github.get(path, EnvironmentSettingsReply, _ENVIRONMENTS)
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
    return _names(github, f"/repos/{repository}/actions/organization-", _OWN_SECRETS)


def has_branch(github: GitHub, repository: str, branch: str) -> bool:
    """Whether the repository, which the token may read, has the branch."""
    try:
        github.get(f"/repos/{repository}/branches/{quote(branch, safe='')}", BranchReply, _BRANCH)
    except RefusedError as refused:
        if refused.status != HTTPStatus.NOT_FOUND:
            raise
        return False
    return True


def branch_rules(github: GitHub, repository: str, branch: str) -> BranchRules:
    """What branch protection and rulesets together require of a branch."""
    name = quote(branch, safe="")
    found = github.get(f"/repos/{repository}/branches/{name}", BranchReply, _BRANCH)
    required = found.protection.required_status_checks if found.protection else None
    pages = github.pages(f"/repos/{repository}/rules/branches/{name}?per_page=100", list[BranchRuleReply], _BRANCH)
    rules = [rule for page in pages for rule in page]
    checks = {each.context for rule in rules if rule.parameters for each in rule.parameters.required_status_checks}
    checks.update(required.contexts if required else ())
    return BranchRules(
        protected=found.protected or bool(rules),
        checks=frozenset(checks),
        has_queue=any(rule.type == "merge_queue" for rule in rules),
        pulls=_pull_request_rules(rules),
        has_protection=bool(found.protection and found.protection.enabled),
    )


def protection_pulls(github: GitHub, repository: str, branch: str) -> PullRequestRules | None:
    """What the branch protection rule of a branch requires of a pull request; None if it requires none."""
    path = f"/repos/{repository}/branches/{quote(branch, safe='')}/protection"
    try:
        found = github.get(path, BranchProtectionReply, _PROTECTION).required_pull_request_reviews
    except RefusedError as refused:
        # GitHub answers with the same status to a token that may not see it
        if "not protected" not in refused.detail.casefold():
            raise
        return None
    if found is None:
        return None
    return PullRequestRules(
        approvals=found.required_approving_review_count, code_owners=found.require_code_owner_reviews
    )


def _pull_request_rules(rules: Sequence[BranchRuleReply]) -> PullRequestRules | None:
    """What several rules require together: the strictest of each."""
    given = [rule.parameters or ParametersReply() for rule in rules if rule.type == "pull_request"]
    if not given:
        return None
    return PullRequestRules(
        approvals=max(each.required_approving_review_count for each in given),
        code_owners=any(each.require_code_owner_review for each in given),
    )


def _settings(github: GitHub, path: str, found: EnvironmentSettingsReply) -> EnvironmentSettings:
    reviews = [each for each in found.protection_rules if each.type == "required_reviewers"]
    policy = found.deployment_branch_policy
    branches = None
    if policy:
        branches = tuple(_patterns(github, path, found.name)) if policy.custom_branch_policies else ()
    return EnvironmentSettings(
        name=found.name,
        reviewers=tuple((reviewer.type, reviewer.reviewer.id) for each in reviews for reviewer in each.reviewers),
        prevent_self_review=any(each.prevent_self_review for each in reviews),
        protected_only=bool(policy and policy.protected_branches),
        branches=branches,
        wait_minutes=max((each.wait_timer for each in found.protection_rules), default=0),
    )


def _patterns(github: GitHub, path: str, environment: str) -> Iterator[str]:
    url = f"{path}/{quote(environment, safe='')}/deployment-branch-policies?per_page=100"
    for page in github.pages(url, PoliciesReply, _ENVIRONMENTS):
        yield from (each.name for each in page.branch_policies if each.type != "tag")


def _names(github: GitHub, path: str, purpose: Purpose) -> Names:
    secrets = github.pages(f"{path}secrets?per_page=100", SecretsReply, purpose)
    variables = github.pages(f"{path}variables?per_page=100", VariablesReply, purpose)
    return Names(
        secrets=frozenset(each.name for page in secrets for each in page.secrets),
        variables=frozenset(each.name for page in variables for each in page.variables),
    )
