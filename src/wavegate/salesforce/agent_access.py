"""What in an org lets people use an agent, and who has it: permission sets, groups of them, and profiles.

Source: Object Reference, SetupEntityAccess, whose type `BotDefinition` exists since API version 64.0 (reading it
takes the permission View Setup and Configuration), PermissionSetGroupComponent and PermissionSetAssignment. A profile
is a permission set of the type Profile, and its users are assigned to it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wavegate.salesforce.org import Org, literal
from wavegate.salesforce.org_values import AgentState

_LISTED = 100
"""Ids in one query."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentHolders:
    """The active users who have an agent by one permission set, group or profile.

    agent: API name. kind: `permission set`, `permission set group` or `profile`; name: its own. users: user name by
    user id.
    """

    agent: str
    kind: str
    name: str
    users: Mapping[str, str]


def read_holders(org: Org, agents: Iterable[AgentState]) -> tuple[AgentHolders, ...]:
    """Who has these agents, by agent, kind and name; what grants one and nobody has is listed without users."""
    names = {each.id: each.name for each in agents}
    if not names:
        return ()
    rows = _select(
        org,
        ["SetupEntityId", "ParentId", "Parent.Name", "Parent.Type"],
        "FROM SetupEntityAccess WHERE SetupEntityType = 'BotDefinition' AND SetupEntityId",
        names,
    )
    sets = {parent: (kind, name) for _, parent, name, kind in rows if kind != "Group"}
    granting = [(names[agent], parent) for agent, parent, _, _ in rows if parent in sets]
    profiles = _profiles(org, [each for each, (kind, _) in sets.items() if kind == "Profile"])
    groups = _groups(org, [each for each, (kind, _) in sets.items() if kind != "Profile"])
    users = _assigned(org, "PermissionSetId", sets) if sets else {}
    members = _assigned(org, "PermissionSetGroupId", {group for _, group, _ in groups}) if groups else {}
    found = [
        AgentHolders(
            agent=agent,
            kind="profile" if parent in profiles else "permission set",
            name=profiles.get(parent, sets[parent][1]),
            users=users.get(parent, {}),
        )
        for agent, parent in granting
    ]
    found += [
        AgentHolders(agent=agent, kind="permission set group", name=name, users=members.get(group, {}))
        for agent, parent in granting
        for contained, group, name in groups
        if contained == parent
    ]
    return tuple(sorted(found, key=lambda each: (each.agent, each.kind, each.name)))


def _profiles(org: Org, sets: Sequence[str]) -> dict[str, str]:
    """The name of the profile that owns a permission set, by the set's id."""
    rows = _select(org, ["Id", "Profile.Name"], "FROM PermissionSet WHERE Id", sets)
    return {row[0]: row[1] for row in rows}


def _groups(org: Org, sets: Sequence[str]) -> list[tuple[str, str, str]]:
    """Permission set, group and the group's name, by ids, of each permission set in a group."""
    fields = ["PermissionSetId", "PermissionSetGroupId", "PermissionSetGroup.DeveloperName"]
    rows = _select(org, fields, "FROM PermissionSetGroupComponent WHERE PermissionSetId", sets)
    return [(row[0], row[1], row[2]) for row in rows]


def _assigned(org: Org, field: str, ids: Iterable[str]) -> dict[str, dict[str, str]]:
    """User name by user id, by the id of what the active users are assigned to."""
    fields = [field, "AssigneeId", "Assignee.Username"]
    rows = _select(org, fields, f"FROM PermissionSetAssignment WHERE Assignee.IsActive = true AND {field}", ids)
    found: dict[str, dict[str, str]] = {}
    for holder, user, username in rows:
        found.setdefault(holder, {})[user] = username
    return found


def _select(org: Org, fields: Sequence[str], start: str, values: Iterable[str]) -> list[tuple[str, ...]]:
    """The records of a query that ends in `IN (values)`."""
    every = sorted(set(values))
    batches = (every[start : start + _LISTED] for start in range(0, len(every), _LISTED))
    return [row for batch in batches for row in org.select(fields, f"{start} IN ({', '.join(map(literal, batch))})")]
