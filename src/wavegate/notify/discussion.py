"""The discussion of an event: one for each environment and event, found by a hidden marker and its author."""

import msgspec

from wavegate.errors import InputError
from wavegate.github.client import GitHub
from wavegate.github.errors import Purpose
from wavegate.github.managed_section import ManagedSection
from wavegate.notify.as_markdown import page_section, page_title
from wavegate.notify.notification import Notification
from wavegate.release.notify_settings import NotifyEvent
from wavegate.text import one_line

_KEEP = Purpose(doing="keep the discussion", permission="discussions: write")
_FIND_CATEGORY = """
query NotifyCategories($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) { id discussionCategories(first: 100) { nodes { id name } } }
}
"""
# the hundred that were updated last: a marker further back belongs to something long forgotten
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


def keep_discussion(github: GitHub, repository: str, notification: Notification, category: str) -> None:
    """Create the event's discussion, or update and reopen it. InputError: there is no such category."""
    home = _category(github, repository, category)
    body = page_section(notification.event, notification)
    found = _discussion(github, repository, home[1], body)
    text: dict[str, object] = {"title": page_title(notification), "body": body.render()}
    if found is None:
        new = {"input": {"repositoryId": home[0], "categoryId": home[1], **text}}

        def find() -> object | None:
            return _discussion(github, repository, home[1], body)

        github.once(lambda: github.mutate(_CREATE, new, msgspec.Raw, _KEEP), find)
        return
    if not body.is_in(found.body):
        _change(github, _UPDATE, {"discussionId": found.id, **text})
    if found.closed:
        _change(github, _REOPEN, {"discussionId": found.id})


def close_discussion(github: GitHub, repository: str, event: NotifyEvent, end: Notification, category: str) -> None:
    """Close the discussion of an event, if it is open, with the notification that ended it."""
    body = page_section(event, end)
    found = _discussion(github, repository, _category(github, repository, category)[1], body)
    if found is not None and not found.closed:
        _change(github, _UPDATE, {"discussionId": found.id, "title": page_title(end), "body": body.render()})
        _change(github, _CLOSE, {"discussionId": found.id, "reason": "RESOLVED"})


def _change(github: GitHub, mutation: str, change: dict[str, object]) -> None:
    # the same change twice has the same effect, so after a lost answer it is simply made again
    github.once(lambda: github.mutate(mutation, {"input": change}, msgspec.Raw, _KEEP), lambda: None)


def _category(github: GitHub, repository: str, name: str) -> tuple[str, str]:
    """Node ids of the repository and of the category."""
    owner, _, repository_name = repository.partition("/")
    variables = {"owner": owner, "name": repository_name}
    found = github.query(_FIND_CATEGORY, variables, _CategoryReply, _KEEP).repository
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
    reply = github.query(_FIND_DISCUSSION, variables, _DiscussionReply, _KEEP)
    ours = (each for each in reply.repository.discussions.nodes if each.viewer_did_author)
    return next((each for each in ours if each.body.startswith(body.start)), None)
