"""Permission sets of an org: who has one, who is in a public group, and giving and taking one.

Giving one that a user has, and taking one that is gone, are both done: so doing either again changes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wavegate.errors import InputError, ServiceError
from wavegate.salesforce.org import Org, literal
from wavegate.text import one_line

_BATCH = 200
"""Records of one request. Source: REST API, sObject Collections."""
_LISTED = 100
"""Values that a query lists: user names are up to 80 characters, and an address up to 16 KB."""
_DEEPEST = 8
"""Public groups within groups that are followed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PermissionSet:
    """A permission set of the org. held: user name by user id. assignments: id of each assignment by user id."""

    id: str
    name: str
    held: Mapping[str, str]
    assignments: Mapping[str, str]


def read_permission_set(org: Org, name: str) -> PermissionSet:
    """A permission set and who has it. InputError: the org has none of that name."""
    found = org.select(["Id"], f"FROM PermissionSet WHERE Name = {literal(name)} AND IsOwnedByProfile = false")
    if not found:
        raise InputError(
            f"{org.host} has no permission set named {one_line(name, 100)}.",
            fix="Deploy it with the release, or correct the cohort's permissionSet in the manifest.",
        )
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
    """User name by user id of the active users that are named, or are in the groups and the groups within those.

    InputError: the org lacks one of the groups or users, or a group holds what is neither a user nor a public group.
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


def assign(org: Org, permission_set: PermissionSet, user_ids: Iterable[str]) -> None:
    """Give it to users."""
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
        _confirm(org, org.post("/composite/sobjects", body, repeatable=True), permission_set, "DUPLICATE_VALUE")


def unassign(org: Org, permission_set: PermissionSet, user_ids: Iterable[str]) -> None:
    """Take it from users."""
    for batch in _batches(permission_set.assignments[user_id] for user_id in user_ids):
        answer = org.delete("/composite/sobjects", {"ids": ",".join(batch), "allOrNone": "false"})
        _confirm(org, answer, permission_set, "ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY")


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
                f"A public group of {org.host} holds roles, queues or others that are no public groups.",
                fix="Use a group of users and public groups for a pilot cohort, or list its users.",
            )
        if not level:
            break
    return users


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


def _confirm(org: Org, answer: Any, permission_set: PermissionSet, *done: str) -> None:
    """Every record went through, or was as it should be before. done: codes that say so."""
    for entry in answer if isinstance(answer, list) else [{}]:
        errors = entry.get("errors") or []
        codes = [str(each.get("statusCode")) for each in errors]
        if entry.get("success") is not True and not (codes and set(codes) <= set(done)):
            told = one_line(str(errors[0].get("message", "")), 200) if errors else "no reason given"
            raise ServiceError(
                f"{org.host} did not change who has {permission_set.name}: {told}",
                fix="Check the login user's right to assign permission sets, then run the command again.",
            )
