"""A route's request and its reply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.doubles.github.state import State, Token


class RefusedError(Exception):
    """GitHub refuses a request, with its own message. errors: the details of a failed validation."""

    def __init__(self, status: int, message: str, errors: Sequence[Mapping[str, Any] | str] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"message": message, "documentation_url": "https://docs.github.com/rest"}
        if status != 422:
            self.body["status"] = str(status)
        if errors:
            self.body["errors"] = [error if isinstance(error, str) else dict(error) for error in errors]


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call of a route: the parameters of its path and query as text, its body parsed."""

    state: State
    token: Token
    path: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A route's reply. value: None has no body."""

    status: int = 200
    value: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def invalid(resource: str, field_name: str, code: str = "invalid", message: str | None = None) -> RefusedError:
    """The refusal of a field: 422 Validation Failed."""
    detail = {"resource": resource, "code": code, **({"field": field_name} if field_name else {})}
    if message:
        detail["message"] = message
    return RefusedError(422, "Validation Failed", [detail])


def not_found() -> RefusedError:
    """GitHub's reply for anything that does not exist or that the token may not see."""
    return RefusedError(404, "Not Found")


def page_of(call: Call, values: Sequence[Any]) -> tuple[Sequence[Any], dict[str, str]]:
    """The requested page (30 items per page, at most 100), and its Link header."""
    size = min(int(call.query.get("per_page", "30")), 100)
    page = max(int(call.query.get("page", "1")), 1)
    last = max((len(values) + size - 1) // size, 1)
    targets = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
    if page >= last:
        del targets["next"], targets["last"]
    if page == 1:
        del targets["prev"], targets["first"]
    links = [
        f'<{call.state.url}{call.path}?{urlencode({**call.query, "page": target})}>; rel="{name}"'
        for name, target in targets.items()
    ]
    return values[(page - 1) * size : page * size], {"Link": ", ".join(links)} if links else {}
