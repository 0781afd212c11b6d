"""The reviews of a pull request, and what happened to it since."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from wavegate.github.client import GitHub
from wavegate.github.errors import Purpose
from wavegate.github.pull_request.reviewed import PullReview, ReviewedPull, ReviewState

_READ = Purpose(doing="read the pull request's reviews", permission="pull-requests: read")
_MOVES = frozenset({"head_ref_force_pushed", "base_ref_changed"})
"""Events after which an earlier review may be about something else, although it names the same commit."""


class _Account(msgspec.Struct):
    login: str
    type: str = ""


class _AskedTeam(msgspec.Struct):
    slug: str


class _Head(msgspec.Struct):
    sha: str


class _ReadPull(msgspec.Struct):
    number: int
    html_url: str
    head: _Head
    user: _Account | None = None
    requested_reviewers: list[_Account] = []
    requested_teams: list[_AskedTeam] = []


class _ReadReview(msgspec.Struct):
    state: str
    user: _Account | None = None
    commit_id: str | None = None
    submitted_at: datetime | None = None


class _ReadEvent(msgspec.Struct):
    event: str
    created_at: datetime | None = None
    requested_reviewer: _Account | None = None
    requested_team: _AskedTeam | None = None


def read_reviewed_pull(github: GitHub, repository: str, number: int) -> ReviewedPull:
    """A pull request with all its reviews. RefusedError: it may not be read.

    Source: GitHub's REST API, "List reviews for a pull request" and "List issue events".
    """
    organization = repository.partition("/")[0]
    # reviews before the pull request: a review that comes in between is not counted, and a newer head is seen
    reviews = [
        _review(each)
        for page in github.pages(f"/repos/{repository}/pulls/{number}/reviews?per_page=100", list[_ReadReview], _READ)
        for each in page
    ]
    events = [
        each
        for page in github.pages(f"/repos/{repository}/issues/{number}/events?per_page=100", list[_ReadEvent], _READ)
        for each in page
    ]
    pull = github.get(f"/repos/{repository}/pulls/{number}", _ReadPull, _READ)
    asked = [*_asked(pull.requested_reviewers, pull.requested_teams, organization)]
    for each in events:
        users, teams = filter(None, [each.requested_reviewer]), filter(None, [each.requested_team])
        asked += _asked(users, teams, organization)
    return ReviewedPull(
        number=pull.number,
        url=pull.html_url,
        author=pull.user.login if pull.user else "",
        head=pull.head.sha,
        reviews=tuple(reviews),
        moved=max((each.created_at for each in events if each.event in _MOVES and each.created_at), default=None),
        requested=frozenset(asked),
    )


def _asked(users: Iterable[_Account], teams: Iterable[_AskedTeam], organization: str) -> list[str]:
    return [
        *(each.login.casefold() for each in users),
        *(f"{organization}/{each.slug}".casefold() for each in teams),
    ]


def _review(found: _ReadReview) -> PullReview:
    known = found.state in ReviewState.__members__
    return PullReview(
        login=found.user.login if found.user else "",
        state=ReviewState(found.state) if known else None,
        commit=found.commit_id or "",
        time=found.submitted_at,
        person=bool(found.user and found.user.type == "User"),
    )
