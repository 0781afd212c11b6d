"""What bounds the agents of one commit, read from its files."""

from collections.abc import Iterable, Iterator, Mapping

from wavegate.components.component import Component
from wavegate.files.source import Source
from wavegate.findings.finding import Location
from wavegate.guardrails.metadata.agents import AgentFiles, find_agents
from wavegate.guardrails.metadata.code import read_code
from wavegate.guardrails.metadata.files import MetadataFiles
from wavegate.guardrails.metadata.permissions import read_grants
from wavegate.guardrails.metadata.planned import opaque_agent, read_planned
from wavegate.guardrails.metadata.prompts import read_prompt
from wavegate.guardrails.metadata.settings import location
from wavegate.guardrails.model import AgentReading, Grant, Guardrails, PermissionGrants, Prompt
from wavegate.guardrails.script.read import read_script_model

_PERMISSIONS = ("PermissionSet", "PermissionSetGroup", "MutingPermissionSet", "Profile")


def read_guardrails(source: Source, *, agents: Iterable[str] | None = None) -> Guardrails:
    """What bounds the agents of a commit. agents: their names, None for all; case is ignored.

    If all are read, topics and actions that no planner of the project uses are those of an agent `(no agent)`: the
    planner may be in an org alone.
    A file that cannot be read is in `unknown`, never left out. Flows and classes are read as far as agents, prompts
    and what those call can reach them.
    """
    files = MetadataFiles(source)
    asked = None if agents is None else {name.casefold() for name in agents}
    found = tuple(find_agents(files, lambda name: asked is None or name.casefold() in asked))
    readings = _agents(files, found, all_of_them=asked is None)
    planners = {each.name: each.beside for each in found if each.beside}
    beside = dict(read_planned(files, planners, all_of_them=False))
    files.name_misplaced()
    files.name_links()
    files.name_opaque("GenAiPromptTemplateActv")
    prompts = dict(_prompts(files))
    code = read_code(files, _targets((*readings.values(), *beside.values()), prompts))
    return Guardrails(
        agents=readings,
        prompts=prompts,
        permissions=dict(_permissions(files)),
        code=code,
        unknown=tuple(sorted(dict.fromkeys(files.unknown), key=lambda each: each.location)),
        others={each.name: tuple(map(Location, each.others)) for each in found if each.others},
        beside=beside,
        namespace=files.project.namespace,
    )


def _targets(readings: Iterable[AgentReading], prompts: Mapping[str, Prompt]) -> Iterator[str]:
    """The addresses of everything that agents and prompts run by themselves."""
    for reading in readings:
        for model in (reading.emitted, reading.written):
            yield from (each.target for each in model.everywhere_actions)
            yield from (action.target for topic in model.topics for action in topic.actions)
            for each in (*model.escalations, *model.settings):
                # the flow of a bot is named without a scheme
                yield each.value if "://" in each.value else f"flow://{each.value}"
    for prompt in prompts.values():
        yield from (each.value for each in prompt.settings)


def _agents(files: MetadataFiles, found: Iterable[AgentFiles], *, all_of_them: bool) -> Mapping[str, AgentReading]:
    by_path = {each.script.path: each.name for each in found if each.script}
    readings = {by_path[path]: read_script_model(text, path) for path, text in files.texts(by_path)}
    planned = {each.name: each.planned for each in found if each.planned}
    readings.update(read_planned(files, planned, all_of_them=all_of_them))
    readings.update({each.name: opaque_agent(files, each) for each in found if each.opaque})
    return dict(sorted(readings.items()))


def _prompts(files: MetadataFiles) -> Iterator[tuple[str, Prompt]]:
    for component, path, root in files.definitions("GenAiPromptTemplate"):
        yield component.id.name, read_prompt(root, component.id.name, path)


def _permissions(files: MetadataFiles) -> Iterator[tuple[str, PermissionGrants]]:
    """The grants of each component, by name; of a kind other than permission sets by `Type:Name`."""
    found: dict[str, dict[Grant, Location]] = {}
    owners: dict[str, tuple[Component, Location]] = {}
    for component, path, root in files.definitions(*_PERMISSIONS):
        key = component.id.name if component.id.type == "PermissionSet" else str(component.id)
        owners.setdefault(key, (component, location(root, path)))
        grants = found.setdefault(key, {})
        for grant, element in read_grants(root):
            grants.setdefault(grant, location(element, path))
    for key, (component, place) in owners.items():
        muting = component.id.type == "MutingPermissionSet"
        yield key, PermissionGrants(name=component.id.name, grants=found[key], location=place, muting=muting)
