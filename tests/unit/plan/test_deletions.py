"""How many deletions a promotion may make without being asked."""

import pytest
from tests.support.releases import environment
from tests.support.sources import component_id

from wavegate.components.changes import ChangeKind, ComponentChange
from wavegate.components.component import Component
from wavegate.components.scope import ReleaseScope
from wavegate.findings.finding import Location
from wavegate.plan.deletions import deletion_findings
from wavegate.release.manifest import Manifest

COMPONENTS = tuple(Component(id=component_id(f"ApexClass:C{number}"), path="f") for number in range(16))
LIVE = ReleaseScope(environment="uat", components=COMPONENTS, edges=(), contents={})
PLACE = Location(file="release.yml")


def rules(removed: int, *, was_live: bool = False, allow: bool = False) -> list[str]:
    manifest = Manifest(release="r", environments=(environment("uat"),), allow_deletions=allow)
    changes = [ComponentChange(component=each, kind=ChangeKind.REMOVED) for each in COMPONENTS[:removed]]
    return [each.rule for each in deletion_findings(manifest, changes, LIVE, PLACE, was_live=was_live)]


@pytest.mark.parametrize(("removed", "expected"), [(4, []), (5, ["deploy/too-many-deletions"])])
def test_more_than_the_share_is_an_error(removed: int, expected: list[str]) -> None:
    assert rules(removed) == expected
    assert rules(removed, allow=True) == []


def test_a_release_that_was_live_before_may_delete_all_that_was_added_since() -> None:
    assert rules(16, was_live=True) == []
