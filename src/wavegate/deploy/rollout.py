"""What a deployment means for an org's agents: which versions to deactivate, to activate and to restore.

The platform refuses to change the planner of an active version. So the version is deactivated, its planner deployed,
and a version activated again. The planner of an inactive version can be deployed without interrupting users.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from wavegate.components.agent_versions import agent_version, drafts, find_agent
from wavegate.components.component import AGENT_TYPES, ComponentId, Project
from wavegate.deploy.rollout_values import DeployJob
from wavegate.errors import InputError
from wavegate.plan.hazards import PLANNERS, draft_reason
from wavegate.plan.scripts import ReleaseScript
from wavegate.release.manifest import Agent
from wavegate.salesforce.org_values import AgentState, AgentVersion

_ACTIVE_PROBLEM = "agent is active"
_VERSIONS = ("BotVersion", "AiAgentDefinitionVersion")
NOTHING_HELD: Mapping[str, int | None] = {}
"""No agent is stopped."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Switch:
    """One version to activate or deactivate. Activating one deactivates the agent's other versions."""

    agent: str
    version: AgentVersion
    on: bool


def touched_agents(
    agents: Iterable[Agent], package: Iterable[ComponentId], project: Project, scripts: Iterable[ReleaseScript] = ()
) -> tuple[str, ...]:
    """Names of the agents that a deployment may affect: the manifest's, its scripts', and those of planners."""
    names = {each.name.casefold(): each.name for each in agents}
    for script in scripts:
        names.setdefault(script.agent.casefold(), script.agent)
    for planner in _planners(package):
        version = agent_version(planner.name)
        if version and any(find_agent(project, ComponentId(type=each, name=version[0])) for each in AGENT_TYPES):
            names.setdefault(version[0].casefold(), version[0])
    return tuple(names.values())


def to_deactivate(
    states: Iterable[AgentState], package: Iterable[ComponentId], project: Project
) -> tuple[Switch, ...]:
    """The active versions whose planner the package changes."""
    changed = {_folded(each) for each in _planners(package)}
    return tuple(
        Switch(agent=state.name, version=state.active, on=False)
        for state in states
        if state.active and changed & _planners_of(project, state.name, state.active.number)
    )


def live_planners(
    states: Iterable[AgentState], package: Iterable[ComponentId], project: Project
) -> frozenset[ComponentId]:
    """The planners of active versions in the package."""
    live = {key for each in states if each.active for key in _planners_of(project, each.name, each.active.number)}
    return frozenset(each for each in _planners(package) if _folded(each) in live)


def _planners(members: Iterable[ComponentId]) -> list[ComponentId]:
    return sorted(each for each in members if each.type in PLANNERS)


def _planners_of(project: Project, agent: str, number: int) -> set[tuple[str, str]]:
    """The planners of one agent version, case-folded: from the project, else by the platform's naming convention."""
    version = project.find(ComponentId(type="BotVersion", name=f"{agent}.v{number}"))
    references = project.read([version])[version.id].references if version else ()
    referenced = _planners(target for reference in references for target in reference.targets)
    conventional = (
        ComponentId(type=each, name=name) for each in PLANNERS for name in (f"{agent}_v{number}", f"{agent}#{number}")
    )
    return {_folded(each) for each in referenced or conventional}


def _folded(component: ComponentId) -> tuple[str, str]:
    return component.type, component.name.casefold()


def rejected_while_active(job: DeployJob, states: Iterable[AgentState]) -> tuple[Switch, ...]:
    """The active versions that the org requires to be inactive, according to the failures of the job."""
    planners = (each.component.name for each in job.failures if _ACTIVE_PROBLEM in each.problem.casefold())
    refused = {version[0].casefold() for name in planners if (version := agent_version(name))}
    return tuple(
        Switch(agent=state.name, version=state.active, on=False)
        for state in states
        if state.active and state.name.casefold() in refused
    )


def has_deployed(job: DeployJob, members: Iterable[ComponentId]) -> bool:
    """Whether a job succeeded and deployed these components and no others. An org may leave out agent versions."""
    reported, wanted = ({_folded(each) for each in ids} for ids in (job.components, members))
    required = {each for each in wanted if each[0] not in _VERSIONS}
    return job.succeeded and bool(reported) and required <= reported <= wanted


def check_versions(
    states: Iterable[AgentState],
    agents: Iterable[Agent],
    package: AbstractSet[ComponentId],
    scripts: Iterable[ReleaseScript] = (),
) -> None:
    """Check that org, package or a script has every agent and version of the release. InputError: none has."""
    known = {each.name.casefold(): each for each in states}
    shipped = {_agent_of(each).casefold() for each in package} | {each.agent.casefold() for each in scripts}
    for agent in agents:
        state = known.get(agent.name.casefold())
        if agent.name.casefold() in shipped:
            continue
        if state is None:
            raise _no_agent(agent.name)
        _version_to_activate(state, agent)


def _agent_of(component: ComponentId) -> str:
    """Name of the agent that a component ships a version of, else ''. An unpublished script ships no version."""
    if component.type in ("Bot", "AiAgentDefinition"):
        return component.name
    version = agent_version(component.name) if component.type in _VERSIONS else None
    return version[0] if version else ""


def unpublished(
    package: Iterable[ComponentId], project: Project, scripts: Iterable[ReleaseScript]
) -> tuple[str, ...]:
    """A note on every Agent Script in the package that the release does not publish, since its version is another."""
    published = {each.bundle for each in scripts}
    components = [component for each in package if (component := project.find(each))]
    return tuple(
        f"{each.id} is only deployed as a draft: {draft_reason(each)}"
        for each in drafts(components, project.read(components))
        if each.id.name not in published
    )


def _no_agent(name: str) -> InputError:
    return InputError(f"The org has no agent {name}.", fix="Deploy the agent's Bot, or publish its Agent Script.")


def to_make_live(
    states: Sequence[AgentState],
    agents: Iterable[Agent],
    before: Mapping[str, int | None],
    held: Mapping[str, int | None] = NOTHING_HELD,
) -> tuple[Switch, ...]:
    """The switches after a deployment.

    For an agent of the release: its version. For any other agent, and without a version: the one live before. Never
    the org's newest, which may be a draft that somebody made there. A stopped agent is left as its stop left it.
    states: the current ones. before: version number by agent name from before the deployment; None for inactive.
    held: by case-folded name, the version that a stop left live; None for none.
    InputError: the org does not have an agent of the release, or its version.
    """
    pinned = {each.name.casefold(): each for each in agents}
    for name in pinned.keys() - {each.name.casefold() for each in states}:
        raise _no_agent(pinned[name].name)
    switches: list[Switch] = []
    for state in states:
        if state.name.casefold() in held:
            switches += _as_stopped(state, held[state.name.casefold()], before.get(state.name))
            continue
        agent = pinned.get(state.name.casefold())
        shipped = _version_to_activate(state, agent) if agent else None
        version = shipped or _numbered(state, before.get(state.name))
        if version and not version.active:
            switches.append(Switch(agent=state.name, version=version, on=True))
    return tuple(switches)


def wanted_versions(
    states: Iterable[AgentState], agents: Iterable[Agent], before: Mapping[str, int | None]
) -> dict[str, int | None]:
    """The version of each agent that `to_make_live` aims at, by case-folded name, if nobody stopped it."""
    pinned = {each.name.casefold(): each.version for each in agents}
    versions = {each.name.casefold(): before.get(each.name) for each in states}
    return versions | {name: number for name, number in pinned.items() if number is not None}


def _version_to_activate(state: AgentState, agent: Agent) -> AgentVersion | None:
    version = _numbered(state, agent.version)
    if version is None and agent.version is not None:
        known = ", ".join(str(each.number) for each in state.versions) or "none"
        raise InputError(
            f"The org has no version {agent.version} of agent {state.name}; it has {known}.",
            fix="Publish or deploy that version, or pin one that the org has.",
        )
    return version


def _numbered(state: AgentState, number: int | None) -> AgentVersion | None:
    return None if number is None else state.version(number)


def to_restore(
    states: Iterable[AgentState], before: Mapping[str, int | None], held: Mapping[str, int | None] = NOTHING_HELD
) -> tuple[Switch, ...]:
    """The switches that restore the versions from before; an agent that was inactive is deactivated.

    held: as for `to_make_live`; a stopped agent is left as its stop left it.
    """
    switches: list[Switch] = []
    for state in states:
        if state.name.casefold() in held:
            switches += _as_stopped(state, held[state.name.casefold()], before.get(state.name))
        else:
            switches += _to_version(state, before.get(state.name))
    return tuple(switches)


def _to_version(state: AgentState, number: int | None) -> tuple[Switch, ...]:
    """The switch to a version, or to inactive; none if the org does not have that version."""
    version = _numbered(state, number)
    if version and not version.active:
        return (Switch(agent=state.name, version=version, on=True),)
    if number is None and state.active:
        return (Switch(agent=state.name, version=state.active, on=False),)
    return ()


def _as_stopped(state: AgentState, number: int | None, before: int | None) -> tuple[Switch, ...]:
    """The switch of an agent to the version that its stop left live.

    A version that was live before the deployment in spite of the stop was activated in the org itself; it stays.
    """
    return () if state.live is not None and state.live == before else _to_version(state, number)
