"""Which file of each agent counts: its script, else the planner of its newest version.

An org runs one version of an agent at a time, and a project may hold many. Git does not know which is active.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from wavegate.components.agent_script import read_agent
from wavegate.components.agent_versions import agent_version
from wavegate.components.component import Component
from wavegate.components.metadata import Element
from wavegate.guardrails.metadata.files import MetadataFiles
from wavegate.guardrails.metadata.planners import PlacedElement, PlannedAgent

_SCRIPT = ".agent"
_PLANNERS = ("GenAiPlannerBundle", "GenAiPlanner")
_OPAQUE = ("AiAgentDefinition", "AiAgentDefinitionVersion")


@dataclass(frozen=True, kw_only=True, slots=True)
class ScriptFile:
    """An Agent Script. version: number of the published version that it holds, None for a draft."""

    agent: str
    path: str
    version: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentFiles:
    """The files of one agent. script: the one that counts. planned: what counts without a script.

    beside: what would count if there was no script. opaque: definitions of a kind that is not modelled. others: files
    that define it too, and do not count.
    """

    name: str
    script: ScriptFile | None = None
    planned: PlannedAgent | None = None
    beside: PlannedAgent | None = None
    opaque: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(kw_only=True, slots=True)
class _Candidates:
    """What a project has of one agent. versions: by number. planners: by case-folded name."""

    name: str
    scripts: list[ScriptFile] = field(default_factory=list)
    bots: list[Component] = field(default_factory=list)
    versions: dict[int, PlacedElement] = field(default_factory=dict)
    planners: dict[str, Component] = field(default_factory=dict)
    opaque: list[str] = field(default_factory=list)


def find_agents(files: MetadataFiles, wanted: Callable[[str], bool]) -> Iterator[AgentFiles]:
    """The agents of a commit, sorted by name. wanted: whether an agent is asked for, by its name."""
    found: dict[str, _Candidates] = {}

    def candidates(name: str) -> _Candidates:
        return found.setdefault(name.casefold(), _Candidates(name=name))

    for script in _scripts(files):
        candidates(script.agent).scripts.append(script)
    for component in files.of_type(*_OPAQUE):
        candidates(_agent_of(component.id.name)).opaque.append(component.path)
    for bot in files.of_type("Bot"):
        candidates(bot.id.name).bots.append(bot)
    owners: dict[str, str] = {}
    for component, path, root in files.definitions("BotVersion"):
        _add_version(candidates(_agent_of(component.id.name)), root, path, component.id.name, owners)
    for planner in files.of_type(*_PLANNERS):
        name = planner.id.name.casefold()
        candidates(owners.get(name) or _agent_of(planner.id.name)).planners[name] = planner
    for _, each in sorted(found.items()):
        if wanted(each.name):
            yield _chosen(each, files)


def _scripts(files: MetadataFiles) -> Iterator[ScriptFile]:
    """The scripts in bundles, and those that lie elsewhere, whose agent is named by them or their file."""
    bundles = {path: each for each in files.of_type("AiAuthoringBundle") for path in each.paths}
    targets = {each.id: root.value("target") for each, _, root in files.definitions("AiAuthoringBundle")}
    paths = (path for path in (*bundles, *files.project.untyped) if path.endswith(_SCRIPT))
    for path, text in files.texts(paths):
        bundle = bundles.get(path)
        stem = bundle.id.name if bundle else path.rpartition("/")[2].removesuffix(_SCRIPT)
        agent = read_agent(text, path).developer_name or (_agent_of(stem) if bundle else stem)
        version = _version(targets.get(bundle.id, ""), stem, agent) if bundle else None
        yield ScriptFile(agent=agent, path=path, version=version)


def _version(target: str, folder: str, agent: str) -> int | None:
    """The number of the version that a bundle was published as, else that of its folder's name."""
    if published := agent_version(target):
        return published[1]
    named = agent_version(folder)
    return named[1] if named and named[0].casefold() == agent.casefold() else None


def _add_version(one: _Candidates, version: Element, path: str, name: str, owners: dict[str, str]) -> None:
    number = agent_version(f"{one.name}.{name.rpartition('.')[2]}")
    one.versions[number[1] if number else 0] = PlacedElement(element=version, path=path)
    for planner in _planners_of(version):
        owners[planner] = one.name


def _planners_of(version: Element) -> Sequence[str]:
    links = version.all("conversationDefinitionPlanners")
    return [name.casefold() for link in links if (name := link.value("genAiPlannerName"))]


def _agent_of(name: str) -> str:
    version = agent_version(name)
    return version[0] if version else name


def _chosen(one: _Candidates, files: MetadataFiles) -> AgentFiles:
    script = next(iter(sorted(one.scripts, key=_newest_first)), None)
    newest = _planned(one, files)
    planned = None if script else newest
    bots = (*(each.path for each in one.bots), *(each.path for each in one.versions.values()))
    planners = (each.path for each in one.planners.values())
    every = {*(each.path for each in one.scripts), *planners, *one.opaque, *bots}
    if script:
        counting = {script.path}
    elif planned:
        counting = {each.path for each in (planned.planner, planned.bot, planned.version) if each}
    else:
        counting = every
    return AgentFiles(
        name=one.name,
        script=script,
        planned=planned,
        beside=newest if script else None,
        opaque=() if script or planned else tuple(sorted(counting)),
        others=tuple(sorted(every - counting)),
    )


def _newest_first(script: ScriptFile) -> tuple[bool, int, str]:
    """Drafts first: they become the next version."""
    return script.version is not None, -(script.version or 0), script.path


def _planned(one: _Candidates, files: MetadataFiles) -> PlannedAgent | None:
    """The newest version whose planner is there, else the planner with the highest number in its name."""
    versions = [each for _, each in sorted(one.versions.items(), reverse=True)]
    linked = [
        (version, name) for version in versions for name in _planners_of(version.element) if name in one.planners
    ]
    unlinked = [(next(iter(versions), None), name) for name in sorted(one.planners, key=_number, reverse=True)]
    for version, name in (*linked, *unlinked):
        if planner := _placed(files, one.planners[name]):
            bot = next((each for each in one.bots), None)
            return PlannedAgent(
                name=one.name, planner=planner, bot=_placed(files, bot) if bot else None, version=version
            )
    return None


def _placed(files: MetadataFiles, component: Component) -> PlacedElement | None:
    for _, path, root in files.each_definition([component]):
        return PlacedElement(element=root, path=path)
    return None


def _number(planner: str) -> tuple[int, str]:
    version = agent_version(planner)
    return (version[1] if version else 0, planner)
