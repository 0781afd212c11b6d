"""Which users a pilot lets in: what its permission sets should hold, and what that changes."""

from collections.abc import Mapping
from dataclasses import dataclass

from wavegate.deploy.rollout_values import CohortChange
from wavegate.release.manifest import Cohort, Environment, Manifest


@dataclass(frozen=True, kw_only=True, slots=True)
class CohortAssignment:
    """Who one permission set is for: members of these public groups, and these users; nobody where both are empty."""

    permission_set: str
    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()


def admissions(manifest: Manifest, environment: Environment) -> tuple[CohortAssignment, ...]:
    """One for each permission set that the manifest's cohorts use.

    A cohort that is not among the environment's pilot users lets nobody in. An environment without pilot users has
    no pilot, so its permission sets are left as they are.
    """
    if not environment.pilot_users:
        return ()
    cohorts = [each for each in manifest.cohorts if each.strategy == "permission-set" and each.permission_set]
    names = dict.fromkeys(each.permission_set for each in cohorts if each.permission_set)
    return tuple(_admission(name, cohorts, environment) for name in names)


def _admission(name: str, cohorts: list[Cohort], environment: Environment) -> CohortAssignment:
    own = [each for each in cohorts if each.permission_set == name and each.name in environment.pilot_users]
    return CohortAssignment(
        permission_set=name,
        groups=tuple(dict.fromkeys(each.group for each in own if each.group)),
        users=tuple(dict.fromkeys(user for each in own for user in each.users)),
    )


def unmanaged(manifest: Manifest, environment: Environment) -> tuple[str, ...]:
    """Pilot users of the environment whom wavegate does not let in: no cohort of that name, or another strategy."""
    managed = {each.name for each in manifest.cohorts if each.strategy == "permission-set"}
    return tuple(each for each in environment.pilot_users if each not in managed)


def cohort_change(permission_set: str, wanted: Mapping[str, str], held: Mapping[str, str]) -> CohortChange:
    """What changes. wanted, held: user name by user id of those who should have it, and of those who do."""
    return CohortChange(
        permission_set=permission_set,
        added=tuple(sorted(wanted[each] for each in wanted.keys() - held.keys())),
        removed=tuple(sorted(held[each] for each in held.keys() - wanted.keys())),
    )
