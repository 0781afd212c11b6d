"""What is beside the copies: `replacements`, what a person should read, and the permission set."""

from pathlib import Path

from tests.support.pilot_checks import copy_faults
from tests.support.pilot_projects import HARBOR, MAIN, PAYROLL, apex, component, pilot_world, world_of

from wavegate.components.project import read_project
from wavegate.pilot.overlay import CopySource
from wavegate.staging.stage import stage_release

BOT = f"{MAIN}/bots/Payroll_Desk_Pilot/Payroll_Desk_Pilot.bot-meta.xml"


def settings(entry: str) -> str:
    return f'{{"packageDirectories": [{{"path": "force-app"}}], "replacements": [{entry}]}}'


def test_a_replacement_of_a_file_holds_for_its_copy_when_it_is_staged(tmp_path: Path) -> None:
    world = pilot_world("files")
    copy = world.copy("GenAiPlugin:Payslips")
    overlay = CopySource(world.source, copy)
    project = read_project(overlay)
    stage = stage_release(
        overlay, project, [project.components[each] for each in copy.names.values()], tmp_path / "s"
    )
    assert [each.filename for each in stage.replacements] == [BOT]
    assert BOT in stage.files
    assert not [path for path in stage.files if "Payroll_Desk/" in path]
    assert stage.members == frozenset(copy.names.values())


def test_a_replacement_by_glob_holds_for_a_copy_that_it_does_not_match() -> None:
    entry = '{"glob": "force-app/**/Payroll_Desk/*.xml", "stringToReplace": "a", "replaceWithEnv": "A"}'
    copy = world_of("Payroll_Desk", {**PAYROLL, "sfdx-project.json": settings(entry)}).copy()
    text = copy.replaced["sfdx-project.json"].decode()
    assert f'"filename": "{BOT}"' in text
    assert text.count('"stringToReplace": "a"') == 3


def test_the_settings_stay_where_the_replacements_match_the_copies_anyway() -> None:
    entry = '{"glob": "**/*.bot-meta.xml", "stringToReplace": "a", "replaceWithEnv": "A"}'
    assert world_of("Payroll_Desk", {**PAYROLL, "sfdx-project.json": settings(entry)}).copy().replaced == {}


def test_what_still_has_the_name_of_a_copied_component_is_listed() -> None:
    copy = pilot_world("script").copy("ApexClass:TideTable")
    found = {(each.path.rpartition("/")[2], each.line, each.name): each.text for each in copy.residues}
    assert ("Harbor_Guide_Pilot.agent", 1, "Harbor_Guide") not in found  # a comment, which nobody meets
    assert found["Harbor_Guide_Pilot.agent", 3, "TideTable"].startswith("instructions:")
    assert found["TideTable_Pilot.cls", 7, "TideTable"] == "System.debug('TideTable: ' + ids);"
    assert ("TideTable_Pilot.cls", 2, "TideTable") not in found


def test_a_variable_of_the_name_of_a_lightning_type_is_no_residue() -> None:
    text = (
        "public class PayslipFinder {\n    Object payslipCard; // payslipCard\n    String s = 'a payslipCard';\n}\n"
    )
    copy = pilot_world("files", apex("PayslipFinder", text)).copy("ApexClass:PayslipFinder")
    assert [each.line for each in copy.residues if each.name == "payslipCard"] == [3]


def test_a_residue_is_one_line_of_plain_text() -> None:
    script = f"{MAIN}/aiAuthoringBundles/Harbor_Guide/Harbor_Guide.agent"
    text = (
        str(HARBOR[script])
        .replace('"You', '" You')
        .replace('instructions: "', 'instructions: "\u202e::error:: Harbor_Guide ' + "x" * 500)
    )
    (residue, *_) = pilot_world("script", {script: text}).copy().residues
    assert len(residue.text) <= 160
    assert residue.text.isprintable()


def test_the_permission_set_grants_the_copies_alone() -> None:
    copy = pilot_world("files").copy("ApexClass:PayslipStore", "Flow:Log_Correction")
    assert copy.permission_set == "Payroll_Desk_Pilot_Access"
    data = copy.files[f"{MAIN}/permissionsets/Payroll_Desk_Pilot_Access.permissionset-meta.xml"].decode()
    assert "<agentName>Payroll_Desk_Pilot</agentName>" in data
    assert "<apexClass>PayslipFinder_Pilot</apexClass>" in data
    assert "<flow>Log_Correction_Pilot</flow>" in data
    assert "PayslipWords" not in data


def test_users_of_a_service_agent_need_no_access_to_it() -> None:
    copy = pilot_world("inline").copy("ApexClass:ParcelTracker")
    data = copy.files[f"{MAIN}/permissionsets/Parcel_Desk_Pilot_Access.permissionset-meta.xml"].decode()
    assert "agentAccesses" not in data
    assert "<apexClass>ParcelTracker_Pilot</apexClass>" in data


def test_the_users_of_a_script_agent_that_serves_employees_need_access_to_it() -> None:
    copy = pilot_world("script").copy()
    data = copy.files[f"{MAIN}/permissionsets/Harbor_Guide_Pilot_Access.permissionset-meta.xml"].decode()
    assert "<agentName>Harbor_Guide_Pilot</agentName>" in data


def test_a_permission_set_of_the_same_name_is_left_alone() -> None:
    path = f"{MAIN}/permissionsets/Harbor_Guide_Pilot_Access.permissionset-meta.xml"
    world = pilot_world("script", {path: "<PermissionSet/>"})
    copy = world.copy()
    assert copy.permission_set != "Harbor_Guide_Pilot_Access"
    assert path not in copy.files


def test_new_classes_and_flows_are_granted_as_well() -> None:
    world = pilot_world("script")
    copy = world.copy("AiAuthoringBundle:Harbor_Guide", added=("Flow:Book_Berth",))
    assert copy.shared == (component("Flow:Book_Berth"),)
    data = copy.files[f"{MAIN}/permissionsets/Harbor_Guide_Pilot_Access.permissionset-meta.xml"].decode()
    assert "<flow>Book_Berth</flow>" in data


def test_a_web_component_that_keeps_calling_the_original_is_listed() -> None:
    lwc = f"{MAIN}/lwc/tides/tides.js"
    copy = pilot_world("script", {lwc: "\nimport read from '@salesforce/apex/TideTable.read';\n"}).copy(
        "ApexClass:TideTable"
    )
    (found,) = [each for each in copy.residues if each.path == lwc]
    assert (found.line, found.name) == (2, "TideTable")
    assert "tides keeps calling TideTable itself" in found.text


def test_names_with_the_projects_namespace_are_rewritten_behind_it() -> None:
    more = {
        "sfdx-project.json": '{"packageDirectories": [{"path": "force-app"}], "namespace": "acme"}',
        f"{MAIN}/aiAuthoringBundles/Harbor_Guide/Harbor_Guide.agent": str(
            HARBOR[f"{MAIN}/aiAuthoringBundles/Harbor_Guide/Harbor_Guide.agent"]
        )
        .replace("apex://TideTable", "apex://acme__TideTable")
        .replace("c__TideTable", "acme__TideTable"),
        f"{MAIN}/flows/Book_Berth.flow-meta.xml": str(HARBOR[f"{MAIN}/flows/Book_Berth.flow-meta.xml"]).replace(
            ">TideTable<", ">acme__TideTable<"
        ),
    }
    world = pilot_world("script", more)
    copy = world.copy("ApexClass:TideTable")
    assert copy.not_separable == ()
    script = copy.files[f"{MAIN}/aiAuthoringBundles/Harbor_Guide_Pilot/Harbor_Guide_Pilot.agent"].decode()
    assert 'target: "apex://acme__TideTable_Pilot"' in script
    assert '"@apexClassType/acme__TideTable_Pilot$Tide"' in script
    assert "<actionName>acme__TideTable_Pilot<" in copy.files[f"{MAIN}/flows/Book_Berth_Pilot.flow-meta.xml"].decode()
    assert list(copy_faults(world.source, world.project, copy)) == []
