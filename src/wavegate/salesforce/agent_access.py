"""What in an org lets people use an agent: permission sets that can be assigned, and whatever else grants it.

Source: Object Reference, SetupEntityAccess, whose type `BotDefinition` exists since API version 64.0. Reading it
takes the permission View Setup and Configuration.
"""

from dataclasses import dataclass

from wavegate.salesforce.org import Org, literal
from wavegate.text import join_names, pluralize


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentAccess:
    """What grants an agent. permission_sets: names of those that can be assigned to users directly.

    groups: names of permission set groups that contain one. profiles: how many profiles grant it.
    """

    permission_sets: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    profiles: int = 0

    @property
    def other_ways(self) -> str:
        """What else than an assignable permission set grants the agent, in words; '' for nothing."""
        groups = f"the permission set groups {join_names(self.groups)}" if self.groups else ""
        profiles = pluralize(self.profiles, "profile") if self.profiles else ""
        return " and ".join(filter(None, (groups, profiles)))


def read_agent_access(org: Org, agent_id: str) -> AgentAccess:
    """What grants an agent. agent_id: of its BotDefinition."""
    rows = org.select(
        ["Parent.Name", "Parent.Type"],
        f"FROM SetupEntityAccess WHERE SetupEntityType = 'BotDefinition' AND SetupEntityId = {literal(agent_id)}",
    )
    by_type: dict[str, list[str]] = {}
    for name, kind in sorted(set(rows)):
        by_type.setdefault(kind if kind in ("Profile", "Group") else "", []).append(name)
    return AgentAccess(
        permission_sets=tuple(by_type.get("", ())),
        groups=tuple(by_type.get("Group", ())),
        profiles=len(by_type.get("Profile", ())),
    )
