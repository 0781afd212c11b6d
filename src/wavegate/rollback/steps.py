"""What people do around a rollback: the order after the merge, and what git cannot bring back.

Source of the order and of the limits: Salesforce's Metadata API and Agentforce documentation on deploying agents.
"""

from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet

from wavegate.components.component import Component
from wavegate.release.manifest import Kind, Manifest, RollbackProcedure, RollbackStrategy
from wavegate.release.reference import ReleaseRef
from wavegate.rollback.values import RollbackPlan

# what others refer to goes first
_ORDER = (Kind.CREDENTIALS, Kind.APEX, Kind.FLOWS, Kind.PROMPTS, Kind.ACTIONS, Kind.AGENTS, Kind.PERMISSIONS)
_SHOWN = 8
_AFTER = {
    RollbackStrategy.ACTIVATE_PREVIOUS: "Activate the previous version of {}.",
    RollbackStrategy.DISABLE: "Turn off {}.",
}
_LIMITS = {
    Kind.CREDENTIALS: "Secrets are never in metadata: check that each credential works, rotate it if needed.",
    Kind.PROMPTS: "A published prompt template version cannot be changed: check which version is active.",
    Kind.FLOWS: "A deployed flow is a new version: check which version is active.",
    Kind.AGENTS: "An agent's versions live in the org: check which version is active.",
}


def order(
    plan: RollbackPlan,
    components: Iterable[Component],
    good: ReleaseRef,
    environment: str,
    manifest: Manifest,
    *,
    prefix: str = "",
) -> tuple[str, ...]:
    """The steps after the merge: dependencies, then activation. Plain text.

    components: of either release; prefix: what stands before their paths in the repository.
    """
    changed = {path.removeprefix(prefix) for path in (*plan.restored, *plan.deleted)}
    touched = _touched(changed, components)
    steps = []
    if Kind.AGENTS in touched:
        steps.append("Deactivate the agent if its planner changes: an active agent's planner cannot be deployed.")
    if touched:
        order_within = "; ".join(f"{kind.value} ({_names(names)})" for kind, names in touched.items())
        steps.append(f"Promote the merged commit to {environment}; the order within it: {order_within}.")
    steps += [
        f"Activate {agent} {version}, the version that was live with {good.name}."
        for agent, version in sorted(good.agents.items())
    ]
    strategies = {procedure.kind: procedure.strategy for procedure in manifest.rollback}
    return (
        *steps,
        *(
            _AFTER[strategies[kind]].format(_names(touched[kind]))
            for kind in touched
            if strategies.get(kind) in _AFTER
        ),
    )


def checklist(manifest: Manifest, kinds: Collection[Kind]) -> tuple[str, ...]:
    """What git cannot restore, of the kinds that the releases ship, with the manifest's procedure. Plain text."""
    return tuple(line for kind in _ORDER if kind in kinds for line in _check(kind, _procedure(manifest, kind)))


def _check(kind: Kind, procedure: RollbackProcedure | None) -> list[str]:
    lines = [f"{kind.value}: {_LIMITS[kind]}"] if kind in _LIMITS else []
    if procedure is None:
        return lines
    if procedure.strategy is RollbackStrategy.MANUAL or procedure.runbook:
        runbook = f"follow {procedure.runbook}" if procedure.runbook else "no runbook is named"
        owner = f" ({procedure.owner.removeprefix('@')} answers for it)" if procedure.owner else ""
        lines.append(f"{kind.value}: {procedure.strategy.value}: {runbook}{owner}.")
    return lines


def _touched(changed: AbstractSet[str], components: Iterable[Component]) -> dict[Kind, list[str]]:
    found: dict[Kind, set[str]] = {}
    for component in components:
        if component.kind and not changed.isdisjoint(component.paths):
            found.setdefault(component.kind, set()).add(str(component.id))
    return {kind: sorted(found[kind]) for kind in _ORDER if kind in found}


def _names(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _procedure(manifest: Manifest, kind: Kind) -> RollbackProcedure | None:
    return next((each for each in manifest.rollback if each.kind is kind), None)
