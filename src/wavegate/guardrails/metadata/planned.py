"""The agents that a planner holds, with the topics, actions and schemas of the whole project; and opaque agents."""

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from wavegate.components.component import Component, without_org_suffix
from wavegate.components.metadata import Element
from wavegate.findings.finding import Location
from wavegate.guardrails.metadata.agents import AgentFiles
from wavegate.guardrails.metadata.files import MetadataFiles, digest
from wavegate.guardrails.metadata.planners import PlacedElement, PlannedAgent, read_planner
from wavegate.guardrails.metadata.schemas import read_parameters
from wavegate.guardrails.metadata.topics import Library
from wavegate.guardrails.model import AgentModel, AgentReading, AgentSource, Parameter, Unknown
from wavegate.guardrails.script.read import read_script_model

NO_AGENT = "(no agent)"
"""The name under which topics and actions are read that no planner of the project uses."""

_SCHEMA = "/schema.json"
_FUNCTION_NAMES = ("functionName", "genAiFunctionName")


def read_planned(
    files: MetadataFiles, planned: Mapping[str, PlannedAgent], *, all_of_them: bool
) -> Iterator[tuple[str, AgentReading]]:
    """Each agent by its name. all_of_them: also what no planner uses, as an agent of its own."""
    if not planned and not (all_of_them and files.of_type("GenAiPlugin", "GenAiFunction")):
        return
    library = _library(files, planned.values())
    for name, agent in planned.items():
        yield name, _with_compiled(read_planner(agent, library), files, agent)
    unused = _unused(library, planned.values()) if all_of_them else None
    if unused:
        yield NO_AGENT, read_planner(PlannedAgent(name=NO_AGENT, planner=unused), library)


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


def _unused(library: Library, planned: Iterable[PlannedAgent]) -> PlacedElement | None:
    """A planner that uses each topic and action that none of these, and no topic, uses; None if there is none."""
    planners = [each.planner.element for each in planned]
    topics = [root for _, root in library.plugins.values()]
    local = [each for planner in planners for each in planner.all("localTopics")]
    linked = {name for planner in planners for name in _linked(planner, ("genAiPluginName",))}
    called = {name for owner in (*planners, *local, *topics) for name in _linked(owner, _FUNCTION_NAMES)}
    plugins = [path for name, (path, _) in sorted(library.plugins.items()) if name not in linked]
    functions = [path for name, (path, _) in sorted(library.functions.items()) if name not in called]
    links = (
        *(_link("genAiPlugins", "genAiPluginName", path) for path in plugins),
        *(_link("genAiFunctions", "genAiFunctionName", path) for path in functions),
    )
    if not links:
        return None
    return PlacedElement(element=Element("GenAiPlanner", 1, 1, children=list(links)), path=(*plugins, *functions)[0])


def _linked(owner: Element, tags: Sequence[str]) -> Iterator[str]:
    for link in owner.children:
        for tag in tags:
            if name := link.value(tag):
                yield without_org_suffix(name).casefold()


def _link(tag: str, name_tag: str, path: str) -> Element:
    name = path.rpartition("/")[2].partition(".")[0]
    return Element(tag, 1, 1, children=[Element(name_tag, 1, 1, text=name)])


def _with_compiled(reading: AgentReading, files: MetadataFiles, agent: PlannedAgent) -> AgentReading:
    """The reading of the script that an org keeps beside a planner, else with what it compiled from one as unknown.

    Guards are in what it compiled, and are not modelled.
    """
    bundle = next(
        (each for each in files.project.at(agent.planner.path) if each.id.type == "GenAiPlannerBundle"), None
    )
    unknown = []
    for path, data in files.contents(_compiled(bundle) if bundle else ()):
        if path.endswith(".agent") and (text := _decoded(data)):
            return read_script_model(text, path)
        unknown.append(Unknown(text=f"Compiled agent, content {digest(data)}.", location=Location(path)))
    model = replace(reading.emitted, unknown=(*reading.emitted.unknown, *unknown))
    return replace(reading, emitted=model, written=model)


def _compiled(bundle: Component) -> Sequence[str]:
    """The script of a bundle and its graph, the script first."""
    found = (path for path in bundle.paths if "/agentGraph/" in path or "/agentScript/" in path)
    return sorted(found, key=lambda path: not path.endswith(".agent"))


def _decoded(data: bytes) -> str:
    """The text of a script that is kept in Base64; '' if it is not."""
    try:
        return base64.b64decode(data, validate=True).decode("utf-8-sig")
    except (binascii.Error, ValueError):
        return ""


def opaque_agent(files: MetadataFiles, agent: AgentFiles) -> AgentReading:
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
