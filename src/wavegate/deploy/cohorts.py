"""Which users take part in a pilot: who should have its permission sets, and what that changes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from wavegate.deploy.rollout_values import CohortChange
from wavegate.pilot.cohorts import PilotCohort
from wavegate.pilot.planned import PlannedPilot
from wavegate.release.manifest import Cohort, Environment, Manifest, Strategy


@dataclass(frozen=True, kw_only=True, slots=True)
class CohortAssignment:
    """Who gets one permission set: members of public groups, users, and those who have another one. Maybe nobody."""

    permission_set: str
    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    holders_of: tuple[str, ...] = ()

    @property
    def has_members(self) -> bool:
        """Whether somebody is to get it, even if a group turns out to be empty."""
        return bool(self.groups or self.users or self.holders_of)


def admissions(
    manifest: Manifest, environment: Environment, pilot: PlannedPilot | None = None
) -> tuple[CohortAssignment, ...]:
    """One assignment for each permission set that the manifest's cohorts use, or that a first launch is to use.

    A cohort that is not among the environment's pilot users gets nobody assigned. Without pilot users an environment
    has no pilot: its permission sets stay as they are, and the result is empty. pilot: as planned, without copies.
    """
    if not environment.current_cohorts:
        return ()
    # the holders of its permission set are the cohort, if nothing else says who is in it
    cohorts = [each for each in manifest.cohorts if each.permission_set and (each.group or each.users)]
    names = dict.fromkeys(each.permission_set for each in cohorts if each.permission_set)
    described = {name: _assignment(name, cohorts, environment) for name in names}
    launching = [each for each in pilot.cohorts if each.strategy is Strategy.FIRST_LAUNCH] if pilot else []
    return tuple({**described, **{each.permission_set: each for each in own_assignments(launching)}}.values())


def own_assignments(cohorts: Iterable[PilotCohort]) -> Iterator[CohortAssignment]:
    """The cohorts' own permission sets; not those whose holders are the cohort already."""
    known = [each for each in cohorts if each.permission_set]
    for name in dict.fromkeys(each.permission_set or "" for each in known):
        sharing = [each for each in known if each.permission_set == name]
        if any(each.holders_of != name for each in sharing):
            yield assignment(name, sharing)


def assignment(permission_set: str, cohorts: Iterable[PilotCohort], *users: str) -> CohortAssignment:
    """The permission set for the members of the cohorts, and for further users."""
    known = list(cohorts)
    return CohortAssignment(
        permission_set=permission_set,
        groups=tuple(dict.fromkeys(each.group for each in known if each.group)),
        users=tuple(dict.fromkeys((*(name for each in known for name in each.users), *users))),
        holders_of=tuple(dict.fromkeys(each.holders_of for each in known if each.holders_of)),
    )


def _assignment(name: str, cohorts: list[Cohort], environment: Environment) -> CohortAssignment:
    own = [each for each in cohorts if each.permission_set == name and each.name in environment.current_cohorts]
    return CohortAssignment(
        permission_set=name,
        groups=tuple(dict.fromkeys(each.group for each in own if each.group)),
        users=tuple(dict.fromkeys(user for each in own for user in each.users)),
    )


def unmanaged(manifest: Manifest, environment: Environment, pilot: PlannedPilot | None = None) -> tuple[str, ...]:
    """The environment's pilot users that wavegate does not manage: no cohort with a permission set has the name."""
    managed = {each.name for each in manifest.cohorts if each.permission_set}
    managed |= {each.name for each in (pilot.cohorts if pilot else ()) if each.permission_set}
    return tuple(each for each in environment.current_cohorts if each not in managed)


def cohort_change(permission_set: str, target: Mapping[str, str], current: Mapping[str, str]) -> CohortChange:
    """Who must be added and removed. target: who should have it; current: who has it; both user names by user id."""
    return CohortChange(
        permission_set=permission_set,
        added=tuple(sorted(target[each] for each in target.keys() - current.keys())),
        removed=tuple(sorted(current[each] for each in current.keys() - target.keys())),
    )
