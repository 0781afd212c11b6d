"""Whether a release can be rolled back, checked before it ships.

A rollback is impossible if there is no earlier release to restore and no procedure disables this one, or if the
release deletes something that redeploying its metadata does not fully restore. That a kind has no procedure is a
finding of `release.readiness`.
"""

from collections.abc import Iterable, Iterator, Sequence

from wavegate.components.changes import ComponentChange
from wavegate.components.component import Component
from wavegate.components.scope import ReleaseScope
from wavegate.findings.finding import Finding, Location, Severity, error, warning
from wavegate.plan.hazards import deploy_hazards
from wavegate.plan.in_use import users_of_removed
from wavegate.release.manifest import Kind, Manifest, RollbackStrategy
from wavegate.release.readiness.procedures import missing_procedures, procedures_to_add
from wavegate.release.reference import ReleaseRef
from wavegate.rollback.values import RollbackPlan
from wavegate.text import join_names

IN_THE_ROLLBACK = "In the rollback: "
"""How a finding about the rollback begins that is also one about the promotion."""
_LOST = {
    "NamedCredential": "metadata does not contain its secrets",
    "ExternalCredential": "metadata does not contain its secrets",
    "PermissionSet": "metadata does not contain its assignments",
}
"""Why redeploying a deleted component does not fully restore it."""


def first_release(
    manifest: Manifest, kinds: Iterable[Kind], environment: str, *, place: Location, procedures: Location
) -> Iterator[Finding]:
    """Findings for the first release to an environment, which can only be disabled.

    place: location of the environment. procedures: location of `rollback`. The fix lists all procedures to add.
    """
    if all(each.strategy is not RollbackStrategy.DISABLE for each in manifest.rollback):
        missing = missing_procedures(manifest, frozenset(kinds))
        yield error(
            "rehearsal/nothing-to-restore",
            place,
            f"This is the first release to `{environment}`: there is no earlier release to restore, "
            "and no procedure disables this one.",
            procedures_to_add(manifest, [*missing, Kind.AGENTS]),
        )
    elif not manifest.agents:
        yield warning(
            "rehearsal/nothing-to-turn-off",
            procedures,
            f"The first release to `{environment}` can only be rolled back by disabling its agents, "
            "but the manifest lists none.",
            "List the agents that use the release under `agents`, such as `agents: [{name: Support_Agent}]`.",
        )


def not_undone(
    manifest: Manifest, removed: Iterable[Component], good: ReleaseRef, place: Location
) -> Iterator[Finding]:
    """An error for every deleted component that redeploying the good release does not fully restore.

    A kind with a runbook is exempt, because people follow the runbook. So is the permission set of a cohort, because
    a deployment assigns it again.
    """
    with_runbook = {each.kind for each in manifest.rollback if each.runbook}
    cohorts = {each.permission_set for each in manifest.cohorts}
    for component in removed:
        reason = _LOST.get(component.id.type)
        if reason and component.kind not in with_runbook and component.id.name not in cohorts:
            yield error(
                "rehearsal/not-undone",
                place,
                f"The release deletes {component.id}, and restoring {good.title} leaves it incomplete: {reason}.",
                f"Keep it until the release has proven itself, or name a runbook under `rollback.{component.kind}`.",
            )


def blocked(plan: RollbackPlan, good: ReleaseRef, place: Location) -> Iterator[Finding]:
    """An error if the plan cannot restore a path."""
    if plan.conflicts:
        paths = join_names(plan.conflicts, 3)
        message = f"Restoring {good.title} skips {paths}: a new file or folder of this commit is in the way."
        fix = "Rename the new file or folder so that both can exist."
        yield error("rehearsal/blocked", place, message, fix)


def refused(
    manifest: Manifest, *, good: ReleaseScope, bad: ReleaseScope, changes: Sequence[ComponentChange]
) -> Iterator[Finding]:
    """A warning for every part of the rollback that the org will reject or ignore, so that people know in advance.

    manifest: of the good release. changes: from the bad release back to the good one.
    """
    for component, users in users_of_removed(changes, bad):
        names = join_names([str(each) for each in users], 3)
        message = f"{IN_THE_ROLLBACK}{component.id} stays in the org, because it is still used there: {names}."
        fix = "Delete it when nothing uses it any more, such as an earlier version of an agent or flow."
        yield warning("rehearsal/in-use", Location(file=manifest.path), message, fix)
    for finding in deploy_hazards(good, bad, changes):
        if finding.severity is Severity.ERROR and finding.rule.startswith("deploy/"):
            rule = f"rehearsal/{finding.rule.removeprefix('deploy/')}"
            yield warning(rule, finding.location, f"{IN_THE_ROLLBACK}{finding.message}", finding.fix)
