"""wavegate's comments on a pull request: found by their marker, on all pages."""

from urllib.parse import quote

import msgspec

from wavegate.errors import InputError, RefusedError
from wavegate.github.client import GitHub, PageInfo
from wavegate.github.errors import Purpose
from wavegate.github.managed_section import ManagedSection
from wavegate.text import one_line

_READ = Purpose(doing="read the pull request's comments", permission="pull-requests: read")
_FIND = Purpose(doing="find the pull request of the commit", permission="pull-requests: read")
_WRITE = Purpose(doing="comment on the pull request", permission="pull-requests: write")
_COMMENTS = """
query Comments($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      comments(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { fullDatabaseId body url viewerDidAuthor }
      }
    }
  }
}
"""


class Comment(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A comment. full_database_id: its id, a number as text."""

    full_database_id: str
    body: str
    url: str
    viewer_did_author: bool

    @property
    def id(self) -> int:
        """Its id; a newer comment has a higher one."""
        return int(self.full_database_id)


class _Comments(msgspec.Struct, rename="camel"):
    page_info: PageInfo
    nodes: list[Comment]


class _CommentedPull(msgspec.Struct):
    comments: _Comments


class _CommentsRepository(msgspec.Struct, rename="camel"):
    pull_request: _CommentedPull | None = None


class _CommentsReply(msgspec.Struct):
    repository: _CommentsRepository


class _CreatedComment(msgspec.Struct):
    id: int
    html_url: str


class _PlainComment(msgspec.Struct):
    body: str | None = None


class _OfCommit(msgspec.Struct):
    number: int
    merge_commit_sha: str | None = None
    merged_at: str | None = None


def pull_of_commit(github: GitHub, repository: str, commit: str) -> int | None:
    """The pull request that merged a commit, else the newest one that contains it; None if there is none."""
    found = github.get(f"/repos/{repository}/commits/{quote(commit, safe='')}/pulls", list[_OfCommit], _FIND)
    merged = [each.number for each in found if each.merged_at and each.merge_commit_sha == commit]
    return max(merged or (each.number for each in found), default=None)


def keep_comment(github: GitHub, repository: str, number: int, body: ManagedSection) -> tuple[str, str]:
    """Create or update the one comment with this marker. Returns `created`, `updated` or `unchanged`, and its URL.

    Runs at the same time may each create one; every run then deletes all but the oldest, so that one is left, however
    many run at once and wherever they stop. RefusedError with status 403: the token may not write.
    """
    result = "unchanged"
    ours = _ours(github, repository, number, body)
    if not ours:
        made = github.once(
            lambda: _create(github, repository, number, body),
            lambda: next(iter(_ours(github, repository, number, body)), None),
        )
        result = "created"
        ours = _ours(github, repository, number, body) or [made]
    oldest, *newer = ours
    for each in newer:
        _delete(github, repository, each)
    if not body.is_in(oldest.body):
        path = f"/repos/{repository}/issues/comments/{oldest.id}"
        github.send("PATCH", path, {"body": body.render()}, _CreatedComment, _WRITE, repeatable=True)
        result = "updated"
    return result, oldest.url


def comment_once(github: GitHub, repository: str, number: int, body: ManagedSection) -> None:
    """Comment on a pull request or an issue, unless it has a comment with this marker. The comment is not updated."""
    path = f"/repos/{repository}/issues/{number}/comments"

    def find() -> _PlainComment | None:
        pages = github.pages(f"{path}?per_page=100", list[_PlainComment], _READ)
        return next((each for page in pages for each in page if (each.body or "").startswith(body.start)), None)

    def create() -> _PlainComment:
        return github.send("POST", path, {"body": body.render()}, _PlainComment, _WRITE, repeatable=False)

    if find() is None:
        github.once(create, find)


def _ours(github: GitHub, repository: str, number: int, body: ManagedSection) -> list[Comment]:
    """Our comments with that marker, oldest first. A comment that only quotes one of ours does not count."""
    owner, _, name = repository.partition("/")
    variables = {"owner": owner, "name": name, "number": number}
    found: list[Comment] = []
    for page in github.query_pages(_COMMENTS, variables, _CommentsReply, _READ, _page_info):
        pull = page.repository.pull_request
        if pull is None:
            raise InputError(
                f"{one_line(repository, 100)} has no pull request {number}.", fix="Check --pull-request."
            )
        found += [each for each in pull.comments.nodes if each.viewer_did_author and each.body.startswith(body.start)]
    return sorted(found, key=lambda each: each.id)


def _page_info(page: _CommentsReply) -> PageInfo | None:
    pull = page.repository.pull_request
    return pull.comments.page_info if pull else None


def _create(github: GitHub, repository: str, number: int, body: ManagedSection) -> Comment:
    path, text = f"/repos/{repository}/issues/{number}/comments", body.render()
    made = github.send("POST", path, {"body": text}, _CreatedComment, _WRITE, repeatable=False)
    return Comment(full_database_id=str(made.id), body=text, url=made.html_url, viewer_did_author=True)


def _delete(github: GitHub, repository: str, comment: Comment) -> None:
    try:
        path = f"/repos/{repository}/issues/comments/{comment.id}"
        github.send("DELETE", path, None, type(None), _WRITE, repeatable=True)
    except RefusedError as error:
        # another run deleted it first
        if error.status != 404:
            raise
