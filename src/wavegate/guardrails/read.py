"""What bounds the agents of one commit, read from its files."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from wavegate.components.component import Component
from wavegate.files.source import Source
from wavegate.findings.finding import Location
from wavegate.guardrails.metadata.agents import AgentFiles, find_agents
from wavegate.guardrails.metadata.code import read_code
from wavegate.guardrails.metadata.files import MetadataFiles, digest
from wavegate.guardrails.metadata.permissions import read_grants
from wavegate.guardrails.metadata.planners import PlannedAgent, read_planner
from wavegate.guardrails.metadata.prompts import read_prompt
from wavegate.guardrails.metadata.schemas import read_parameters
from wavegate.guardrails.metadata.settings import location
from wavegate.guardrails.metadata.topics import Library
from wavegate.guardrails.model import (
    AgentModel,
    AgentReading,
    AgentSource,
    Grant,
    Guardrails,
    Parameter,
    PermissionGrants,
    Prompt,
    Unknown,
)
from wavegate.guardrails.script.read import read_script_model

_PERMISSIONS = ("PermissionSet", "PermissionSetGroup", "MutingPermissionSet", "Profile")
_SCHEMA = "/schema.json"


def read_guardrails(source: Source, *, agents: Iterable[str] | None = None) -> Guardrails:
    """What bounds the agents of a commit. agents: their names, None for all; case is ignored.

    A file that cannot be read is in `unknown`, never left out. Flows and classes are read as far as agents, prompts
    and what those call can reach them.
    """
    files = MetadataFiles(source)
    asked = None if agents is None else {name.casefold() for name in agents}
    found = tuple(find_agents(files, lambda name: asked is None or name.casefold() in asked))
    readings = _agents(files, found)
    prompts = dict(_prompts(files))
    code = read_code(files, _targets(readings, prompts))
    return Guardrails(
        agents=readings,
        prompts=prompts,
        permissions=dict(_permissions(files)),
        code=code,
        unknown=tuple(sorted(files.unknown, key=lambda each: each.location)),
        others={each.name: tuple(map(Location, each.others)) for each in found if each.others},
        namespace=files.project.namespace,
    )


def _targets(readings: Mapping[str, AgentReading], prompts: Mapping[str, Prompt]) -> Iterator[str]:
    """The addresses of everything that agents and prompts run by themselves."""
    for reading in readings.values():
        for model in (reading.emitted, reading.written):
            yield from (each.target for each in model.everywhere_actions)
            yield from (action.target for topic in model.topics for action in topic.actions)
            for each in (*model.escalations, *model.settings):
                # the flow of a bot is named without a scheme
                yield each.value if "://" in each.value else f"flow://{each.value}"
    for prompt in prompts.values():
        yield from (each.value for each in prompt.settings)


def _agents(files: MetadataFiles, found: Iterable[AgentFiles]) -> Mapping[str, AgentReading]:
    by_path = {each.script.path: each.name for each in found if each.script}
    readings = {by_path[path]: read_script_model(text, path) for path, text in files.texts(by_path)}
    planned = {each.name: each.planned for each in found if each.planned}
    library = _library(files, planned.values()) if planned else None
    for name, agent in planned.items():
        if library:
            readings[name] = _with_compiled(read_planner(agent, library), files, agent)
    for each in found:
        if each.opaque:
            readings[each.name] = _opaque(files, each)
    return dict(sorted(readings.items()))


def _library(files: MetadataFiles, planned: Iterable[PlannedAgent]) -> Library:
    """Topics and actions with files of their own, and the schemas of those and of the planners that count."""
    planners = {each.planner.path for each in planned}
    components = (*files.of_type("GenAiFunction"), *files.of_type("GenAiPlannerBundle"))
    schemas = [
        path
        for each in components
        if each.id.type == "GenAiFunction" or planners.intersection(each.paths)
        for path in each.paths
        if path.endswith(_SCHEMA)
    ]
    return Library(
        plugins={each.id.name.casefold(): (path, root) for each, path, root in files.definitions("GenAiPlugin")},
        functions={each.id.name.casefold(): (path, root) for each, path, root in files.definitions("GenAiFunction")},
        schemas=dict(_schemas(files, schemas)),
    )


def _schemas(files: MetadataFiles, paths: Iterable[str]) -> Iterator[tuple[str, tuple[Parameter, ...]]]:
    for path, text in files.texts(paths):
        try:
            yield path, read_parameters(text, path)
        except ValueError as error:
            files.refuse(path, f"{error} Content {digest(text.encode())}.")


def _with_compiled(reading: AgentReading, files: MetadataFiles, agent: PlannedAgent) -> AgentReading:
    """The reading with what an org compiled beside the planner as unknown: guards are in there, and not modelled."""
    bundle = _bundle(files, agent.planner.path)
    compiled = [path for path in bundle.paths if "/agentGraph/" in path or "/agentScript/" in path] if bundle else []
    unknown = tuple(
        Unknown(text=f"Compiled agent, content {digest(data)}.", location=Location(path))
        for path, data in files.contents(compiled)
    )
    model = replace(reading.emitted, unknown=(*reading.emitted.unknown, *unknown))
    return replace(reading, emitted=model, written=model)


def _bundle(files: MetadataFiles, path: str) -> Component | None:
    return next((each for each in files.project.at(path) if each.id.type == "GenAiPlannerBundle"), None)


def _opaque(files: MetadataFiles, agent: AgentFiles) -> AgentReading:
    """An agent of which no kind of file that is modelled is there."""
    unknown = tuple(
        Unknown(text=f"Not modelled, content {digest(data)}.", location=Location(path))
        for path, data in files.contents(agent.opaque)
    )
    model = AgentModel(
        name=agent.name,
        source=AgentSource.OPAQUE,
        start="",
        topics=(),
        variables=(),
        instructions=(),
        settings=(),
        location=Location(agent.opaque[0]),
        unknown=unknown,
    )
    return AgentReading(emitted=model, written=model)


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
