"""Grants of a permission set are grouped so that a reader gets the fewest lines."""

from collections.abc import Sequence

import pytest

from wavegate.findings.finding import Location
from wavegate.guardrails.diff.areas.permissions import permission_changes
from wavegate.guardrails.model import Grant, PermissionGrants


def granted(*grants: tuple[str, str]) -> PermissionGrants:
    """Levels on objects."""
    place = Location("Desk.permissionset-meta.xml", 3)
    return PermissionGrants(
        name="Desk",
        grants={Grant(kind="object", name=name, level=level): place for name, level in grants},
        location=place,
    )


@pytest.mark.parametrize(
    ("grants", "messages"),
    [
        (
            [("Fine__c", level) for level in ("create", "edit", "read")],
            ["`Desk` grants create, edit, read of object `Fine__c`."],
        ),
        (
            [(name, level) for name in ("Card__c", "Fine__c") for level in ("edit", "read")],
            ["`Desk` grants edit, read of object `Card__c` and `Fine__c`."],
        ),
        (
            [("Card__c", "read"), ("Fine__c", "read"), ("Loan__c", "read")],
            ["`Desk` grants read of object `Card__c`, `Fine__c` and `Loan__c`."],
        ),
        (
            [("Card__c", "edit"), ("Fine__c", "edit"), ("Fine__c", "read"), ("Loan__c", "read")],
            [
                "`Desk` grants edit of object `Card__c` and `Fine__c`.",
                "`Desk` grants read of object `Fine__c` and `Loan__c`.",
            ],
        ),
    ],
)
def test_grants_are_grouped_by_level_or_by_object(grants: Sequence[tuple[str, str]], messages: Sequence[str]) -> None:
    assert sorted(each.message for each in permission_changes({}, {"Desk": granted(*grants)})) == messages
