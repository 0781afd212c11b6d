"""The issue and the discussion of an event: one for each environment and event, found by a hidden marker."""

from collections.abc import Mapping
from hashlib import sha256

import msgspec

from wavegate.errors import InputError
from wavegate.github.client import GitHub
from wavegate.github.errors import Purpose
from wavegate.github.managed_section import ManagedSection
from wavegate.notify.as_markdown import issue_markdown
from wavegate.notify.notification import Notification
from wavegate.release.notify_settings import NotifyEvent
from wavegate.text import one_line, plain, slug

LABEL = "wavegate"
"""The label of every issue, by which few issues have to be searched."""
_ISSUES = Purpose(doing="keep the issue", permission="issues: write")
_DISCUSSIONS = Purpose(doing="keep the discussion", permission="discussions: write")
_TITLE_LIMIT = 200

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
_FIND_CATEGORY = """
query NotifyCategories($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) { id discussionCategories(first: 100) { nodes { id name } } }
}
"""
_FIND_DISCUSSION = """
query NotifyDiscussions($owner: String!, $name: String!, $category: ID!) {
  repository(owner: $owner, name: $name) {
    discussions(first: 100, categoryId: $category, orderBy: {field: UPDATED_AT, direction: DESC}) {
      nodes { id body url closed viewerDidAuthor }
    }
  }
}
"""
_CREATE = """
mutation CreateDiscussion($input: CreateDiscussionInput!) { createDiscussion(input: $input) { discussion { id } } }
"""
_UPDATE = """
mutation UpdateDiscussion($input: UpdateDiscussionInput!) { updateDiscussion(input: $input) { discussion { id } } }
"""
_CLOSE = """
mutation CloseDiscussion($input: CloseDiscussionInput!) { closeDiscussion(input: $input) { discussion { id } } }
"""
_REOPEN = """
mutation ReopenDiscussion($input: ReopenDiscussionInput!) { reopenDiscussion(input: $input) { discussion { id } } }
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


class _Discussion(msgspec.Struct, rename="camel"):
    id: str
    body: str
    url: str
    closed: bool
    viewer_did_author: bool


class _DiscussionList(msgspec.Struct):
    nodes: list[_Discussion]


class _DiscussionRepository(msgspec.Struct):
    discussions: _DiscussionList


class _DiscussionReply(msgspec.Struct):
    repository: _DiscussionRepository


class _Category(msgspec.Struct):
    id: str
    name: str


class _CategoryList(msgspec.Struct):
    nodes: list[_Category]


class _CategoryRepository(msgspec.Struct, rename="camel"):
    id: str
    discussion_categories: _CategoryList


class _CategoryReply(msgspec.Struct):
    repository: _CategoryRepository


class _KeptIssue(msgspec.Struct):
    number: int


def keep_issue(github: GitHub, repository: str, notification: Notification, labels: tuple[str, ...]) -> None:
    """Create the event's issue, or update and reopen it. RefusedError: the token may not."""
    body = _section(notification.event, notification)
    found = _issue(github, repository, body)
    if found is None:
        new = {"title": _title(notification), "body": body.render(), "labels": [LABEL, *labels]}

        def create() -> int:
            path = f"/repos/{repository}/issues"
            return github.send("POST", path, new, _KeptIssue, _ISSUES, repeatable=False).number

        def find() -> int | None:
            made = _issue(github, repository, body)
            return made.number if made else None

        github.once(create, find)
    elif found.state != "OPEN" or not body.is_in(found.body):
        _patch(github, repository, found, {"title": _title(notification), "body": body.render(), "state": "open"})


def close_issue(github: GitHub, repository: str, event: NotifyEvent, end: Notification) -> None:
    """Close the issue of an event, if it is open, with the notification that ended it."""
    body = _section(event, end)
    found = _issue(github, repository, body)
    if found is not None and found.state == "OPEN":
        change = {"title": _title(end), "body": body.render(), "state": "closed", "state_reason": "completed"}
        _patch(github, repository, found, change)


def _patch(github: GitHub, repository: str, issue: _Issue, change: Mapping[str, object]) -> None:
    path = f"/repos/{repository}/issues/{issue.number}"
    github.send("PATCH", path, change, _KeptIssue, _ISSUES, repeatable=True)


def _issue(github: GitHub, repository: str, body: ManagedSection) -> _Issue | None:
    owner, _, name = repository.partition("/")
    variables = {"owner": owner, "name": name, "label": LABEL}
    nodes = github.query(_FIND_ISSUE, variables, _IssueReply, _ISSUES).repository.issues.nodes
    # an issue that only quotes ours does not count; of two that were opened at the same time, the first one does
    ours = [each for each in nodes if each.viewer_did_author and each.body.startswith(body.start)]
    return min(ours, key=lambda each: each.number, default=None)


def keep_discussion(github: GitHub, repository: str, notification: Notification, category: str) -> None:
    """Create the event's discussion, or update and reopen it. InputError: there is no such category."""
    home = _category(github, repository, category)
    body = _section(notification.event, notification)
    found = _discussion(github, repository, home[1], body)
    text: dict[str, object] = {"title": _title(notification), "body": body.render()}
    if found is None:
        new = {"input": {"repositoryId": home[0], "categoryId": home[1], **text}}

        def find() -> object | None:
            return _discussion(github, repository, home[1], body)

        github.once(lambda: github.mutate(_CREATE, new, msgspec.Raw, _DISCUSSIONS), find)
        return
    if not body.is_in(found.body):
        _change(github, _UPDATE, {"discussionId": found.id, **text})
    if found.closed:
        _change(github, _REOPEN, {"discussionId": found.id})


def close_discussion(github: GitHub, repository: str, event: NotifyEvent, end: Notification, category: str) -> None:
    """Close the discussion of an event, if it is open, with the notification that ended it."""
    body = _section(event, end)
    found = _discussion(github, repository, _category(github, repository, category)[1], body)
    if found is not None and not found.closed:
        _change(github, _UPDATE, {"discussionId": found.id, "title": _title(end), "body": body.render()})
        _change(github, _CLOSE, {"discussionId": found.id, "reason": "RESOLVED"})


def _change(github: GitHub, mutation: str, change: dict[str, object]) -> None:
    # the same change twice has the same effect, so after a lost answer it is simply made again
    github.once(lambda: github.mutate(mutation, {"input": change}, msgspec.Raw, _DISCUSSIONS), lambda: None)


def _category(github: GitHub, repository: str, name: str) -> tuple[str, str]:
    """Node ids of the repository and of the category."""
    owner, _, repository_name = repository.partition("/")
    variables = {"owner": owner, "name": repository_name}
    found = github.query(_FIND_CATEGORY, variables, _CategoryReply, _DISCUSSIONS).repository
    for each in found.discussion_categories.nodes:
        if each.name.casefold() == name.casefold():
            return found.id, each.id
    known = ", ".join(one_line(each.name, 50) for each in found.discussion_categories.nodes[:20]) or "none"
    raise InputError(
        f"The repository has no discussion category {one_line(name, 100)}.", fix=f"It has: {known}. Change `notify`."
    )


def _discussion(github: GitHub, repository: str, category: str, body: ManagedSection) -> _Discussion | None:
    owner, _, name = repository.partition("/")
    variables = {"owner": owner, "name": name, "category": category}
    reply = github.query(_FIND_DISCUSSION, variables, _DiscussionReply, _DISCUSSIONS)
    ours = (each for each in reply.repository.discussions.nodes if each.viewer_did_author)
    return next((each for each in ours if each.body.startswith(body.start)), None)


def _section(event: NotifyEvent, notification: Notification) -> ManagedSection:
    environment = notification.environment.casefold()
    mark = sha256(environment.encode("utf-8", "replace")).hexdigest()[:8]
    return ManagedSection(key=f"notify:{event}:{slug(environment)}-{mark}", text=issue_markdown(notification))


def _title(notification: Notification) -> str:
    return plain(notification.title, _TITLE_LIMIT)
