"""The steps of a promotion in order, for the people who approve and watch it."""

from collections.abc import Iterator, Sequence

from wavegate.components.agent_versions import agent_version
from wavegate.components.changes import SHIPPED, ChangeKind, ComponentChange
from wavegate.components.component import Component
from wavegate.components.package_xml import stage_file
from wavegate.plan.deletions import deleted_by_job, deleted_flows
from wavegate.plan.hazards import PLANNERS
from wavegate.plan.scripts import ScriptBundle
from wavegate.plan.stages import Stages
from wavegate.release.manifest import Agent, Environment, Kind, Manifest
from wavegate.text import join_names, pluralize

_MAX_NAMES = 10
_NO_STAGES = Stages()


def plan_steps(
    manifest: Manifest,
    changes: Sequence[ComponentChange],
    stages: Stages = _NO_STAGES,
    *,
    agents: Sequence[Agent],
    scripts: Sequence[ScriptBundle],
) -> tuple[str, ...]:
    """The steps up to the activation in order, plain text. A release without changes has only activation steps.

    stages: the shipped components by the job that deploys them. agents: of the release, with the versions that the
    commit ships. scripts: bundles that may be published.
    """
    shipped = [each.component for each in changes if each.kind in SHIPPED]
    removed = deleted_by_job(changes)
    steps = [*_secrets(manifest, shipped), *_deactivations(changes)]
    deployments = list(_deployments(shipped, stages.stages))
    last = deployments[-1:] if stages.after_publishing else []
    steps += deployments[: len(deployments) - len(last)]
    if removed:
        names = join_names([str(each.id) for each in removed], _MAX_NAMES)
        verb = "Then delete" if shipped else "Delete"
        steps.append(f"{verb} {pluralize(len(removed), 'component')} (destructiveChangesPost.xml): {names}.")
    sent = {each.id for each in shipped}
    steps += [
        f"Publish the script of {each.agent}, unless the org has it as a version, and activate exactly that one."
        if each.component.id in sent
        else f"Activate the version of {each.agent} that has its script, which does not change."
        for each in scripts
    ]
    steps += [f"Before that version is activated: {each[0].lower()}{each[1:]}" for each in last]
    scripted = {each.agent.casefold() for each in scripts}
    steps += [_activation(agent) for agent in agents if agent.name.casefold() not in scripted]
    steps += [f"Deactivate and delete the flow {each.id.name}." for each in deleted_flows(changes)]
    return tuple(steps)


def verification_steps(environment: Environment) -> tuple[str, ...]:
    """The step that comes last; none if no pack runs after a deployment."""
    verify = environment.verify.packs
    packs = "every pack" if verify is None else ", ".join(verify)
    return (f"Verify in {environment.name} with {packs}.",) if packs else ()


def _deployments(shipped: Sequence[Component], stages: Sequence[Sequence[Component]]) -> Iterator[str]:
    """The jobs that deploy. With several, all but the last are listed by name: the org needs them before the rest."""
    if len(stages) <= 1:
        yield from (f"Deploy {pluralize(len(each), 'component')} (package.xml)." for each in [shipped] if each)
        return
    for number, stage in enumerate(stages, 1):
        names = join_names([str(each.id) for each in stage], _MAX_NAMES)
        listed = f": {names}" if number < len(stages) else ""
        yield (
            f"Deploy stage {number} of {len(stages)}, "
            f"{pluralize(len(stage), 'component')} ({stage_file(number)}){listed}."
        )


def _activation(agent: Agent) -> str:
    if agent.version is None:
        return f"Keep the version of {agent.name} that is active."
    return f"Activate {agent.name} version {agent.version}."


def _secrets(manifest: Manifest, shipped: Sequence[Component]) -> Iterator[str]:
    """A manual step for shipped credentials: metadata never contains their secrets."""
    credentials = [str(each.id) for each in shipped if each.kind is Kind.CREDENTIALS]
    procedure = next((each for each in manifest.rollback if each.kind is Kind.CREDENTIALS), None)
    runbook = f" ({procedure.runbook})" if procedure and procedure.runbook else ""
    if credentials:
        yield f"Check manually that the org has the secrets of {join_names(credentials)}{runbook}."


def _deactivations(changes: Sequence[ComponentChange]) -> Iterator[str]:
    """Steps for changed planners. The planner of an active version cannot change, so its agent is deactivated."""
    changed = (
        each.component.id.name
        for each in changes
        if each.kind is ChangeKind.CHANGED and each.component.id.type in PLANNERS
    )
    versions = [version for name in changed if (version := agent_version(name))]
    for agent, number in versions:
        yield f"Deactivate {agent} if version {number} is active: its planner changes."
