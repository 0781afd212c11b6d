"""GraphQL over the same state: requests are checked against GitHub's official SDL and executed by graphql-core."""

import json
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    execute_sync,
    parse,
    validate,
)
from tests.doubles.github.graphql import discussions
from tests.doubles.github.graphql.records import create_deployment_status, deployment, deployment_by_id
from tests.doubles.github.graphql.repository import repository_node
from tests.doubles.github.state import State, Token
from tests.support.tools import npm_package

SDL = "@octokit/graphql-schema/schema.graphql"
SCOPES = {
    "defaultBranchRef": "contents",
    "deployments": "deployments",
    "discussionCategories": "discussions",
    "discussions": "discussions",
    "environments": "actions",
    "issues": "issues",
    "object": "contents",
    "pullRequest": "pull-requests",
    "pullRequests": "pull-requests",
    "ref": "contents",
    "refs": "contents",
}
# Source: docs.github.com, GitHub Enterprise Server 3.12, "Schema previews"
PREVIEW, PREVIEWED = "application/vnd.github.flash-preview+json", {"createDeployment", "createDeploymentStatus"}


@cache
def schema() -> GraphQLSchema:
    """GitHub's schema, built once per process."""
    return build_schema(npm_package(SDL).read_text(encoding="utf-8"), assume_valid=True)


def operation_name(body: bytes) -> str:
    """The name of the requested operation; '' if it has none."""
    try:
        query = str(json.loads(body)["query"])
    except (ValueError, KeyError, TypeError):
        return ""
    found = re.match(r"\s*(?:query|mutation)\s+(\w+)", query)
    return found[1] if found else ""


class UnsupportedError(Exception):
    """A request asks for something that GitHub has but the double lacks. The test must fail, not get null."""


def execute(state: State, token: Token, body: Mapping[str, Any], accept: str) -> tuple[dict[str, Any], list[str]]:
    """The reply to a request, and what neither GitHub nor the double understands in it. accept: the header."""

    def resolve(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        if info.field_name in PREVIEWED and PREVIEW not in accept:
            raise GraphQLError(f"Field '{info.field_name}' doesn't exist on type '{info.parent_type.name}'")
        if source is None:
            return _root(state, token, info, arguments)
        _check_permission(token, info)
        if info.field_name == "viewerDidAuthor":
            return source["author"]["login"] == token.login.removesuffix("[bot]")
        if info.field_name not in source:
            raise UnsupportedError(f"the double has no {info.parent_type.name}.{info.field_name}")
        value = source[info.field_name]
        return value(**arguments) if callable(value) else value

    document, invalid = _checked(str(body.get("query", "")))
    result = (
        ExecutionResult(errors=invalid)
        if document is None
        else execute_sync(
            schema(),
            document,
            variable_values=body.get("variables"),
            operation_name=body.get("operationName"),
            field_resolver=resolve,
        )
    )
    errors = result.errors or []
    # GitHub's refusals have a type; an error without one is an invalid query or something the double lacks
    unknown = [error.message for error in errors if not (error.extensions or {}).get("type")]
    reply: dict[str, Any] = {} if result.data is None and unknown else {"data": result.data}
    if errors:
        reply["errors"] = [_shown(error) for error in errors]
    return reply, unknown


@lru_cache(maxsize=256)
def _checked(query: str) -> tuple[DocumentNode | None, list[GraphQLError]]:
    """A valid query, or None with what is wrong. Clients send the same few queries again and again."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return None, [error]
    errors = validate(schema(), document)
    return (None if errors else document), errors


def _root(state: State, token: Token, info: GraphQLResolveInfo[Any], arguments: Mapping[str, Any]) -> Any:
    name = info.field_name
    if name == "createDeploymentStatus":
        _need(token, "deployments", "write")
        return create_deployment_status(state, token, arguments["input"])
    if change := discussions.CHANGES.get(name):
        _need(token, "discussions", "write")
        return change(state, token, arguments["input"])
    if name == "node":
        _need(token, "deployments", "read")
        return deployment(state, deployment_by_id(state, arguments["id"]))
    if name == "repository":
        if (arguments["owner"].lower(), arguments["name"].lower()) != (state.owner.lower(), state.name.lower()):
            full = f"{arguments['owner']}/{arguments['name']}"
            text = f"Could not resolve to a Repository with the name '{full}'."
            raise GraphQLError(text, extensions={"type": "NOT_FOUND"})
        return repository_node(state)
    if name == "viewer":
        return {"__typename": "User", "login": token.login}
    if name == "rateLimit":
        return {"cost": 1, "limit": 5000, "remaining": 4999, "used": 1, "nodeCount": 1}
    raise UnsupportedError(f"the double has no {info.parent_type.name}.{name}")


def _check_permission(token: Token, info: GraphQLResolveInfo[Any]) -> None:
    if info.parent_type.name == "Repository" and (scope := SCOPES.get(info.field_name)):
        _need(token, scope, "read")


def _need(token: Token, scope: str, access: str) -> None:
    if not token.may(scope, access):
        raise GraphQLError("Resource not accessible by integration", extensions={"type": "FORBIDDEN"})


def _shown(error: GraphQLError) -> dict[str, Any]:
    """An error in GitHub's format: the type is next to the message."""
    shown = {key: value for key, value in error.formatted.items() if key != "extensions"}
    return {**(error.extensions or {}), **shown}
