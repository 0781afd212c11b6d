"""Compare the orgs that this job is logged in to with the ledger."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from wavegate.errors import WavegateError
from wavegate.ledger.status.state import drift_of
from wavegate.ledger.status.values import Drift, EnvironmentStatus
from wavegate.release.manifest import Environment
from wavegate.salesforce.agents import find_agents
from wavegate.salesforce.login import kept_session
from wavegate.salesforce.org import Org, Session
from wavegate.salesforce.tokens import log_in


def with_drift(
    statuses: Iterable[EnvironmentStatus], environments: Iterable[Environment], root: Path
) -> list[EnvironmentStatus]:
    """The statuses with the drift of every org that this job is logged in to. root: of the checkout."""
    orgs, problem = _open_orgs(environments, root)
    return [_with_drift(each, orgs, problem) for each in statuses]


def _with_drift(status: EnvironmentStatus, orgs: Mapping[str, Org], problem: str) -> EnvironmentStatus:
    live = status.live
    if live is None:
        return status
    if status.is_former:
        # what happened to the org since then is recorded under its environment's new name
        return replace(status, drift=Drift(unknown="the manifest no longer names the environment"))
    org = orgs.get(live.release.org) if live.release and live.release.org else None
    if org is None:
        return replace(status, drift=Drift(unknown=problem or "this job is not logged in to its org"))
    try:
        return replace(status, drift=drift_of(status, find_agents(org, status.expected)))
    except WavegateError as error:
        return replace(status, drift=Drift(unknown=error.message))


def _open_orgs(environments: Iterable[Environment], root: Path) -> tuple[dict[str, Org], str]:
    """The orgs that this job is logged in to, by id, and the error of a failed login, or ''.

    Each org is queried for its id, since a login may be for a different org than the environment's.
    """
    orgs: dict[str, Org] = {}
    problem = ""
    logins: list[Callable[[Mapping[str, str]], Session | None]] = [
        log_in,
        *(partial(kept_session, each.org, root=root) for each in environments),
    ]
    for read in logins:
        try:
            if session := read(os.environ):
                org = Org(session)
                orgs.setdefault(org.identity().org_id, org)
        except WavegateError as error:
            problem = error.message
    return orgs, problem
