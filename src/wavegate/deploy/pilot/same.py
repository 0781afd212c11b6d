"""A pilot that takes a step with the same release: only its cohorts change, and the copies stay active meanwhile."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from wavegate.deploy.request import DeployRequest
from wavegate.ledger.deployment import Deployment
from wavegate.release.manifest import Agent
from wavegate.salesforce.agents import find_agents
from wavegate.salesforce.org import Org
from wavegate.salesforce.org_values import AgentState

_ORG_ID = 15
"""Characters of an org id that identify the org; the other three are a checksum."""


def with_same_copies(
    request: DeployRequest, pilot: Deployment | None, content: str, org: Org, *, org_id: str
) -> DeployRequest:
    """The request without anything to deploy, if the org has these copies of this very content already.

    pilot: the release that the cohorts have, according to the ledger. content: digest of what the request ships.
    """
    if pilot is None or not _has_same(pilot, request, content, org_id):
        return request
    versions = pilot.released
    agents = tuple(Agent(name=each.name, version=versions[each.name]) for each in request.agents)
    if not _are_there(find_agents(org, versions), {each.name: each.version for each in agents}):
        return request
    return replace(
        request, agents=agents, scripts=(), members=frozenset(), stages=(), added=frozenset(), removed=frozenset()
    )


def _has_same(pilot: Deployment, request: DeployRequest, content: str, org_id: str) -> bool:
    release, copies = pilot.release, request.copies
    if release is None or release.pilot is None or copies is None or not content:
        return False
    is_same = (release.content, dict(release.pilot.copies)) == (content, dict(copies.agents))
    is_here = release.org[:_ORG_ID] == org_id[:_ORG_ID]
    return is_same and is_here and {each.name for each in request.agents} <= pilot.released.keys()


def _are_there(states: Iterable[AgentState], versions: Mapping[str, int | None]) -> bool:
    known = {each.name: each for each in states}
    return all(number and name in known and known[name].version(number) for name, number in versions.items())
