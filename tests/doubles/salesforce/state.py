"""The state of the org double: agents, permission sets and users, as rows for SOQL queries."""

import base64
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

ORG_ID = "00D000000000001AAA"
USER_ID = "005000000000001AAA"
USERNAME = "release@acme.example"

Row = dict[str, object]


def salesforce_id(prefix: str, number: int) -> str:
    """An 18-character record id."""
    return f"{prefix}{number:012d}AAA"


def named_user_jwt() -> str:
    """A token in JWT form, as the CLI requests it before it activates an agent."""

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return ".".join([part({"alg": "none"}), part({"sub": USER_ID, "iss": "double"}), "signature"])


@dataclass(kw_only=True, slots=True)
class BotVersion:
    """One version of an agent."""

    id: str
    number: int
    active: bool = False


@dataclass(kw_only=True, slots=True)
class Bot:
    """An agent."""

    id: str
    name: str
    versions: list[BotVersion] = field(default_factory=list)

    @property
    def active(self) -> int | None:
        """Number of the active version; None if the agent is inactive."""
        return next((each.number for each in self.versions if each.active), None)

    def activate(self, number: int | None) -> None:
        """Activate that version and no other; None deactivates the agent."""
        for version in self.versions:
            version.active = version.number == number


class Records:
    """Agents, users, groups and permission sets, and their rows for queries.

    grants: the agents that a permission set, group of sets or profile gives access to, by its name. groups_of_sets,
    profiles: ids of permission set groups' and profiles' own permission sets. grouped: the permission sets of each
    group. may_view_setup: without it, the org does not have SetupEntityAccess. unlicensed: names of users whose
    license allows no further permission set. inactive: names of those who left. templates: identifier of the active
    version, by prompt template. activates_templates: whether a deployment makes the version active that a template's
    file names.
    """

    def __init__(self) -> None:
        self.bots: dict[str, Bot] = {}
        self.users: dict[str, str] = {USERNAME: USER_ID}
        self.groups: dict[str, set[str]] = {}
        self.permission_sets: dict[str, str] = {}
        self.assignments: dict[str, tuple[str, str]] = {}
        self.grants: dict[str, tuple[str, ...]] = {}
        self.groups_of_sets: dict[str, str] = {}
        self.profiles: dict[str, str] = {}
        self.grouped: dict[str, tuple[str, ...]] = {}
        self.unlicensed: set[str] = set()
        self.inactive: set[str] = set()
        self.templates: dict[str, str] = {}
        self.activates_templates = True
        self.may_deploy = True
        self.may_view_setup = True
        self._numbers = count(1)

    def new_id(self, prefix: str) -> str:
        """A new record id."""
        return salesforce_id(prefix, next(self._numbers))

    def add_bot(self, name: str, *, versions: int = 1, active: int | None = None) -> Bot:
        """Add an agent with versions 1 to `versions`, at most one of them active."""
        bot = Bot(id=self.new_id("0Xx"), name=name)
        self.bots[name] = bot
        for number in range(1, versions + 1):
            self.add_version(name, number)
        bot.activate(active)
        return bot

    def add_version(self, name: str, number: int) -> None:
        """Add an inactive version to an agent."""
        self.bots[name].versions.append(BotVersion(id=self.new_id("0X9"), number=number))

    def version(self, version_id: str) -> tuple[Bot, BotVersion] | None:
        """The version with that id and its agent."""
        found = ((bot, version) for bot in self.bots.values() for version in bot.versions)
        return next(((bot, version) for bot, version in found if version.id == version_id), None)

    def add_user(self, username: str, *groups: str) -> str:
        """Add a user who is a member of public groups."""
        user_id = self.users.setdefault(username, self.new_id("005"))
        for group in groups:
            self.groups.setdefault(group, set()).add(user_id)
        return user_id

    def add_permission_set(self, name: str) -> str:
        """Add a permission set."""
        return self.permission_sets.setdefault(name, self.new_id("0PS"))

    def add_profile(self, name: str, *usernames: str) -> str:
        """Add a profile with the permission set that it owns, which its users have."""
        set_id = self.profiles.setdefault(name, self.new_id("0PS"))
        for each in usernames:
            self.assignments[self.new_id("0Pa")] = (self.users[each], set_id)
        return set_id

    def add_group_of_sets(self, name: str, sets: tuple[str, ...], *usernames: str) -> str:
        """Add a permission set group with the permission set that stands for it, which its users have."""
        set_id = self.groups_of_sets.setdefault(name, self.new_id("0PS"))
        self.grouped[name] = sets
        for each in usernames:
            self.assignments[self.new_id("0Pa")] = (self.users[each], set_id)
        return set_id

    def _set_ids(self) -> dict[str, str]:
        """Ids of all permission sets, those of groups and profiles included, by name."""
        return {**self.permission_sets, **self.groups_of_sets, **self.profiles}

    def refuses(self, user_id: str, set_id: str) -> tuple[str, str] | None:
        """Code and message of the org's refusal to assign a permission set; None if it does.

        Source of the message: Veeva support, article 115003888654, quoting it.
        """
        user = next((name for name, known in self.users.items() if known == user_id), None)
        if user is None or set_id not in self.permission_sets.values():
            return "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"
        if user in self.unlicensed:
            name = next(each for each, known in self.permission_sets.items() if known == set_id)
            words = (
                f"Can't assign permission set {name} to user {user}. The user license doesn't allow the permission"
            )
            return "FIELD_INTEGRITY_EXCEPTION", words
        return None

    def assign(self, permission_set: str, *usernames: str) -> None:
        """Assign a permission set to users, as somebody did before."""
        for name in usernames:
            self.assignments[self.new_id("0Pa")] = (self.users[name], self.permission_sets[permission_set])

    def assigned(self, permission_set: str) -> set[str]:
        """The names of the users with a permission set."""
        names = {user_id: name for name, user_id in self.users.items()}
        wanted = self.permission_sets[permission_set]
        return {names[user] for user, held in self.assignments.values() if held == wanted}

    def rows(self, table: str) -> Iterator[Row] | None:
        """The rows of an object, with dotted names for parents; None for an object that the org does not have."""
        source = {
            "organization": self._organization,
            "user": self._users,
            "botdefinition": self._bots,
            "botversion": self._versions,
            "permissionset": self._permission_sets,
            "permissionsetassignment": self._assignments,
            "groupmember": self._members,
            "group": self._groups,
            "setupentityaccess": self._accesses if self.may_view_setup else None,
            "permissionsetgroupcomponent": self._grouped_sets,
            "userpermissionaccess": self._permissions,
        }.get(table.lower())
        return source() if source else None

    def _permissions(self) -> Iterator[Row]:
        yield {"PermissionsModifyAllData": False, "PermissionsModifyMetadata": self.may_deploy}

    def _organization(self) -> Iterator[Row]:
        yield {"Id": ORG_ID, "Name": "Acme", "IsSandbox": True, "InstanceName": "DBL1", "NamespacePrefix": None}

    def _users(self) -> Iterator[Row]:
        for name, user_id in self.users.items():
            yield {"Id": user_id, "Username": name, "IsActive": name not in self.inactive}

    def _bots(self) -> Iterator[Row]:
        for bot in self.bots.values():
            versions = [_version_row(bot, each) for each in sorted(bot.versions, key=lambda each: each.number)]
            yield {"Id": bot.id, "DeveloperName": bot.name, "MasterLabel": bot.name, "IsDeleted": False,
                   "BotVersions": versions}  # fmt: skip

    def _versions(self) -> Iterator[Row]:
        for bot in self.bots.values():
            yield from (_version_row(bot, each) for each in bot.versions)

    def _permission_sets(self) -> Iterator[Row]:
        for name, set_id in self.permission_sets.items():
            yield {"Id": set_id, "Name": name, "NamespacePrefix": None, "IsOwnedByProfile": False, "Profile": None}
        for name, set_id in self.profiles.items():
            yield {"Id": set_id, "Name": f"X{set_id}", "NamespacePrefix": None, "IsOwnedByProfile": True,
                   "Profile.Name": name}  # fmt: skip

    def _grouped_sets(self) -> Iterator[Row]:
        for group, sets in self.grouped.items():
            for name in sets:
                yield {"PermissionSetId": self.permission_sets[name], "PermissionSetGroup.DeveloperName": group,
                       "PermissionSetGroupId": _set_group_id(group)}  # fmt: skip

    def _accesses(self) -> Iterator[Row]:
        kinds = {**dict.fromkeys(self.permission_sets, "Regular"), **dict.fromkeys(self.groups_of_sets, "Group"),
                 **dict.fromkeys(self.profiles, "Profile")}  # fmt: skip
        for name, agents in self.grants.items():
            for bot in (self.bots[agent] for agent in agents if agent in self.bots):
                yield {"ParentId": self._set_ids()[name], "Parent.Name": name, "Parent.Type": kinds[name],
                       "SetupEntityType": "BotDefinition", "SetupEntityId": bot.id}  # fmt: skip

    def _assignments(self) -> Iterator[Row]:
        names = {set_id: name for name, set_id in self._set_ids().items()}
        users = {user_id: name for name, user_id in self.users.items()}
        for row_id, (user, held) in self.assignments.items():
            is_group = names[held] in self.groups_of_sets and held not in self.permission_sets.values()
            yield {"Id": row_id, "AssigneeId": user, "PermissionSetId": held,
                   "PermissionSetGroupId": _set_group_id(names[held]) if is_group else None,
                   "PermissionSet.Name": names[held], "Assignee.Username": users[user],
                   "Assignee.IsActive": users[user] not in self.inactive}  # fmt: skip

    def _groups(self) -> Iterator[Row]:
        for name in self.groups:
            yield {"Id": group_id(name), "DeveloperName": name, "Type": "Regular"}

    def _members(self) -> Iterator[Row]:
        for name, members in self.groups.items():
            for member in sorted(members):
                yield {"Id": "011" + member[3:], "UserOrGroupId": member, "GroupId": group_id(name)}


def group_id(name: str) -> str:
    """The id of the public group with that name."""
    return salesforce_id("00G", zlib.crc32(name.encode()))


def _set_group_id(name: str) -> str:
    return salesforce_id("0PG", zlib.crc32(name.encode()))


def _version_row(bot: Bot, version: BotVersion) -> Row:
    return {
        "Id": version.id,
        "BotDefinitionId": bot.id,
        "BotDefinition.DeveloperName": bot.name,
        "BotDefinition.Id": bot.id,
        "DeveloperName": f"v{version.number}",
        "VersionNumber": version.number,
        "Status": "Active" if version.active else "Inactive",
        "IsDeleted": False,
    }
