"""Whether a release can be rolled back, decided before it ships.

A rollback cannot be done where nothing is live to come back to and no procedure turns the release off, where a kind
has no procedure, or where the release deletes what its metadata does not bring back.
"""

from collections.abc import Iterable, Iterator, Sequence

from wavegate.core.pitfalls import missing_procedures, pitfalls
from wavegate.model.component import Component
from wavegate.model.finding import Finding, Location, Severity, error, warning
from wavegate.model.manifest import Kind, Manifest, RollbackStrategy
from wavegate.model.plan import Change
from wavegate.model.rollback import RollbackPlan, Side
from wavegate.model.scope import ReleaseScope
from wavegate.words import listed

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
            f"The rollback is incomplete: nothing says how {listed(missing)} come back.",
            "Add a procedure for each under `rollback`, such as `prompts: {strategy: restore}`.",
        )


def nothing_live(manifest: Manifest, environment: str, place: Location) -> Iterator[Finding]:
    """An error where nothing good was live in an environment and no procedure turns the release off."""
    if not any(each.strategy is RollbackStrategy.DISABLE for each in manifest.rollback):
        yield error(
            "rehearsal/nothing-to-restore",
            place,
            f"No release was live in `{environment}` before, and no procedure turns this one off.",
            "Say what to turn off under `rollback`, such as `agents: {strategy: disable}`.",
        )


def not_undone(manifest: Manifest, removed: Iterable[Component], good: Side, place: Location) -> Iterator[Finding]:
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


def blocked(plan: RollbackPlan, good: Side, place: Location) -> Iterator[Finding]:
    """An error where the plan cannot put back a path."""
    if plan.conflicts:
        paths = listed(plan.conflicts, 3)
        message = f"Restoring {good.title} leaves out {paths}: another file or folder of this commit takes its place."
        fix = "Name the new file or folder differently, so that both fit into one tree."
        yield error("rehearsal/blocked", place, message, fix)


def refused(
    manifest: Manifest, *, good: ReleaseScope, bad: ReleaseScope, changes: Sequence[Change]
) -> Iterator[Finding]:
    """A warning for each part of the rollback that the org will refuse or ignore, so that people know beforehand.

    manifest: of the good release. changes: what going from bad back to good does.
    """
    for finding in pitfalls(manifest, good, bad, changes):
        if finding.severity is Severity.ERROR and finding.rule.startswith("deploy/"):
            rule = f"rehearsal/{finding.rule.removeprefix('deploy/')}"
            yield warning(rule, finding.location, f"In the rollback: {finding.message}", finding.fix)
