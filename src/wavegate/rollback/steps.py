"""What a rollback changes, by kind, and what its promotion does not do: secrets, and the manifest's own procedures.

The promotion itself deploys in dependency order, deactivates an agent while its planner changes, activates flows and
agent versions, and reads all of it back, so none of that is a manual step.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from shlex import quote

from wavegate.components.component import Component
from wavegate.release.manifest import Kind, Manifest, RollbackProcedure, RollbackStrategy
from wavegate.release.reference import ReleaseRef
from wavegate.rollback.values import RollbackPlan

# dependencies first
_ORDER = (
    Kind.CREDENTIALS,
    Kind.METADATA,
    Kind.APEX,
    Kind.FLOWS,
    Kind.PROMPTS,
    Kind.ACTIONS,
    Kind.AGENTS,
    Kind.PERMISSIONS,
)
_SHOWN = 8

Touched = Mapping[Kind, Sequence[str]]
"""Names of components by kind, in the order in which they are deployed."""


def touched(plan: RollbackPlan, components: Iterable[Component], *, prefix: str = "") -> Touched:
    """The components that a plan changes.

    components: of both releases. prefix: path of the project within the repository, with a final slash, or ''.
    """
    changed = {path.removeprefix(prefix) for path in (*plan.restored, *plan.deleted)}
    return _by_kind(changed, components)


def restored(names: Touched) -> tuple[str, ...]:
    """One line for each kind that is restored. Plain text."""
    return tuple(f"{kind.value}: {_listed(each)}" for kind, each in names.items())


def other_files(plan: RollbackPlan, components: Iterable[Component], *, prefix: str = "") -> tuple[str, ...]:
    """One line for the changed files that belong to no component, such as the manifest. Plain text."""
    known = {path for component in components if component.kind for path in component.paths}
    changed = (path for path in (*plan.restored, *plan.deleted) if path.removeprefix(prefix) not in known)
    listed = _listed(sorted(changed))
    return (f"other files: {listed}",) if listed else ()


def checklist(manifest: Manifest, kinds: Collection[Kind], *, names: Touched | None = None) -> tuple[str, ...]:
    """What a person has to do, with the manifest's procedures. Plain text.

    kinds: those that change. names: their components, if they are known.
    """
    found = names or {}
    return tuple(
        line
        for kind in _ORDER
        if kind in kinds
        for line in _check(kind, _procedure(manifest, kind), _listed(found.get(kind, ())))
    )


def activation(*, good: ReleaseRef, bad: ReleaseRef, pinned: Collection[str], environment: str) -> tuple[str, ...]:
    """The versions that the promotion does not activate, because the good release's manifest does not pin them.

    pinned: agents whose version it pins. An agent whose version stays is left out. Plain text.
    """
    fixed = {each.casefold() for each in pinned}
    versions = [
        f"{agent} {version}"
        for agent, version in sorted(good.agents.items())
        if agent.casefold() not in fixed and bad.agents.get(agent) != version
    ]
    if not versions:
        return ()
    line = (
        f"agents: activate {', '.join(versions)}, live with {good.name} and not pinned by its manifest: "
        f"wavegate disable {quote(environment)} --to-release {good.commit[:12]} --reason REASON"
    )
    return (line,)


def _check(kind: Kind, procedure: RollbackProcedure | None, names: str) -> list[str]:
    lines = [_secrets(names)] if kind is Kind.CREDENTIALS else []
    if procedure is None:
        return lines
    strategy = procedure.strategy
    if strategy is RollbackStrategy.MANUAL or procedure.runbook:
        runbook = (
            f"follow {procedure.runbook}" if procedure.runbook else "a manual step, but the manifest names no runbook"
        )
        owner = f" (owner: {procedure.owner})" if procedure.owner else ""
        how = "" if strategy is RollbackStrategy.MANUAL else f"{strategy.value}: "
        lines.append(f"{kind.value}: {how}{runbook}{owner}.")
    elif strategy is RollbackStrategy.DISABLE:
        lines.append(f"{kind.value}: disable {names or 'what the release added'} in the org.")
    return lines


def _secrets(names: str) -> str:
    which = f" of {names}" if names else ""
    return f"credentials: Metadata never contains the secrets{which}: check that they work, and rotate them if not."


def _by_kind(changed: AbstractSet[str], components: Iterable[Component]) -> dict[Kind, list[str]]:
    names: dict[Kind, set[str]] = {}
    for component in components:
        if component.kind and not changed.isdisjoint(component.paths):
            names.setdefault(component.kind, set()).add(str(component.id))
    return {kind: sorted(names[kind]) for kind in _ORDER if kind in names}


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _procedure(manifest: Manifest, kind: Kind) -> RollbackProcedure | None:
    return next((each for each in manifest.rollback if each.kind is kind), None)
