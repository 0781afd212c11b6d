"""Copies of three agents: what is copied, under which names, and that nothing else is touched."""

import pytest
from tests.support.pilot_checks import copy_faults
from tests.support.pilot_projects import AGENTS, MAIN, PilotWorld, copied, pilot_world

from wavegate.components.component import ComponentId, kind_of
from wavegate.components.project import read_project
from wavegate.pilot.overlay import CopySource
from wavegate.pilot.undo import undo

SCRIPT = {"AiAuthoringBundle:Harbor_Guide", "AiEvaluationDefinition:Harbor_Tests"}
FILES = {
    "Bot:Payroll_Desk",
    "BotVersion:Payroll_Desk.v3",
    "GenAiPlannerBundle:Payroll_Desk_v3",
    "AiEvaluationDefinition:Payroll_Tests",
}
INLINE = {
    "Bot:Parcel_Desk",
    "BotVersion:Parcel_Desk.v12",
    "GenAiPlannerBundle:Parcel_Desk_v12",
    "AiEvaluationDefinition:Parcel_Tests",
}


@pytest.mark.parametrize(
    ("kind", "changed", "expected"),
    [
        ("script", (), SCRIPT),
        ("script", ("AiAuthoringBundle:Harbor_Guide",), SCRIPT),
        (
            "script",
            ("ApexClass:TideTable",),
            {
                *SCRIPT,
                "ApexClass:TideTable",
                "ApexClass:TideTableTest",
                "Flow:Book_Berth",
                "GenAiPromptTemplate:Harbor_Notes",
            },
        ),
        ("script", ("GenAiPromptTemplate:Harbor_Notes",), {*SCRIPT, "GenAiPromptTemplate:Harbor_Notes"}),
        ("script", ("Flow:Book_Berth",), {*SCRIPT, "Flow:Book_Berth"}),
        ("files", (), FILES),
        ("files", ("GenAiPlugin:Payslips",), {*FILES, "GenAiPlugin:Payslips"}),
        (
            "files",
            ("Flow:Log_Correction",),
            {
                *FILES,
                "GenAiPlugin:Payslips",
                "GenAiFunction:Request_Correction",
                "Flow:Request_Correction",
                "Flow:Log_Correction",
            },
        ),
        (
            "files",
            ("ApexClass:PayslipStore",),
            {
                *FILES,
                "GenAiPlugin:Payslips",
                "GenAiFunction:Find_Payslip",
                "LightningTypeBundle:payslipCard",
                "ApexClass:PayslipFinder",
                "ApexClass:PayslipStore",
            },
        ),
        # the class that provides a template's data is bound to it by name
        (
            "files",
            ("GenAiPromptTemplate:Payslip_Words",),
            {
                *FILES,
                "GenAiPlugin:Payslips",
                "GenAiFunction:Explain_Payslip",
                "GenAiPromptTemplate:Payslip_Words",
                "GenAiPromptTemplateActv:Payslip_Words",
                "ApexClass:PayslipWords",
            },
        ),
        (
            "files",
            ("GenAiPromptTemplateActv:Payslip_Words",),
            {
                *FILES,
                "GenAiPlugin:Payslips",
                "GenAiFunction:Explain_Payslip",
                "GenAiPromptTemplate:Payslip_Words",
                "GenAiPromptTemplateActv:Payslip_Words",
                "ApexClass:PayslipWords",
            },
        ),
        ("inline", (), INLINE),
        ("inline", ("ApexClass:ParcelTracker",), {*INLINE, "ApexClass:ParcelTracker"}),
        (
            "inline",
            ("GenAiPromptTemplate:Parcel_Words",),
            {*INLINE, "Flow:Parcel_Summary", "GenAiPromptTemplate:Parcel_Words"},
        ),
    ],
)
def test_what_lies_between_the_agent_and_a_change_is_copied(
    kind: str, changed: tuple[str, ...], expected: set[str]
) -> None:
    world = pilot_world(kind)
    copy = world.copy(*changed)
    assert copy.not_separable == ()
    assert copied(copy) == expected
    assert list(copy_faults(world.source, world.project, copy)) == []


@pytest.mark.parametrize("kind", AGENTS)
def test_every_single_change_gives_a_whole_copy_or_a_reason(kind: str) -> None:
    world = pilot_world(kind)
    for each in world.scope.components:
        if each.parent is None and kind_of(each.id.type):
            copy = world.copy(str(each.id))
            if not copy.not_separable:
                # an Apex test reaches nobody, so that it needs no copy of its own
                assert each.id in copy.names or each.id.name == "TideTableTest"
                assert list(copy_faults(world.source, world.project, copy)) == []


@pytest.mark.parametrize("kind", AGENTS)
def test_all_that_an_agent_needs_can_be_copied_unchanged(kind: str) -> None:
    world = pilot_world(kind)
    copy = world.copy(everything=True)
    assert copy.not_separable == ()
    left = {str(each.id) for each in world.scope.components if each.parent is None} - copied(copy)
    # a routing flow decides for every conversation
    assert left == ({"Flow:Route_Parcels"} if kind == "inline" else set())
    assert list(copy_faults(world.source, world.project, copy)) == []


@pytest.mark.parametrize("kind", AGENTS)
def test_copies_are_the_same_each_time(kind: str) -> None:
    assert pilot_world(kind).copy(everything=True) == pilot_world(kind).copy(everything=True)


def text_of(world: PilotWorld, changed: str, path: str) -> str:
    return world.copy(changed).files[f"{MAIN}/{path}"].decode()


def test_a_script_is_copied_under_another_developer_name() -> None:
    script = text_of(
        pilot_world("script"), "ApexClass:TideTable", "aiAuthoringBundles/Harbor_Guide_Pilot/Harbor_Guide_Pilot.agent"
    )
    assert 'developer_name: "Harbor_Guide_Pilot"' in script
    assert 'agent_label: "Harbor Guide (Pilot)"' in script
    assert 'target: "apex://TideTable_Pilot"' in script
    assert "target: 'flow://Book_Berth_Pilot'" in script
    assert "target: generatePromptResponse://Harbor_Notes_Pilot" in script
    assert '"@apexClassType/c__TideTable_Pilot$Tide"' in script
    # what the model reads and what a person reads stays
    assert 'instructions: "Use apex://TideTable wording. You are Harbor_Guide."' in script
    assert 'description: "Reads TideTable"' in script
    assert "Read_Tides:" in script


def test_a_class_is_renamed_where_it_is_the_type() -> None:
    code = text_of(pilot_world("script"), "ApexClass:TideTable", "classes/TideTable_Pilot.cls")
    assert "class TideTable_Pilot {" in code
    assert "TideTable_Pilot table = new TideTable_Pilot();" in code
    assert "new List<TideTable_Pilot.Tide>" in code
    assert "// TideTable: reads tides" in code
    assert "label='TideTable of the day'" in code
    assert "'TideTable: '" in code
    assert "TideClock.now()" in code


def test_a_flow_keeps_the_names_of_its_steps() -> None:
    text = text_of(pilot_world("script"), "ApexClass:TideTable", "flows/Book_Berth_Pilot.flow-meta.xml")
    assert "<name>TideTable</name>" in text
    assert "<actionName>TideTable_Pilot</actionName>" in text
    assert "<nameSegment>TideTable_Pilot</nameSegment>" in text
    assert "<apexClass>TideTable_Pilot$Tide</apexClass>" in text
    assert "<label>Book_Berth</label>" in text


def test_a_prompt_template_is_renamed_where_it_gets_its_data() -> None:
    path = "genAiPromptTemplates/Harbor_Notes_Pilot.genAiPromptTemplate-meta.xml"
    text = text_of(pilot_world("script"), "ApexClass:TideTable", path)
    assert "<developerName>Harbor_Notes_Pilot</developerName>" in text
    assert "{!$Apex:TideTable_Pilot.Prompt} for Harbor_Notes<" in text
    assert "<definition>apex://TideTable_Pilot</definition>" in text
    assert "<referenceName>Apex:TideTable_Pilot</referenceName>" in text
    assert "<versionIdentifier>abc_1</versionIdentifier>" in text


def test_tests_of_a_script_agent_test_the_copy_whatever_its_version_is() -> None:
    path = "aiEvaluationDefinitions/Harbor_Tests_Pilot.aiEvaluationDefinition-meta.xml"
    text = text_of(pilot_world("script"), "ApexClass:TideTable", path)
    assert "<subjectName>Harbor_Guide_Pilot</subjectName>" in text
    assert "<!--subjectVersion>v4</subjectVersion-->" in text
    assert "<expectedValue>tides</expectedValue>" in text
    assert "<expectedValue>['Read_Tides']</expectedValue>" in text


def test_an_agent_keeps_its_version_number_and_its_label_says_what_it_is() -> None:
    world = pilot_world("files")
    bot = text_of(world, "GenAiPlugin:Payslips", "bots/Payroll_Desk_Pilot/Payroll_Desk_Pilot.bot-meta.xml")
    assert "<name>Payroll_Desk_Pilot</name>" in bot
    assert bot.count("<label>Payroll Desk (Pilot)</label>") == 2
    version = text_of(world, "GenAiPlugin:Payslips", "bots/Payroll_Desk_Pilot/v3.botVersion-meta.xml")
    assert "<fullName>v3</fullName>" in version
    assert "<genAiPlannerName>Payroll_Desk_Pilot_v3</genAiPlannerName>" in version


def test_a_planner_names_copied_topics_and_keeps_parameters() -> None:
    path = "genAiPlannerBundles/Payroll_Desk_Pilot_v3/Payroll_Desk_Pilot_v3.genAiPlannerBundle"
    text = text_of(pilot_world("files"), "ApexClass:PayslipStore", path)
    assert "<genAiPluginName>Payslips_Pilot</genAiPluginName>" in text
    assert "<genAiPluginName>EmployeeCopilot__GeneralCRM</genAiPluginName>" in text
    assert "<attributeName>Payslips_Pilot.Find_Payslip_Pilot.input_Payslips</attributeName>" in text
    assert "<mappingTargetName>Payslips</mappingTargetName>" in text
    assert "<targetName>Payslips_Pilot</targetName>" in text
    assert "<masterLabel>Payroll Desk</masterLabel>" in text


def test_a_topic_keeps_labels_and_words() -> None:
    text = text_of(pilot_world("files"), "ApexClass:PayslipStore", "genAiPlugins/Payslips_Pilot.genAiPlugin-meta.xml")
    assert "<description>Use Find_Payslip &amp; Payslips.</description>" in text
    assert "<masterLabel>Payslips</masterLabel>" in text
    assert "<functionName>Find_Payslip_Pilot</functionName>" in text
    assert "<functionName>Explain_Payslip</functionName>" in text


def test_a_schema_keeps_the_names_of_its_properties() -> None:
    text = text_of(
        pilot_world("files"), "ApexClass:PayslipStore", "genAiFunctions/Find_Payslip_Pilot/output/schema.json"
    )
    assert '"PayslipFinder": {' in text
    assert '"@apexClassType/c__PayslipFinder_Pilot$Payslip"' in text
    assert '"c__payslipCard_Pilot"' in text


def test_expected_topics_and_actions_are_those_of_the_copy() -> None:
    path = "aiEvaluationDefinitions/Payroll_Tests_Pilot.aiEvaluationDefinition-meta.xml"
    text = text_of(pilot_world("files"), "ApexClass:PayslipStore", path)
    assert "<subjectVersion>v3</subjectVersion>" in text
    assert "<expectedValue>Payslips_Pilot</expectedValue>" in text
    assert "<expectedValue>['Find_Payslip_Pilot', 'Explain_Payslip']</expectedValue>" in text
    assert "<utterance>Ask Payslips about it.</utterance>" in text


def test_a_planner_gives_its_own_topics_and_actions_other_ids() -> None:
    world = pilot_world("inline")
    copy = world.copy("ApexClass:ParcelTracker")
    topic = copy.local_names["Parcels_16jKj0000004CqX"]
    track = copy.local_names["Track_179Kj0000004CqY"]
    assert topic.startswith("Parcels_16jKj000000")
    assert topic != "Parcels_16jKj0000004CqX"
    assert len(copy.local_names["Summarize_179Kj0000004CqYIAU"]) == len("Summarize_179Kj0000004CqYIAU")
    folder = f"{MAIN}/genAiPlannerBundles/Parcel_Desk_Pilot_v12"
    text = copy.files[f"{folder}/Parcel_Desk_Pilot_v12.genAiPlannerBundle"].decode()
    assert f"<attributeName>{topic}.{track}.input_id</attributeName>" in text
    assert f"<genAiPluginName>{topic}</genAiPluginName>" in text
    assert text.count(f">{track}<") == 3
    assert "<localDeveloperName>Track</localDeveloperName>" in text
    assert "<invocationTarget>ParcelTracker_Pilot</invocationTarget>" in text
    assert "<invocationTarget>Parcel_Summary</invocationTarget>" in text
    assert "instruction0_179Kj0000004CqZ" not in text
    assert f"{folder}/localActions/{topic}/{track}/input/schema.json" in copy.files


def test_the_copies_lie_over_the_originals_and_can_be_undone() -> None:
    world = pilot_world("files")
    copy = world.copy("ApexClass:PayslipStore")
    overlay = CopySource(world.source, copy)
    assert set(overlay.paths()) == {*world.source.files, *copy.files}
    originals = {path: data for path, data in world.source.files.items() if path != "sfdx-project.json"}
    assert {path: overlay.read([path])[path] for path in originals} == originals
    assert undo(copy) == {path: world.source.files[path] for path in copy.originals.values()}
    indexed = read_project(overlay)
    assert ComponentId(type="Bot", name="Payroll_Desk_Pilot") in indexed.components
    assert indexed.findings == ()


def test_new_components_ship_under_their_own_names_unless_they_lead_to_a_change() -> None:
    more = {
        f"{MAIN}/genAiPlugins/Payslips.genAiPlugin-meta.xml": str(
            pilot_world("files").source.files[f"{MAIN}/genAiPlugins/Payslips.genAiPlugin-meta.xml"], "utf-8"
        ).replace("Explain_Payslip", "New_Action")
    }
    action = f"{MAIN}/genAiFunctions/New_Action/New_Action.genAiFunction-meta.xml"
    template = pilot_world("files").source.files[
        f"{MAIN}/genAiFunctions/Explain_Payslip/Explain_Payslip.genAiFunction-meta.xml"
    ]
    world = pilot_world("files", {**more, action: template})
    new = ("GenAiFunction:New_Action",)
    alone = world.copy("GenAiPlugin:Payslips", added=new)
    assert [str(each) for each in alone.shared] == ["GenAiFunction:New_Action"]
    assert "GenAiFunction:New_Action" not in copied(alone)
    leading = world.copy("GenAiPromptTemplate:Payslip_Words", added=new)
    assert leading.shared == ()
    assert "GenAiFunction:New_Action" in copied(leading)
    assert list(copy_faults(world.source, world.project, leading)) == []
