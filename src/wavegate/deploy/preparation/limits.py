"""Asks the org, before anything changes in it, who is in a pilot's cohorts and who else would get the release."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from wavegate.errors import InputError, RefusedError
from wavegate.pilot.cohorts import PilotCohort, Principals, project_principals, resolve_cohorts
from wavegate.pilot.reach.limits import NOT_LIMITED, own_permission_sets, unresolved
from wavegate.plan.live_release import LiveRelease
from wavegate.plan.values import Plan
from wavegate.release.manifest import Environment, Manifest, Strategy
from wavegate.salesforce.agent_holders import AgentHolders, read_holders
from wavegate.salesforce.agents import find_agents
from wavegate.salesforce.cohort_names import groups_named, permission_sets_named
from wavegate.salesforce.org import Org
from wavegate.salesforce.org_values import AgentState
from wavegate.salesforce.permission_sets import find_users, read_permission_set
from wavegate.text import join_names, one_line, pluralize

_LIMITED_BY_ACCESS = frozenset({Strategy.FIRST_LAUNCH, Strategy.PILOT_COPY})
_NAMED = 3


def limited_plan(plan: Plan, org: Org, manifest: Manifest, environment: Environment, live: LiveRelease) -> Plan:
    """The plan with the cohorts as the org knows them.

    InputError: a cohort is not known, or people outside of the pilot would get the release.
    """
    if plan.pilot is None:
        return plan
    names = [each.name for each in plan.agents]
    known = _with_org(project_principals(plan.project, names), org, plan.pilot.cohorts)
    cohorts = resolve_cohorts(manifest, environment, known, was_live=bool(live.was_live))
    for cohort in cohorts:
        if not cohort.is_resolved:
            message, fix = unresolved(cohort, known, f"{org.host} or of the project")
            raise InputError(f"{message} [cohort/unresolved]", fix=fix, file=manifest.path)
    if any(each.strategy in _LIMITED_BY_ACCESS for each in cohorts):
        states = find_agents(org, names)
        if plan.pilot.copied is None and live.was_live is None:
            _refuse_live(org, states)
        own = own_permission_sets(manifest, cohorts, plan.pilot.permission_set)
        _refuse_outsiders(org, _holders(org, states), cohorts, own)
    return replace(plan, pilot=replace(plan.pilot, cohorts=cohorts))


def _with_org(known: Principals, org: Org, cohorts: Iterable[PilotCohort]) -> Principals:
    """The principals of the project, and those of the org that the cohorts' names may mean."""
    open_ = [each.name for each in cohorts if not each.is_resolved or each.holders_of]
    if not open_:
        return known
    return replace(
        known,
        groups=(*known.groups, *groups_named(org, open_)),
        permission_sets=(*known.permission_sets, *permission_sets_named(org, open_)),
    )


def _refuse_live(org: Org, states: Iterable[AgentState]) -> None:
    """Refuse a first launch of what is live, if the ledger could not be asked what everybody has."""
    if active := [each.name for each in states if each.active]:
        raise InputError(
            f"{join_names(active)} {'is' if len(active) == 1 else 'are'} live in {org.host}, and without the ledger "
            f"it is unknown with which release: whoever has access would get this one. [{NOT_LIMITED}]",
            fix="Set GITHUB_TOKEN and GITHUB_REPOSITORY, or pass the commit that is live with --live.",
        )


def _holders(org: Org, states: Sequence[AgentState]) -> tuple[AgentHolders, ...]:
    try:
        return read_holders(org, states)
    except RefusedError as error:
        names = join_names([each.name for each in states])
        raise InputError(
            f"Who has access to {names} cannot be read, so it is unknown whom the pilot would reach: {error.message}",
            fix="Give the login user the permission View Setup and Configuration.",
        ) from error


def _refuse_outsiders(
    org: Org, holders: Iterable[AgentHolders], cohorts: Sequence[PilotCohort], own: frozenset[str]
) -> None:
    """Refuse if somebody outside of the cohorts has an agent of the pilot.

    own: folded names of the permission sets whose holders the deployment decides.
    """
    others = [each for each in holders if each.kind != "permission set" or each.name.casefold() not in own]
    members = _members(org, cohorts) if others else frozenset()
    for each in others:
        outside = sorted(name for user, name in each.users.items() if user not in members)
        if outside:
            raise InputError(
                f"{pluralize(len(outside), 'user')} outside of the pilot have {one_line(each.agent, 100)} by the "
                f"{each.kind} {one_line(each.name, 100)}, and would all get the release: "
                f"{join_names(outside, _NAMED)}. [{NOT_LIMITED}]",
                fix="Give the cohorts a copy of the agent (`strategy: pilot-copy`), or take that access away first.",
            )


def _members(org: Org, cohorts: Sequence[PilotCohort]) -> frozenset[str]:
    """Ids of the users in the cohorts."""
    groups = dict.fromkeys(each.group for each in cohorts if each.group)
    users = dict.fromkeys(user for each in cohorts for user in each.users)
    found = set(find_users(org, groups=tuple(groups), users=tuple(users)))
    for name in dict.fromkeys(each.holders_of for each in cohorts if each.holders_of):
        found |= read_permission_set(org, name).held.keys()
    return frozenset(found)
