"""The steps of a pilot in an org: let cohorts use the copies, take the live agents from them, end it all.

Every step looks at the org first and changes only what differs, so a run that ended anywhere is completed by the next
one. Nobody is left without an agent: access to a copy precedes the loss of the live one, and the live one comes back
before the copy goes.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from wavegate.components.component import COPY_SUFFIX
from wavegate.deploy.cohorts import CohortAssignment, cohort_change
from wavegate.deploy.pilot.access import members_of
from wavegate.deploy.pilot.values import AccessMemory, CopiesRequest, Members, Retirement
from wavegate.deploy.rollout_values import CohortChange
from wavegate.salesforce.agent_access import read_holders
from wavegate.salesforce.agents import find_agents, set_active
from wavegate.salesforce.org import Org
from wavegate.salesforce.permission_sets import (
    PermissionSet,
    active_users,
    assign,
    find_permission_set,
    find_users,
    read_permission_set,
    unassign,
)
from wavegate.text import join_names, one_line


def let_in(org: Org, assignment: CohortAssignment) -> CohortChange:
    """Give a permission set to exactly the people of an assignment."""
    held = read_permission_set(org, assignment.permission_set)
    target = people(org, members_of(assignment))
    assign(org, held, sorted(target.keys() - held.held.keys()))
    unassign(org, held, sorted(held.held.keys() - target.keys()))
    return cohort_change(assignment.permission_set, target, held.held)


def people(org: Org, members: Members) -> dict[str, str]:
    """User name by user id. InputError: the org does not have a group, permission set or user."""
    found = find_users(org, groups=members.groups, users=members.users)
    for name in members.holders_of:
        holders = read_permission_set(org, name).held
        found |= active_users(org, holders) if holders else {}
    return found


class LiveAccess:
    """Takes access to live agents away while a pilot has copies of them, and gives it back."""

    def __init__(self, org: Org, memory: AccessMemory) -> None:
        self._org = org
        self._memory = memory
        self.notes: tuple[str, ...] = ()

    def take(self, request: CopiesRequest) -> tuple[CohortChange, ...]:
        """Take the live agents from exactly those who should not have them, and give them back to all others."""
        target = people(self._org, request.without_live) if request.without_live else {}
        granting = self._granting(request, target.keys()) if target else ()
        changes = [self._take(name, target) for name in granting]
        return (*(each for each in changes if each.removed), *self.give_back(keep=target.keys()))

    def give_back(self, *, keep: AbstractSet[str] = frozenset()) -> tuple[CohortChange, ...]:
        """Give back what was taken. keep: ids of the users from whom it stays taken."""
        taken = {name: users - keep for name, users in self._memory.taken().items()}
        return tuple(self._give_back(name, users) for name, users in sorted(taken.items()) if users)

    def _granting(self, request: CopiesRequest, target: AbstractSet[str]) -> Sequence[str]:
        """Names of the permission sets that grant the live agents, without those that give access to the copies.

        target: ids of the users from whom the live agents are to be taken.
        """
        holders = read_holders(self._org, find_agents(self._org, request.agents))
        found = dict.fromkeys(each.name for each in holders if each.kind == "permission set")
        kept = [each for each in holders if each.kind != "permission set" and each.users.keys() & target]
        self.notes += tuple(
            f"⚠️ {len(each.users.keys() & target)} of the pilot's users keep {each.agent}, which they have by the "
            f"{each.kind} {one_line(each.name, 100)}."
            for each in kept
        )
        if both := sorted(found.keys() & set(request.permission_sets)):
            self.notes += (f"⚠️ {join_names(both)} grants the live agent, and the pilot needs it, so it stays.",)
        return [name for name in found if name not in both]

    def _take(self, name: str, target: Mapping[str, str]) -> CohortChange:
        held = read_permission_set(self._org, name)
        users = sorted(target.keys() & held.held.keys())
        # one that is noted already was noted by a run that ended before it could take it
        if unknown := set(users) - self._memory.taken().get(name, frozenset()):
            self._memory.note("taken", name, unknown)
        unassign(self._org, held, users)
        return CohortChange(permission_set=name, removed=tuple(sorted(held.held[each] for each in users)))

    def _give_back(self, name: str, users: AbstractSet[str]) -> CohortChange:
        held = find_permission_set(self._org, name)
        active = active_users(self._org, sorted(users)) if held else {}
        missing = sorted(active.keys() - held.held.keys()) if held else []
        if held:
            assign(self._org, held, missing)
        if lost := len(users - active.keys()):
            self.notes += (f"⚠️ {name} was not given back to {lost} who are inactive, or it is no longer in the org.",)
        self._memory.note("given-back", name, users)
        return CohortChange(permission_set=name, added=tuple(sorted(active[each] for each in missing)))


class Retiring:
    """Takes copies out of use. deactivated: names of the copies that were active until then."""

    def __init__(self, org: Org, memory: AccessMemory | None) -> None:
        self._org = org
        self._live = LiveAccess(org, memory) if memory else None
        self.deactivated: tuple[str, ...] = ()
        self._left: list[str] = []

    def run(self, retirement: Retirement) -> tuple[CohortChange, ...]:
        """Give the live agents back, take the copies' permission sets away, and then deactivate the copies."""
        back = self._live.give_back() if self._live and retirement.ends_pilot else ()
        taken = [self._take(name) for name in retirement.permission_sets]
        self._deactivate(retirement.copies)
        return (*back, *(each for each in taken if each and each.removed))

    @property
    def notes(self) -> tuple[str, ...]:
        """What else there is to know, one line each."""
        return (*(self._live.notes if self._live else ()), *_leftovers(self._left))

    def _take(self, name: str) -> CohortChange | None:
        held = find_permission_set(self._org, name)
        if held is None:
            return None
        self._left.append(f"PermissionSet:{name}")
        unassign(self._org, held, sorted(held.held))
        return CohortChange(permission_set=name, removed=_names(held))

    def _deactivate(self, copies: Sequence[str]) -> None:
        for state in find_agents(self._org, copies):
            self._left.append(f"Agent:{state.name}")
            if state.active:
                set_active(self._org, state.active, active=False)
                self.deactivated += (state.name,)


def _names(held: PermissionSet) -> tuple[str, ...]:
    return tuple(sorted(held.held.values()))


def _leftovers(left: Iterable[str]) -> tuple[str, ...]:
    """What retired copies leave in the org, and how a person deletes it."""
    names = sorted(one_line(each, 150) for each in left)
    if not names:
        return ()
    command = " ".join(f"--metadata {each}" for each in names)
    note = (
        f"Left in the org, inactive and without access: {join_names(names)}, with the flows, classes and other "
        f"components whose names end in {COPY_SUFFIX}. The next pilot uses them again. To delete them: "
        f"sf project delete source {command}"
    )
    return (note,)
