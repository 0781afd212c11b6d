"""Puts the copies of a pilot in the place of what a plan ships."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from wavegate.components.changes import SHIPPED, ChangeKind, ComponentChange
from wavegate.components.closure import release_scope
from wavegate.components.component import ComponentId, Project
from wavegate.components.project import read_project
from wavegate.pilot.overlay import CopySource
from wavegate.pilot.planned import CopiedRelease, PlannedPilot
from wavegate.pilot.reach.grants import project_grants
from wavegate.pilot.shown.words import pilot_steps, service_steps
from wavegate.pilot.values import PilotCopy
from wavegate.plan.hazards import deploy_hazards
from wavegate.plan.pilot.agents import of_agents
from wavegate.plan.pilot.copies import CopyRequest
from wavegate.plan.scripts import released_agents, script_bundles
from wavegate.plan.stages import divide_into_stages
from wavegate.plan.steps import plan_steps
from wavegate.plan.values import Plan
from wavegate.release.manifest import Agent, Included

_REPLACING = frozenset({"deploy/active-planner"})
"""Rules about replacing what is live, which a pilot with copies does not do."""


def plan_of_copies(request: CopyRequest, pilot: PlannedPilot) -> Plan:
    """The plan whose source, project, scope, changes, stages, agents and steps are the copies'.

    pilot: with the copies.
    """
    if pilot.copied is None:
        raise AssertionError("there is no copy to plan")
    copy = pilot.copied.copy
    source = CopySource(request.plan.source, copy)
    project = read_project(source)
    sent = tuple(_sent(request, pilot.copied, project))
    manifest = replace(
        of_agents(tuple(Agent(name=name) for name in copy.agents.values()), request.environment),
        include=tuple(Included(metadata=str(each.component.id)) for each in sent),
    )
    scope = release_scope(manifest, request.environment.name, project)
    agents = released_agents(manifest.agents_in(request.environment.name), project)
    shipped = frozenset(each.component.id for each in sent if each.kind in SHIPPED)
    scripts = script_bundles(project, agents, shipped)
    stages = divide_into_stages(scope, sent, scripts)
    pilot = replace(pilot, manual=tuple(_manual(copy, project)))
    steps = plan_steps(request.manifest, sent, stages, agents=agents, scripts=scripts)
    findings = (each for each in request.plan.findings if each.rule not in _REPLACING)
    return replace(
        request.plan,
        source=source,
        project=project,
        scope=scope,
        changes=sent,
        agents=agents,
        stages=stages.stages,
        after_publishing=stages.after_publishing,
        steps=(*steps, *pilot_steps(pilot)),
        findings=(*findings, *stages.findings, *deploy_hazards(scope, None, sent, scripts=scripts)),
        pilot=pilot,
    )


def _sent(request: CopyRequest, copied: CopiedRelease, project: Project) -> Iterator[ComponentChange]:
    """What the deployment sends, sorted: the copies, what is new, and the accepted changes that reach everybody."""
    copy = copied.copy
    kinds = {each.component.id: each.kind for each in request.plan.changes}
    added = {*copy.names.values(), *copy.shared, *_permission_set(copy)}
    wanted = dict.fromkeys(added, ChangeKind.ADDED)
    wanted |= {each.component: kinds[each.component] for each in copied.reaching}
    for component in sorted(wanted):
        found = project.find(component)
        if found is None:
            raise AssertionError(f"the copies' project lacks {component}")
        yield ComponentChange(component=found, kind=wanted[component])


def _permission_set(copy: PilotCopy) -> Iterable[ComponentId]:
    return [ComponentId(type="PermissionSet", name=copy.permission_set)] if copy.permission_set else []


def _manual(copy: PilotCopy, project: Project) -> Iterator[str]:
    """The steps of the copies that no permission set gives access to: those of service agents."""
    granted = {each.agent for each in project_grants(project, copy.agents.values())}
    for name in copy.agents.values():
        if name not in granted:
            yield from service_steps(name, copy.permission_set)
