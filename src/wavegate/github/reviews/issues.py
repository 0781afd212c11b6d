"""Reads the issues of reviews, and keeps one for each period. What people wrote and ticked stays."""

from dataclasses import dataclass, replace
from typing import Literal

import msgspec

from wavegate.errors import RefusedError
from wavegate.github.client import GitHub
from wavegate.github.errors import Purpose
from wavegate.github.issues import LABEL
from wavegate.github.managed_section import ManagedSection
from wavegate.github.reviews.marker import ReviewIssue, read_marker
from wavegate.github.reviews.tasks import done_lines, is_task_in, with_done

REVIEW_LABEL = "wavegate-review"
"""The label of every review's issue, by which few issues have to be read."""
BODY_LIMIT = 65_536
"""Characters of an issue's body; GitHub refuses a longer one."""
_MAX_ISSUES = 50
_READ = Purpose(doing="read the reviews", permission="issues: read")
_KEEP = Purpose(doing="keep the review's issue", permission="issues: write")
_WORKFLOWS = ("Bot", "github-actions")
"""Type and login of who writes issues with the token of a workflow's job."""

# an item that stays open is carried over to the newest review, so that older ones have nothing that is not in it
_REVIEWS = f"""
query Reviews($owner: String!, $name: String!, $label: String!) {{
  repository(owner: $owner, name: $name) {{
    hasIssuesEnabled
    issues(first: {_MAX_ISSUES}, labels: [$label], orderBy: {{field: CREATED_AT, direction: DESC}}) {{
      nodes {{ number title body url state viewerDidAuthor author {{ __typename login }} }}
    }}
  }}
}}
"""


class _ReviewAuthor(msgspec.Struct, rename={"kind": "__typename"}):
    login: str
    kind: str = ""


class _ReviewNode(msgspec.Struct, rename="camel"):
    number: int
    title: str
    body: str
    url: str
    state: str
    viewer_did_author: bool
    author: _ReviewAuthor | None = None


class _ReviewList(msgspec.Struct):
    nodes: list[_ReviewNode]


class _ReviewRepository(msgspec.Struct, rename="camel"):
    issues: _ReviewList
    has_issues_enabled: bool


class _ReviewReply(msgspec.Struct):
    repository: _ReviewRepository


class _KeptReview(msgspec.Struct):
    number: int
    html_url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptIssue:
    """What became of a review's issue."""

    result: Literal["opened", "updated", "unchanged"]
    number: int
    url: str


def read_reviews(github: GitHub, repository: str, manifest: str) -> tuple[ReviewIssue, ...]:
    """The newest reviews of a manifest, the oldest first, in one request. manifest: as `manifest_mark` makes it.

    Only issues count that the token's owner opened, or a workflow: anybody can copy a marker. RefusedError: the token
    may not read issues, or the repository has none.
    """
    owner, _, name = repository.partition("/")
    variables = {"owner": owner, "name": name, "label": REVIEW_LABEL}
    found = github.query(_REVIEWS, variables, _ReviewReply, _READ).repository
    if not found.has_issues_enabled:
        raise RefusedError(
            "The repository's issues are switched off, so wavegate cannot read or keep reviews.",
            fix="Switch them on in Settings → General → Features.",
            status=410,
        )
    reviews = [
        ReviewIssue(number=node.number, url=node.url, body=node.body, is_open=node.state == "OPEN", marker=marker)
        for node in found.issues.nodes
        if _is_ours(node) and (marker := read_marker(node.body)) and marker.manifest == manifest
    ]
    return tuple(sorted(reviews, key=lambda each: each.number))


def _is_ours(node: _ReviewNode) -> bool:
    author = (node.author.kind, node.author.login) if node.author else ("", "")
    return node.viewer_did_author or author == _WORKFLOWS


def review_of(reviews: tuple[ReviewIssue, ...], section: ManagedSection) -> ReviewIssue | None:
    """The issue with that section; of two that were opened at the same time, the first one counts."""
    return next((each for each in reviews if section.start in each.body), None)


def room_in(issue: ReviewIssue | None) -> int:
    """Characters that a section may have in an issue, beside what people wrote and ticked."""
    if issue is None:
        return BODY_LIMIT
    ticked = sum(len(each) + 1 for each in done_lines(issue.body).values())
    return BODY_LIMIT - len(_emptied(issue)) - ticked


def _emptied(issue: ReviewIssue) -> str:
    """A body without the words of its section."""
    start, mark, rest = issue.body.partition("<!-- wavegate:review:")
    _, end, after = rest.partition("<!-- /wavegate:review:")
    return f"{start}{after}" if mark and end else issue.body


def keep_review(
    github: GitHub, repository: str, issue: ReviewIssue | None, *, title: str, section: ManagedSection
) -> KeptIssue:
    """Create a review's issue, or update its section. An issue that people closed stays closed.

    issue: that has the section already, as it was read. RefusedError: the token may not, or there are no issues.
    """
    if issue is None:
        made = _create(github, repository, title, section)
        return KeptIssue(result="opened", number=made.number, url=made.url)
    kept = KeptIssue(result="unchanged", number=issue.number, url=issue.url)
    body = updated(issue.body, section)
    if body == issue.body:
        return kept
    path = f"/repos/{repository}/issues/{issue.number}"
    github.send("PATCH", path, {"body": body}, _KeptReview, _KEEP, repeatable=True)
    return replace(kept, result="updated")


def updated(body: str, section: ManagedSection) -> str:
    """A body with its section replaced. What is around it stays, and so do the ticks of the tasks in it."""
    # a form of GitHub sends line breaks as a form does
    text = before = body.replace("\r\n", "\n")
    done = done_lines(text)
    if section.end not in text:
        # somebody has removed the end of the section, so nothing says which words are theirs
        text = f"{section.render()}\n\n{text.replace(section.start, '<!-- earlier ')}"
    fresh = with_done(section.put_into(text), done)
    # what people ticked stays, although nothing proposes it any more
    gone = [line for key, line in done.items() if not is_task_in(key, fresh)]
    fresh = fresh.replace(section.end, "".join(f"{line}\n" for line in gone) + section.end, 1)
    return body if fresh == before else fresh


def _create(github: GitHub, repository: str, title: str, section: ManagedSection) -> KeptIssue:
    new = {"title": title, "body": section.render(), "labels": [LABEL, REVIEW_LABEL]}
    path, own = f"/repos/{repository}/issues", read_marker(section.render())

    def create() -> KeptIssue:
        made = github.send("POST", path, new, _KeptReview, _KEEP, repeatable=False)
        return KeptIssue(result="opened", number=made.number, url=made.html_url)

    def find() -> KeptIssue | None:
        found = review_of(read_reviews(github, repository, own.manifest if own else ""), section)
        return KeptIssue(result="opened", number=found.number, url=found.url) if found else None

    return github.once(create, find)
