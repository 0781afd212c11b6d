"""The table of routes: the requests that the double answers, and the permission that each one needs."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import unquote

from tests.doubles.github.openapi import Operation
from tests.doubles.github.rest import (
    checks,
    deployments,
    environments,
    git_database,
    issues,
    pulls,
    reviews,
    settings,
)
from tests.doubles.github.rest.call import Answer, Call

REPOSITORY = "/repos/{owner}/{repo}"
# these parameters may contain slashes
LONG = ("ref", "path", "branch")


@dataclass(frozen=True)
class Route:
    """One route. below: the path within the repository (or from the root, for an organization's).

    scope: `permission:access`; alternatives are separated by `|`.
    """

    method: str
    below: str
    run: Callable[[Call], Answer]
    scope: str
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        """Compile the template."""
        pattern = re.sub(r"\\{(\w+)\\}", _group, re.escape(self.template))
        object.__setattr__(self, "pattern", re.compile(pattern))

    @property
    def template(self) -> str:
        """The path as GitHub's OpenAPI description writes it."""
        return self.below if self.below.startswith(("/orgs/", "/meta")) else REPOSITORY + self.below

    @cached_property
    def operation(self) -> Operation:
        """The route's operation in the OpenAPI description."""
        return Operation(self.method, self.template)


def _group(match: re.Match[str]) -> str:
    return f"(?P<{match[1]}>{'.+' if match[1] in LONG else '[^/]+'})"


ROUTES = (
    Route("GET", "", settings.get_repository, "metadata:read"),
    Route("GET", "/branches/{branch}/protection", settings.branch_protection, "administration:read"),
    Route("GET", "/branches/{branch}", settings.get_branch, "contents:read"),
    Route("GET", "/rules/branches/{branch}", settings.branch_rules, "metadata:read"),
    Route("GET", "/contents/{path}", git_database.get_contents, "contents:read"),
    Route("GET", "/git/ref/{ref}", git_database.get_ref, "contents:read"),
    Route("GET", "/git/matching-refs/{ref}", git_database.matching_refs, "contents:read"),
    Route("POST", "/git/refs", git_database.create_ref, "contents:write"),
    Route("PATCH", "/git/refs/{ref}", git_database.update_ref, "contents:write"),
    Route("DELETE", "/git/refs/{ref}", git_database.delete_ref, "contents:write"),
    Route("POST", "/git/trees", git_database.create_tree, "contents:write"),
    Route("GET", "/git/trees/{tree_sha}", git_database.get_tree, "contents:read"),
    Route("POST", "/git/commits", git_database.create_commit, "contents:write"),
    Route("GET", "/git/commits/{commit_sha}", git_database.get_commit, "contents:read"),
    Route("POST", "/git/blobs", git_database.create_blob, "contents:write"),
    Route("GET", "/git/blobs/{file_sha}", git_database.get_blob, "contents:read"),
    Route("GET", "/pulls", pulls.list_pulls, "pull-requests:read"),
    Route("POST", "/pulls", pulls.create_pull, "pull-requests:write"),
    Route("GET", "/pulls/{pull_number}", pulls.get_pull, "pull-requests:read"),
    Route("PATCH", "/pulls/{pull_number}", pulls.update_pull, "pull-requests:write"),
    Route("GET", "/pulls/{pull_number}/files", pulls.list_files, "pull-requests:read"),
    Route("PUT", "/pulls/{pull_number}/merge", pulls.merge_pull, "contents:write"),
    Route("GET", "/pulls/{pull_number}/requested_reviewers", pulls.list_reviewers, "pull-requests:read"),
    Route("POST", "/pulls/{pull_number}/requested_reviewers", pulls.request_reviewers, "pull-requests:write"),
    Route("GET", "/pulls/{pull_number}/reviews", reviews.list_reviews, "pull-requests:read"),
    Route("POST", "/pulls/{pull_number}/reviews", reviews.create_review, "pull-requests:write"),
    Route(
        "PUT",
        "/pulls/{pull_number}/reviews/{review_id}/dismissals",
        reviews.dismiss_review,
        "pull-requests:write",
    ),
    Route("GET", "/commits/{commit_sha}/pulls", pulls.pulls_of_commit, "pull-requests:read"),
    Route("GET", "/issues", issues.list_issues, "issues:read"),
    Route("POST", "/issues", issues.create_issue, "issues:write"),
    Route("PATCH", "/issues/comments/{comment_id}", issues.update_comment, "issues:write|pull-requests:write"),
    Route("DELETE", "/issues/comments/{comment_id}", issues.delete_comment, "issues:write|pull-requests:write"),
    Route("GET", "/issues/{issue_number}", issues.get_issue, "issues:read|pull-requests:read"),
    Route("PATCH", "/issues/{issue_number}", issues.update_issue, "issues:write|pull-requests:write"),
    Route("GET", "/issues/{issue_number}/comments", issues.list_comments, "issues:read|pull-requests:read"),
    Route("POST", "/issues/{issue_number}/comments", issues.create_comment, "issues:write|pull-requests:write"),
    Route("GET", "/issues/{issue_number}/events", reviews.list_events, "issues:read|pull-requests:read"),
    Route("GET", "/issues/{issue_number}/labels", issues.list_issue_labels, "issues:read|pull-requests:read"),
    Route("POST", "/issues/{issue_number}/labels", issues.add_labels, "issues:write|pull-requests:write"),
    Route("DELETE", "/issues/{issue_number}/labels/{name}", issues.remove_label, "issues:write|pull-requests:write"),
    Route("GET", "/labels", issues.list_labels, "issues:read|pull-requests:read"),
    Route("POST", "/labels", issues.create_label, "issues:write|pull-requests:write"),
    Route("GET", "/deployments", deployments.list_deployments, "deployments:read"),
    Route("POST", "/deployments", deployments.create_deployment, "deployments:write"),
    Route("GET", "/deployments/{deployment_id}", deployments.get_deployment, "deployments:read"),
    Route("GET", "/deployments/{deployment_id}/statuses", deployments.list_statuses, "deployments:read"),
    Route("POST", "/deployments/{deployment_id}/statuses", deployments.create_status, "deployments:write"),
    Route("GET", "/environments", environments.list_environments, "actions:read"),
    Route("GET", "/environments/{environment_name}", environments.get_environment, "actions:read"),
    Route(
        "GET",
        "/environments/{environment_name}/deployment-branch-policies",
        environments.branch_policies,
        "actions:read",
    ),
    Route("GET", "/environments/{environment_name}/secrets", environments.secrets, "environments:read"),
    Route("GET", "/environments/{environment_name}/variables", environments.variables, "environments:read"),
    Route("PUT", "/environments/{environment_name}", environments.put_environment, "administration:write"),
    Route(
        "POST",
        "/environments/{environment_name}/deployment-branch-policies",
        environments.create_branch_policy,
        "administration:write",
    ),
    Route(
        "GET",
        "/environments/{environment_name}/deployment_protection_rules",
        environments.protection_rules,
        "actions:read",
    ),
    Route("GET", "/actions/secrets", settings.secrets, "secrets:read"),
    Route("GET", "/actions/runners", settings.runners, "administration:read"),
    Route("GET", "/actions/permissions/selected-actions", settings.selected_actions, "administration:read"),
    Route("PUT", "/actions/permissions/workflow", settings.set_workflow_permissions, "administration:write"),
    Route("GET", "/actions/variables", settings.variables, "variables:read"),
    Route("GET", "/actions/organization-secrets", settings.organization_secrets, "secrets:read"),
    Route("GET", "/actions/organization-variables", settings.organization_variables, "variables:read"),
    Route("GET", "/actions/permissions", settings.actions_permissions, "administration:read"),
    Route("GET", "/actions/permissions/workflow", settings.workflow_permissions, "administration:read"),
    Route("GET", "/actions/runs/{run_id}/approvals", environments.run_approvals, "actions:read"),
    Route("GET", "/orgs/{org}", settings.organization, "metadata:read"),
    Route("GET", "/meta", settings.server, "metadata:read"),
    Route("GET", "/orgs/{org}/teams/{team_slug}", settings.team, "members:read"),
    Route("GET", "/orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}", settings.team_repository, "members:read"),
    Route("GET", "/collaborators/{username}/permission", settings.user_permission, "metadata:read"),
    Route("GET", "/orgs/{org}/teams/{team_slug}/memberships/{username}", settings.team_membership, "members:read"),
    Route("POST", "/statuses/{sha}", checks.create_commit_status, "statuses:write"),
    Route("POST", "/check-runs", checks.create_check_run, "checks:write"),
    Route("PATCH", "/check-runs/{check_run_id}", checks.update_check_run, "checks:write"),
    Route("GET", "/commits/{ref}/check-runs", checks.list_check_runs, "checks:read"),
    Route("GET", "/commits/{ref}/statuses", checks.list_commit_statuses, "statuses:read"),
    Route("GET", "/commits", git_database.list_commits, "contents:read"),
    Route("GET", "/commits/{ref}", git_database.show_commit, "contents:read"),
)


def match(method: str, path: str) -> tuple[Route, Mapping[str, str]] | None:
    """The route of a request, with the parameters of its path decoded."""
    for route in ROUTES:
        if route.method == method and (found := route.pattern.fullmatch(path)):
            return route, {name: unquote(value) for name, value in found.groupdict().items()}
    return None
