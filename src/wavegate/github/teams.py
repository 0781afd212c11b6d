"""Teams and people: membership, and what they may do in a repository."""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import quote

import msgspec

from wavegate.errors import RefusedError
from wavegate.github.client import GitHub
from wavegate.github.errors import Purpose
from wavegate.github.repository_settings import OwnerAccess

T = TypeVar("T")
_PURPOSE = Purpose(doing="read the team's members", permission="members: read")
_TEAM = Purpose(doing="read the team", permission="members: read")
_USER = Purpose(doing="read what a person may do in the repository", permission="metadata: read")


class _Permission(msgspec.Struct):
    permission: str


class _Team(msgspec.Struct):
    slug: str


class _Membership(msgspec.Struct):
    state: str


def is_member(github: GitHub, organization: str, team: str, user: str) -> bool:
    """Whether a user is an active member of a team, child teams included.

    RefusedError: the token may not read the team. ServiceError: GitHub did not answer. A missing team has no members.
    Source: GitHub's REST API, "Get team membership for a user".
    """
    path = f"/orgs/{quote(organization, safe='')}/teams/{quote(team, safe='')}/memberships/{quote(user, safe='')}"
    found = _unless_missing(lambda: github.get(path, _Membership, _PURPOSE))
    return found is not None and found.state == "active"


def owner_access(github: GitHub, repository: str, owner: str) -> OwnerAccess:
    """Whether an owner exists and has access to a repository, in one request for a person and two for a team.

    owner: `@user` or `@organization/team`. RefusedError: the token may not read that. ServiceError: no answer.
    Sources: GitHub's REST API, "Get a team by name", "Check team permissions for a repository" and "Get repository
    permissions for a user".
    """
    organization, _, team = owner.removeprefix("@").partition("/")
    name = quote(organization, safe="")
    if not team:
        path = f"/repos/{repository}/collaborators/{name}/permission"
        found = _unless_missing(lambda: github.get(path, _Permission, _USER))
        if found is None:
            return OwnerAccess.NOT_FOUND
        return OwnerAccess.NO_ACCESS if found.permission == "none" else OwnerAccess.HAS_ACCESS
    path = f"/orgs/{name}/teams/{quote(team, safe='')}"
    if _unless_missing(lambda: github.get(path, _Team, _TEAM)) is None:
        return OwnerAccess.NOT_FOUND
    # the reply has no body
    reads = _unless_missing(lambda: github.get(f"{path}/repos/{repository}", object, _TEAM) or True)
    return OwnerAccess.NO_ACCESS if reads is None else OwnerAccess.HAS_ACCESS


def _unless_missing(read: Callable[[], T]) -> T | None:
    try:
        return read()
    except RefusedError as error:
        if error.status == 404:
            return None
        raise
