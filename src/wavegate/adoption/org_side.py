"""What the org has of everything that the candidates ship."""

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wavegate.adoption.candidates import Candidate
from wavegate.adoption.converted import read_package_files
from wavegate.components.component import Component, ComponentId
from wavegate.components.package_xml import package_xml
from wavegate.salesforce.agents import find_agents
from wavegate.salesforce.cli import Cli
from wavegate.salesforce.flows import read_flows
from wavegate.salesforce.org import Org
from wavegate.salesforce.org_values import AgentState, FlowState
from wavegate.salesforce.retrieve import retrieve_package
from wavegate.staging.stage import stage_release
from wavegate.text import pluralize

_MANIFEST = "retrieve.xml"


@dataclass(frozen=True, kw_only=True, slots=True)
class OrgSide:
    """files: by path in a package. agents, flows: by name in lower case."""

    files: Mapping[str, bytes]
    agents: Mapping[str, AgentState]
    flows: Mapping[str, FlowState]


def read_org_side(org: Org, cli: Cli, candidates: Sequence[Candidate], tell: Callable[[str], None]) -> OrgSide:
    """Read the org. The CLI starts in an empty stage with the newest candidate's settings, which may add types."""
    newest = candidates[0]
    members: dict[ComponentId, Component] = {}
    for candidate in candidates:
        members |= {each.id: each for unit in candidate.units for each in unit.components if each.id not in members}
    tell(f"Retrieving {pluralize(len(members), 'component')} from {org.host}")
    with tempfile.TemporaryDirectory(prefix="wavegate-") as folder:
        stage = stage_release(
            newest.source, newest.project, (), Path(folder) / "stage",
            manifests={_MANIFEST: package_xml(members.values(), newest.project.api_version)},
        )  # fmt: skip
        retrieved = retrieve_package(cli, stage.manifests[_MANIFEST], Path(folder) / "org", folder=stage.folder)
        files = read_package_files(retrieved.folder)
    agents = find_agents(org, _agent_names(candidates, members))
    flows = read_flows(org, sorted(each.name for each in members if each.type == "Flow"))
    return OrgSide(
        files=files,
        agents={each.name.casefold(): each for each in agents},
        flows={name.casefold(): state for name, state in flows.items()},
    )


def _agent_names(candidates: Iterable[Candidate], members: Iterable[ComponentId]) -> list[str]:
    names = {agent.name.casefold(): agent.name for candidate in candidates for agent in candidate.agents}
    names |= {each.name.casefold(): each.name for each in members if each.type == "Bot"}
    return sorted(names.values())
