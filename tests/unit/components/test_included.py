"""What `include` names: by type and name, by path, or both."""

from collections.abc import Sequence

import pytest
from tests.support.projects import Files
from tests.support.releases import environment

from wavegate.components.changes import compare
from wavegate.components.closure import release_scope
from wavegate.components.component import at_or_below
from wavegate.components.package_xml import package_xml
from wavegate.components.project import read_project
from wavegate.components.scope import ReleaseScope
from wavegate.findings.finding import Location
from wavegate.git.tree import Tree, TreeEntry
from wavegate.release.manifest import Included, Kind, Manifest

NS = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
BASE = "force-app/main/default"
FILES = {
    f"{BASE}/lightningTypes/caseInput/schema.json": "{}",
    f"{BASE}/lightningTypes/caseInput/lightningDesktopGenAi/renderer.json": "{}",
    f"{BASE}/lwc/caseCard/caseCard.js": "export",
    f"{BASE}/lwc/caseCard/caseCard.js-meta.xml": f"<LightningComponentBundle {NS}/>",
    f"{BASE}/objects/Visit__c/Visit__c.object-meta.xml": f"<CustomObject {NS}/>",
    f"{BASE}/objects/Visit__c/fields/Day__c.field-meta.xml": f"<CustomField {NS}/>",
    f"{BASE}/objects/Visit__c/listViews/All.listView-meta.xml": f"<ListView {NS}/>",
    f"{BASE}/objects/Visit__cx/fields/No__c.field-meta.xml": f"<CustomField {NS}/>",
    f"{BASE}/flows/Route.flow-meta.xml": f"<Flow {NS}/>",
    f"{BASE}/layouts/Case-Case Layout.layout-meta.xml": f"<Layout {NS}/>",
    f"{BASE}/reports/Cases/Open.report-meta.xml": f"<Report {NS}/>",
    f"{BASE}/reports/Cases/Old.report-meta.xml": f"<Report {NS}/>",
    f"{BASE}/digitalExperiences/site/shop/shop.digitalExperience-meta.xml": f"<DigitalExperienceBundle {NS}/>",
    f"{BASE}/digitalExperiences/site/shop/home/content.json": "not json",
    f"{BASE}/README.md": "# no metadata",
    "docs/x.flow-meta.xml": f"<Flow {NS}/>",
}


def scope(*include: Included, files: dict[str, str] = FILES) -> ReleaseScope:
    release = Manifest(release="r", environments=(environment("uat"),), include=include)

    def locate(*parts: str | int, key: bool = False) -> Location:  # noqa: ARG001
        return Location(file="release.yml", line=int(parts[1]) + 1)

    return release_scope(release, "uat", read_project(Files(files)), locate)


def names(found: ReleaseScope) -> list[str]:
    return [str(each.id) for each in found.components]


VISIT = ["CustomField:Visit__c.Day__c", "CustomObject:Visit__c", "ListView:Visit__c.All"]
FOUND: dict[str, tuple[Included, Sequence[str]]] = {
    "type and name": (Included(metadata="LightningTypeBundle:caseInput"), ["LightningTypeBundle:caseInput"]),
    "the case of the name": (Included(metadata="LightningTypeBundle:CASEINPUT"), ["LightningTypeBundle:caseInput"]),
    "a name with a space": (Included(metadata="Layout:Case-Case Layout"), ["Layout:Case-Case Layout"]),
    "an object has its parts": (Included(metadata="CustomObject:Visit__c"), VISIT),
    "a part alone": (Included(metadata="CustomField:Visit__c.Day__c"), VISIT[:1]),
    "a folder": (Included(path=f"{BASE}/lwc"), ["LightningComponentBundle:caseCard"]),
    "a folder with a slash": (Included(path=f"./{BASE}/objects/Visit__c/"), VISIT),
    "a file of a bundle": (Included(path=f"{BASE}/lwc/caseCard/caseCard.js"), ["LightningComponentBundle:caseCard"]),
    "a folder in a bundle": (
        Included(path=f"{BASE}/lightningTypes/caseInput/lightningDesktopGenAi"),
        ["LightningTypeBundle:caseInput"],
    ),
    "another type": (
        Included(metadata="Report:Cases/Open", path=f"{BASE}/reports/Cases/Open.report-meta.xml"),
        ["Report:Cases/Open"],
    ),
    "a known type with its path": (Included(metadata="Flow:Route", path=f"{BASE}/flows"), ["Flow:Route"]),
}


@pytest.mark.parametrize("case", FOUND)
def test_an_entry_ships_what_it_names(case: str) -> None:
    included, expected = FOUND[case]
    found = scope(included)
    assert (names(found), found.findings) == (expected, ())


def test_a_component_of_another_type_has_all_files_at_its_path() -> None:
    folder = f"{BASE}/digitalExperiences/site/shop"
    found = scope(Included(metadata="DigitalExperienceBundle:site/shop", path=folder))
    (component,) = found.components
    assert component.path == f"{folder}/shop.digitalExperience-meta.xml"
    assert component.paths == (f"{folder}/home/content.json", f"{folder}/shop.digitalExperience-meta.xml")
    assert found.kinds == {Kind.METADATA}
    assert "<members>site/shop</members>\n        <name>DigitalExperienceBundle</name>" in package_xml(
        found.components, "66.0"
    )


UNKNOWN: dict[str, tuple[Included, str, str]] = {
    "no such name": (
        Included(metadata="LightningTypeBundle:caseInputs"),
        "include/unknown",
        "Did you mean `caseInput`?",
    ),
    "no such type": (
        Included(metadata="LightningTypBundle:caseInput"),
        "component/unknown-type",
        "Did you mean `LightningTypeBundle`?",
    ),
    "a type that needs a path": (
        Included(metadata="Report:Cases/Open"),
        "component/unknown-type",
        '{metadata: "Report:Cases/Open", path:',
    ),
    "no such folder": (Included(path=f"{BASE}/lwcs"), "include/unknown", f"Did you mean `{BASE}/lwc`?"),
    "no such file": (
        Included(path=f"{BASE}/flows/Rout.flow-meta.xml"),
        "include/unknown",
        f"Did you mean `{BASE}/flows/Route.flow-meta.xml`?",
    ),
    "outside of the package directories": (Included(path="docs/x.flow-meta.xml"), "include/unknown", "relative"),
    "a folder of a type that needs a name": (
        Included(path=f"{BASE}/reports"),
        "component/unknown-type",
        f'path: "{BASE}/reports/Cases/Old.report-meta.xml"',
    ),
    "a known type at another path": (
        Included(metadata="Flow:Route", path=f"{BASE}/lwc"),
        "include/other-path",
        "Correct the path",
    ),
    "files of another component": (
        Included(metadata="Report:Cases/Open", path=f"{BASE}/flows"),
        "include/overlap",
        "`Report:Cases/Open` alone",
    ),
    "another type without files": (
        Included(metadata="Report:Cases/Open", path=f"{BASE}/reports/Cases/Opn.report-meta.xml"),
        "include/unknown",
        f"Did you mean `{BASE}/reports/Cases/Open.report-meta.xml`?",
    ),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_an_unknown_entry_is_an_error_at_its_place(case: str) -> None:
    included, rule, fix = UNKNOWN[case]
    found = scope(Included(metadata="Flow:Route"), included)
    (finding,) = found.findings
    assert (finding.rule, finding.severity, finding.location.line) == (rule, "error", 2)
    assert fix in finding.fix
    assert names(found) == ["Flow:Route"]


def test_a_folder_with_some_files_of_unknown_types_is_a_warning() -> None:
    found = scope(Included(path=BASE))
    (finding,) = found.findings
    assert (finding.rule, finding.severity) == ("component/unknown-type", "warning")
    assert "3 files" in finding.message
    assert "Flow:Route" in names(found)


def test_an_included_component_is_compared_like_any_other() -> None:
    open_report = Included(metadata="Report:Cases/Open", path=f"{BASE}/reports/Cases/Open.report-meta.xml")
    found = scope(open_report, Included(metadata="Flow:Route"))
    paths = [path for each in found.components for path in each.paths]
    live, head = (
        Tree(
            sha="",
            files={path: TreeEntry(mode="100644", sha=sha if "report" in path else "same") for path in paths},
            folders={},
        )
        for sha in ("old", "new")
    )
    changes = compare(found, found, read_project(Files(FILES)), head=head, live=live, prefix="")
    assert [(str(each.component.id), each.kind) for each in changes] == [("Report:Cases/Open", "changed")]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a", ["a/b", "a/b.c", "a/b/c"]),
        ("a/b", ["a/b", "a/b/c"]),
        ("a/b/", ["a/b", "a/b/c"]),
        ("a/b.c", ["a/b.c"]),
        ("./a/./b/c", ["a/b/c"]),
        ("", ["a/b", "a/b.c", "a/b/c", "aa"]),
        ("b", []),
    ],
)
def test_the_paths_at_or_below_a_path(path: str, found: Sequence[str]) -> None:
    assert list(at_or_below(["a/b", "a/b.c", "a/b/c", "aa"], path)) == list(found)
