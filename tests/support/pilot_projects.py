"""Three agents to copy: one from a script, one with topics in files, one whose planner defines its topics itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.support.projects import Files
from tests.support.releases import environment

from wavegate.components.closure import release_scope
from wavegate.components.component import ComponentId, Project
from wavegate.components.metadata import NAMESPACE
from wavegate.components.project import read_project
from wavegate.components.scope import ReleaseScope
from wavegate.pilot.copy import make_copy
from wavegate.pilot.values import PilotCopy
from wavegate.release.manifest import Agent, Included, Manifest

MAIN = "force-app/main/default"


def xml(tag: str, body: str) -> str:
    """A metadata file."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{tag} xmlns="{NAMESPACE}">\n{body}\n</{tag}>\n'


def apex(name: str, text: str) -> dict[str, bytes | str]:
    """A class with its metadata."""
    path = f"{MAIN}/classes/{name}.cls"
    return {path: text, f"{path}-meta.xml": xml("ApexClass", "    <status>Active</status>")}


def flow(name: str, body: str, kind: str = "AutoLaunchedFlow") -> dict[str, bytes | str]:
    """A flow that something calls."""
    text = f"    <label>{name}</label>\n    <processType>{kind}</processType>\n    <status>Active</status>\n{body}"
    return {f"{MAIN}/flows/{name}.flow-meta.xml": xml("Flow", text)}


def action(name: str, kind: str, target: str) -> dict[str, bytes | str]:
    """An action with its own file."""
    body = (
        f"    <developerName>{name}</developerName>\n    <invocationTarget>{target}</invocationTarget>\n"
        f"    <invocationTargetType>{kind}</invocationTargetType>\n    <masterLabel>{name}</masterLabel>"
    )
    folder = f"{MAIN}/genAiFunctions/{name}"
    return {f"{folder}/{name}.genAiFunction-meta.xml": xml("GenAiFunction", body)}


def evaluation(name: str, agent: str, topic: str, actions: str, version: str) -> dict[str, bytes | str]:
    """A test definition of an agent."""
    body = f"""    <name>{name}</name>
    <subjectName>{agent}</subjectName>
    <subjectType>AGENT</subjectType>
    <subjectVersion>{version}</subjectVersion>
    <testCase>
        <expectation>
            <expectedValue>{topic}</expectedValue>
            <name>topic_sequence_match</name>
        </expectation>
        <expectation>
            <expectedValue>{actions}</expectedValue>
            <name>action_sequence_match</name>
        </expectation>
        <inputs>
            <utterance>Ask {topic} about it.</utterance>
        </inputs>
        <number>1</number>
    </testCase>"""
    return {
        f"{MAIN}/aiEvaluationDefinitions/{name}.aiEvaluationDefinition-meta.xml": xml("AiEvaluationDefinition", body)
    }


HARBOR_SCRIPT = """\
# Harbor_Guide helps skippers.
system:
    instructions: "Use apex://TideTable wording. You are Harbor_Guide."

config:
    developer_name: "Harbor_Guide"
    agent_label: "Harbor Guide"
    agent_type: "AgentforceEmployeeAgent"

start_agent router:
    description: "Start"
    reasoning:
        actions:
            tides: @utils.transition to @topic.tides

topic tides:
    description: "Tides"
    actions:
        Read_Tides:
            description: "Reads TideTable"
            inputs:
                day: object
                    complex_data_type_name: "@apexClassType/c__TideTable$Tide"
            target: "apex://TideTable"
        Book_Berth:
            target: 'flow://Book_Berth'
        Notes:
            target: generatePromptResponse://Harbor_Notes
"""

TIDE_TABLE = """\
// TideTable: reads tides
public with sharing class TideTable {
    public class Tide { @AuraEnabled public Datetime highTide; }
    @InvocableMethod(label='TideTable of the day')
    public static List<Tide> read(List<Id> ids) {
        TideTable table = new TideTable();
        System.debug('TideTable: ' + ids);
        return new List<TideTable.Tide>{ table.first() };
    }
    private Tide first() { return TideClock.now() == null ? null : new Tide(); }
}
"""

HARBOR: Mapping[str, bytes | str] = {
    f"{MAIN}/aiAuthoringBundles/Harbor_Guide/Harbor_Guide.agent": HARBOR_SCRIPT,
    f"{MAIN}/aiAuthoringBundles/Harbor_Guide/Harbor_Guide.bundle-meta.xml": xml(
        "AiAuthoringBundle", "    <bundleType>AGENT</bundleType>"
    ),
    **apex("TideTable", TIDE_TABLE),
    **apex("TideClock", "public class TideClock {\n    public static Datetime now() { return Datetime.now(); }\n}\n"),
    **apex(
        "TideTableTest",
        "@isTest\nprivate class TideTableTest {\n    @isTest static void reads() {\n"
        "        System.assertEquals('TideTable', TideTable.read(null).toString());\n    }\n}\n",
    ),
    **flow(
        "Book_Berth",
        "    <actionCalls>\n        <name>TideTable</name>\n        <actionName>TideTable</actionName>\n"
        "        <actionType>apex</actionType>\n        <nameSegment>TideTable</nameSegment>\n    </actionCalls>\n"
        "    <variables>\n        <name>tide</name>\n        <apexClass>TideTable$Tide</apexClass>\n    </variables>",
    ),
    f"{MAIN}/genAiPromptTemplates/Harbor_Notes.genAiPromptTemplate-meta.xml": xml(
        "GenAiPromptTemplate",
        "    <developerName>Harbor_Notes</developerName>\n    <masterLabel>Harbor Notes</masterLabel>\n"
        "    <templateVersions>\n        <content>Tides: {!$Apex:TideTable.Prompt} for Harbor_Notes</content>\n"
        "        <templateDataProviders>\n            <definition>apex://TideTable</definition>\n"
        "            <referenceName>Apex:TideTable</referenceName>\n        </templateDataProviders>\n"
        "        <versionIdentifier>abc_1</versionIdentifier>\n    </templateVersions>",
    ),
    **evaluation("Harbor_Tests", "Harbor_Guide", "tides", "['Read_Tides']", "v4"),
}
"""A script agent. Everything leads to the class TideTable."""

_PAYROLL_PLANNER = """\
    <attributeMappings>
        <attributeName>Payslips.Find_Payslip.input_Payslips</attributeName>
        <mappingTargetName>Payslips</mappingTargetName>
    </attributeMappings>
    <genAiPlugins>
        <genAiPluginName>Payslips</genAiPluginName>
    </genAiPlugins>
    <genAiPlugins>
        <genAiPluginName>EmployeeCopilot__GeneralCRM</genAiPluginName>
    </genAiPlugins>
    <masterLabel>Payroll Desk</masterLabel>
    <plannerType>AiCopilot__ReAct</plannerType>
    <ruleExpressionAssignments>
        <ruleExpressionName>Is_Known</ruleExpressionName>
        <targetName>Payslips</targetName>
        <targetType>Plugin</targetType>
    </ruleExpressionAssignments>"""

PAYROLL: Mapping[str, bytes | str] = {
    "sfdx-project.json": '{"packageDirectories": [{"path": "force-app"}], "replacements": [{"filename": '
    '"bots/Payroll_Desk/Payroll_Desk.bot-meta.xml", "stringToReplace": "%%USER%%", "replaceWithEnv": "AGENT_USER"}]}',
    f"{MAIN}/bots/Payroll_Desk/Payroll_Desk.bot-meta.xml": xml(
        "Bot",
        "    <agentType>AgentforceEmployeeAgent</agentType>\n    <botMlDomain>\n        <label>Payroll Desk</label>\n"
        "        <name>Payroll_Desk</name>\n    </botMlDomain>\n    <botUser>%%USER%%</botUser>\n"
        "    <label>Payroll Desk</label>\n    <type>InternalCopilot</type>",
    ),
    f"{MAIN}/bots/Payroll_Desk/v3.botVersion-meta.xml": xml(
        "BotVersion",
        "    <fullName>v3</fullName>\n    <conversationDefinitionPlanners>\n"
        "        <genAiPlannerName>Payroll_Desk_v3</genAiPlannerName>\n    </conversationDefinitionPlanners>",
    ),
    f"{MAIN}/genAiPlannerBundles/Payroll_Desk_v3/Payroll_Desk_v3.genAiPlannerBundle": xml(
        "GenAiPlannerBundle", _PAYROLL_PLANNER
    ),
    f"{MAIN}/genAiPlugins/Payslips.genAiPlugin-meta.xml": xml(
        "GenAiPlugin",
        "    <description>Use Find_Payslip &amp; Payslips.</description>\n"
        "    <developerName>Payslips</developerName>\n"
        + "".join(
            f"    <genAiFunctions>\n        <functionName>{each}</functionName>\n    </genAiFunctions>\n"
            for each in ("Find_Payslip", "Explain_Payslip", "Request_Correction")
        )
        + "    <masterLabel>Payslips</masterLabel>",
    ),
    **action("Find_Payslip", "apex", "PayslipFinder"),
    f"{MAIN}/genAiFunctions/Find_Payslip/output/schema.json": '{\n  "properties": {"PayslipFinder": {\n'
    '    "lightning:type": "@apexClassType/c__PayslipFinder$Payslip"},\n'
    '  "card": {"lightning:type": "c__payslipCard"}},\n'
    '  "lightning:type": "lightning__objectType"\n}\n',
    **action("Explain_Payslip", "generatePromptResponse", "Payslip_Words"),
    **action("Request_Correction", "flow", "Request_Correction"),
    f"{MAIN}/lightningTypes/payslipCard/schema.json": '{"lightning:type": "@apexClassType/c__PayslipFinder$Payslip"}',
    f"{MAIN}/lightningTypes/payslipCard/lightningDesktopGenAi/renderer.json": '{"renderer": {}}',
    **flow(
        "Request_Correction",
        "    <subflows>\n        <name>Log</name>\n        <flowName>Log_Correction</flowName>\n    </subflows>",
    ),
    **flow("Log_Correction", ""),
    f"{MAIN}/genAiPromptTemplates/Payslip_Words.genAiPromptTemplate-meta.xml": xml(
        "GenAiPromptTemplate",
        "    <developerName>Payslip_Words</developerName>\n    <templateVersions>\n        <content>Words</content>\n"
        "        <templateDataProviders>\n            <definition>apex://PayslipWords</definition>\n"
        "            <referenceName>Apex:PayslipWords</referenceName>\n        </templateDataProviders>\n"
        "    </templateVersions>",
    ),
    f"{MAIN}/genAiPromptTemplateActivations/Payslip_Words.genAiPromptTemplateActivation": xml(
        "GenAiPromptTemplateActv", "    <genAiPromptTemplate>Payslip_Words</genAiPromptTemplate>"
    ),
    **apex(
        "PayslipFinder", "public class PayslipFinder {\n    public class Payslip {}\n    PayslipStore store;\n}\n"
    ),
    **apex("PayslipStore", "public class PayslipStore {}\n"),
    **apex(
        "PayslipWords",
        "public class PayslipWords {\n    @InvocableMethod(capabilityType='FlexTemplate://Payslip_Words')\n"
        "    public static void run() {}\n}\n",
    ),
    **evaluation("Payroll_Tests", "Payroll_Desk", "Payslips", "['Find_Payslip', 'Explain_Payslip']", "v3"),
}
"""An employee agent whose topics, actions and all that they call have files of their own."""

_PARCEL_PLANNER = """\
    <attributeMappings>
        <attributeName>Parcels_16jKj0000004CqX.Track_179Kj0000004CqY.input_id</attributeName>
    </attributeMappings>
    <localTopicLinks>
        <genAiPluginName>Parcels_16jKj0000004CqX</genAiPluginName>
    </localTopicLinks>
    <localTopics>
        <fullName>Parcels_16jKj0000004CqX</fullName>
        <developerName>Parcels_16jKj0000004CqX</developerName>
        <genAiPluginInstructions>
            <description>Run Track, then ParcelTracker.</description>
            <developerName>instruction0_179Kj0000004CqZ</developerName>
        </genAiPluginInstructions>
        <localActionLinks>
            <functionName>Track_179Kj0000004CqY</functionName>
        </localActionLinks>
        <localActionLinks>
            <functionName>Summarize_179Kj0000004CqYIAU</functionName>
        </localActionLinks>
        <localActions>
            <fullName>Track_179Kj0000004CqY</fullName>
            <developerName>Track_179Kj0000004CqY</developerName>
            <invocationTarget>ParcelTracker</invocationTarget>
            <invocationTargetType>apex</invocationTargetType>
            <localDeveloperName>Track</localDeveloperName>
            <masterLabel>Track</masterLabel>
        </localActions>
        <localActions>
            <fullName>Summarize_179Kj0000004CqYIAU</fullName>
            <developerName>Summarize_179Kj0000004CqYIAU</developerName>
            <invocationTarget>Parcel_Summary</invocationTarget>
            <invocationTargetType>flow</invocationTargetType>
            <localDeveloperName>Summarize</localDeveloperName>
            <masterLabel>Summarize</masterLabel>
        </localActions>
        <localDeveloperName>Parcels</localDeveloperName>
        <masterLabel>Parcels</masterLabel>
    </localTopics>
    <plannerType>AiCopilot__ReAct</plannerType>"""

_PARCEL_BUNDLE = f"{MAIN}/genAiPlannerBundles/Parcel_Desk_v12"

PARCELS: Mapping[str, bytes | str] = {
    f"{MAIN}/bots/Parcel_Desk/Parcel_Desk.bot-meta.xml": xml(
        "Bot",
        "    <agentType>EinsteinServiceAgent</agentType>\n    <botMlDomain>\n        <label>Parcel Desk</label>\n"
        "        <name>Parcel_Desk</name>\n    </botMlDomain>\n"
        "    <defaultOutboundFlow>Route_Parcels</defaultOutboundFlow>\n    <label>Parcel Desk</label>\n"
        "    <type>ExternalCopilot</type>",
    ),
    f"{MAIN}/bots/Parcel_Desk/v12.botVersion-meta.xml": xml(
        "BotVersion",
        "    <fullName>v12</fullName>\n    <conversationDefinitionPlanners>\n"
        "        <genAiPlannerName>Parcel_Desk_v12</genAiPlannerName>\n    </conversationDefinitionPlanners>",
    ),
    f"{_PARCEL_BUNDLE}/Parcel_Desk_v12.genAiPlannerBundle": xml("GenAiPlannerBundle", _PARCEL_PLANNER),
    f"{_PARCEL_BUNDLE}/localActions/Parcels_16jKj0000004CqX/Track_179Kj0000004CqY/input/schema.json": (
        '{"properties": {"id": {"lightning:type": "@apexClassType/c__ParcelTracker$Parcel"}}}'
    ),
    **apex("ParcelTracker", "public class ParcelTracker {\n    public class Parcel {}\n}\n"),
    **flow(
        "Parcel_Summary",
        "    <actionCalls>\n        <name>Summary</name>\n        <actionName>Parcel_Words</actionName>\n"
        "        <actionType>generatePromptResponse</actionType>\n        <nameSegment>Parcel_Words</nameSegment>\n"
        "    </actionCalls>",
    ),
    **flow("Route_Parcels", "", "RoutingFlow"),
    f"{MAIN}/genAiPromptTemplates/Parcel_Words.genAiPromptTemplate-meta.xml": xml(
        "GenAiPromptTemplate", "    <developerName>Parcel_Words</developerName>\n    <masterLabel>Words</masterLabel>"
    ),
    **evaluation("Parcel_Tests", "Parcel_Desk", "Parcels", "['Track']", "v12"),
}
"""A service agent whose planner defines its topics and actions."""

AGENTS: Mapping[str, tuple[str, Mapping[str, bytes | str]]] = {
    "script": ("Harbor_Guide", HARBOR),
    "files": ("Payroll_Desk", PAYROLL),
    "inline": ("Parcel_Desk", PARCELS),
}
"""Agent and files of each project."""


@dataclass(frozen=True, kw_only=True)
class PilotWorld:
    """A project and the scope of a release of its agent."""

    agent: Agent
    source: Files
    project: Project
    scope: ReleaseScope

    def copy(self, *changed: str, added: tuple[str, ...] = (), **options: object) -> PilotCopy:
        """The copy for these changes, written as `Type:Name`."""
        return make_copy(
            self.source,
            self.project,
            agents=(self.agent,),
            scope=self.scope,
            changed=frozenset(map(component, changed)),
            added=frozenset(map(component, added)),
            **options,  # type: ignore[arg-type]
        )


def component(text: str) -> ComponentId:
    """The component that is written as `Type:Name`."""
    type_, _, name = text.partition(":")
    return ComponentId(type=type_, name=name)


def pilot_world(kind: str, more: Mapping[str, bytes | str] | None = None, *include: str) -> PilotWorld:
    """The project of that kind, with more files or other contents of its own. include: as in a manifest."""
    name, files = AGENTS[kind]
    return world_of(name, {**files, **(more or {})}, *include)


def world_of(name: str, files: Mapping[str, bytes | str], *include: str, version: int | None = None) -> PilotWorld:
    """A project with those files and a release of one agent."""
    source = Files(files)
    project = read_project(source)
    agent = Agent(name=name, version=version)
    included = tuple(Included(metadata=each) for each in include)
    manifest = Manifest(release="r", environments=(environment("uat"),), agents=(agent,), include=included)
    return PilotWorld(agent=agent, source=source, project=project, scope=release_scope(manifest, "uat", project))


def copied(copy: PilotCopy) -> set[str]:
    """The copied components as text."""
    return {str(each) for each in copy.names}
