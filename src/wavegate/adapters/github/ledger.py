"""The ledger of an environment, read in one GraphQL query a page, and marked through its statuses."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath

import msgspec

from wavegate.adapters.github.client import GitHub
from wavegate.adapters.github.errors import Purpose
from wavegate.errors import InputError
from wavegate.model.deployment import TASK, Deployment, Release, State, Status
from wavegate.text import clip, one_line, visible

DESCRIPTION_LIMIT = 140
"""Characters of a status's description."""
PAGES = 100
"""Pages of 50 deployments that are looked through."""
_PAYLOAD_LIMIT = 64 * 1024
_READ = Purpose(doing="read the deployments", permission="deployments: read, contents: read")
_MARK = Purpose(doing="mark the deployment", permission="deployments: write")

_QUERY = """
query Ledger($owner: String!, $name: String!, $environment: String!, $base: String!, $after: String) {
  viewer { login }
  repository(owner: $owner, name: $name) {
    defaultBranchRef { name target { oid } }
    ref(qualifiedName: $base) { name target { oid } }
    deployments(
      environments: [$environment], first: 50, after: $after, orderBy: {field: CREATED_AT, direction: DESC}
    ) {
      pageInfo { hasNextPage endCursor }
      nodes {
        databaseId commitOid task payload createdAt environment
        statuses(first: 100) { nodes { state description logUrl createdAt } }
      }
    }
  }
}
"""


class _Target(msgspec.Struct):
    oid: str


class _Ref(msgspec.Struct):
    name: str
    target: _Target


class _Status(msgspec.Struct, rename="camel"):
    state: str
    created_at: datetime
    description: str | None = None
    log_url: str | None = None


class _Statuses(msgspec.Struct):
    nodes: list[_Status]


class _Deployment(msgspec.Struct, rename="camel"):
    database_id: int
    commit_oid: str
    created_at: datetime
    statuses: _Statuses
    task: str | None = None
    payload: str | None = None
    environment: str | None = None


class _PageInfo(msgspec.Struct, rename="camel"):
    has_next_page: bool
    end_cursor: str | None = None


class _Deployments(msgspec.Struct, rename="camel"):
    page_info: _PageInfo
    nodes: list[_Deployment]


class _Repository(msgspec.Struct, rename="camel"):
    deployments: _Deployments
    default_branch_ref: _Ref | None = None
    ref: _Ref | None = None


class _Viewer(msgspec.Struct):
    login: str


class _Reply(msgspec.Struct):
    repository: _Repository
    viewer: _Viewer


class _Payload(msgspec.Struct, rename="camel"):
    """The payload of a release's deployment."""

    schema: int
    release: str
    manifest: str
    manifest_digest: str = ""
    evidence: str = ""
    agents: dict[str, str | int] = {}
    run: str = ""


class _PostedStatus(msgspec.Struct):
    state: str
    log_url: str | None = None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the ledger, with what else the same query tells.

    base, base_sha: the branch asked for, or the default branch. viewer: login of the token's owner.
    deployments: releases alone, newest first.
    """

    base: str
    base_sha: str
    viewer: str
    deployments: tuple[Deployment, ...]


def read_ledger(github: GitHub, repository: str, environment: str, *, base: str = "") -> Iterator[Page]:
    """The releases of an environment, newest first, page by page. base: a branch; default the repository's."""
    owner, _, name = repository.partition("/")
    variables: dict[str, object] = {"owner": owner, "name": name, "environment": environment, "after": None}
    variables["base"] = f"refs/heads/{base}" if base else "HEAD"
    for _ in range(PAGES):
        reply = github.query(_QUERY, variables, _Reply, _READ)
        found = reply.repository
        branch = found.ref if base else found.default_branch_ref
        if branch is None:
            raise InputError(
                f"Branch {one_line(base or 'HEAD', 100)} is not in {one_line(repository, 100)}.",
                fix="Name the branch that releases come from with --base.",
            )
        yield Page(
            base=base or branch.name,
            base_sha=branch.target.oid,
            viewer=reply.viewer.login,
            deployments=tuple(_releases(found.deployments.nodes)),
        )
        if not found.deployments.page_info.has_next_page:
            return
        variables["after"] = found.deployments.page_info.end_cursor


def mark_failed(github: GitHub, repository: str, deployment: int, *, description: str, log_url: str) -> None:
    """Give a deployment a failure status, once. log_url: the page that says what happens about it."""
    path = f"/repos/{repository}/deployments/{deployment}/statuses"
    body = {
        "state": State.FAILURE.value,
        "description": clip(visible(description), DESCRIPTION_LIMIT),
        "log_url": log_url,
        "auto_inactive": False,
    }

    def find() -> _PostedStatus | None:
        posted = github.get(f"{path}?per_page=100", list[_PostedStatus], _READ)
        return next((each for each in posted if each.state == State.FAILURE and each.log_url == log_url), None)

    github.once(lambda: github.send("POST", path, body, _PostedStatus, _MARK, repeatable=False), find)


def parse_release(payload: str | None) -> Release | None:
    """What a deployment's payload says was shipped; None where it is none of ours, or malformed."""
    if not payload or len(payload) > _PAYLOAD_LIMIT:
        return None
    try:
        value = json.loads(payload)
        # a payload that was sent as text comes back as text within text
        value = json.loads(value) if isinstance(value, str) else value
        read = msgspec.convert(value, _Payload)
    except (ValueError, RecursionError):
        return None
    if read.schema != 1 or not read.release or not _is_inside(read.manifest):
        return None
    return Release(
        name=read.release,
        manifest=read.manifest,
        manifest_digest=read.manifest_digest,
        evidence=read.evidence,
        agents={agent: str(version) for agent, version in read.agents.items()},
        run=read.run,
    )


def _releases(nodes: list[_Deployment]) -> list[Deployment]:
    found = [
        Deployment(
            id=node.database_id,
            environment=node.environment or "",
            commit=node.commit_oid,
            created_at=node.created_at,
            statuses=tuple(
                Status(
                    state=State(each.state.lower()),
                    created_at=each.created_at,
                    description=each.description or "",
                    log_url=each.log_url or "",
                )
                for each in node.statuses.nodes
                if each.state.lower() in set(State)
            ),
            release=parse_release(node.payload),
        )
        for node in nodes
        if node.task == TASK
    ]
    return sorted(found, key=lambda each: (each.created_at, each.id), reverse=True)


def _is_inside(path: str) -> bool:
    return 0 < len(path) <= 4096 and not path.startswith("/") and ".." not in PurePosixPath(path).parts
