"""Whose sessions belong to which cohort, as the environment's org has it now."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from wavegate.errors import InputError
from wavegate.pilot.cohorts import PilotCohort, Principals, resolve_cohorts
from wavegate.release.manifest import Environment, Manifest
from wavegate.salesforce.org import Org
from wavegate.salesforce.permission_sets import (
    find_users,
    group_names,
    permission_set_names,
    read_permission_set,
)
from wavegate.text import one_line

_ID = 15
"""Characters of a user id that identify the user; the other three are a checksum."""


def find_cohort_users(
    org: Org, manifest: Manifest, environment: Environment, cohorts: Sequence[str]
) -> dict[str, str]:
    """The cohort of each user, by the first 15 characters of the user's id. cohorts: names, in the pilot's order.

    A user in two cohorts counts in the first. InputError: the org does not have the group, permission set or user of
    one of them, so that its sessions would be taken for those of everybody else.
    """
    piloted = replace(environment, rollout="canary", pilot_users=tuple(cohorts))
    known = Principals(groups=group_names(org), permission_sets=permission_set_names(org))
    found: dict[str, str] = {}
    for cohort in resolve_cohorts(manifest, piloted, known, was_live=True):
        for user_id in _members(org, cohort):
            found.setdefault(user_id[:_ID], cohort.name)
    return found


def _members(org: Org, cohort: PilotCohort) -> Iterable[str]:
    if not (cohort.group or cohort.users or cohort.holders_of):
        raise InputError(
            f"{org.host} has no public group or permission set for the cohort {one_line(cohort.name, 100)}.",
            fix="Say in the manifest under `cohorts` which `group`, `permissionSet` or `users` it is.",
        )
    users = find_users(org, groups=[cohort.group] if cohort.group else [], users=cohort.users)
    held = read_permission_set(org, cohort.holders_of).held if cohort.holders_of else {}
    return [*users, *held]
