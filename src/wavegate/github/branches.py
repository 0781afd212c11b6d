"""A branch that wavegate proposes, made through the Git database: objects first, the ref last."""

from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from wavegate.errors import InputError, RefusedError, ServiceError
from wavegate.git.tree import TreeChange
from wavegate.github.client import GitHub
from wavegate.github.errors import Purpose
from wavegate.github.proposed import Branch, Draft, Pull
from wavegate.text import one_line

_READ = Purpose(doing="read the branch", permission="contents: read, pull-requests: read")
_WRITE = Purpose(doing="write the branch", permission="contents: write")
HISTORY = 100
"""Number of a branch's newest commits that are searched for wavegate's own."""

_QUERY = """
query Branch($owner: String!, $name: String!, $ref: String!, $head: String!, $commits: Int!, $pulls: Boolean!) {
  repository(owner: $owner, name: $name) {
    ref(qualifiedName: $ref) {
      target { oid ... on Commit { history(first: $commits) { nodes { oid message } } } }
    }
    pullRequests(headRefName: $head, first: 50, orderBy: {field: CREATED_AT, direction: DESC}) @include(if: $pulls) {
      nodes {
        number url title body state author { login } isCrossRepository baseRefName
        reviewRequests(first: 1) { totalCount }
        reviews(first: 1) { totalCount }
      }
    }
  }
}
"""


class _GitCommit(msgspec.Struct):
    oid: str
    message: str


class _History(msgspec.Struct):
    nodes: list[_GitCommit]


class _RefTarget(msgspec.Struct):
    oid: str
    history: _History


class _GitRef(msgspec.Struct):
    target: _RefTarget


class _Count(msgspec.Struct, rename="camel"):
    total_count: int


class _PullAuthor(msgspec.Struct):
    login: str


class _BranchPull(msgspec.Struct, rename="camel"):
    number: int
    url: str
    title: str
    body: str
    state: str
    is_cross_repository: bool
    base_ref_name: str
    review_requests: _Count
    reviews: _Count
    author: _PullAuthor | None = None


class _Pulls(msgspec.Struct):
    nodes: list[_BranchPull] = []


class _BranchRepository(msgspec.Struct, rename="camel"):
    ref: _GitRef | None = None
    pull_requests: _Pulls = msgspec.field(default_factory=_Pulls)


class _BranchReply(msgspec.Struct):
    repository: _BranchRepository


class _Object(msgspec.Struct):
    sha: str


class _RefObject(msgspec.Struct):
    object: _Object


def read_branch(github: GitHub, repository: str, branch: str, *, base: str) -> Branch:
    """A branch's head, its newest commits, and its pull requests to base.

    A token that may not read pull requests sees none. It may not open one either, which is reported at that point.
    """
    owner, _, name = repository.partition("/")
    variables = {"owner": owner, "name": name, "ref": f"refs/heads/{branch}", "head": branch, "commits": HISTORY}
    try:
        found = github.query(_QUERY, {**variables, "pulls": True}, _BranchReply, _READ).repository
    except RefusedError as error:
        if error.status != 403:
            raise
        found = github.query(_QUERY, {**variables, "pulls": False}, _BranchReply, _READ).repository
    # a fork may have a branch of the same name
    own = [each for each in found.pull_requests.nodes if not each.is_cross_repository and each.base_ref_name == base]
    return Branch(
        name=branch,
        head=found.ref.target.oid if found.ref else None,
        commits=tuple((each.oid, each.message) for each in found.ref.target.history.nodes) if found.ref else (),
        pull=next((_pull(each) for each in own if each.state == "OPEN"), None),
        had_pulls=bool(own),
        closed=own[0].number if own and own[0].state == "CLOSED" else 0,
    )


def write_commit(github: GitHub, repository: str, draft: Draft) -> str:
    """Upload a draft's tree and commit, and return the commit's id. Nothing refers to it yet, so a repeat is safe.

    The author is left out, so that GitHub signs the commit.
    """
    entries = [_entry(change, draft.contents) for change in draft.changes]
    body = {"base_tree": draft.base_tree, "tree": entries}
    tree = github.send("POST", f"/repos/{repository}/git/trees", body, _Object, _WRITE, repeatable=True)
    if tree.sha != draft.tree:
        raise ServiceError(
            f"GitHub created tree {one_line(tree.sha, 64)}, but git computes {draft.tree}: no branch was changed.",
            fix="Run the command again. If this persists, create the branch with --local and push it.",
        )
    commit = {"message": draft.message, "tree": tree.sha, "parents": list(draft.parents)}
    return github.send("POST", f"/repos/{repository}/git/commits", commit, _Object, _WRITE, repeatable=True).sha


def create_branch(github: GitHub, repository: str, branch: str, commit: str) -> bool:
    """Create the branch at a commit; False if somebody else created it first, at another commit."""
    body = {"ref": f"refs/heads/{branch}", "sha": commit}

    def claim() -> str:
        try:
            path = f"/repos/{repository}/git/refs"
            return github.send("POST", path, body, _RefObject, _WRITE, repeatable=False).object.sha
        except RefusedError as error:
            if error.status == 422 and "already exists" in error.detail.lower():
                return ""
            raise

    return github.once(claim, lambda: _head(github, repository, branch)) == commit


def move_branch(github: GitHub, repository: str, branch: str, commit: str) -> bool:
    """Fast-forward the branch to a commit; False if it has moved in the meantime."""
    path = f"/repos/{repository}/git/refs/heads/{quote(branch)}"
    body = {"sha": commit, "force": False}
    try:
        moved = github.send("PATCH", path, body, _RefObject, _WRITE, repeatable=True)
    except RefusedError as error:
        detail = error.detail.lower()
        if error.status == 422 and ("fast forward" in detail or "does not exist" in detail):
            return False
        raise
    return moved.object.sha == commit


def _head(github: GitHub, repository: str, branch: str) -> str | None:
    try:
        return github.get(f"/repos/{repository}/git/ref/heads/{quote(branch)}", _RefObject, _READ).object.sha
    except RefusedError as error:
        if error.status == 404:
            return None
        raise


def _entry(change: TreeChange, contents: Mapping[str, bytes]) -> dict[str, str | None]:
    try:
        change.path.encode()
    except UnicodeEncodeError:
        raise InputError(
            f"The file name {one_line(change.path, 200)} is not UTF-8, which GitHub's API requires.",
            fix="Create the branch with --local and push it with git.",
        ) from None
    if change.entry is None:
        return {"path": change.path, "mode": "100644", "type": "blob", "sha": None}
    entry: dict[str, str | None] = {"path": change.path, "mode": change.entry.mode, "type": change.entry.type}
    if (data := contents.get(change.entry.sha)) is not None:
        return {**entry, "content": data.decode()}
    return {**entry, "sha": change.entry.sha}


def _pull(pull: _BranchPull) -> Pull:
    reviews = pull.review_requests.total_count + pull.reviews.total_count
    return Pull(
        number=pull.number,
        url=pull.url,
        title=pull.title,
        body=pull.body,
        author=pull.author.login if pull.author else "",
        reviewed=reviews > 0,
    )
