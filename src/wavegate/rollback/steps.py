"""The manual side of a rollback: steps in the org and after the merge, and a checklist of what git cannot restore.

Source of the order and the limits: Salesforce's Metadata API and Agentforce documentation on deploying agents.
"""

from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet

from wavegate.components.component import Component
from wavegate.release.manifest import Kind, Manifest, RollbackProcedure, RollbackStrategy
from wavegate.release.reference import ReleaseRef
from wavegate.rollback.values import RollbackPlan

# dependencies first
_ORDER = (Kind.CREDENTIALS, Kind.APEX, Kind.FLOWS, Kind.PROMPTS, Kind.ACTIONS, Kind.AGENTS, Kind.PERMISSIONS)
_SHOWN = 8
_AFTER = {
    RollbackStrategy.ACTIVATE_PREVIOUS: "Activate the previous version of {}.",
    RollbackStrategy.DISABLE: "Disable {}.",
}
_LIMITS = {
    Kind.CREDENTIALS: "Metadata never contains secrets: check that every credential works, and rotate it if needed.",
    Kind.PROMPTS: "A published prompt template version cannot be changed: check which version is active.",
    Kind.FLOWS: "Deploying a flow creates a new version: check which version is active.",
    Kind.AGENTS: "Agent versions are activated in the org, not by git: check which version is active.",
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
    """The steps after the merge: deployment in dependency order, then activation. Plain text.

    components: of both releases. prefix: path of the project within the repository, with a final slash, or ''.
    """
    changed = {path.removeprefix(prefix) for path in (*plan.restored, *plan.deleted)}
    touched = _touched(changed, components)
    steps = []
    if good.agents:
        versions = ", ".join(f"{agent} {version}" for agent, version in sorted(good.agents.items()))
        steps.append(
            f"At once: activate the versions that were live with {good.name} ({versions}). The rollback workflow "
            f"does it; elsewhere: wavegate disable {environment} --to-release {good.commit[:12]} --reason REASON"
        )
    if Kind.AGENTS in touched:
        steps.append("Deactivate the agent if its planner changes: an active agent's planner cannot be deployed.")
    if touched:
        sequence = "; ".join(f"{kind.value} ({_names(names)})" for kind, names in touched.items())
        steps.append(
            f"Merge, then promote the merged commit to {environment}, deploying in this order: {sequence}. It "
            "publishes an Agent Script only if the ledger does not say which version it was."
        )
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
    """Checks for what git cannot restore, with the manifest's procedures. kinds: those shipped. Plain text."""
    return tuple(line for kind in _ORDER if kind in kinds for line in _check(kind, _procedure(manifest, kind)))


def _check(kind: Kind, procedure: RollbackProcedure | None) -> list[str]:
    lines = [f"{kind.value}: {_LIMITS[kind]}"] if kind in _LIMITS else []
    if procedure is None:
        return lines
    if procedure.strategy is RollbackStrategy.MANUAL or procedure.runbook:
        runbook = f"follow {procedure.runbook}" if procedure.runbook else "the manifest names no runbook"
        owner = f" (owner: {procedure.owner.removeprefix('@')})" if procedure.owner else ""
        lines.append(f"{kind.value}: {procedure.strategy.value}: {runbook}{owner}.")
    return lines


def _touched(changed: AbstractSet[str], components: Iterable[Component]) -> dict[Kind, list[str]]:
    names: dict[Kind, set[str]] = {}
    for component in components:
        if component.kind and not changed.isdisjoint(component.paths):
            names.setdefault(component.kind, set()).add(str(component.id))
    return {kind: sorted(names[kind]) for kind in _ORDER if kind in names}


def _names(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _procedure(manifest: Manifest, kind: Kind) -> RollbackProcedure | None:
    return next((each for each in manifest.rollback if each.kind is kind), None)
