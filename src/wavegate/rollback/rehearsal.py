"""Whether a release can be rolled back, decided before it ships.

A rollback cannot be done where nothing is live to come back to and no procedure turns the release off, where a kind
has no procedure, or where the release deletes what its metadata does not bring back.
"""

from collections.abc import Iterable, Iterator, Sequence

from wavegate.components.changes import ComponentChange
from wavegate.components.component import Component
from wavegate.components.scope import ReleaseScope
from wavegate.findings.finding import Finding, Location, Severity, error, warning
from wavegate.plan.hazards import missing_procedures, pitfalls
from wavegate.release.manifest import Kind, Manifest, RollbackStrategy
from wavegate.release.reference import ReleaseRef
from wavegate.rollback.values import RollbackPlan
from wavegate.text import join_names

_USUAL = {
    Kind.PROMPTS: "{strategy: restore}",
    Kind.ACTIONS: "{strategy: restore}",
    Kind.FLOWS: "{strategy: activate-previous}",
    Kind.APEX: "{strategy: restore}",
    Kind.CREDENTIALS: "{strategy: manual, runbook: agentforce/runbooks/credentials.md}",
    Kind.AGENTS: "{strategy: disable}",
}
"""The procedure that most teams want of a kind; for agents, the one that a first release needs."""
_LOST = {
    "NamedCredential": "its secrets are in no metadata",
    "ExternalCredential": "its secrets are in no metadata",
    "PermissionSet": "who it was assigned to is in no metadata",
}
"""Why deploying a deleted component again does not bring it back whole."""


def no_procedure(manifest: Manifest, kinds: Iterable[Kind], place: Location) -> Iterator[Finding]:
    """An error where a kind that the release ships has no procedure. place: of `rollback` in the manifest."""
    missing = missing_procedures(manifest, frozenset(kinds))
    if missing:
        yield error(
            "rehearsal/no-procedure",
            place,
            f"The rollback is incomplete: nothing says how {join_names(missing)} come back.",
            _to_add(manifest, missing),
        )


def first_release(
    manifest: Manifest, kinds: Iterable[Kind], environment: str, *, place: Location, procedures: Location
) -> Iterator[Finding]:
    """Errors of a release that has none before it in an environment, so that it can only be turned off.

    place: of the environment. procedures: of `rollback`. Every error has the whole of what is to be added.
    """
    missing = missing_procedures(manifest, frozenset(kinds))
    turned_off = any(each.strategy is RollbackStrategy.DISABLE for each in manifest.rollback)
    fix = _to_add(manifest, missing if turned_off else [*missing, Kind.AGENTS])
    for finding in no_procedure(manifest, kinds, procedures):
        yield finding._replace(fix=fix)
    if not turned_off:
        yield error(
            "rehearsal/nothing-to-restore",
            place,
            f"This is the first release of `{environment}`: there is none to come back to, "
            "and no procedure turns this one off.",
            fix,
        )
    elif not manifest.agents:
        yield warning(
            "rehearsal/nothing-to-turn-off",
            procedures,
            f"The way back from the first release of `{environment}` is to turn its agents off, and none is named.",
            "Name those that use it under `agents`, such as `agents: [{name: Support_Agent}]`.",
        )


def _to_add(manifest: Manifest, kinds: Iterable[Kind]) -> str:
    """What to write into the manifest, ready to be copied."""
    lines = [f"{each}: {_USUAL[each]}" for each in kinds]
    if not manifest.rollback:
        return f"Add this line to {manifest.path}: `rollback: {{{', '.join(lines)}}}`"
    return f"Under `rollback` in {manifest.path}, have {join_names(lines, len(lines))}."


def not_undone(
    manifest: Manifest, removed: Iterable[Component], good: ReleaseRef, place: Location
) -> Iterator[Finding]:
    """An error for each component that the release deletes and that a deployment of the good one leaves incomplete.

    A procedure with a runbook says what people do about it. Deploying gives a cohort its permission set again.
    """
    by_hand = {each.kind for each in manifest.rollback if each.runbook}
    cohorts = {each.permission_set for each in manifest.cohorts}
    for component in removed:
        reason = _LOST.get(component.id.type)
        if reason and component.kind not in by_hand and component.id.name not in cohorts:
            yield error(
                "rehearsal/not-undone",
                place,
                f"The release deletes {component.id}, and restoring {good.title} leaves it incomplete: {reason}.",
                f"Keep it until the release has proven itself, or name a runbook under `rollback.{component.kind}`.",
            )


def blocked(plan: RollbackPlan, good: ReleaseRef, place: Location) -> Iterator[Finding]:
    """An error where the plan cannot put back a path."""
    if plan.conflicts:
        paths = join_names(plan.conflicts, 3)
        message = f"Restoring {good.title} leaves out {paths}: another file or folder of this commit takes its place."
        fix = "Name the new file or folder differently, so that both fit into one tree."
        yield error("rehearsal/blocked", place, message, fix)


def refused(
    manifest: Manifest, *, good: ReleaseScope, bad: ReleaseScope, changes: Sequence[ComponentChange]
) -> Iterator[Finding]:
    """A warning for each part of the rollback that the org will refuse or ignore, so that people know beforehand.

    manifest: of the good release. changes: what going from bad back to good does.
    """
    for finding in pitfalls(manifest, good, bad, changes):
        if finding.severity is Severity.ERROR and finding.rule.startswith("deploy/"):
            rule = f"rehearsal/{finding.rule.removeprefix('deploy/')}"
            yield warning(rule, finding.location, f"In the rollback: {finding.message}", finding.fix)
