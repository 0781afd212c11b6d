"""Changes that reach everybody, whatever is copied."""

from collections.abc import Mapping

import pytest
from tests.support.pilot_projects import (
    HARBOR,
    HARBOR_SCRIPT,
    MAIN,
    PARCELS,
    PAYROLL,
    TIDE_TABLE,
    PilotWorld,
    apex,
    component,
    copied,
    flow,
    pilot_world,
    world_of,
    xml,
)

from wavegate.pilot.undo import undo
from wavegate.pilot.values import PilotCopy

BUNDLE = f"{MAIN}/aiAuthoringBundles"
PLANNER = f"{MAIN}/genAiPlannerBundles/Parcel_Desk_v12"


def reasons(copy: PilotCopy) -> dict[str, str]:
    return {str(each.component): each.why for each in copy.not_separable}


def started(trigger: str) -> str:
    return f"    <start>\n        <triggerType>{trigger}</triggerType>\n    </start>"


FIELD = {f"{MAIN}/objects/Berth__c/fields/Size__c.field-meta.xml": xml("CustomField", "    <label>Size</label>")}
OBJECT = {f"{MAIN}/objects/Berth__c/Berth__c.object-meta.xml": xml("CustomObject", "    <label>Berth</label>")}
TRIGGER: Mapping[str, bytes | str] = {
    f"{MAIN}/triggers/Tides.trigger": "trigger Tides on Case (before insert) {}",
    f"{MAIN}/triggers/Tides.trigger-meta.xml": xml("ApexTrigger", "    <status>Active</status>"),
}
SETTINGS = {f"{MAIN}/settings/Bot.settings-meta.xml": xml("BotSettings", "    <enableBots>true</enableBots>")}
METADATA = {f"{MAIN}/customMetadata/Tide.One.md-meta.xml": xml("CustomMetadata", "    <label>One</label>")}
LABELS = {f"{MAIN}/labels/CustomLabels.labels-meta.xml": xml("CustomLabels", "")}
CREDENTIAL = {
    f"{MAIN}/namedCredentials/Tides.namedCredential-meta.xml": xml("NamedCredential", "    <label>T</label>")
}
PERMISSIONS = {f"{MAIN}/permissionsets/Tides.permissionset-meta.xml": xml("PermissionSet", "    <label>T</label>")}
LWC: Mapping[str, bytes | str] = {
    f"{MAIN}/lwc/tides/tides.js": "import read from '@salesforce/apex/TideTable.read';",
    f"{MAIN}/lwc/tides/tides.js-meta.xml": xml("LightningComponentBundle", "    <apiVersion>65.0</apiVersion>"),
}


@pytest.mark.parametrize(
    ("files", "changed", "why"),
    [
        (OBJECT, "CustomObject:Berth__c", "is an object"),
        (FIELD, "CustomField:Berth__c.Size__c", "is a field"),
        (TRIGGER, "ApexTrigger:Tides", "is a trigger"),
        (SETTINGS, "Settings:Bot", "holds settings"),
        (METADATA, "CustomMetadata:Tide.One", "is custom metadata"),
        (LABELS, "CustomLabels:CustomLabels", "holds labels"),
        (CREDENTIAL, "NamedCredential:Tides", "is a credential"),
        (PERMISSIONS, "PermissionSet:Tides", "is a permission set"),
        (LWC, "LightningComponentBundle:tides", "is a Lightning web component"),
        (flow("Nightly", started("Scheduled")), "Flow:Nightly", "is used by no agent"),
    ],
)
def test_what_everybody_shares_cannot_be_copied(files: Mapping[str, bytes | str], changed: str, why: str) -> None:
    copy = pilot_world("script", files, changed).copy(changed)
    assert reasons(copy)[changed].startswith(why)
    assert changed not in copied(copy)


@pytest.mark.parametrize(
    ("body", "kind", "why"),
    [
        (started("RecordAfterSave"), "AutoLaunchedFlow", "is a flow that starts by itself (RecordAfterSave)"),
        (started("Scheduled"), "AutoLaunchedFlow", "is a flow that starts by itself (Scheduled)"),
        (started("PlatformEvent"), "AutoLaunchedFlow", "is a flow that starts by itself (PlatformEvent)"),
        ("", "RoutingFlow", "is a routing flow"),
        ("", "Workflow", "is a flow of the kind Workflow"),
        (started("Capability"), "PromptFlow", ""),
        (started("None"), "Flow", ""),
    ],
)
def test_a_flow_that_starts_by_itself_cannot_be_copied(body: str, kind: str, why: str) -> None:
    found = reasons(pilot_world("script", flow("Book_Berth", body, kind)).copy("Flow:Book_Berth"))
    assert found.get("Flow:Book_Berth", "").startswith(why)
    assert bool(found) == bool(why)


def with_class(text: str, namespace: str = "") -> PilotWorld:
    project = f'{{"packageDirectories": [{{"path": "force-app"}}], "namespace": "{namespace}"}}'
    return pilot_world("script", {**apex("TideTable", text), "sfdx-project.json": project})


@pytest.mark.parametrize(
    ("text", "namespace", "why"),
    [
        ("@RestResource(urlMapping='/t')\nglobal class TideTable {}", "", "is a REST resource"),
        ("global class TideTable {}", "acme", "is global in a namespaced package"),
        ("global class TideTable {}", "", ""),
        ("public class TideTable implements A, Database.Batchable<SObject> {}", "", "is a batch job"),
        ("public class TideTable implements System.Schedulable {}", "", "is a scheduled job"),
        (
            "public class TideTable { Object o = Type.forName(name).newInstance(); }",
            "",
            "finds classes by their name",
        ),
        ("public class TideTable { String own = 'TideTable'; }", "", "is named in a string in"),
        ("public class TideTable { Integer tideTable; }", "", "is also written `tideTable` in"),
        ("public class TideTable { void run() { x.TideTable(); } }", "", "is also the name of a member in"),
        (
            "public class TideTable {\n    // Queueable, Type.forName\n    String s = 'implements Queueable';\n}",
            "",
            "",
        ),
    ],
)
def test_a_class_that_others_reach_by_its_name_cannot_be_copied(text: str, namespace: str, why: str) -> None:
    found = reasons(with_class(text, namespace).copy("ApexClass:TideTable"))
    assert found.get("ApexClass:TideTable", "").startswith(why)
    assert bool(found) == bool(why)


def test_a_class_on_the_way_to_a_change_has_to_be_copied_as_well() -> None:
    text = TIDE_TABLE.replace("class TideTable", "class TideTable implements Schedulable")
    found = reasons(pilot_world("script", apex("TideTable", text)).copy("ApexClass:TideClock"))
    assert found == {"ApexClass:TideTable": "is a scheduled job, which runs on its own"}


def test_a_queueable_class_is_enqueued_by_the_copies_that_name_it_alone() -> None:
    job = "public class TideJob implements Queueable { void again() { System.enqueueJob(new TideJob()); } }"
    more = {
        **apex("TideTable", "public class TideTable { void go() { System.enqueueJob(new TideJob()); } }"),
        **apex("TideJob", job),
        **apex("Nightly", "public class Nightly { void go() { System.enqueueJob(new TideJob()); } }"),
    }
    copy = pilot_world("script", more).copy("ApexClass:TideJob")
    assert copy.not_separable == ()
    assert {"ApexClass:TideJob", "ApexClass:TideTable"} <= copied(copy)
    assert "ApexClass:Nightly" not in copied(copy)
    assert b"new TideJob_Pilot()" in copy.files[f"{MAIN}/classes/TideTable_Pilot.cls"]
    assert copy.files[f"{MAIN}/classes/TideJob_Pilot.cls"].count(b"TideJob_Pilot") == 2


def test_a_class_that_takes_a_copied_type_is_copied_with_it() -> None:
    more = {
        **apex("TideTable", "public class TideTable { TideClock.Tick t; static void x() { Shared.take(t); } }"),
        **apex("TideClock", "public class TideClock { public class Tick {} }"),
        **apex("Shared", "public class Shared { public static void take(TideClock.Tick tick) {} }"),
    }
    copy = pilot_world("script", more).copy("ApexClass:TideClock")
    assert copy.not_separable == ()
    assert "take(TideClock_Pilot.Tick tick)" in copy.files[f"{MAIN}/classes/Shared_Pilot.cls"].decode()


def test_a_change_that_no_agent_meets_is_said() -> None:
    copy = pilot_world("script", apex("Other", "public class Other {}"), "ApexClass:Other").copy("ApexClass:Other")
    assert reasons(copy) == {
        "ApexClass:Other": "is used by no agent of the release, so that nobody would meet its copy"
    }


def test_an_action_whose_schemas_alone_change_shows_nothing() -> None:
    world = pilot_world("files")
    folder = f"{MAIN}/genAiFunctions/Find_Payslip"
    schema = f"{folder}/output/schema.json"
    alone = world.copy("GenAiFunction:Find_Payslip", changed_paths=frozenset({schema}))
    assert "schemas alone" in reasons(alone)["GenAiFunction:Find_Payslip"]
    both = frozenset({schema, f"{folder}/Find_Payslip.genAiFunction-meta.xml"})
    assert world.copy("GenAiFunction:Find_Payslip", changed_paths=both).not_separable == ()


def test_the_flow_that_leads_cohorts_to_the_copy_is_no_part_of_it() -> None:
    world = pilot_world("inline")
    assert "is a routing flow" in reasons(world.copy("Flow:Route_Parcels"))["Flow:Route_Parcels"]
    copy = world.copy("Flow:Route_Parcels", entrances=frozenset({"route_parcels"}))
    assert copy.not_separable == ()
    assert "Flow:Route_Parcels" not in copied(copy)


@pytest.mark.parametrize(
    ("files", "added", "why"),
    [
        (flow("Nightly", started("Scheduled")), "Flow:Nightly", "is a flow that starts by itself"),
        (TRIGGER, "ApexTrigger:Tides", "is a trigger"),
        (
            {
                f"{MAIN}/objects/Berth__c/fields/Size__c.field-meta.xml": xml(
                    "CustomField", "    <required>true</required>"
                )
            },
            "CustomField:Berth__c.Size__c",
            "is a required field",
        ),
        (FIELD, "CustomField:Berth__c.Size__c", ""),
        (OBJECT, "CustomObject:Berth__c", ""),
        (LWC, "LightningComponentBundle:tides", ""),
    ],
)
def test_a_new_component_must_do_nothing_by_itself(files: Mapping[str, bytes | str], added: str, why: str) -> None:
    copy = pilot_world("script", files, added).copy(added=(added,))
    assert reasons(copy).get(added, "").startswith(why)
    assert bool(copy.not_separable) == bool(why)
    assert component(added) in copy.shared


@pytest.mark.parametrize(
    ("more", "agent", "why"),
    [
        (
            {f"{PLANNER}/agentGraph/Parcel_Desk_v12_graph.json": "e30="},
            "Bot:Parcel_Desk",
            "is compiled from a script that is not in git",
        ),
        (
            {
                f"{PLANNER}/agentGraph/Parcel_Desk_v12_graph.json": "e30=",
                f"{BUNDLE}/Parcel_Desk/Parcel_Desk.agent": 'config:\n    developer_name: "Parcel_Desk"\n',
            },
            "Bot:Parcel_Desk",
            "is compiled from a script, and the one in git, Parcel_Desk, is a draft",
        ),
    ],
)
def test_a_compiled_agent_is_copied_from_the_script_of_its_version_only(
    more: Mapping[str, bytes | str], agent: str, why: str
) -> None:
    copy = pilot_world("inline", more).copy()
    assert reasons(copy)[agent].startswith(why)
    assert not [path for path in copy.files if "agentGraph" in path]


def test_a_compiled_agent_with_the_script_of_its_version_is_copied_from_that() -> None:
    more = {
        f"{PLANNER}/agentGraph/Parcel_Desk_v12_graph.json": "e30=",
        f"{BUNDLE}/Parcel_Desk_12/Parcel_Desk_12.agent": 'config:\n    developer_name: "Parcel_Desk"\n',
        f"{BUNDLE}/Parcel_Desk_12/Parcel_Desk_12.bundle-meta.xml": xml(
            "AiAuthoringBundle", "    <bundleType>AGENT</bundleType>\n    <target>Parcel_Desk.v12</target>"
        ),
    }
    unpinned = world_of("Parcel_Desk", {**PARCELS, **more}).copy()
    assert "is compiled from a script that is not in git" in reasons(unpinned)["Bot:Parcel_Desk"]
    copy = world_of("Parcel_Desk", {**PARCELS, **more}, version=12).copy()
    assert copy.not_separable == ()
    folder = f"{BUNDLE}/Parcel_Desk_Pilot"
    assert b'developer_name: "Parcel_Desk_Pilot"' in copy.files[f"{folder}/Parcel_Desk_Pilot.agent"]
    # an org writes there what it published
    described = copy.files[f"{folder}/Parcel_Desk_Pilot.bundle-meta.xml"]
    assert b"<!--target>Parcel_Desk.v12</target-->" in described
    assert (
        undo(copy)[f"{BUNDLE}/Parcel_Desk_12/Parcel_Desk_12.agent"] == b'config:\n    developer_name: "Parcel_Desk"\n'
    )


def test_an_agent_that_is_not_there_is_said() -> None:
    assert "Bot:Nobody" in reasons(world_of("Nobody", HARBOR).copy())


def test_an_agent_that_another_hands_over_to_is_copied_with_a_change_below_it() -> None:
    script = HARBOR_SCRIPT + '\nconnected_subagent Pay:\n    target: "agent://Payroll_Desk"\n'
    files = {**PAYROLL, **HARBOR, f"{BUNDLE}/Harbor_Guide/Harbor_Guide.agent": script}
    world = world_of("Harbor_Guide", files)
    below = world.copy("ApexClass:PayslipStore")
    assert below.not_separable == ()
    assert below.agents == {"Harbor_Guide": "Harbor_Guide_Pilot", "Payroll_Desk": "Payroll_Desk_Pilot"}
    text = below.files[f"{BUNDLE}/Harbor_Guide_Pilot/Harbor_Guide_Pilot.agent"].decode()
    assert 'target: "agent://Payroll_Desk_Pilot"' in text
    above = world.copy("ApexClass:TideClock")
    assert above.agents == {"Harbor_Guide": "Harbor_Guide_Pilot"}


def test_agents_that_hand_over_in_a_circle_are_copied() -> None:
    def script(name: str, other: str) -> str:
        return f'config:\n    developer_name: "{name}"\n\nconnected_subagent X:\n    target: "agent://{other}"\n'

    world = world_of(
        "Ping",
        {
            f"{BUNDLE}/Ping/Ping.agent": script("Ping", "Pong"),
            f"{BUNDLE}/Pong/Pong.agent": script("Pong", "Ping"),
        },
    )
    copy = world.copy("AiAuthoringBundle:Pong")
    assert copy.not_separable == ()
    assert set(copy.agents.values()) == {"Ping_Pilot", "Pong_Pilot"}


def test_the_name_of_a_script_agent_is_its_developer_name() -> None:
    files = {
        f"{BUNDLE}/OtherFolder/OtherFolder.agent": HARBOR_SCRIPT,
        **{path: data for path, data in HARBOR.items() if "aiAuthoringBundles" not in path},
    }
    copy = world_of("Harbor_Guide", files).copy()
    assert copy.not_separable == ()
    assert f"{BUNDLE}/Harbor_Guide_Pilot/Harbor_Guide_Pilot.agent" in copy.files
    assert copy.agents == {"Harbor_Guide": "Harbor_Guide_Pilot"}
