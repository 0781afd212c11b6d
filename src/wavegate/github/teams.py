"""Who is in a team."""

from urllib.parse import quote

import msgspec

from wavegate.errors import RefusedError
from wavegate.github.client import GitHub
from wavegate.github.errors import Purpose

_PURPOSE = Purpose(doing="read who is in the team", permission="members: read (of a GitHub App)")


class _Membership(msgspec.Struct):
    state: str


def is_member(github: GitHub, organization: str, team: str, user: str) -> bool:
    """Whether a user is an active member of a team, child teams included.

    Raises an error where the token may not ask, or there is no answer. A user who is in no such team is no member.
    Source: GitHub's REST API, "Get team membership for a user".
    """
    path = f"/orgs/{quote(organization, safe='')}/teams/{quote(team, safe='')}/memberships/{quote(user, safe='')}"
    try:
        return github.get(path, _Membership, _PURPOSE).state == "active"
    except RefusedError as error:
        if error.status == 404:
            return False
        raise
