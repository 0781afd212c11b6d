"""Whether a pilot keeps a release from everybody else, as far as a project tells."""

from collections.abc import Iterable, Iterator, Sequence

from wavegate.findings.finding import Finding, Locate, Location, error, notice
from wavegate.findings.suggestions import suggestion
from wavegate.pilot.cohorts import PilotCohort, Principals
from wavegate.pilot.reach.grants import AgentGrant
from wavegate.release.manifest import LIMITING_BY_ACCESS, Manifest, Strategy

NOT_LIMITED = "canary/not-limited"


def limit_findings(
    manifest: Manifest,
    cohorts: Sequence[PilotCohort],
    grants: Iterable[AgentGrant],
    locate: Locate,
    *,
    was_live: bool,
    generated: str = "",
) -> Iterator[Finding]:
    """Why people outside of the pilot would get the release.

    cohorts: those that get it now. grants: what the project gives access to it with: to the agents at a first launch,
    to their copies otherwise. locate: finds the manifest's entries. was_live: whether everybody had an agent of the
    release before. generated: the permission set of the copies.
    """
    if was_live:
        yield from _launched_before(cohorts, locate)
    if any(each.strategy in LIMITING_BY_ACCESS for each in cohorts):
        yield from _given_by_others(manifest, cohorts, grants, generated)


def _launched_before(cohorts: Iterable[PilotCohort], locate: Locate) -> Iterator[Finding]:
    for each in cohorts:
        if each.strategy is Strategy.FIRST_LAUNCH:
            yield error(
                NOT_LIMITED,
                locate("cohorts", each.name, "strategy"),
                f"The cohort `{each.name}` uses the strategy `first-launch`, but an agent of the release is live "
                "already: everybody who has it would get the release.",
                "Use `pilot-copy`, which is the default here: delete `strategy`.",
            )


def _given_by_others(
    manifest: Manifest, cohorts: Iterable[PilotCohort], grants: Iterable[AgentGrant], generated: str
) -> Iterator[Finding]:
    """The grants by anything else than the cohorts' own permission sets, whose holders a deployment decides."""
    own = own_permission_sets(manifest, cohorts, generated)
    for grant in grants:
        if grant.component.type != "PermissionSet" or grant.component.name.casefold() not in own:
            yield error(
                NOT_LIMITED,
                grant.location,
                f"The {grant.title} gives access to {grant.agent} as well: whoever has it would get the release, "
                "whether in the pilot or not.",
                f"Take {grant.agent} out of it until the release is for everybody, or let each cohort's "
                "`permissionSet` alone give access.",
            )


def own_permission_sets(manifest: Manifest, cohorts: Iterable[PilotCohort], generated: str) -> frozenset[str]:
    """The folded names of the permission sets whose holders a deployment decides.

    cohorts: those of now; the others in the manifest get nobody. generated: the set of the copies, '' for none.
    """
    names = [generated, *(each.permission_set for each in manifest.cohorts)]
    names += [each.permission_set for each in cohorts]
    return frozenset(name.casefold() for name in names if name)


def unresolved_findings(cohorts: Iterable[PilotCohort], known: Principals, place: Location) -> Iterator[Finding]:
    """A notice for each cohort of whom a project does not say who is in it; a deployment asks the org.

    known: the project's groups and permission sets. place: of the cohorts in the manifest.
    """
    for each in cohorts:
        if not each.is_resolved:
            message, fix = unresolved(each, known, "the project")
            yield notice("cohort/unresolved", place, f"{message} The deployment looks for it in the org.", fix)


def unresolved(cohort: PilotCohort, known: Principals, where: str) -> tuple[str, str]:
    """What is said of a cohort without members, and what to do. where: it was looked for, in words."""
    names = (*known.groups, *known.permission_sets)
    return (
        f"The cohort `{cohort.name}` is neither a public group nor a permission set of {where}.",
        f"Correct its name, or describe it under `cohorts` with `group` or `users`.{suggestion(cohort.name, names)}",
    )
