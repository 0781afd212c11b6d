"""One entry of the ledger as GraphQL returns it, parsed into a deployment."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import msgspec

from wavegate.ledger.acts.act import ACT_TASK, Act, parse_act
from wavegate.ledger.acts.order import newest_first
from wavegate.ledger.canary_entry import LOOK_TASK, CanaryLook, parse_look
from wavegate.ledger.deployment import TASK, Deployment, State, Status
from wavegate.ledger.payload import parse_attempt, parse_evidence, parse_live, parse_release, parse_released
from wavegate.ledger.publication import parse_publications
from wavegate.text import JOINER

FIELDS = """
fragment Fields on Deployment {
  id commitOid task payload createdAt environment
  creator { login }
  latestStatus { state }
  statuses(first: 100) { nodes { state description logUrl createdAt } }
}
"""
"""The fields that every query requests of a deployment."""


class _State(msgspec.Struct):
    state: str


class _LedgerStatus(msgspec.Struct, rename="camel"):
    state: str
    created_at: datetime
    description: str | None = None
    log_url: str | None = None


class _LedgerStatuses(msgspec.Struct):
    nodes: list[_LedgerStatus]


class User(msgspec.Struct):
    """A GitHub user."""

    login: str


class _CommitDate(msgspec.Struct, rename="camel"):
    committed_date: datetime


class LedgerNode(msgspec.Struct, rename="camel"):
    """A deployment with the fields of the query."""

    id: str
    commit_oid: str
    created_at: datetime
    statuses: _LedgerStatuses
    task: str | None = None
    payload: str | None = None
    environment: str | None = None
    creator: User | None = None
    latest_status: _State | None = None
    commit: _CommitDate | None = None


def releases(nodes: Iterable[LedgerNode], *, until: datetime | None = None) -> tuple[Deployment, ...]:
    """wavegate's deployments, newest first. nodes: newest first within a second, as GitHub returns them.

    until: the deployments as they were then, by GitHub's clock; None for now.
    """
    known = nodes if until is None else (_as_of(node, until) for node in nodes if node.created_at <= until)
    own = (release_of(node) for node in known if node.task == TASK)
    return tuple(sorted(own, key=lambda each: each.created_at, reverse=True))


def _as_of(node: LedgerNode, moment: datetime) -> LedgerNode:
    """A deployment without the statuses that it got later."""
    nodes = [each for each in node.statuses.nodes if each.created_at <= moment]
    newest = max(nodes, key=lambda each: each.created_at, default=None)
    return msgspec.structs.replace(
        node, statuses=_LedgerStatuses(nodes=nodes), latest_status=_State(newest.state) if newest else None
    )


def acts_of(nodes: Iterable[LedgerNode]) -> tuple[Act, ...]:
    """The acts among the deployments, newest first. nodes: as in `releases`."""
    own = sorted((each for each in nodes if each.task == ACT_TASK), key=lambda each: each.created_at, reverse=True)
    parsed = (parse_act(node.payload, act_id=node.id, recorded=node.created_at) for node in own)
    return newest_first(act for act in parsed if act)


def looks_in(nodes: Iterable[LedgerNode]) -> tuple[CanaryLook, ...]:
    """The canary's looks among the deployments, newest first. Those that cannot be read are left out."""
    own = sorted((each for each in nodes if each.task == LOOK_TASK), key=lambda each: each.created_at, reverse=True)
    parsed = (parse_look(node.payload, recorded=node.created_at) for node in own)
    return tuple(look for look in parsed if look)


def release_of(node: LedgerNode) -> Deployment:
    """The deployment of a release. node: its task says that it is one."""
    # GitHub returns the newer of two statuses of the same second first
    nodes = [each for each in reversed(node.statuses.nodes) if each.state.lower() in set(State)]
    statuses = tuple(_status(each) for each in sorted(nodes, key=lambda each: each.created_at))
    descriptions = [each.description for each in statuses]
    release, evidence = parse_release(node.payload), parse_evidence(descriptions)
    latest = node.latest_status.state.lower() if node.latest_status else None
    return Deployment(
        id=node.id,
        environment=node.environment or "",
        commit=node.commit_oid,
        created_at=node.created_at,
        statuses=statuses,
        release=replace(release, evidence=evidence) if release and evidence is not None else release,
        creator=node.creator.login if node.creator else "",
        state=State(latest) if latest in set(State) else None,
        live=parse_live(descriptions),
        released=parse_released(descriptions),
        triggered_by=parse_attempt(descriptions) or (release.actor if release else ""),
        published=tuple(each for each in parse_publications(descriptions) if each.version is not None),
    )


def _status(status: _LedgerStatus) -> Status:
    return Status(
        state=State(status.state.lower()),
        created_at=status.created_at,
        description=(status.description or "").replace(JOINER, ""),
        log_url=status.log_url or "",
    )
