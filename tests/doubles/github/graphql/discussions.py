"""Discussions as GitHub's GraphQL API returns and changes them; REST has none."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLError
from tests.doubles.github.graphql.page import Node, actor
from tests.doubles.github.rest.shapes import node_id, page_url, stamp
from tests.doubles.github.state import Discussion, State, Token

LONGEST_BODY = 65_536


def categories(state: State) -> list[Node]:
    """The categories of the repository."""
    return [
        {"__typename": "DiscussionCategory", "id": _category_id(name), "name": name}
        for name in state.discussion_categories
    ]


def discussions(state: State, category: str | None, page: dict[str, Any]) -> list[Node]:
    """Discussions, of one category if it is given; in the requested order."""
    found = [each for each in state.discussions if category in (None, _category_id(each.category))]
    order = page.get("orderBy") or {"field": "UPDATED_AT", "direction": "DESC"}
    field = {"CREATED_AT": "created_at", "UPDATED_AT": "updated_at"}[order["field"]]
    found.sort(key=lambda each: (getattr(each, field), each.number), reverse=order["direction"] == "DESC")
    return [_node(state, each) for each in found]


def _create(state: State, token: Token, given: dict[str, Any]) -> Node:
    if given["repositoryId"] != node_id("R", 1):
        raise _not_found(given["repositoryId"])
    category = next((each for each in state.discussion_categories if _category_id(each) == given["categoryId"]), None)
    if category is None:
        raise _not_found(given["categoryId"])
    made = Discussion(
        id=state.next_id(),
        number=len(state.discussions) + 1,
        category=category,
        title=_checked(given["title"]),
        body=_checked(given["body"]),
        creator=token.login,
        created_at=state.now(),
        updated_at=state.now(),
    )
    state.discussions.append(made)
    return {"discussion": _node(state, made)}


def _update(state: State, _: Token, given: dict[str, Any]) -> Node:
    found = _find(state, given["discussionId"])
    found.title = _checked(given.get("title") or found.title)
    found.body = _checked(given.get("body") or found.body)
    found.updated_at = state.now()
    return {"discussion": _node(state, found)}


def _close(state: State, _: Token, given: dict[str, Any]) -> Node:
    found = _find(state, given["discussionId"])
    if found.closed:
        raise GraphQLError("Discussion is already closed", extensions={"type": "UNPROCESSABLE"})
    found.closed, found.reason = True, given.get("reason") or "RESOLVED"
    return {"discussion": _node(state, found)}


def _reopen(state: State, _: Token, given: dict[str, Any]) -> Node:
    found = _find(state, given["discussionId"])
    if not found.closed:
        raise GraphQLError("Discussion is not closed", extensions={"type": "UNPROCESSABLE"})
    found.closed, found.reason = False, None
    return {"discussion": _node(state, found)}


CHANGES: Mapping[str, Callable[[State, Token, dict[str, Any]], Node]] = {
    "createDiscussion": _create,
    "updateDiscussion": _update,
    "closeDiscussion": _close,
    "reopenDiscussion": _reopen,
}
"""What each mutation does."""


def _node(state: State, found: Discussion) -> Node:
    return {
        "__typename": "Discussion",
        "id": node_id("D", found.id),
        "databaseId": found.id,
        "number": found.number,
        "title": found.title,
        "body": found.body,
        "url": f"{page_url(state)}/discussions/{found.number}",
        "closed": found.closed,
        "stateReason": found.reason,
        "author": actor(state, found.creator),
        "createdAt": stamp(found.created_at),
        "updatedAt": stamp(found.updated_at),
    }


def _find(state: State, wanted: str) -> Discussion:
    for each in state.discussions:
        if node_id("D", each.id) == wanted:
            return each
    raise _not_found(wanted)


def _checked(text: str) -> str:
    if not text.strip() or len(text) > LONGEST_BODY:
        raise GraphQLError("Title or body is blank or too long", extensions={"type": "UNPROCESSABLE"})
    return text


def _category_id(name: str) -> str:
    return node_id("DIC", name)


def _not_found(wanted: str) -> GraphQLError:
    text = f"Could not resolve to a node with the global id of '{wanted}'."
    return GraphQLError(text, extensions={"type": "NOT_FOUND"})
