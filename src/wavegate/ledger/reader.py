"""Read the ledger: the releases of one environment, of several, or of one commit."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import urlencode

import msgspec

from wavegate.errors import InputError, ServiceError
from wavegate.github.client import GitHub, PageInfo
from wavegate.github.errors import Purpose
from wavegate.ledger.acts.act import Act
from wavegate.ledger.canary_entry import CanaryLook
from wavegate.ledger.deployment import TASK, Deployment
from wavegate.ledger.entry import FIELDS, LedgerNode, User, acts_of, looks_in, releases
from wavegate.ledger.spelling import spellings
from wavegate.text import one_line

_READ = Purpose(doing="read the deployments", permission="deployments: read, contents: read")

_NEWEST = "orderBy: {field: CREATED_AT, direction: DESC}"
_LEDGER = f"""
query Ledger($owner: String!, $name: String!, $environments: [String!]!, $base: String!, $after: String) {{
  viewer {{ login }}
  repository(owner: $owner, name: $name) {{
    defaultBranchRef {{ name target {{ oid }} }}
    ref(qualifiedName: $base) {{ name target {{ oid }} }}
    deployments(environments: $environments, first: 50, after: $after, {_NEWEST}) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {{ ...Fields }}
    }}
  }}
}}
{FIELDS}"""
_HISTORY = f"""
query History($owner: String!, $name: String!, $environments: [String!]!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    deployments(environments: $environments, first: 100, after: $after, {_NEWEST}) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {{ ...Fields commit {{ committedDate }} }}
    }}
  }}
}}
{FIELDS}"""
_COMMIT = f"""
query Commit($owner: String!, $name: String!, $commit: GitObjectID!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    object(oid: $commit) {{
      ... on Commit {{
        deployments(first: 50, after: $after, {_NEWEST}) {{
          pageInfo {{ hasNextPage endCursor }}
          nodes {{ ...Fields }}
        }}
      }}
    }}
  }}
}}
{FIELDS}"""


class _BranchHeadTarget(msgspec.Struct):
    oid: str


class _BranchHead(msgspec.Struct):
    name: str
    target: _BranchHeadTarget


class _Deployments(msgspec.Struct, rename="camel"):
    page_info: PageInfo
    nodes: list[LedgerNode]


class _DeploymentsRepository(msgspec.Struct, rename="camel"):
    deployments: _Deployments
    default_branch_ref: _BranchHead | None = None
    ref: _BranchHead | None = None


class _DeploymentsReply(msgspec.Struct):
    repository: _DeploymentsRepository
    viewer: User


class _Several(msgspec.Struct):
    repository: dict[str, _Deployments]


class _HistoryRepository(msgspec.Struct):
    deployments: _Deployments


class _HistoryReply(msgspec.Struct):
    repository: _HistoryRepository


class _OwnDeployment(msgspec.Struct):
    task: str
    environment: str


class _CommitDeployments(msgspec.Struct):
    deployments: _Deployments | None = None


class _CommitRepository(msgspec.Struct):
    object: _CommitDeployments | None = None


class _CommitReply(msgspec.Struct):
    repository: _CommitRepository


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the ledger, and what the same query returns about the repository.

    base, base_sha: name and head of the requested branch, else of the default branch. default: whether base is the
    default branch. viewer: login of the token's owner. deployments: wavegate's only, newest first. acts,
    looks: those that were written since the oldest of these deployments, newest first.
    """

    base: str
    base_sha: str
    default: bool
    viewer: str
    deployments: tuple[Deployment, ...]
    acts: tuple[Act, ...] = ()
    looks: tuple[CanaryLook, ...] = ()


class Newest(msgspec.Struct, frozen=True, kw_only=True):
    """The newest releases of an environment, newest first. whole: there are no older deployments.

    looks: at its canaries, among the newest entries, newest first.
    """

    deployments: tuple[Deployment, ...]
    whole: bool
    looks: tuple[CanaryLook, ...] = ()


def read_ledger(
    github: GitHub, repository: str, environment: str, *, base: str = "", until: datetime | None = None
) -> Iterator[Page]:
    """The releases of an environment, newest first, page by page.

    base: a branch; '' for the repository's default branch. until: as they were then; None for now. InputError: the
    branch does not exist.
    """
    variables = _variables(repository) | {"environments": spellings(environment)}
    variables["base"] = f"refs/heads/{base}" if base else "HEAD"
    for reply in github.query_pages(_LEDGER, variables, _DeploymentsReply, _READ, _page_info):
        answer = reply.repository
        default = answer.default_branch_ref
        branch = answer.ref if base else default
        if branch is None:
            raise InputError(
                f"{one_line(repository, 100)} has no branch {one_line(base or 'HEAD', 100)}.",
                fix="Name the release branch with --base.",
            )
        yield Page(
            base=base or branch.name,
            base_sha=branch.target.oid,
            default=default is not None and branch.name == default.name,
            viewer=reply.viewer.login,
            deployments=releases(answer.deployments.nodes, until=until),
            acts=acts_of(answer.deployments.nodes),
            looks=looks_in(answer.deployments.nodes),
        )


def _page_info(page: _DeploymentsReply) -> PageInfo:
    return page.repository.deployments.page_info


def read_newest(github: GitHub, repository: str, environments: Sequence[str]) -> dict[str, Newest]:
    """The newest releases by environment, in one request."""
    if not environments:
        return {}
    names = {f"environment{number}": each for number, each in enumerate(environments)}
    parts = (
        f"{alias}: deployments(environments: ${alias}, first: 50, {_NEWEST}) "
        "{ pageInfo { hasNextPage endCursor } nodes { ...Fields } }"
        for alias in names
    )
    declared = "".join(f", ${alias}: [String!]!" for alias in names)
    query = (
        f"query Newest($owner: String!, $name: String!{declared}) "
        f"{{ repository(owner: $owner, name: $name) {{ {' '.join(parts)} }} }}{FIELDS}"
    )
    wanted = {alias: spellings(name) for alias, name in names.items()}
    pages = github.query(query, _variables(repository) | wanted, _Several, _READ).repository
    if not pages.keys() >= names.keys():
        raise ServiceError(
            f"GitHub could not {_READ.doing}: its reply leaves some environments out.", fix="Run the command again."
        )
    return {
        name: Newest(
            deployments=releases(pages[alias].nodes),
            whole=not pages[alias].page_info.has_next_page,
            looks=looks_in(pages[alias].nodes),
        )
        for alias, name in names.items()
    }


def read_nodes(
    github: GitHub, repository: str, environments: Sequence[str]
) -> Iterator[tuple[Sequence[LedgerNode], bool]]:
    """All deployments of several environments, of any task, newest first, with the dates of their commits.

    They are one list, read page by page; with each page, whether there are older ones.
    """
    variables = _variables(repository) | {"environments": [each for name in environments for each in spellings(name)]}
    for reply in github.query_pages(_HISTORY, variables, _HistoryReply, _READ, _history_page_info):
        page = reply.repository.deployments
        yield page.nodes, page.page_info.has_next_page


def _history_page_info(page: _HistoryReply) -> PageInfo:
    return page.repository.deployments.page_info


def read_environments(github: GitHub, repository: str) -> tuple[str, ...]:
    """The environments of wavegate's newest 100 releases, sorted, in one request."""
    query = urlencode({"task": TASK, "per_page": "100"})
    found = github.get(f"/repos/{repository}/deployments?{query}", list[_OwnDeployment], _READ)
    return tuple(sorted({each.environment for each in found if each.task == TASK}))


def read_commit(github: GitHub, repository: str, commit: str) -> tuple[Deployment, ...]:
    """All releases of a commit in any environment, newest first; none if GitHub does not have the commit."""
    variables = _variables(repository) | {"commit": commit}
    pages = github.query_pages(_COMMIT, variables, _CommitReply, _READ, _commit_page_info)
    lists = (_of_commit(page) for page in pages)
    return releases(node for each in lists if each for node in each.nodes)


def _of_commit(page: _CommitReply) -> _Deployments | None:
    return page.repository.object.deployments if page.repository.object else None


def _commit_page_info(page: _CommitReply) -> PageInfo | None:
    found = _of_commit(page)
    return found.page_info if found else None


def _variables(repository: str) -> dict[str, object]:
    owner, _, name = repository.partition("/")
    return {"owner": owner, "name": name}
