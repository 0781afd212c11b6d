"""The Agent Scripts of a release: those that a deployment publishes, and the digest of what they say."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from wavegate.components.agent_versions import drafts, script_agent, shipped_version
from wavegate.components.component import AGENT_TYPES, Component, ComponentId, Contents, Project
from wavegate.release.manifest import Agent

ReadFiles = Callable[[Iterable[str]], Mapping[str, bytes]]
_DIGEST_LENGTH = 32
"""With it and the longest agent name, a line of the ledger fits into a status description."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseScript:
    """The script of an agent that the release ships without a version number.

    agent: API name, which the script gives. bundle: name of its folder. path: of the `.agent` file. digest: the first
    32 hexadecimal digits of that file's sha256; the bundle's metadata file does not count, because publishing changes
    it. changed: the script is among the components that the deployment sends.
    """

    agent: str
    bundle: str
    path: str
    digest: str
    changed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ScriptBundle:
    """An authoring bundle without a version number. agent: API name, which its script gives."""

    agent: str
    component: Component


def script_digest(data: bytes) -> str:
    """The digest of a script."""
    return hashlib.sha256(data).hexdigest()[:_DIGEST_LENGTH]


def released_agents(agents: Iterable[Agent], project: Project) -> tuple[Agent, ...]:
    """The agents with the versions that the commit ships: the pinned one, else the newest of its metadata in git.

    An agent whose versions are not in git keeps None: its script decides.
    """
    return tuple(
        agent if agent.version is not None else Agent(name=agent.name, version=_newest_in_git(project, agent.name))
        for agent in agents
    )


def _newest_in_git(project: Project, agent: str) -> int | None:
    for type_ in ("Bot", "AiAgentDefinition"):
        version = shipped_version(project, ComponentId(type=type_, name=agent), None)
        if version:
            digits = version.id.name.rpartition("v" if type_ == "Bot" else "#")[2]
            return int(digits)
    return None


def release_scripts(
    project: Project, agents: Iterable[Agent], members: AbstractSet[ComponentId], read: ReadFiles
) -> tuple[ReleaseScript, ...]:
    """The scripts that a deployment may publish, in that order. Arguments: as for `script_bundles`."""
    bundles = script_bundles(project, agents, members)
    paths = {each.agent: next(path for path in each.component.paths if path.endswith(".agent")) for each in bundles}
    texts = read(paths.values())
    return tuple(
        ReleaseScript(
            agent=each.agent,
            bundle=each.component.id.name,
            path=paths[each.agent],
            digest=script_digest(texts[paths[each.agent]]),
            changed=each.component.id in members,
        )
        for each in bundles
    )


def script_bundles(
    project: Project, agents: Iterable[Agent], members: AbstractSet[ComponentId]
) -> tuple[ScriptBundle, ...]:
    """The bundles whose scripts a deployment may publish, an agent after those that it hands over to.

    They are the drafts that it sends and those of the manifest's agents, except of agents with a version number.
    agents: as `released_agents` returns them. members: what the deployment sends.
    """
    versions = {each.name.casefold(): each.version for each in agents}
    known = project.of_type("AiAuthoringBundle")
    contents = project.read(known)
    chosen: dict[str, ScriptBundle] = {}
    for component in drafts(known, contents):
        agent = script_agent(component, contents[component.id])
        name = agent.casefold()
        numbered = versions.get(name) is not None or _newest_in_git(project, agent) is not None
        if not numbered and (component.id in members or name in versions):
            chosen[name] = ScriptBundle(agent=agent, component=component)
    return tuple(_targets_first(contents, chosen))


def _targets_first(
    contents: Mapping[ComponentId, Contents], chosen: Mapping[str, ScriptBundle]
) -> Iterator[ScriptBundle]:
    done: set[str] = set()

    def visit(name: str) -> Iterator[ScriptBundle]:
        if name in done or name not in chosen:
            return
        done.add(name)
        for reference in contents[chosen[name].component.id].references:
            for target in reference.targets:
                if target.type in AGENT_TYPES:
                    yield from visit(target.name.casefold())
        yield chosen[name]

    for name in chosen:
        yield from visit(name)
