"""Team membership."""

from urllib.parse import quote

import msgspec

from wavegate.errors import RefusedError
from wavegate.github.client import GitHub
from wavegate.github.errors import Purpose

_PURPOSE = Purpose(doing="read the team's members", permission="members: read")


class _Membership(msgspec.Struct):
    state: str


def is_member(github: GitHub, organization: str, team: str, user: str) -> bool:
    """Whether a user is an active member of a team, child teams included.

    RefusedError: the token may not read the team. ServiceError: GitHub did not answer. A missing team has no members.
    Source: GitHub's REST API, "Get team membership for a user".
    """
    path = f"/orgs/{quote(organization, safe='')}/teams/{quote(team, safe='')}/memberships/{quote(user, safe='')}"
    try:
        return github.get(path, _Membership, _PURPOSE).state == "active"
    except RefusedError as error:
        if error.status == 404:
            return False
        raise
