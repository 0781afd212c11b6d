"""What differs between two releases as units, for an agent with a planner, flows and classes."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.support.projects import PROJECT, Files, manifest

from wavegate.bisect.side import ReleaseSide
from wavegate.bisect.suspicion import weights
from wavegate.bisect.units import change_units
from wavegate.bisect.values import ChangeUnit, UnitKind
from wavegate.components.closure import release_scope
from wavegate.components.project import read_project
from wavegate.git.tree import TreeEntry
from wavegate.guardrails.mutate.reach import TestAim
from wavegate.release.manifest import Agent

BASE = {
    path.relative_to(PROJECT).as_posix(): path.read_bytes() for path in sorted(PROJECT.rglob("*")) if path.is_file()
}
D = "force-app/main/default"
VERSION = f"{D}/bots/Support_Agent/v3.botVersion-meta.xml"


def side(changes: Mapping[str, bytes | None] = {}, pin: int | None = 3) -> ReleaseSide:
    """A release of the fixture project with changed files; None deletes one."""
    files = {path: data for path, data in {**BASE, **changes}.items() if data is not None}
    project = read_project(Files(files))
    release = manifest(agents=(Agent(name="Support_Agent", version=pin),))
    text = f"pin {pin}".encode()
    entries = {
        path: TreeEntry(mode="100644", sha=hashlib.sha1(data, usedforsecurity=False).hexdigest())
        for path, data in {**files, release.path: text}.items()
    }
    scope = release_scope(release, "uat", project)
    return ReleaseSide(project=project, scope=scope, manifest=release, environment="uat", files=entries)


def units(good: ReleaseSide, bad: ReleaseSide) -> dict[str, ChangeUnit]:
    return {each.id: each for each in change_units(good, bad)}


def shipped(type_: str) -> list[str]:
    """Paths that define the components of a type that the release ships."""
    return [each.path for each in side().scope.components if each.id.type == type_ and each.parent is None]


def more(path: str) -> dict[str, bytes | None]:
    return {path: BASE[path] + b"\n<!-- more -->\n"}


def test_the_units_together_make_the_bad_release_of_the_good_one() -> None:
    flow, cls = shipped("Flow")[0], shipped("ApexClass")[0]
    bad = side({**more(flow), cls: None, f"{D}/notes.txt": b"new", **more(VERSION)})
    good = side()
    files = {**good.files}
    for unit in change_units(good, bad):
        for path, entry in unit.files.items():
            assert files.get(path) != entry, "only what differs"
            if entry is None:
                del files[path]
            else:
                files[path] = entry
    assert files == bad.files


def test_equal_releases_have_no_unit_and_the_order_of_files_does_not_count() -> None:
    assert change_units(side(), side()) == ()
    changes = {**more(shipped("Flow")[0]), **more(shipped("ApexClass")[0])}
    assert change_units(side(), side(changes)) == change_units(side(), side(dict(reversed(changes.items()))))


def test_an_agent_with_its_version_and_planner_is_one_unit() -> None:
    planner = shipped("GenAiPlannerBundle")[0]
    found = units(side(), side({**more(planner), **more(VERSION), **more(shipped("Flow")[0])}))
    (agent,) = [each for each in found.values() if planner in each.files]
    assert VERSION in agent.files
    assert {name.partition(":")[0] for name, _ in agent.members} == {"BotVersion", "GenAiPlannerBundle"}
    assert agent.id.endswith(" and 1 more")
    assert len(found) == 2


def test_pins_are_a_unit_that_brings_the_new_version_and_lets_the_old_one_go() -> None:
    new = f"{D}/bots/Support_Agent/v4.botVersion-meta.xml"
    found = units(side(), side({new: BASE[VERSION].replace(b"v3", b"v4"), VERSION: None}, pin=4))
    (pins,) = [each for each in found.values() if each.kind is UnitKind.PINS]
    assert list(pins.files) == ["agentforce/release.yml"]
    (added,) = [each for each in found.values() if new in each.files]
    assert added.id in pins.requires or added.id == pins.id


def test_a_manifest_with_the_same_pins_is_not_a_change() -> None:
    good = side()
    bad = side()
    changed = {**bad.files, "agentforce/release.yml": TreeEntry(mode="100644", sha="0" * 40)}
    other = ReleaseSide(project=bad.project, scope=bad.scope, manifest=bad.manifest, environment="uat", files=changed)
    assert change_units(good, other) == ()


def test_files_of_no_component_are_units_and_what_does_not_ship_is_one() -> None:
    unshipped = [
        each.path
        for each in side().project.components.values()
        if each.id.type == "ApexClass" and each.id not in {one.id for one in side().scope.components}
    ]
    unshipped += [f"{D}/bots/Billing_Agent/Billing_Agent.bot-meta.xml"]
    changes = {path: BASE[path] + b" " for path in unshipped}
    found = units(side(), side({**changes, f"{D}/one.txt": b"1", f"{D}/two.txt": b"2", ".forceignore": b"x"}))
    kinds = sorted((each.kind.value, len(each.files)) for each in found.values())
    assert kinds == [("file", 1), ("file", 1), ("file", 1), ("not shipped", len(unshipped))]
    (rest,) = [each for each in found.values() if each.kind is UnitKind.UNSHIPPED]
    assert "Bot:Billing_Agent" in {name for name, _ in rest.members}


def test_a_moved_component_is_a_change_of_both_paths() -> None:
    flow = shipped("Flow")[0]
    moved = flow.replace("flows/", "flows/moved/")
    (unit,) = change_units(side(), side({flow: None, moved: BASE[flow]}))
    assert unit.files[flow] is None
    assert unit.files[moved] is not None
    assert [change for _, change in unit.members] == ["moved"]


def test_what_the_test_names_is_most_suspicious_and_what_does_not_ship_least() -> None:
    flow = shipped("Flow")[0]
    function = shipped("GenAiFunction")[0]
    bad = side({**more(flow), **more(function), f"{D}/one.txt": b"1", **more(VERSION)})
    found = change_units(side(), bad)
    action = Path(function).parent.name
    aim = TestAim(key=("s", "t"), actions=frozenset({action}), agent="Support_Agent")
    known = weights(found, side(), bad, aim, frozenset())
    by_file = {path: known[each.id] for each in found for path in each.files}
    assert by_file[function] == max(known.values()) == 8
    assert by_file[f"{D}/one.txt"] == min(known.values())
    guarded = weights(found, side(), bad, aim, frozenset({flow}))
    assert guarded[next(each.id for each in found if flow in each.files)] == 2 * by_file[flow]


@pytest.mark.parametrize("pin", [2, 3])
def test_no_requirement_leads_out_of_the_units(pin: int) -> None:
    bad = side({**{path: None for path in BASE if "/genAiFunctions/" in path}, f"{D}/x.txt": b"x"}, pin=pin)
    found = units(side(), bad)
    assert all(each.requires <= found.keys() - {each.id} for each in found.values())
