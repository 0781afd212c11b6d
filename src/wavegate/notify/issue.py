"""The issue of an event: one for each environment and event, found by a hidden marker and its author."""

from collections.abc import Mapping

import msgspec

from wavegate.github.client import GitHub
from wavegate.github.errors import Purpose
from wavegate.github.managed_section import ManagedSection
from wavegate.notify.as_markdown import page_section, page_title
from wavegate.notify.notification import Notification
from wavegate.release.notify_settings import NotifyEvent

LABEL = "wavegate"
"""The label of every issue, by which few issues have to be searched."""
_KEEP = Purpose(doing="keep the issue", permission="issues: write")

# the hundred that were updated last: a marker further back belongs to something long forgotten
_FIND_ISSUE = """
query NotifyIssues($owner: String!, $name: String!, $label: String!) {
  repository(owner: $owner, name: $name) {
    issues(first: 100, labels: [$label], orderBy: {field: UPDATED_AT, direction: DESC}) {
      nodes { number body url state viewerDidAuthor }
    }
  }
}
"""


class _Issue(msgspec.Struct, rename="camel"):
    number: int
    body: str
    url: str
    state: str
    viewer_did_author: bool


class _IssueList(msgspec.Struct):
    nodes: list[_Issue]


class _IssueRepository(msgspec.Struct):
    issues: _IssueList


class _IssueReply(msgspec.Struct):
    repository: _IssueRepository


class _KeptIssue(msgspec.Struct):
    number: int


def keep_issue(github: GitHub, repository: str, notification: Notification, labels: tuple[str, ...]) -> None:
    """Create the event's issue, or update and reopen it. RefusedError: the token may not."""
    body = page_section(notification.event, notification)
    found = _issue(github, repository, body)
    if found is None:
        new = {"title": page_title(notification), "body": body.render(), "labels": [LABEL, *labels]}

        def create() -> int:
            path = f"/repos/{repository}/issues"
            return github.send("POST", path, new, _KeptIssue, _KEEP, repeatable=False).number

        def find() -> int | None:
            made = _issue(github, repository, body)
            return made.number if made else None

        github.once(create, find)
    elif found.state != "OPEN" or not body.is_in(found.body):
        _patch(github, repository, found, {"title": page_title(notification), "body": body.render(), "state": "open"})


def close_issue(github: GitHub, repository: str, event: NotifyEvent, end: Notification) -> None:
    """Close the issue of an event, if it is open, with the notification that ended it."""
    body = page_section(event, end)
    found = _issue(github, repository, body)
    if found is not None and found.state == "OPEN":
        change = {"title": page_title(end), "body": body.render(), "state": "closed", "state_reason": "completed"}
        _patch(github, repository, found, change)


def _patch(github: GitHub, repository: str, issue: _Issue, change: Mapping[str, object]) -> None:
    path = f"/repos/{repository}/issues/{issue.number}"
    github.send("PATCH", path, change, _KeptIssue, _KEEP, repeatable=True)


def _issue(github: GitHub, repository: str, body: ManagedSection) -> _Issue | None:
    owner, _, name = repository.partition("/")
    variables = {"owner": owner, "name": name, "label": LABEL}
    nodes = github.query(_FIND_ISSUE, variables, _IssueReply, _KEEP).repository.issues.nodes
    # an issue that only quotes ours does not count; of two that were opened at the same time, the first one does
    ours = [each for each in nodes if each.viewer_did_author and each.body.startswith(body.start)]
    return min(ours, key=lambda each: each.number, default=None)
