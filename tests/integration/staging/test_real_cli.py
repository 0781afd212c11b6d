"""Staged releases as the real CLI converts them: the package is the plan, file by file."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.support.staging import XMLNS, agent, component, contents, metadata, settings, stage
from tests.support.tools import node_bin, npm_bin

from wavegate.components.component import Component
from wavegate.salesforce.cli import Cli
from wavegate.staging.convert import converted_findings
from wavegate.staging.values import StagedRelease

NS = "{http://soap.sforce.com/2006/04/metadata}"
FLOW = "force-app/main/flows/F.flow-meta.xml"


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setenv("PATH", os.pathsep.join([str(node_bin()), str(npm_bin()), os.environ["PATH"]]))
    return Cli(session=None, folder=tmp_path, home=tmp_path / "home")


def converted(cli: Cli, staged: StagedRelease, folder: Path) -> dict[str, bytes]:
    """What the CLI writes, without the manifest; the check must agree that it is the plan."""
    assert converted_findings(staged, cli, file="release.yml") == ()
    output = folder / "converted"
    cli.convert(staged.package, output, folder=staged.folder)
    files = contents(output)
    del files["package.xml"]
    return files


def convert(
    cli: Cli, files: Mapping[str, bytes | str], members: Iterable[str | Component], folder: Path
) -> dict[str, bytes]:
    return converted(cli, stage(files, members, folder / ".wavegate" / "stage"), folder)


def versions(bot: bytes) -> list[str | None]:
    return [each.findtext(f"{NS}fullName") for each in ElementTree.fromstring(bot).iter(f"{NS}botVersions")]


@pytest.mark.parametrize(("newest", "pinned"), [(3, 3), (3, 1), (78, 77)])
def test_of_many_versions_only_the_pinned_one_is_sent(cli: Cli, tmp_path: Path, newest: int, pinned: int) -> None:
    files = {"sfdx-project.json": settings(), **agent("A", range(1, newest + 1))}
    members = ("Bot:A", f"BotVersion:A.v{pinned}", f"GenAiPlannerBundle:A_v{pinned}")
    planner = f"A_v{pinned}/A_v{pinned}.genAiPlannerBundle"
    sent = convert(cli, files, members, tmp_path)
    assert set(sent) == {"bots/A.bot", f"genAiPlannerBundles/{planner}"}
    assert versions(sent["bots/A.bot"]) == [f"v{pinned}"]
    assert sent[f"genAiPlannerBundles/{planner}"].decode() == files[f"force-app/main/genAiPlannerBundles/{planner}"]


def test_the_check_sees_what_the_cli_would_send_too_many(cli: Cli, tmp_path: Path) -> None:
    files = {"sfdx-project.json": settings(), **agent("A", (1, 2, 3)), FLOW: metadata("Flow")}
    members = ("Bot:A", "BotVersion:A.v3", "Flow:F")
    staged = stage(files, members, tmp_path / "stage")
    (staged.folder / "force-app/main/bots/A/v2.botVersion-meta.xml").write_text(
        files["force-app/main/bots/A/v2.botVersion-meta.xml"]
    )
    (staged.folder / FLOW).unlink()
    found = {each.rule: each.message for each in converted_findings(staged, cli, file="release.yml")}
    assert set(found) == {"stage/not-planned", "stage/no-file", "stage/agent-versions"}
    assert "A with v2, v3, but the plan has v3" in found["stage/agent-versions"]


def test_package_directories_beside_above_and_inside_each_other(cli: Cli, tmp_path: Path) -> None:
    directories = ("force-app", "force-app/nested", "../src", "unused")
    files = {
        "sf/sfdx-project.json": settings(*directories),
        f"sf/{FLOW}": metadata("Flow", "<label>F</label>"),
        "sf/force-app/nested/flows/G.flow-meta.xml": metadata("Flow", "<label>G</label>"),
        "src/flows/H.flow-meta.xml": metadata("Flow", "<label>H</label>"),
        "src/classes/C.cls": "public class C {}",
        "src/classes/C.cls-meta.xml": metadata("ApexClass", "<apiVersion>66.0</apiVersion>"),
        "sf/unused/flows/I.flow-meta.xml": metadata("Flow"),
    }
    components = [
        component("ApexClass:C", "src/classes/C.cls", "src/classes/C.cls-meta.xml"),
        component("Flow:F", f"sf/{FLOW}"),
        component("Flow:G", "sf/force-app/nested/flows/G.flow-meta.xml"),
        component("Flow:H", "src/flows/H.flow-meta.xml"),
    ]
    sent = convert(cli, files, components, tmp_path)
    assert {name: data.decode() for name, data in sent.items()} == {
        "classes/C.cls": files["src/classes/C.cls"],
        "classes/C.cls-meta.xml": files["src/classes/C.cls-meta.xml"],
        "flows/F.flow": files[f"sf/{FLOW}"],
        "flows/G.flow": files["sf/force-app/nested/flows/G.flow-meta.xml"],
        "flows/H.flow": files["src/flows/H.flow-meta.xml"],
    }


def test_a_package_directory_that_is_the_project_itself(cli: Cli, tmp_path: Path) -> None:
    files = {"sfdx-project.json": settings("."), "flows/F.flow-meta.xml": metadata("Flow")}
    assert set(convert(cli, files, ("Flow:F",), tmp_path)) == {"flows/F.flow"}


FIELD = "<fullName>f__c</fullName><label>f</label><type>Text</type>"
OBJECT = "force-app/main/objects/O__c"


def test_a_field_is_sent_without_its_object(cli: Cli, tmp_path: Path) -> None:
    field = f"{OBJECT}/fields/f__c.field-meta.xml"
    files = {
        "sfdx-project.json": settings(),
        f"{OBJECT}/O__c.object-meta.xml": metadata("CustomObject", "<label>O</label>"),
        field: metadata("CustomField", FIELD),
    }
    sent = convert(cli, files, (component("CustomField:O__c.f__c", field),), tmp_path)
    assert set(sent) == {"objects/O__c.object"}
    root = ElementTree.fromstring(sent["objects/O__c.object"])
    assert [each.tag.removeprefix(NS) for each in root] == ["fields"]


def test_an_object_is_sent_with_the_parts_that_are_staged(cli: Cli, tmp_path: Path) -> None:
    own, field = f"{OBJECT}/O__c.object-meta.xml", f"{OBJECT}/fields/f__c.field-meta.xml"
    files = {
        "sfdx-project.json": settings(),
        own: metadata("CustomObject", "<label>O</label>"),
        field: metadata("CustomField", FIELD),
        f"{OBJECT}/fields/g__c.field-meta.xml": metadata("CustomField", FIELD.replace("f__c", "g__c")),
    }
    sent = convert(cli, files, (component("CustomObject:O__c", own, field),), tmp_path)
    root = ElementTree.fromstring(sent["objects/O__c.object"])
    assert [each.findtext(f"{NS}fullName") for each in root.iter(f"{NS}fields")] == ["f__c"]


def test_a_decomposed_permission_set_is_put_together(cli: Cli, tmp_path: Path) -> None:
    folder = "force-app/main/permissionsets/P"
    files = {
        "sfdx-project.json": settings(sourceBehaviorOptions=["decomposePermissionSetBeta2"]),
        f"{folder}/P.permissionset-meta.xml": metadata("PermissionSet", "<label>P</label>"),
        f"{folder}/P.classAccess-meta.xml": metadata(
            "PermissionSet", "<classAccesses><apexClass>C</apexClass><enabled>true</enabled></classAccesses>"
        ),
    }
    sent = convert(cli, files, ("PermissionSet:P",), tmp_path)
    assert set(sent) == {"permissionsets/P.permissionset"}
    root = ElementTree.fromstring(sent["permissionsets/P.permissionset"])
    assert [each.text for each in root.iter(f"{NS}apexClass")] == ["C"]


def test_of_a_file_of_labels_only_the_planned_one_is_sent(cli: Cli, tmp_path: Path) -> None:
    path = "force-app/main/labels/CustomLabels.labels-meta.xml"
    labels = "".join(f"<labels><fullName>{name}</fullName><value>x</value></labels>" for name in "AB")
    files = {"sfdx-project.json": settings(), path: metadata("CustomLabels", labels)}
    sent = convert(cli, files, (component("CustomLabel:A", path),), tmp_path)
    root = ElementTree.fromstring(sent["labels/CustomLabels.labels"])
    assert [each.text for each in root.iter(f"{NS}fullName")] == ["A"]


def test_types_of_folders_are_sent_whole(cli: Cli, tmp_path: Path) -> None:
    main = "force-app/main"
    files = {
        "sfdx-project.json": settings(),
        f"{main}/lwc/foo/foo.js": "export default 1;",
        f"{main}/lwc/foo/foo.js-meta.xml": metadata("LightningComponentBundle", "<apiVersion>66.0</apiVersion>"),
        f"{main}/lightningTypes/caseInput/schema.json": "{}",
        f"{main}/lightningTypes/caseInput/lightningDesktopGenAi/editor.json": "{}",
        f"{main}/staticresources/S.resource-meta.xml": metadata(
            "StaticResource", "<contentType>application/zip</contentType>"
        ),
        f"{main}/staticresources/S/a.txt": "a",
    }
    folders = {"LightningComponentBundle:foo": "lwc", "LightningTypeBundle:caseInput": "lightningTypes",
               "StaticResource:S": "staticresources"}  # fmt: skip
    components = [
        component(name, *(path for path in files if path.startswith(f"{main}/{folder}/")))
        for name, folder in folders.items()
    ]
    assert set(convert(cli, files, components, tmp_path)) == {
        "lightningTypes/caseInput/lightningDesktopGenAi/editor.json",
        "lightningTypes/caseInput/schema.json",
        "lwc/foo/foo.js",
        "lwc/foo/foo.js-meta.xml",
        "staticresources/S.resource",
        "staticresources/S.resource-meta.xml",
    }


def test_what_lies_beside_and_above_does_not_matter(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / ".forceignore").write_text("**/*.flow-meta.xml\n")
    (tmp_path / "sfdx-project.json").write_text("{}")
    files = {
        "sfdx-project.json": settings(),
        ".forceignore": "nothing\n",
        FLOW: metadata("Flow"),
        "force-app/main/strange/X.unknownType-meta.xml": f"<Unknown {XMLNS}/>",
    }
    assert set(convert(cli, files, ("Flow:F",), tmp_path)) == {"flows/F.flow"}


def test_a_file_that_the_cli_cannot_type_is_a_finding(cli: Cli, tmp_path: Path) -> None:
    path = "force-app/main/strange/X.unknownType-meta.xml"
    files = {"sfdx-project.json": settings(), path: f"<Unknown {XMLNS}/>"}
    staged = stage(files, (component("Unknown:X", path),), tmp_path / "stage")
    (finding,) = converted_findings(staged, cli, file="release.yml")
    assert finding.rule == "stage/rejected"
    assert "unknown" in finding.message.lower()


def test_a_conversion_writes_no_value_of_a_variable(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_API_KEY", "hush")
    monkeypatch.setenv("SF_APPLY_REPLACEMENTS_ON_CONVERT", "true")
    entry = {"glob": "**/*.flow-meta.xml", "stringToReplace": "%%KEY%%", "replaceWithEnv": "MY_API_KEY"}
    files = {
        "sfdx-project.json": settings(replacements=[entry]),
        FLOW: metadata("Flow", "<label>%%KEY%%</label>"),
    }
    sent = convert(cli, files, ("Flow:F",), tmp_path)
    assert b"%%KEY%%" in sent["flows/F.flow"]
