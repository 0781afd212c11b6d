"""Permission sets of an org: who has one, who is in a public group, assigning and removing one.

Assigning one that a user already has and removing one that is gone both count as done, so repeating either changes
nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wavegate.errors import InputError, ServiceError
from wavegate.salesforce.org import Org, literal
from wavegate.text import one_line

_BATCH = 200
"""Records per request. Source: REST API, sObject Collections."""
_LISTED = 100
"""Values listed in one query: a user name has up to 80 characters, and a URL up to 16 KB."""
_DEEPEST = 8
"""Levels of public groups within public groups."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PermissionSet:
    """A permission set of the org. held: user name by user id. assignments: id of each assignment by user id."""

    id: str
    name: str
    held: Mapping[str, str]
    assignments: Mapping[str, str]


def read_permission_set(org: Org, name: str) -> PermissionSet:
    """A permission set and who has it. InputError: the org does not have it."""
    found = find_permission_set(org, name)
    if found is None:
        raise InputError(
            f"{org.host} has no permission set named {one_line(name, 100)}.",
            fix="Deploy it with the release, or correct the cohort's permissionSet in the manifest.",
        )
    return found


def find_permission_set(org: Org, name: str) -> PermissionSet | None:
    """A permission set and who has it, not counting those who have it through a group; None if there is none."""
    found = org.select(["Id"], f"FROM PermissionSet WHERE Name = {literal(name)} AND IsOwnedByProfile = false")
    if not found:
        return None
    ((set_id,),) = found[:1]
    rows = org.select(
        ["Id", "AssigneeId", "Assignee.Username"],
        f"FROM PermissionSetAssignment WHERE PermissionSetId = {literal(set_id)}",
    )
    return PermissionSet(
        id=set_id,
        name=name,
        held={user_id: username for _, user_id, username in rows},
        assignments={user_id: assignment for assignment, user_id, _ in rows},
    )


def find_users(org: Org, *, groups: Sequence[str], users: Sequence[str]) -> dict[str, str]:
    """User name by user id of the active users that are listed or belong to the groups, nested groups included.

    InputError: the org does not have one of the groups or users, or a group has members of another kind.
    """
    ids = _members(org, groups)
    found = {**_users(org, "Id", ids), **_users(org, "Username", users)}
    names = {name.casefold() for name in found.values()}
    for name in users:
        if name.casefold() not in names:
            raise InputError(
                f"{org.host} has no active user {one_line(name, 100)}.",
                fix="Correct the cohort's users in the manifest.",
            )
    return found


def group_names(org: Org) -> tuple[str, ...]:
    """API names of the org's public groups, sorted."""
    rows = org.select(["DeveloperName"], "FROM Group WHERE Type = 'Regular' ORDER BY DeveloperName")
    return tuple(name for (name,) in rows)


def permission_set_names(org: Org) -> tuple[str, ...]:
    """API names of the org's permission sets, sorted."""
    rows = org.select(["Name"], "FROM PermissionSet WHERE IsOwnedByProfile = false ORDER BY Name")
    return tuple(name for (name,) in rows)


def active_users(org: Org, ids: Iterable[str]) -> dict[str, str]:
    """User name by user id of those that are active."""
    return _users(org, "Id", list(ids))


def assign(org: Org, permission_set: PermissionSet, user_ids: Iterable[str]) -> None:
    """Assign it to users."""
    for batch in _batches(user_ids):
        records = [
            {
                "attributes": {"type": "PermissionSetAssignment"},
                "AssigneeId": user_id,
                "PermissionSetId": permission_set.id,
            }
            for user_id in batch
        ]
        body = {"allOrNone": False, "records": records}
        answer = org.post("/composite/sobjects", body, repeatable=True)
        _confirm(org, answer, len(batch), permission_set, "DUPLICATE_VALUE")


def unassign(org: Org, permission_set: PermissionSet, user_ids: Iterable[str]) -> None:
    """Remove it from users."""
    for batch in _batches(permission_set.assignments[user_id] for user_id in user_ids):
        answer = org.delete("/composite/sobjects", {"ids": ",".join(batch), "allOrNone": "false"})
        _confirm(org, answer, len(batch), permission_set, "ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY")


def _members(org: Org, groups: Sequence[str]) -> list[str]:
    """Ids of the users in the groups and in the groups within them."""
    level = _groups(org, "DeveloperName", groups)
    known = {name.casefold() for name in level.values()}
    for name in groups:
        if name.casefold() not in known:
            raise InputError(
                f"{org.host} has no public group {one_line(name, 100)}.",
                fix="Correct the cohort's group in the manifest, or create the group.",
            )
    seen: set[str] = set()
    users: list[str] = []
    for _ in range(_DEEPEST):
        seen |= level.keys()
        ids = [member for (member,) in _select(org, ["UserOrGroupId"], "FROM GroupMember WHERE GroupId", list(level))]
        users += [each for each in ids if each.startswith("005")]
        nested = [each for each in ids if not each.startswith("005") and each not in seen]
        level = _groups(org, "Id", nested)
        if len(level) < len(set(nested)):
            raise InputError(
                f"A public group of {org.host} has members such as roles or queues, not only users and groups.",
                fix="Use a group of users and public groups for a pilot cohort, or list its users.",
            )
        if not level:
            return users
    raise InputError(
        f"The public groups of a pilot cohort in {org.host} are nested more than {_DEEPEST} levels deep.",
        fix="Use a flatter group for the cohort, or list its users.",
    )


def _groups(org: Org, field: str, values: Sequence[str]) -> dict[str, str]:
    rows = _select(org, ["Id", "DeveloperName"], f"FROM Group WHERE Type = 'Regular' AND {field}", values)
    return {row[0]: row[1] for row in rows}


def _users(org: Org, field: str, values: Sequence[str]) -> dict[str, str]:
    rows = _select(org, ["Id", "Username"], f"FROM User WHERE IsActive = true AND {field}", values)
    return {row[0]: row[1] for row in rows}


def _select(org: Org, fields: Sequence[str], start: str, values: Sequence[str]) -> list[tuple[str, ...]]:
    """The records of a query that ends in `IN (values)`."""
    return [
        row
        for batch in _batches(dict.fromkeys(values), _LISTED)
        for row in org.select(fields, f"{start} IN ({', '.join(map(literal, batch))})")
    ]


def _batches(values: Iterable[str], size: int = _BATCH) -> Iterator[list[str]]:
    every = list(values)
    for start in range(0, len(every), size):
        yield every[start : start + size]


def _confirm(org: Org, answer: Any, count: int, permission_set: PermissionSet, *done: str) -> None:
    """Check that every record was changed or needed no change. done: error codes of those that needed none."""
    entries = answer if isinstance(answer, list) and len(answer) == count else [None]
    for entry in entries:
        problems = _problems(entry)
        if problems and not {code for code, _ in problems} <= set(done):
            raise ServiceError(
                f"{org.host} did not update the assignments of {permission_set.name}: {problems[0][1]}",
                fix="Check that the login user may assign permission sets, then run the command again.",
            )


def _problems(entry: Any) -> list[tuple[str, str]]:
    """Code and message of each error of a record; [] if it was changed."""
    if not isinstance(entry, dict):
        return [("", "the response does not cover every record")]
    if entry.get("success") is True:
        return []
    errors = entry.get("errors")
    found = [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
    return [(str(each.get("statusCode")), one_line(str(each.get("message", "")), 200)) for each in found] or [
        ("", "no reason given")
    ]
