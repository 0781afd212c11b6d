"""Files that are written in unusual, broken or hostile ways: a right copy, or a reason; never a wrong copy."""

import pytest
from tests.support.pilot_checks import copy_faults
from tests.support.pilot_projects import (
    HARBOR,
    HARBOR_SCRIPT,
    MAIN,
    TIDE_TABLE,
    apex,
    component,
    pilot_world,
    world_of,
    xml,
)

from wavegate.components.metadata import NAMESPACE
from wavegate.pilot.undo import undo
from wavegate.pilot.values import PilotCopy

FLOW = f"{MAIN}/flows/Book_Berth.flow-meta.xml"
CLASS = "ApexClass:TideTable"
SCRIPT = f"{MAIN}/aiAuthoringBundles/Harbor_Guide/Harbor_Guide.agent"


def call(name: str) -> str:
    return xml("Flow", f"    <actionCalls><actionName>{name}</actionName><actionType>apex</actionType></actionCalls>")


def whole(files: dict[str, bytes | str]) -> PilotCopy:
    """The copy for a change of the class, after every check."""
    world = pilot_world("script", files)
    copy = world.copy(CLASS)
    assert copy.not_separable == ()
    assert list(copy_faults(world.source, world.project, copy)) == []
    return copy


def flow_of(copy: PilotCopy) -> bytes:
    return copy.files[f"{MAIN}/flows/Book_Berth_Pilot.flow-meta.xml"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (call("<![CDATA[TideTable]]>"), b"<![CDATA[TideTable_Pilot]]>"),
        (call("\n        TideTable\n    "), b">\n        TideTable_Pilot\n    <"),
        ("\ufeff" + call("TideTable"), b"<actionName>TideTable_Pilot<"),
        (call("TideTable").replace("\n", "\r\n"), b"<actionName>TideTable_Pilot<"),
        (
            call("TideTable").replace("<actionCalls>", "<!-- TideTable ü --><actionCalls>"),
            b"<!-- TideTable \xc3\xbc -->",
        ),
        (call("TideTable").replace("<actionName>", "<actionName\n    >"), b"<actionName\n    >TideTable_Pilot<"),
        (call("TideTable").replace('"UTF-8"?>', '"UTF-8"?><?note TideTable?>'), b"<?note TideTable?>"),
        (call("TideTable") + "<!-- end -->\n\n", b"<!-- end -->\n\n"),
    ],
)
def test_a_name_is_rewritten_however_it_is_laid_out(data: str, expected: bytes) -> None:
    copy = whole({FLOW: data})
    assert expected in flow_of(copy)
    assert undo(copy)[FLOW] == data.encode()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (call("Tide&#84;able"), "is named by an entity or beside a comment"),
        (call("TideTable<!-- x -->"), "is named by an entity or beside a comment"),
        (call("Tide<![CDATA[Table]]>"), "is named by an entity or beside a comment"),
        (call("tidetable"), "refers to `TideTable` in a way that its copy cannot follow"),
        (call("TideTable").replace("UTF-8", "UTF-16").encode("utf-16"), "has a file that is not UTF-8"),
        ("<Flow", "has a broken file"),
        (f'<!DOCTYPE x [<!ENTITY e "TideTable">]><Flow xmlns="{NAMESPACE}"/>', "has a broken file"),
    ],
)
def test_a_file_that_cannot_be_followed_is_a_reason(data: str | bytes, why: str) -> None:
    # the script names the flow, so it is on the way even where its own names cannot be read
    world = pilot_world("script", {FLOW: data})
    (found,) = [
        each
        for each in world.copy(CLASS, "Flow:Book_Berth").not_separable
        if each.component == component("Flow:Book_Berth")
    ]
    assert why in found.why


def test_a_class_that_is_not_utf_8_is_a_reason() -> None:
    world = pilot_world("script", apex("TideTable", ""))
    world.source.files[f"{MAIN}/classes/TideTable.cls"] = b"public class TideTable { // \xff\n}"
    (found,) = world.copy(CLASS).not_separable
    assert found.why == f"has a file that is not UTF-8: {MAIN}/classes/TideTable.cls"


def test_a_file_that_git_lfs_keeps_is_a_reason() -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 12345\n"
    (found,) = pilot_world("script", apex("TideTable", pointer)).copy(CLASS).not_separable
    assert found.why.startswith("is kept in Git LFS")


def test_a_file_that_was_not_read_is_a_reason() -> None:
    world = pilot_world("script")
    del world.source.files[f"{MAIN}/classes/TideTable.cls"]
    why = {each.component: each.why for each in world.copy(CLASS).not_separable}[component(CLASS)]
    assert why.startswith("has a file that cannot be read, or is larger than 10 MiB")


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + HARBOR_SCRIPT,
        HARBOR_SCRIPT.replace("\n", "\r\n"),
        HARBOR_SCRIPT.replace("    ", "\t"),
        HARBOR_SCRIPT.replace("Reads", "R\u0131des \U0001f30a \u2028"),
        HARBOR_SCRIPT.replace('"apex://TideTable"', '"apex://TideTable" # apex://TideTable'),
        HARBOR_SCRIPT.replace("Harbor Guide", "Harbor (Pilot)"),
        HARBOR_SCRIPT.replace("Harbor Guide", "H" * 80),
    ],
)
def test_a_script_is_rewritten_however_it_is_laid_out(text: str) -> None:
    copy = whole({SCRIPT: text})
    new = copy.files[f"{MAIN}/aiAuthoringBundles/Harbor_Guide_Pilot/Harbor_Guide_Pilot.agent"].decode()
    assert new.replace(" (Pilot)", "").replace("_Pilot", "") == text.replace(" (Pilot)", "")
    assert new.count("_Pilot") == 5


def test_a_script_without_its_name_is_a_reason() -> None:
    text = HARBOR_SCRIPT.replace("    developer_name", "    # developer_name")
    (found,) = pilot_world("script", {SCRIPT: text}).copy().not_separable
    assert found.why == f"has a script without `developer_name`: {SCRIPT}"


def test_a_file_in_the_way_is_a_reason() -> None:
    more = {f"{MAIN}/classes/TideTable_Pilot.cls": "", ".forceignore": "**/TideTable_Pilot.cls\n"}
    (found,) = pilot_world("script", more).copy(CLASS).not_separable
    assert found.why == f"would be copied over a file that is there: {MAIN}/classes/TideTable_Pilot.cls"


def test_components_that_need_each_other_are_copied_together() -> None:
    more = {
        **apex("TideTable", TIDE_TABLE),
        **apex(
            "TideClock", "public class TideClock { TideTable t; public static Datetime now() { return null; } }\n"
        ),
    }
    copy = whole(more)
    assert b"TideTable_Pilot t;" in copy.files[f"{MAIN}/classes/TideClock_Pilot.cls"]


@pytest.mark.parametrize(
    "text",
    [
        r'{"lightning:type": "@apexClassType/c__Payslip\u0046inder$Payslip"}',
        r'{"lightning:type": "@apexClassType\/c__PayslipFinder"}',
        r'{"a": [{"lightning\u003atype": "@apexClassType/c__PayslipFinder"}]}',
        '{"lightning:type"' + " " * 30 + ': "@apexClassType/c__PayslipFinder"}',
    ],
)
def test_a_data_type_that_only_a_parser_finds_is_a_reason(text: str) -> None:
    world = pilot_world("files", {f"{MAIN}/genAiFunctions/Find_Payslip/output/schema.json": text})
    found = {each.component: each.why for each in world.copy("ApexClass:PayslipFinder").not_separable}
    assert "in a way that its copy cannot follow" in found[component("GenAiFunction:Find_Payslip")]


@pytest.mark.parametrize(
    "taken",
    [
        {f"{MAIN}/bots/Harbor_Guide_Pilot/Harbor_Guide_Pilot.bot-meta.xml": xml("Bot", "    <label>H</label>")},
        {f"{MAIN}/aiAuthoringBundles/Other/Other.agent": 'config:\n    developer_name: "harbor_guide_pilot"\n'},
    ],
)
def test_a_copy_never_has_the_name_of_another_agent_of_any_form(taken: dict[str, bytes | str]) -> None:
    copy = whole(taken)
    assert list(copy.agents.values()) == ["Harbor_Guide_fb21_Pilot"]


def test_a_file_of_a_megabyte_is_copied() -> None:
    body = "    <actionCalls><actionName>TideTable</actionName><actionType>apex</actionType></actionCalls>\n"
    comment = "    <description>" + "line\n" * 200_000 + "</description>\n"
    copy = whole({FLOW: xml("Flow", comment + body * 5_000)})
    assert flow_of(copy).count(b"TideTable_Pilot") == 5_000


def test_a_package_directory_of_the_agents_name_stays() -> None:
    files = {path.replace("force-app/main/default", "Harbor_Guide"): data for path, data in HARBOR.items()}
    copy = world_of(
        "Harbor_Guide", {**files, "sfdx-project.json": '{"packageDirectories": [{"path": "Harbor_Guide"}]}'}
    ).copy()
    assert copy.not_separable == ()
    assert "Harbor_Guide/aiAuthoringBundles/Harbor_Guide_Pilot/Harbor_Guide_Pilot.agent" in copy.files


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (
            "**/TideTable_Pilot.cls*",
            "ApexClass:TideTable would have the copy TideTable_Pilot, which .forceignore excl",
        ),
        (
            "**/permissionsets/**",
            "PermissionSet:Harbor_Guide_Pilot_Access gives access to the copies, and .forceignore",
        ),
    ],
)
def test_a_copy_that_the_cli_would_ignore_is_a_reason(rule: str, expected: str) -> None:
    (found,) = pilot_world("script", {".forceignore": f"{rule}\n"}).copy(CLASS).not_separable
    assert f"{found.component} {found.why}".startswith(expected)
