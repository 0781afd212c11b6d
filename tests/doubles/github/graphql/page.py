"""Pages of connections, and actors, which all nodes share."""

from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError
from tests.doubles.github.rest.shapes import node_id
from tests.doubles.github.state import State

Node = dict[str, Any]
"""A node: a value for each field, or a function if the field has arguments or is expensive."""


def connection(nodes: Sequence[Node], page: dict[str, Any]) -> Node:
    """A page of nodes by first/after or last/before. As on GitHub, a size is required and at most 100."""
    size = page.get("first") if page.get("first") is not None else page.get("last")
    if size is None:
        text = "You must provide a `first` or `last` value to properly paginate the connection."
        raise GraphQLError(text, extensions={"type": "MISSING_PAGINATION_BOUNDARIES"})
    if size > 100:
        text = f"Requesting {size} records on the connection exceeds the `first` limit of 100 records."
        raise GraphQLError(text, extensions={"type": "EXCESSIVE_PAGINATION"})
    start = int(page["after"]) if page.get("after") else 0
    end = int(page["before"]) - 1 if page.get("before") else len(nodes)
    if page.get("first") is not None:
        end = min(end, start + size)
    else:
        start = max(start, end - size)
    shown = nodes[start:end]
    return {
        "nodes": shown,
        "edges": [{"cursor": str(start + number), "node": node} for number, node in enumerate(shown, 1)],
        "totalCount": len(nodes),
        "pageInfo": {
            "hasNextPage": end < len(nodes),
            "hasPreviousPage": start > 0,
            "startCursor": str(start + 1) if shown else None,
            "endCursor": str(end) if shown else None,
        },
    }


def actor(state: State, login: str) -> Node:
    """A user, bot or organization; bots have no `[bot]` suffix here, unlike in REST."""
    kind = "Bot" if login.endswith("[bot]") else "Organization" if login == state.owner else "User"
    name = login.removesuffix("[bot]")
    return {"__typename": kind, "login": name, "id": node_id("U", login), "url": f"{state.url}/{name}"}
