"""Pull requests of a proposal, and the issue that stands in for one that may not be opened."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

import msgspec

from wavegate.errors import RefusedError, ServiceError, UncertainError
from wavegate.github.client import GitHub
from wavegate.github.errors import Purpose
from wavegate.github.proposed import Proposal, Pull
from wavegate.text import one_line

_READ = Purpose(doing="read the pull requests", permission="pull-requests: read")
_OPEN = Purpose(doing="open the pull request", permission="pull-requests: write")
_REVIEW = Purpose(doing="ask for reviews", permission="pull-requests: write")
_READ_ISSUES = Purpose(doing="read the issues", permission="issues: read")
_ISSUE = Purpose(doing="open the issue", permission="issues: write")
LINK_LIMIT = 7_000
"""Characters of a link to a prefilled page; GitHub answers 414 to much more."""


class NothingToMerge(Exception):  # noqa: N818 - an answer, told apart by its type
    """The base branch has all commits of the head already."""


class _PullReply(msgspec.Struct):
    number: int
    html_url: str
    title: str = ""
    body: str | None = None


class _Any(msgspec.Struct):
    """A reply of which nothing is read."""


def open_pull(github: GitHub, repository: str, proposal: Proposal) -> tuple[Pull, bool]:
    """Open the pull request, or find the one that somebody opened meanwhile; and whether it is new.

    Raises NothingToMerge, or RefusedError with status 403 where the token may not open pull requests.
    """
    body = {
        "title": proposal.title,
        "head": proposal.branch,
        "base": proposal.base,
        "body": "\n\n".join(filter(None, (proposal.body.render(), proposal.footer))),
    }

    def ask() -> tuple[Pull, bool]:
        try:
            reply = github.send("POST", f"/repos/{repository}/pulls", body, _PullReply, _OPEN, repeatable=False)
        except RefusedError as error:
            if error.status == 422 and "no commits between" in error.detail.lower():
                raise NothingToMerge from None
            if error.status == 422 and "already exists" in error.detail.lower():
                # where the other one is closed just now, there is none to find: ask again
                raise UncertainError(error.message, fix=error.fix) from None
            raise
        return _pull(reply), True

    def find() -> tuple[Pull, bool] | None:
        found = _find_pull(github, repository, proposal)
        return (found, False) if found else None

    return github.once(ask, find)


def update_pull(github: GitHub, repository: str, pull: Pull, proposal: Proposal) -> None:
    """Bring an open pull request's title and section up to date; what people wrote around it stays."""
    body = {"title": proposal.title, "body": proposal.body.put_into(pull.body)}
    path = f"/repos/{repository}/pulls/{pull.number}"
    github.send("PATCH", path, body, _Any, _OPEN, repeatable=True)


def request_reviews(github: GitHub, repository: str, pull: Pull, owners: tuple[str, ...]) -> str:
    """Ask the owners to review; why it did not work, or ''. Never an error: the owners are mentioned anyway.

    Where GitHub refuses them all because of one, the users are asked alone: a job's own token may not ask teams.
    """
    names = [owner.removeprefix("@") for owner in owners]
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
        return f"Reviews could not be asked for: {one_line(why, 200)}"
    return f"Only {', '.join(users)} could be asked to review, not the teams: {one_line(why, 200)}"


def compare_link(proposal: Proposal, *, server_url: str, repository: str) -> str:
    """The page on which a person opens the proposal's pull request, its title and its body filled in as far as fits.

    Source: docs.github.com "Using query parameters to create a pull request".
    """
    compare = f"{server_url}/{repository}/compare/{quote(proposal.base)}...{quote(proposal.branch)}"
    asked = {"quick_pull": "1", "title": proposal.title}
    links = (_with_query(compare, asked | {"body": section.render()}) for section in proposal.by_hand)
    return next((link for link in links if len(link) <= LINK_LIMIT), _with_query(compare, asked))


def _with_query(address: str, values: Mapping[str, str]) -> str:
    return f"{address}?{urlencode(values, quote_via=quote, errors='replace')}"


def open_issue(github: GitHub, repository: str, proposal: Proposal, *, introduction: str) -> tuple[int, str, bool]:
    """The issue that asks a person to open the pull request: its number, its page, whether it is new.

    introduction: Markdown before the section, which is brought up to date in an issue that is there.
    """
    section = proposal.by_hand[0]
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
    return Pull(number=reply.number, url=reply.html_url, title=reply.title, body=reply.body or "")
