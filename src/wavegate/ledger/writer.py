"""Write the ledger: create a deployment and its statuses, each exactly once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from wavegate.github.client import GitHub
from wavegate.github.errors import Purpose
from wavegate.ledger.deployment import TASK, Release, State
from wavegate.ledger.payload import DESCRIPTION_LIMIT, payload_of
from wavegate.text import clip, plain

_READ = Purpose(doing="read the deployments", permission="deployments: read")
_RECORD = Purpose(doing="record the deployment", permission="deployments: write, contents: read")
_MARK = Purpose(doing="mark the deployment", permission="deployments: write")


_MARKING = """
mutation CreateDeploymentStatus($input: CreateDeploymentStatusInput!) {
  createDeploymentStatus(input: $input) { deploymentStatus { state description logUrl } }
}
"""
_STATUSES = """
query Statuses($id: ID!) {
  node(id: $id) { ... on Deployment { statuses(first: 100) { nodes { state description logUrl } } } }
}
"""


class _CreatedDeployment(msgspec.Struct):
    node_id: str


class _CreatedStatus(msgspec.Struct, rename="camel"):
    state: str
    description: str | None = None
    log_url: str | None = None


class _Marked(msgspec.Struct, rename="camel"):
    deployment_status: _CreatedStatus


class _MarkingReply(msgspec.Struct, rename="camel"):
    create_deployment_status: _Marked


class _LatestStatuses(msgspec.Struct):
    nodes: list[_CreatedStatus]


class _Node(msgspec.Struct):
    statuses: _LatestStatuses


class _StatusesReply(msgspec.Struct):
    node: _Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A status to write. description: truncated to GitHub's limit. log_url: page with details.

    replaces: whether a success replaces the release that was live, which GitHub then shows as inactive.
    """

    state: State
    description: str
    log_url: str = ""
    replaces: bool = True


def create_deployment(
    github: GitHub,
    repository: str,
    environment: str,
    commit: str,
    release: Release,
    *,
    find: Callable[[], str | None],
) -> str:
    """Record a release that is about to be deployed, and return the node id of its deployment.

    find: looks the deployment up if GitHub's answer was lost. No commit status is required, because the gate is the
    check. Nothing is merged, because the evidence is for exactly this commit.
    """
    body = {
        "ref": commit,
        "task": TASK,
        "environment": environment,
        "payload": payload_of(release),
        "description": release.name,
    }
    return github.once(lambda: post_deployment(github, repository, body, _RECORD), find)


def post_deployment(github: GitHub, repository: str, body: dict[str, Any], purpose: Purpose) -> str:
    """Create a deployment, and return its node id. body: GitHub's; the description is truncated to its limit."""
    fixed = {
        "auto_merge": False,
        "required_contexts": [],
        "description": _shown(body["description"]),
    }
    path = f"/repos/{repository}/deployments"
    return github.send("POST", path, body | fixed, _CreatedDeployment, purpose, repeatable=False).node_id


def _shown(description: str) -> str:
    """A description that mentions nobody, wherever GitHub shows it. `entry` reads it back."""
    return clip(plain(description, DESCRIPTION_LIMIT), DESCRIPTION_LIMIT)


def mark(github: GitHub, deployment: str, status: Mark) -> None:
    """Give a deployment a status exactly once: if the answer is lost, look for an equal status before retrying."""
    description = _shown(status.description)
    status_input: dict[str, object] = {
        "deploymentId": deployment,
        "state": status.state.name,
        "description": description,
        "logUrl": status.log_url,
        "autoInactive": status.replaces and status.state is State.SUCCESS,
    }

    def make() -> _CreatedStatus:
        made = github.mutate(_MARKING, {"input": status_input}, _MarkingReply, _MARK)
        return made.create_deployment_status.deployment_status

    def find() -> _CreatedStatus | None:
        expected = (status.state.name, description, status.log_url)
        known = github.query(_STATUSES, {"id": deployment}, _StatusesReply, _READ).node.statuses.nodes
        values = ((each, (each.state, each.description or "", each.log_url or "")) for each in known)
        return next((each for each, value in values if value == expected), None)

    github.once(make, find)


def has_status(github: GitHub, deployment: str) -> bool:
    """Whether a deployment has any status."""
    return bool(github.query(_STATUSES, {"id": deployment}, _StatusesReply, _READ).node.statuses.nodes)


def mark_failed(github: GitHub, deployment: str, *, description: str, log_url: str) -> None:
    """Give a deployment a failure status exactly once. log_url: page that shows what is being done about it."""
    mark(github, deployment, Mark(state=State.FAILURE, description=description, log_url=log_url))
