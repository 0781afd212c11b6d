"""Deployments, environments, pull requests and issues as GitHub's GraphQL API returns them."""

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from graphql import GraphQLError
from tests.doubles.github.graphql.git import git_object, qualify, ref
from tests.doubles.github.graphql.page import Node, actor, connection
from tests.doubles.github.rest.call import RefusedError
from tests.doubles.github.rest.deployments import make_status, newest_first
from tests.doubles.github.rest.shapes import node_id, page_url, stamp
from tests.doubles.github.state import Comment, Deployment, Environment, Issue, Pull, State, Status, Token

Numbered = TypeVar("Numbered", bound=Issue)


def deployments(state: State, page: dict[str, Any]) -> list[Node]:
    """Deployments of the requested environments; oldest first by default, as in the SDL."""
    wanted = page.get("environments")
    found = [item for item in newest_first(state) if wanted is None or item.environment in wanted]
    if (page.get("orderBy") or {}).get("direction", "ASC") == "ASC":
        found.reverse()
    return [deployment(state, item) for item in found]


def deployment(state: State, found: Deployment) -> Node:
    """A deployment. payload is text, as in the SDL: an object becomes JSON."""
    newest = found.statuses[::-1]
    return {
        "__typename": "Deployment",
        "id": node_id("DE", found.id),
        "databaseId": found.id,
        "commitOid": found.sha,
        "commit": lambda: git_object(state, found.sha),
        "task": found.task,
        "environment": found.environment,
        "originalEnvironment": found.environment,
        "latestEnvironment": found.environment,
        "description": found.description,
        "payload": found.payload if isinstance(found.payload, str) else json.dumps(found.payload),
        "state": "ACTIVE" if found.state == "success" else found.state.upper(),
        "createdAt": stamp(found.created_at),
        "updatedAt": stamp(newest[0].created_at if newest else found.created_at),
        "creator": actor(state, found.creator),
        "ref": lambda: ref(state, qualify(state, found.ref)),
        "latestStatus": lambda: status(state, newest[0]) if newest else None,
        "statuses": lambda **page: connection([status(state, item) for item in newest], page),
    }


def deployment_by_id(state: State, wanted: str) -> Deployment:
    """The deployment with a node id. The double knows no other kind of node id."""
    for item in state.deployments:
        if node_id("DE", item.id) == wanted:
            return item
    text = f"Could not resolve to a node with the global id of '{wanted}'."
    raise GraphQLError(text, extensions={"type": "NOT_FOUND"})


def create_deployment_status(state: State, token: Token, given: dict[str, Any]) -> Node:
    """Create a deployment status, as the REST route does. given: the fields by GraphQL's names."""
    found = deployment_by_id(state, given["deploymentId"])
    names = {
        "state": given["state"].lower(),
        "description": given["description"] or "",
        "log_url": given["logUrl"] or "",
        "environment_url": given["environmentUrl"] or "",
        "auto_inactive": given["autoInactive"],
    }
    try:
        made = make_status(state, token, found, names)
    except RefusedError as refused:
        raise GraphQLError(str(refused), extensions={"type": "UNPROCESSABLE"}) from None
    return {"clientMutationId": given.get("clientMutationId"), "deploymentStatus": status(state, made)}


def status(state: State, found: Status) -> Node:
    """A status of a deployment."""
    return {
        "__typename": "DeploymentStatus",
        "id": node_id("DES", found.id),
        "state": found.state.upper(),
        "description": found.description or None,
        "logUrl": found.log_url or None,
        "environmentUrl": found.environment_url or None,
        "createdAt": stamp(found.created_at),
        "updatedAt": stamp(found.created_at),
        "creator": actor(state, found.creator),
    }


def environment(found: Environment) -> Node:
    """An environment."""
    return {"__typename": "Environment", "id": node_id("E", found.id), "databaseId": found.id, "name": found.name}


def pulls(state: State, page: dict[str, Any]) -> list[Node]:
    """Pull requests by head, base, states and labels; oldest first by default."""
    asked: dict[str, Callable[[Pull], bool]] = {
        "headRefName": lambda pull: pull.head == page["headRefName"],
        "baseRefName": lambda pull: pull.base == page["baseRefName"],
        "states": lambda pull: pull_state(pull) in page["states"],
        "labels": lambda pull: bool(set(page["labels"]) & set(pull.labels)),
    }
    fits = [test for name, test in asked.items() if page.get(name) is not None]
    found = [pull for pull in state.pulls if all(test(pull) for test in fits)]
    return [pull_request(state, pull) for pull in _ordered(found, page)]


def issues(state: State, page: dict[str, Any]) -> list[Node]:
    """Issues, without pull requests."""
    states, labels = page.get("states"), page.get("labels")
    found = [
        issue
        for issue in state.issues
        if state.settings.has_issues
        and not isinstance(issue, Pull)
        and (states is None or issue.state.upper() in states)
        and (labels is None or set(labels) & set(issue.labels))
    ]
    return [{**_thread(state, issue), "__typename": "Issue"} for issue in _ordered(found, page)]


def _ordered(found: Sequence[Numbered], page: dict[str, Any]) -> Sequence[Numbered]:
    return found[::-1] if (page.get("orderBy") or {}).get("direction") == "DESC" else found


def pull_state(pull: Pull) -> str:
    """The state in GraphQL, where a merged pull request is not closed."""
    return "MERGED" if pull.merged_at else pull.state.upper()


def pull_request(state: State, pull: Pull) -> Node:
    """A pull request."""
    return {
        **_thread(state, pull),
        "__typename": "PullRequest",
        "state": pull_state(pull),
        "isDraft": pull.draft,
        "merged": pull.merged_at is not None,
        "mergedAt": stamp(pull.merged_at),
        "mergeCommit": lambda: git_object(state, pull.merge_sha) if pull.merge_sha else None,
        "mergeable": lambda: _mergeable(state, pull),
        "isCrossRepository": False,
        "headRefName": pull.head,
        "headRefOid": pull.head_sha,
        "headRef": lambda: ref(state, f"refs/heads/{pull.head}"),
        "baseRefName": pull.base,
        "baseRefOid": state.head(pull.base) or pull.base_sha,
        "baseRef": lambda: ref(state, f"refs/heads/{pull.base}"),
        "reviewRequests": lambda **page: connection([{} for _ in (*pull.reviewers, *pull.team_reviewers)], page),
        "reviews": lambda **page: connection([], page),
    }


def _mergeable(state: State, pull: Pull) -> str:
    base = state.head(pull.base)
    if pull.state != "open" or base is None:
        return "UNKNOWN"
    return "MERGEABLE" if state.git.merge_tree(base, pull.head_sha) else "CONFLICTING"


def _thread(state: State, issue: Issue) -> Node:
    kind = "pull" if isinstance(issue, Pull) else "issues"
    return {
        "id": node_id("I", issue.id),
        "databaseId": issue.id,
        "fullDatabaseId": str(issue.id),
        "number": issue.number,
        "title": issue.title,
        "body": issue.body or "",
        "state": issue.state.upper(),
        "closed": issue.state == "closed",
        "url": f"{page_url(state)}/{kind}/{issue.number}",
        "author": actor(state, issue.creator),
        "createdAt": stamp(issue.created_at),
        "updatedAt": stamp(issue.updated_at),
        "labels": lambda **page: connection([{"name": name} for name in issue.labels], page),
        "comments": lambda **page: connection([_comment(state, issue, item) for item in issue.comments], page),
    }


def _comment(state: State, issue: Issue, item: Comment) -> Node:
    return {
        "__typename": "IssueComment",
        "id": node_id("IC", item.id),
        "databaseId": item.id,
        "fullDatabaseId": str(item.id),
        "url": f"{page_url(state)}/pull/{issue.number}#issuecomment-{item.id}",
        "body": item.body,
        "author": actor(state, item.creator),
        "createdAt": stamp(item.created_at),
        "updatedAt": stamp(item.updated_at),
    }
