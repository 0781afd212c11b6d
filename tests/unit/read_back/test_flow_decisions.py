"""Which flows a deployment activates, deactivates and restores, and what its report says of each."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from wavegate.components.component import ComponentId
from wavegate.components.project import read_project
from wavegate.errors import InputError
from wavegate.files.folder import FolderSource
from wavegate.read_back.flow_decisions import (
    FlowSwitch,
    ReleaseFlows,
    flow_changes,
    missed_flows,
    release_flows,
    to_activate,
    to_deactivate_flows,
    to_restore_flows,
)
from wavegate.read_back.values import FlowOutcome
from wavegate.salesforce.org_values import FlowState, FlowVersions

XMLNS = 'xmlns="http://soap.sforce.com/2006/04/metadata"'


def state(active: int | None, latest: int | None, name: str = "F") -> FlowState:
    return FlowState(id=f"300{name}", name=name, versions=FlowVersions(active=active, latest=latest))


def shown(switches: tuple[FlowSwitch, ...]) -> list[tuple[str, int | None]]:
    return [(each.flow.name, each.number) for each in switches]


def flow_id(name: str) -> ComponentId:
    return ComponentId(type="Flow", name=name)


def test_what_a_flow_should_be_is_what_its_file_says(tmp_path: Path) -> None:
    statuses = {"A": "Active", "B": "Draft", "C": "Obsolete", "D": None, "Old-3": "Active"}
    folder = tmp_path / "force-app/flows"
    folder.mkdir(parents=True)
    (tmp_path / "sfdx-project.json").write_text('{"packageDirectories": [{"path": "force-app"}]}')
    for name, status in statuses.items():
        inner = f"<status>{status}</status>" if status else ""
        (folder / f"{name}.flow-meta.xml").write_text(f"<Flow {XMLNS}><label>x</label>{inner}</Flow>")
    project = read_project(FolderSource(tmp_path))
    members = [*map(flow_id, statuses), flow_id("Only_In_The_Org"), ComponentId(type="ApexClass", name="A")]
    removed = [
        flow_id("Z"),
        flow_id("Old-2"),
        ComponentId(type="FlowDefinition", name="Y"),
        ComponentId(type="ApexClass", name="X"),
    ]
    flows = release_flows(members, project, removed)
    assert flows == ReleaseFlows(
        active=("A",),
        inactive={"B": "Draft", "C": "Obsolete", "D": "Draft"},
        removed=("Z",),
        numbered=("Old-3", "Old-2"),
    )
    assert flows.names == ("A", "B", "C", "D", "Z")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (FlowVersions(), (None, 1), [("F", 1)]),  # new, and the org deploys inactive
        (FlowVersions(), (1, 1), []),
        (FlowVersions(active=3, latest=3), (3, 4), [("F", 4)]),
        (FlowVersions(active=3, latest=3), (4, 4), []),
        (FlowVersions(active=1, latest=3), (1, 3), [("F", 3)]),  # the same content as the newest, which is not active
        (FlowVersions(active=3), (3, 9), [("F", 9)]),  # from the ledger, which does not know the newest
    ],
)
def test_the_newest_version_becomes_the_active_one(
    before: FlowVersions, after: tuple[int | None, int], expected: list[tuple[str, int]]
) -> None:
    flows = ReleaseFlows(active=("F",))
    assert shown(to_activate(flows, {"F": state(*after)}, {"F": before})) == expected


@pytest.mark.parametrize(
    ("states", "said"), [({}, "has no flow F"), ({"F": state(3, 5)}, "got versions 4 to 5, but the deployment")]
)
def test_a_flow_that_may_not_be_the_releases_is_not_activated(states: Mapping[str, FlowState], said: str) -> None:
    with pytest.raises(InputError, match=said):
        to_activate(ReleaseFlows(active=("F",)), states, {"F": FlowVersions(active=3, latest=3)})


def test_a_draft_is_not_activated_and_only_removed_flows_are_deactivated() -> None:
    flows = ReleaseFlows(inactive={"F": "Draft"}, removed=("G", "H", "I"))
    states = {"F": state(1, 2), "G": state(2, 2, "G"), "H": state(None, 1, "H")}
    assert to_activate(flows, states, {}) == ()
    assert shown(to_deactivate_flows(flows, states)) == [("G", None)]


def test_what_was_active_before_is_restored() -> None:
    before = {
        "new": FlowVersions(),
        "gone": FlowVersions(active=1, latest=1),
        "back": FlowVersions(active=2, latest=2),
        "off": FlowVersions(active=5, latest=5),
        "same": FlowVersions(active=1, latest=2),
    }
    states = {
        "new": state(1, 1, "new"),
        "back": state(3, 3, "back"),
        "off": state(None, 5, "off"),
        "same": state(1, 3, "same"),
    }
    assert shown(to_restore_flows(states, before)) == [("new", None), ("back", 2), ("off", 5)]


def test_what_the_org_shows_otherwise_is_a_sentence_each() -> None:
    switches = (
        FlowSwitch(flow=state(1, 2), number=2),
        FlowSwitch(flow=state(1, 1, "G"), number=None),
        FlowSwitch(flow=state(1, 2, "H"), number=2),
    )
    states = {"F": state(1, 2), "G": state(1, 1, "G"), "H": state(2, 2, "H")}
    assert missed_flows(switches, states) == [
        "Flow F should have version 2 active, but has version 1 active.",
        "Flow G should be inactive, but has version 1 active.",
    ]
    assert missed_flows(switches[:1], {}) == ["Flow F should have version 2 active, but is inactive."]


def test_the_report_has_every_flow_as_read_back() -> None:
    flows = ReleaseFlows(active=("A",), inactive={"B": "Draft"}, removed=("C", "D", "E"), numbered=("F-1",))
    states = {
        "A": state(2, 2, "A"),
        "B": state(1, 2, "B"),
        "D": state(None, 3, "D"),
        "E": state(None, None, "E"),
    }
    before = {name: FlowVersions(active=1, latest=1) for name in "ABCDE"}
    found = flow_changes(flows, states, before, {"D": "it is used"})
    assert [(each.name, each.outcome, each.before, each.live, each.detail) for each in found[:5]] == [
        ("A", FlowOutcome.ACTIVE, 1, 2, ""),
        ("B", FlowOutcome.NOT_ACTIVE, 1, 1, "git has it as Draft; version 1 stays active in the org"),
        ("C", FlowOutcome.DELETED, 1, None, ""),
        ("D", FlowOutcome.LEFT, 1, None, "it is used"),
        ("E", FlowOutcome.DELETED, 1, None, ""),
    ]
    assert (found[5].name, found[5].outcome) == ("F-1", FlowOutcome.UNREAD)
