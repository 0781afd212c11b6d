"""The steps of a promotion in order, for the people who approve and follow it."""

from collections.abc import Iterator, Mapping, Sequence

from wavegate.components.agent_versions import agent_version, drafts
from wavegate.components.changes import SHIPPED, ChangeKind, ComponentChange
from wavegate.components.component import Component, ComponentId, Contents
from wavegate.plan.hazards import PLANNERS, publish
from wavegate.release.manifest import Environment, Kind, Manifest
from wavegate.text import join_names, pluralize


def plan_steps(
    manifest: Manifest,
    environment: Environment,
    changes: Sequence[ComponentChange],
    contents: Mapping[ComponentId, Contents],
) -> tuple[str, ...]:
    """What happens, in order, in plain words. A release that changes nothing has activation and cohorts alone.

    contents: of the components that are shipped.
    """
    shipped = [each.component for each in changes if each.kind in SHIPPED]
    removed = [each.component for each in changes if each.kind is ChangeKind.REMOVED]
    steps = [*_by_hand(manifest, shipped), *_off(changes)]
    if shipped:
        steps.append(f"Deploy {pluralize(len(shipped), 'component')} (package.xml).")
    if removed:
        steps.append(f"Delete {pluralize(len(removed), 'component')} after that (destructiveChangesPost.xml).")
    steps += [
        f"By hand, where its script changed: publish {each.id.name} ({publish(each)})."
        for each in drafts(shipped, contents)
    ]
    steps += [
        f"Activate {agent.name} version {agent.version}." if agent.version else f"Activate the newest {agent.name}."
        for agent in manifest.agents
    ]
    if environment.rollout == "canary" and environment.pilot_users:
        steps.append(f"Let in the pilot users: {join_names(environment.pilot_users)}.")
    verify = environment.verify.packs
    packs = "every pack" if verify is None else ", ".join(verify)
    return (*steps, f"Verify in {environment.name} with {packs}.") if packs else tuple(steps)


def _by_hand(manifest: Manifest, shipped: Sequence[Component]) -> Iterator[str]:
    """Secrets are never in metadata: whoever owns a credential sets them."""
    credentials = [str(each.id) for each in shipped if each.kind is Kind.CREDENTIALS]
    procedure = next((each for each in manifest.rollback if each.kind is Kind.CREDENTIALS), None)
    runbook = f" ({procedure.runbook})" if procedure and procedure.runbook else ""
    if credentials:
        yield f"By hand: see that the org has the secrets of {join_names(credentials)}{runbook}."


def _off(changes: Sequence[ComponentChange]) -> Iterator[str]:
    """A planner that is live cannot change; its agent is off until it is activated again."""
    changed = (
        each.component.id.name
        for each in changes
        if each.kind is ChangeKind.CHANGED and each.component.id.type in PLANNERS
    )
    versions = [version for name in changed if (version := agent_version(name))]
    for agent, number in versions:
        yield f"Deactivate {agent} if version {number} is active: its planner changes."
