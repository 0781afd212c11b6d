"""The agents that a release's pilot is about."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from wavegate.components.agent_versions import agent_components, agent_names
from wavegate.components.closure import release_scope
from wavegate.components.component import Project
from wavegate.components.scope import ReleaseScope
from wavegate.pilot.access import is_employee_agent
from wavegate.plan.scripts import released_agents
from wavegate.plan.values import Plan
from wavegate.release.manifest import Agent, Environment, Manifest


def pilot_agents(
    project: Project, manifest: Manifest, environment: Environment, scope: ReleaseScope
) -> tuple[Agent, ...]:
    """The release's agents, with the versions that the commit ships.

    A manifest that names prompts and actions alone is about the agents of the project that use any of them.
    """
    agents = manifest.agents_in(environment.name) or tuple(_users(project, environment, scope))
    return released_agents(agents, project)


def _users(project: Project, environment: Environment, scope: ReleaseScope) -> Iterator[Agent]:
    named = {each for components in scope.names.values() for each in components}
    for name in agent_names(project):
        alone = of_agents((Agent(name=name),), environment)
        components = release_scope(alone, environment.name, project).components
        if not named.isdisjoint(each.id for each in components):
            yield Agent(name=name)


def service_agents(plan: Plan, agents: Iterable[Agent]) -> Iterator[str]:
    """The names of the agents that no file of theirs says employees use: conversations are led to them."""
    for agent in agents:
        paths = [path for each in agent_components(plan.project, agent) for path in each.paths]
        if not any(is_employee_agent(path, data) for path, data in plan.source.read(paths).items()):
            yield agent.name


def of_agents(agents: tuple[Agent, ...], environment: Environment) -> Manifest:
    """A manifest that ships these agents to the environment, and nothing else by name."""
    bare = replace(environment, prompts=(), actions=())
    return Manifest(release="", environments=(bare,), agents=agents)
