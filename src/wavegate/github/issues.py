"""Issues that wavegate keeps: each one found by the hidden marker that its body starts with, and by its author."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from wavegate.github.client import GitHub
from wavegate.github.errors import Purpose
from wavegate.github.issue_page import IssuePage, OwnIssue

LABEL = "wavegate"
"""The label of every issue, by which few issues have to be searched."""
_KEEP = Purpose(doing="keep the issue", permission="issues: write")

# the hundred that were updated last: a marker further back belongs to something long forgotten
_FIND_ISSUES = """
query KeptIssues($owner: String!, $name: String!, $label: String!) {
  repository(owner: $owner, name: $name) {
    issues(first: 100, labels: [$label], orderBy: {field: UPDATED_AT, direction: DESC}) {
      nodes { number body url state viewerDidAuthor }
    }
  }
}
"""


class _IssueList(msgspec.Struct):
    nodes: list[OwnIssue]


class _IssueRepository(msgspec.Struct):
    issues: _IssueList


class _IssueReply(msgspec.Struct):
    repository: _IssueRepository


class _KeptIssue(msgspec.Struct):
    number: int


def find_issues(github: GitHub, repository: str, start: str) -> list[OwnIssue]:
    """The issues of our own whose bodies begin with a text, the oldest first."""
    owner, _, name = repository.partition("/")
    variables = {"owner": owner, "name": name, "label": LABEL}
    nodes = github.query(_FIND_ISSUES, variables, _IssueReply, _KEEP).repository.issues.nodes
    # an issue that only quotes ours does not count
    ours = [each for each in nodes if each.viewer_did_author and each.body.startswith(start)]
    return sorted(ours, key=lambda each: each.number)


def keep_issue(github: GitHub, repository: str, page: IssuePage) -> Literal["opened", "updated", "unchanged"]:
    """Create an issue, or update and reopen it. RefusedError: the token may not."""
    # of two that were opened at the same time, the first one counts
    found = next(iter(find_issues(github, repository, page.body.start)), None)
    if found is None:
        _create(github, repository, page)
        return "opened"
    if found.is_open and page.body.is_in(found.body):
        return "unchanged"
    _patch(github, repository, found, {"title": page.title, "body": page.body.render(), "state": "open"})
    return "updated"


def close_issue(github: GitHub, repository: str, issue: OwnIssue, page: IssuePage | None = None) -> None:
    """Close an issue. page: what it says from now on; None leaves it as it is."""
    change = {"title": page.title, "body": page.body.render()} if page else {}
    _patch(github, repository, issue, {**change, "state": "closed", "state_reason": "completed"})


def _create(github: GitHub, repository: str, page: IssuePage) -> None:
    new = {"title": page.title, "body": page.body.render(), "labels": [LABEL, *page.labels]}

    def create() -> int:
        path = f"/repos/{repository}/issues"
        return github.send("POST", path, new, _KeptIssue, _KEEP, repeatable=False).number

    def find() -> int | None:
        made = find_issues(github, repository, page.body.start)
        return made[0].number if made else None

    github.once(create, find)


def _patch(github: GitHub, repository: str, issue: OwnIssue, change: Mapping[str, object]) -> None:
    path = f"/repos/{repository}/issues/{issue.number}"
    github.send("PATCH", path, change, _KeptIssue, _KEEP, repeatable=True)
