"""The repository as GitHub's GraphQL API returns it."""

from graphql import GraphQLError
from tests.doubles.github.graphql import discussions
from tests.doubles.github.graphql.git import git_object, qualify, ref, refs
from tests.doubles.github.graphql.page import Node, actor, connection
from tests.doubles.github.graphql.records import deployments, environment, issues, pull_request, pulls
from tests.doubles.github.rest.shapes import node_id, page_url
from tests.doubles.github.state import State


def repository_node(state: State) -> Node:
    """The repository."""
    return {
        "__typename": "Repository",
        "id": node_id("R", 1),
        "databaseId": 1,
        "name": state.name,
        "nameWithOwner": f"{state.owner}/{state.name}",
        "owner": actor(state, state.owner),
        "url": page_url(state),
        "isPrivate": state.settings.private,
        "defaultBranchRef": lambda: ref(state, f"refs/heads/{state.branch}"),
        "ref": lambda qualifiedName: ref(state, qualify(state, qualifiedName)),  # noqa: N803 - GitHub's name
        "refs": lambda refPrefix, **page: connection(refs(state, refPrefix, page), page),  # noqa: N803
        "object": lambda oid=None, expression=None: git_object(state, oid or expression or ""),
        "deployments": lambda **page: connection(deployments(state, page), page),
        "environments": lambda **page: connection([environment(item) for item in state.environments], page),
        "pullRequests": lambda **page: connection(pulls(state, page), page),
        "pullRequest": lambda number: _pull(state, number),
        "discussions": lambda categoryId=None, **page: connection(  # noqa: N803 - GitHub's name
            discussions.discussions(state, categoryId, page), page
        ),
        "discussionCategories": lambda **page: connection(discussions.categories(state), page),
        "hasIssuesEnabled": state.settings.has_issues,
        "issues": lambda **page: connection(issues(state, page), page),
    }


def _pull(state: State, number: int) -> Node:
    for pull in state.pulls:
        if pull.number == number:
            return pull_request(state, pull)
    text = f"Could not resolve to a PullRequest with the number of {number}."
    raise GraphQLError(text, extensions={"type": "NOT_FOUND"})
