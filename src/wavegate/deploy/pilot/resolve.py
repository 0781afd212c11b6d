"""Finds the cohorts in the org that neither the manifest nor the project describes."""

from dataclasses import replace

from wavegate.errors import InputError
from wavegate.pilot.cohorts import PilotCohort, fold
from wavegate.pilot.planned import PlannedPilot
from wavegate.salesforce.org import Org
from wavegate.salesforce.permission_sets import group_names, permission_set_names
from wavegate.text import one_line


def resolved_in_org(pilot: PlannedPilot, org: Org) -> PlannedPilot:
    """The pilot with the members of each cohort as the org has them.

    InputError: the org has nothing of a cohort's name, and the cohort is to get copies. At a first launch, a person
    gives it access.
    """
    if all(each.is_resolved for each in pilot.cohorts):
        return pilot
    groups, sets = group_names(org), permission_set_names(org)
    cohorts = (each if each.is_resolved else _found(each, groups, sets, org) for each in pilot.cohorts)
    return replace(pilot, cohorts=tuple(cohorts))


def _found(cohort: PilotCohort, groups: tuple[str, ...], sets: tuple[str, ...], org: Org) -> PilotCohort:
    name = fold(cohort.name)
    if group := next((each for each in groups if fold(each) == name), None):
        return replace(cohort, group=group)
    if found := next((each for each in sets if fold(each) == name), None):
        return replace(cohort, holders_of=found, permission_set=cohort.permission_set or found)
    if not cohort.copies:
        return cohort
    raise InputError(
        f"{org.host} has neither a public group nor a permission set for the cohort {one_line(cohort.name, 100)}.",
        fix="Create one of that name, or say under `cohorts` in the manifest who is in it.",
    )
