"""The pull request of a proposal, and the issue that replaces one that may not be opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

import msgspec

from wavegate.errors import RefusedError, ServiceError, UncertainError
from wavegate.github.client import GitHub
from wavegate.github.errors import Purpose
from wavegate.github.proposed import OpenPull, Proposal, Pull
from wavegate.text import one_line

_READ = Purpose(doing="read the pull requests", permission="pull-requests: read")
_OPEN = Purpose(doing="open the pull request", permission="pull-requests: write")
_REVIEW = Purpose(doing="request reviews", permission="pull-requests: write")
_READ_ISSUES = Purpose(doing="read the issues", permission="issues: read")
_ISSUE = Purpose(doing="open the issue", permission="issues: write")
_READ_STATE = Purpose(doing="read the pull request", permission="pull-requests: read")
_CLOSE = Purpose(doing="close the pull request", permission="pull-requests: write")
LINK_LIMIT = 7_000
"""Maximum characters of a link to a prefilled page; GitHub answers 414 to much longer ones."""


class NothingToMerge(Exception):  # noqa: N818 - an outcome, not an error
    """The base branch already has all commits of the head."""


class _User(msgspec.Struct):
    login: str


class _PullReply(msgspec.Struct):
    number: int
    html_url: str
    title: str = ""
    body: str | None = None
    user: _User | None = None


class _MergeReply(msgspec.Struct):
    merged_at: datetime | None = None


class _StateReply(msgspec.Struct):
    state: str
    closed_at: datetime | None = None
    closed_by: _User | None = None
    pull_request: _MergeReply | None = None


class _HeadRepository(msgspec.Struct):
    full_name: str


class _PullHead(msgspec.Struct):
    ref: str
    repo: _HeadRepository | None = None


class _ListedPull(msgspec.Struct):
    number: int
    html_url: str
    head: _PullHead


class _Any(msgspec.Struct):
    """A reply whose content does not matter."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PullState:
    """Whether a pull request or an issue is open.

    closed_at: timezone-aware; None while it is open. closed_by: login, '' if unknown.
    """

    is_pull: bool
    merged: bool
    closed_at: datetime | None = None
    closed_by: str = ""

    @property
    def closed_by_app(self) -> bool:
        """Whether an app closed it, such as one that closes what nobody has touched for weeks: no person decided."""
        return self.closed_by.endswith("[bot]")


def read_state(github: GitHub, repository: str, number: int) -> PullState:
    """The state of a pull request or an issue, in one request. RefusedError: it may not be read."""
    found = github.get(f"/repos/{repository}/issues/{number}", _StateReply, _READ_STATE)
    is_closed = found.state == "closed"
    return PullState(
        is_pull=found.pull_request is not None,
        merged=bool(found.pull_request and found.pull_request.merged_at),
        closed_at=found.closed_at if is_closed else None,
        closed_by=found.closed_by.login if is_closed and found.closed_by else "",
    )


def list_open(github: GitHub, repository: str, prefix: str) -> tuple[OpenPull, ...]:
    """The open pull requests of the repository's branches that start with a prefix, oldest first."""
    query = urlencode({"state": "open", "per_page": 100})
    pages = github.pages(f"/repos/{repository}/pulls?{query}", list[_ListedPull], _READ)
    found = (
        OpenPull(number=each.number, branch=each.head.ref, url=each.html_url)
        for page in pages
        for each in page
        # a fork may have a branch of the same name
        if each.head.ref.startswith(prefix) and each.head.repo and each.head.repo.full_name == repository
    )
    return tuple(sorted(found, key=lambda each: each.number))


def close(github: GitHub, repository: str, number: int) -> None:
    """Close a pull request or an issue. Closing it again changes nothing."""
    github.send("PATCH", f"/repos/{repository}/issues/{number}", {"state": "closed"}, _Any, _CLOSE, repeatable=True)


def open_pull(github: GitHub, repository: str, proposal: Proposal) -> tuple[Pull, bool]:
    """Open the pull request, or find the one that somebody opened in the meantime. Returns it and whether it is new.

    Raises NothingToMerge, or RefusedError with status 403 if the token may not open pull requests.
    """
    body = {
        "title": proposal.title,
        "head": proposal.branch,
        "base": proposal.base,
        "body": "\n\n".join(filter(None, (proposal.body.render(), proposal.footer))),
    }

    def create() -> tuple[Pull, bool]:
        try:
            reply = github.send("POST", f"/repos/{repository}/pulls", body, _PullReply, _OPEN, repeatable=False)
        except RefusedError as error:
            if error.status == 422 and "no commits between" in error.detail.lower():
                raise NothingToMerge from None
            if error.status == 422 and "already exists" in error.detail.lower():
                # the other one may just have been closed, and then there is none to find: try again
                raise UncertainError(error.message, fix=error.fix) from None
            raise
        return _pull(reply), True

    def find() -> tuple[Pull, bool] | None:
        found = _find_pull(github, repository, proposal)
        return (found, False) if found else None

    return github.once(create, find)


def update_pull(github: GitHub, repository: str, pull: Pull, proposal: Proposal) -> None:
    """Update an open pull request's title and section; text that people wrote around it stays."""
    body = {"title": proposal.title, "body": proposal.body.put_into(pull.body)}
    path = f"/repos/{repository}/pulls/{pull.number}"
    github.send("PATCH", path, body, _Any, _OPEN, repeatable=True)


def request_reviews(github: GitHub, repository: str, pull: Pull, owners: tuple[str, ...]) -> str:
    """Request reviews from the owners. Returns why that failed, or ''; not an error: the owners are mentioned anyway.

    If GitHub rejects all of them because of one, only users are requested: a job's own token may not request teams.
    The author is left out: GitHub rejects a request for a review of one's own.
    """
    author = pull.author.casefold()
    names = [name for owner in owners if (name := owner.removeprefix("@")).casefold() != author]
    if not names:
        return ""
    users = [name for name in names if "/" not in name]
    teams = [name.partition("/")[2] for name in names if "/" in name]
    path = f"/repos/{repository}/pulls/{pull.number}/requested_reviewers"

    def refused(body: Mapping[str, object]) -> str:
        try:
            github.send("POST", path, body, _Any, _REVIEW, repeatable=True)
        except RefusedError as error:
            return error.detail
        except ServiceError as error:
            return error.message
        return ""

    if not (why := refused({"reviewers": users, "team_reviewers": teams})):
        return ""
    if not (users and teams) or refused({"reviewers": users}):
        return f"Reviews could not be requested: {one_line(why, 200)}"
    return f"Reviews were requested from {', '.join(users)}, but not from the teams: {one_line(why, 200)}"


def compare_link(proposal: Proposal, *, server_url: str, repository: str) -> str:
    """URL of the page where a person opens the proposal's pull request, prefilled with title and a body that fits.

    Source: docs.github.com "Using query parameters to create a pull request".
    """
    compare = f"{server_url}/{repository}/compare/{quote(proposal.base)}...{quote(proposal.branch)}"
    values = {"quick_pull": "1", "title": proposal.title}
    links = (_with_query(compare, values | {"body": section.render()}) for section in proposal.manual)
    return next((link for link in links if len(link) <= LINK_LIMIT), _with_query(compare, values))


def _with_query(address: str, values: Mapping[str, str]) -> str:
    return f"{address}?{urlencode(values, quote_via=quote, errors='replace')}"


def open_issue(github: GitHub, repository: str, proposal: Proposal, *, introduction: str) -> tuple[int, str, bool]:
    """Open or update the issue that asks a person to open the pull request; its number, URL, and whether it is new.

    introduction: Markdown before the section; in an existing issue only the section is updated.
    """
    section = proposal.manual[0]
    text = (introduction, section.render(), proposal.footer)
    body = {"title": proposal.title, "body": "\n\n".join(filter(None, text))}

    def find() -> _PullReply | None:
        return _find_issue(github, repository, section.start)

    if found := find():
        if not section.is_in(found.body or ""):
            renewed = {"title": proposal.title, "body": section.put_into(found.body or "")}
            issue = f"/repos/{repository}/issues/{found.number}"
            github.send("PATCH", issue, renewed, _Any, _ISSUE, repeatable=True)
        return found.number, found.html_url, False
    path = f"/repos/{repository}/issues"
    made = github.once(lambda: github.send("POST", path, body, _PullReply, _ISSUE, repeatable=False), find)
    return made.number, made.html_url, True


def _find_pull(github: GitHub, repository: str, proposal: Proposal) -> Pull | None:
    owner = repository.partition("/")[0]
    query = urlencode({"head": f"{owner}:{proposal.branch}", "base": proposal.base, "state": "open"})
    found = github.get(f"/repos/{repository}/pulls?{query}", list[_PullReply], _READ)
    return _pull(found[0]) if found else None


def _find_issue(github: GitHub, repository: str, marker: str) -> _PullReply | None:
    pages = github.pages(f"/repos/{repository}/issues?state=open&per_page=100", list[_PullReply], _READ_ISSUES)
    return next((each for page in pages for each in page if marker in (each.body or "")), None)


def _pull(reply: _PullReply) -> Pull:
    author = reply.user.login if reply.user else ""
    return Pull(number=reply.number, url=reply.html_url, title=reply.title, body=reply.body or "", author=author)
