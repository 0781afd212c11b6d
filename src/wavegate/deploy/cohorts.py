"""Which users take part in a pilot: who should have its permission sets, and what that changes."""

from collections.abc import Mapping
from dataclasses import dataclass

from wavegate.deploy.rollout_values import CohortChange
from wavegate.release.manifest import Cohort, Environment, Manifest


@dataclass(frozen=True, kw_only=True, slots=True)
class CohortAssignment:
    """Who gets one permission set: members of public groups, users, and those who have another one. Maybe nobody."""

    permission_set: str
    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    holders_of: tuple[str, ...] = ()


def admissions(manifest: Manifest, environment: Environment) -> tuple[CohortAssignment, ...]:
    """One assignment for each permission set that the manifest's cohorts use.

    A cohort that is not among the environment's pilot users gets nobody assigned. Without pilot users an environment
    has no pilot: its permission sets stay as they are, and the result is empty.
    """
    if not environment.pilot_users:
        return ()
    cohorts = [each for each in manifest.cohorts if each.permission_set]
    names = dict.fromkeys(each.permission_set for each in cohorts if each.permission_set)
    return tuple(_assignment(name, cohorts, environment) for name in names)


def _assignment(name: str, cohorts: list[Cohort], environment: Environment) -> CohortAssignment:
    own = [each for each in cohorts if each.permission_set == name and each.name in environment.pilot_users]
    return CohortAssignment(
        permission_set=name,
        groups=tuple(dict.fromkeys(each.group for each in own if each.group)),
        users=tuple(dict.fromkeys(user for each in own for user in each.users)),
    )


def unmanaged(manifest: Manifest, environment: Environment) -> tuple[str, ...]:
    """The environment's pilot users that wavegate does not manage: no cohort with a permission set has the name."""
    managed = {each.name for each in manifest.cohorts if each.permission_set}
    return tuple(each for each in environment.pilot_users if each not in managed)


def cohort_change(permission_set: str, target: Mapping[str, str], current: Mapping[str, str]) -> CohortChange:
    """Who must be added and removed. target: who should have it; current: who has it; both user names by user id."""
    return CohortChange(
        permission_set=permission_set,
        added=tuple(sorted(target[each] for each in target.keys() - current.keys())),
        removed=tuple(sorted(current[each] for each in current.keys() - target.keys())),
    )
