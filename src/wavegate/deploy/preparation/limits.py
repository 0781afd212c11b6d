"""Asks the org, before anything changes in it, who beside a pilot's cohorts would get the release."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from wavegate.errors import InputError, RefusedError
from wavegate.pilot.cohorts import PilotCohort
from wavegate.pilot.reach.limits import NOT_LIMITED, own_permission_sets
from wavegate.plan.live_release import LiveRelease
from wavegate.plan.values import Plan
from wavegate.release.manifest import LIMITING_BY_ACCESS, Manifest
from wavegate.salesforce.agent_access import AgentHolders, read_holders
from wavegate.salesforce.agents import find_agents
from wavegate.salesforce.org import Org
from wavegate.salesforce.org_values import AgentState
from wavegate.salesforce.permission_sets import find_users, read_permission_set
from wavegate.text import join_names, one_line, pluralize

_NAMED = 3


def check_limits(plan: Plan, cohorts: Sequence[PilotCohort], org: Org, manifest: Manifest, live: LiveRelease) -> None:
    """Check that nobody outside of a plan's pilot would get the release. cohorts: as the org knows them.

    InputError: somebody would, or the org does not say who has access.
    """
    if plan.pilot is None or not any(each.strategy in LIMITING_BY_ACCESS for each in cohorts):
        return
    states = find_agents(org, [each.name for each in plan.agents])
    if plan.pilot.copied is not None and live.copies is not None:
        _refuse_replacing(org, states, live.copies)
    holders = _holders(org, states)
    if plan.pilot.copied is None and live.was_live is None:
        _refuse_unlimited(org, states, {each.agent for each in holders})
    own = own_permission_sets(manifest, cohorts, plan.pilot.permission_set)
    _refuse_outsiders(org, holders, cohorts, own)


def _refuse_unlimited(org: Org, states: Iterable[AgentState], granted: AbstractSet[str]) -> None:
    """Refuse a first launch of what is live and nothing in the org grants, if the ledger does not say what is live.

    Conversations are routed to such an agent, a service agent, whoever has them.
    """
    if active := [each.name for each in states if each.active and each.name not in granted]:
        raise InputError(
            f"{join_names(active)} {'is' if len(active) == 1 else 'are'} live in {org.host}, and no permission set "
            f"or profile limits who gets the release. [{NOT_LIMITED}]",
            fix="Set GITHUB_TOKEN and GITHUB_REPOSITORY, or pass the commit that is live with --live, so that the "
            "cohorts get a copy.",
        )


def _refuse_replacing(org: Org, states: Iterable[AgentState], copies: AbstractSet[str]) -> None:
    """Refuse to deploy a copy over a live agent that no pilot made. copies: folded names of the pilots'."""
    if foreign := [each.name for each in states if each.active and each.name.casefold() not in copies]:
        raise InputError(
            f"{join_names(foreign)} {'is' if len(foreign) == 1 else 'are'} live in {org.host}, and no pilot of this "
            f"manifest made that: a copy has the same name, and would replace it. [{NOT_LIMITED}]",
            fix="If it is left over from a pilot, deactivate it in Setup; otherwise retrieve it into the project, so "
            "that the copy gets another name.",
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
