"""The Agent Scripts of a release: those that a deployment publishes, and the digest of what they say."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from wavegate.components.agent_versions import drafts, shipped_version
from wavegate.components.component import AGENT_TYPES, Component, ComponentId, Project
from wavegate.release.manifest import Agent

ReadFiles = Callable[[Iterable[str]], Mapping[str, bytes]]
_DIGEST_LENGTH = 32
"""With it and the longest agent name, a line of the ledger fits into a status description."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseScript:
    """The script of an agent that the release ships without a version number.

    agent: API name. path: of the `.agent` file. digest: the first 32 hexadecimal digits of that file's sha256; the
    bundle's metadata file does not count, because publishing changes it. changed: the script is among the components
    that the deployment sends.
    """

    agent: str
    path: str
    digest: str
    changed: bool


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
    paths = {each.id: next(path for path in each.paths if path.endswith(".agent")) for each in bundles}
    texts = read(paths.values())
    return tuple(
        ReleaseScript(
            agent=each.id.name,
            path=paths[each.id],
            digest=script_digest(texts[paths[each.id]]),
            changed=each.id in members,
        )
        for each in bundles
    )


def script_bundles(
    project: Project, agents: Iterable[Agent], members: AbstractSet[ComponentId]
) -> tuple[Component, ...]:
    """The bundles whose scripts a deployment may publish, an agent after those that it hands over to.

    They are the drafts that it sends and those of the manifest's agents, except of agents with a version number.
    agents: as `released_agents` returns them. members: what the deployment sends.
    """
    versions = {each.name.casefold(): each.version for each in agents}
    known = project.of_type("AiAuthoringBundle")
    chosen = {
        each.id.name.casefold(): each
        for each in drafts(known, project.read(known))
        if (each.id in members or each.id.name.casefold() in versions) and _is_script_agent(project, versions, each)
    }
    return tuple(_targets_first(project, chosen))


def _is_script_agent(project: Project, versions: Mapping[str, int | None], bundle: Component) -> bool:
    name = bundle.id.name
    return versions.get(name.casefold()) is None and _newest_in_git(project, name) is None


def _targets_first(project: Project, chosen: Mapping[str, Component]) -> Iterator[Component]:
    contents = project.read(chosen.values())
    done: set[str] = set()

    def visit(name: str) -> Iterator[Component]:
        if name in done or name not in chosen:
            return
        done.add(name)
        for reference in contents[chosen[name].id].references:
            for target in reference.targets:
                if target.type in AGENT_TYPES:
                    yield from visit(target.name.casefold())
        yield chosen[name]

    for name in chosen:
        yield from visit(name)
