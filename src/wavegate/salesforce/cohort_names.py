"""The public groups and permission sets of an org that a cohort's name may mean."""

import re
from collections.abc import Iterable, Iterator

from wavegate.salesforce.org import Org, literal

_ANY = re.compile(r"[^0-9A-Za-z]")


def groups_named(org: Org, names: Iterable[str]) -> tuple[str, ...]:
    """API names of the public groups that are equal to one of these, but for case and separators, sorted."""
    return tuple(_like(org, "DeveloperName", "FROM Group WHERE Type = 'Regular'", names))


def permission_sets_named(org: Org, names: Iterable[str]) -> tuple[str, ...]:
    """API names of the permission sets that are equal to one of these, but for case and separators, sorted."""
    return tuple(_like(org, "Name", "FROM PermissionSet WHERE IsOwnedByProfile = false", names))


def _like(org: Org, field: str, start: str, names: Iterable[str]) -> Iterator[str]:
    """The names that SOQL's LIKE finds, which ignores case; `_` stands for any one character."""
    patterns = dict.fromkeys(_ANY.sub("_", name).casefold() for name in names)
    found = {row[0] for each in patterns for row in org.select([field], f"{start} AND {field} LIKE {literal(each)}")}
    yield from sorted(found)
