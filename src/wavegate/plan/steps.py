"""The steps of a promotion in order, for the people who approve and watch it."""

from collections.abc import Iterator, Mapping, Sequence

from wavegate.components.agent_versions import agent_version, drafts
from wavegate.components.changes import SHIPPED, ChangeKind, ComponentChange
from wavegate.components.component import Component, ComponentId, Contents
from wavegate.components.package_xml import stage_file
from wavegate.plan.hazards import PLANNERS, publish
from wavegate.release.manifest import Environment, Kind, Manifest
from wavegate.text import join_names, pluralize

_MAX_NAMES = 10


def plan_steps(
    manifest: Manifest,
    environment: Environment,
    changes: Sequence[ComponentChange],
    contents: Mapping[ComponentId, Contents],
    stages: Sequence[Sequence[Component]] = (),
) -> tuple[str, ...]:
    """The steps in order, plain text. A release without changes has only activation, pilot and verification steps.

    contents: of the shipped components. stages: the shipped components by the job that deploys them.
    """
    shipped = [each.component for each in changes if each.kind in SHIPPED]
    gone = [each.component for each in changes if each.kind is ChangeKind.REMOVED]
    removed = [each for each in gone if each.kind is not Kind.FLOWS]
    steps = [*_secrets(manifest, shipped), *_deactivations(changes)]
    steps += _deployments(shipped, stages)
    if removed:
        steps.append(f"Then delete {pluralize(len(removed), 'component')} (destructiveChangesPost.xml).")
    steps += [
        f"If the script of {each.id.name} changed, publish it manually ({publish(each)})."
        for each in drafts(shipped, contents)
    ]
    steps += [
        f"Activate {agent.name} version {agent.version}."
        if agent.version
        else f"Activate the newest version of {agent.name}."
        for agent in manifest.agents_in(environment.name)
    ]
    steps += [f"Deactivate and delete the flow {each.id.name}." for each in gone if each.id.type == "Flow"]
    if environment.rollout == "canary" and environment.pilot_users:
        steps.append(f"Give access to the pilot users: {join_names(environment.pilot_users)}.")
    verify = environment.verify.packs
    packs = "every pack" if verify is None else ", ".join(verify)
    return (*steps, f"Verify in {environment.name} with {packs}.") if packs else tuple(steps)


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
