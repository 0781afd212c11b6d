"""Every reference that is read of a component's files, each from the smallest files that hold it."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.sources import apex, component_id, contents_of, names, scope_of_files, xml

from wavegate.components.component import ComponentId, Contents
from wavegate.components.references.web import LIMIT, read_json, read_module, read_template

Files = dict[str, bytes | str]

SCRIPT = "aiAuthoringBundles/A/A.agent"
BUNDLE: Files = {"aiAuthoringBundles/A/A.bundle-meta.xml": xml("AiAuthoringBundle")}
FUNCTION: Files = {"genAiFunctions/F/F.genAiFunction-meta.xml": xml("GenAiFunction")}
TYPE = "lightningTypes/t/schema.json"
LWC = "lwc/card/card.js"
PROMPT = "genAiPromptTemplates/T.genAiPromptTemplate-meta.xml"


def action(body: str, kind: str = "apex") -> Files:
    call = f"<invocationTarget>{body}</invocationTarget><invocationTargetType>{kind}</invocationTargetType>"
    return {"genAiFunctions/F/F.genAiFunction-meta.xml": xml("GenAiFunction", call)}


def flow(body: str) -> Files:
    return {"flows/W.flow-meta.xml": xml("Flow", body)}


def prompt(body: str) -> Files:
    return {PROMPT: xml("GenAiPromptTemplate", f"<templateVersions>{body}</templateVersions>")}


def provider(definition: str, name: str = "") -> str:
    return (
        f"<templateDataProviders><definition>{definition}</definition>"
        f"<referenceName>{name}</referenceName></templateDataProviders>"
    )


REFERENCES: Mapping[str, tuple[Files, str, list[str]]] = {
    "outbound flow of an agent": (
        {"bots/B/B.bot-meta.xml": xml("Bot", "<defaultOutboundFlow>Route_to_Queue</defaultOutboundFlow>")},
        "Bot:B",
        ["Flow:Route_to_Queue"],
    ),
    "flow of a messaging channel": (
        {
            "messagingChannels/C.messagingChannel-meta.xml": xml(
                "MessagingChannel", "<sessionHandlerFlow>Route_to_Agent</sessionHandlerFlow>"
            )
        },
        "MessagingChannel:C",
        ["Flow:Route_to_Agent"],
    ),
    "connection of a script": (
        {
            SCRIPT: 'connection messaging:\n    outbound_route_type: "OmniChannelFlow"\n'
            '    outbound_route_name: "flow://Route"\n',
            **BUNDLE,
        },
        "AiAuthoringBundle:A",
        ["Flow:Route"],
    ),
    "connection without a scheme": (
        {SCRIPT: 'connection messaging:\n    outbound_route_name: "acme__Route"\n', **BUNDLE},
        "AiAuthoringBundle:A",
        ["Flow:Route"],
    ),
    "several connections of a script": (
        {SCRIPT: 'connections:\n    messaging:\n        outbound_route_name: "flow://Route"\n', **BUNDLE},
        "AiAuthoringBundle:A",
        ["Flow:Route"],
    ),
    "outbound flow of a script": (
        {SCRIPT: 'config:\n    outbound_flow: "flow://Route"\n', **BUNDLE},
        "AiAuthoringBundle:A",
        ["Flow:Route"],
    ),
    "connected agent": (
        {SCRIPT: 'connected_subagent Billing:\n    target: "agent://Billing_Agent"\n', **BUNDLE},
        "AiAuthoringBundle:A",
        ["Bot:Billing_Agent"],
    ),
    "connected agent by the newer scheme, with an org's id": (
        {SCRIPT: 'connected_subagent Billing:\n    target: "agentforce://X00Dfi200000dpFZ_Billing"\n', **BUNDLE},
        "AiAuthoringBundle:A",
        ["Bot:Billing"],
    ),
    "text that looks like a connection": (
        {
            SCRIPT: 'system:\n    instructions: |\n        connection x:\n            outbound_route_name: "flow://No"\n',
            **BUNDLE,
        },
        "AiAuthoringBundle:A",
        [],
    ),
    "class of a flow's variable": (
        flow("<variables><apexClass>PromotionOutput</apexClass></variables>"),
        "Flow:W",
        ["ApexClass:PromotionOutput"],
    ),
    "inner class of a flow's variable": (
        flow("<variables><apexClass>acme__Promotion$Output</apexClass></variables>"),
        "Flow:W",
        ["ApexClass:Promotion"],
    ),
    "class of a flow's transformation": (
        flow("<transforms><apexClass>Shape</apexClass></transforms>"),
        "Flow:W",
        ["ApexClass:Shape"],
    ),
    "data type of an action": (
        {**FUNCTION, "genAiFunctions/F/output/schema.json": '{"lightning:type": "@apexClassType/c__Weather$Day"}'},
        "GenAiFunction:F",
        ["ApexClass:Weather"],
    ),
    "lightning type of an action": (
        {**FUNCTION, "genAiFunctions/F/input/schema.json": '{"p": {"lightning:type" : "c__caseInput"}}'},
        "GenAiFunction:F",
        ["LightningTypeBundle:caseInput"],
    ),
    "types of the project's namespace": (
        {
            **FUNCTION,
            "genAiFunctions/F/input/schema.json": '{"lightning:type": "@apexClassType/acme__Weather"}',
            "genAiFunctions/F/output/schema.json": '{"lightning:type": "acme__caseInput"}',
        },
        "GenAiFunction:F",
        ["ApexClass:Weather", "LightningTypeBundle:caseInput"],
    ),
    "types of the platform": (
        {
            **FUNCTION,
            "genAiFunctions/F/input/schema.json": '{"lightning:type": "lightning__textType"} '
            '{"lightning:type": "sfdc_x__y"} {"lightning:type": "plain"}',
        },
        "GenAiFunction:F",
        [],
    ),
    "a broken schema": (
        {**FUNCTION, "genAiFunctions/F/input/schema.json": b'\xff{"lightning:type": "c__t", "lightning:type": "c__'},
        "GenAiFunction:F",
        ["LightningTypeBundle:t"],
    ),
    "class of a lightning type": (
        {TYPE: '{"lightning:type": "@apexClassType/c__Weather$Day"}'},
        "LightningTypeBundle:t",
        ["ApexClass:Weather"],
    ),
    "renderer and editor of a lightning type": (
        {
            TYPE: "{}",
            "lightningTypes/t/lightningDesktopGenAi/renderer.json": '{"$": {"definition": "c/weatherCard"}}',
            "lightningTypes/t/lightningDesktopGenAi/editor.json": '{"$": {"definition": "acme/caseEditor"}}',
            "lightningTypes/t/experienceBuilder/renderer.json": '{"$": {"definition": "lightning/badge"}}',
        },
        "LightningTypeBundle:t",
        ["LightningComponentBundle:caseEditor", "LightningComponentBundle:weatherCard"],
    ),
    "modules that a component imports": (
        {
            LWC: "import a from '@salesforce/apex/Weather.today';\n"
            "import { b } from \"c/other\";\nimport {\n  d,\n  e\n} from 'c/more';\nexport * from 'acme/third';\n"
            "const f = () => import('c/late');\nimport g from '@salesforce/apex/acme.Own.x';\n"
            "import h from '@salesforce/apex/zeta.Theirs.x';\nimport './helper';\nimport { x } from 'lwc';\n"
            "// import z from 'c/comment'\n/*\n * import z from 'c/comment'\n */\nimport 'lightning/modal';\n"
        },
        "LightningComponentBundle:card",
        [
            "ApexClass:Own",
            "ApexClass:Weather",
            "LightningComponentBundle:late",
            "LightningComponentBundle:more",
            "LightningComponentBundle:other",
            "LightningComponentBundle:third",
        ],
    ),
    "components in a template": (
        {
            LWC: "",
            "lwc/card/card.html": "<template><c-other-thing x='<c-no>'></c-other-thing><acme-mine/>"
            "<lightning-card></lightning-card><!-- <c-commented/> --></template>",
        },
        "LightningComponentBundle:card",
        ["LightningComponentBundle:mine", "LightningComponentBundle:no", "LightningComponentBundle:otherThing"],
    ),
    "what is not deployed of a component": (
        {LWC: "", "lwc/card/__tests__/card.test.js": "import a from 'c/mock';"},
        "LightningComponentBundle:card",
        [],
    ),
    "permission sets of a group": (
        {
            "permissionsetgroups/G.permissionsetgroup-meta.xml": xml(
                "PermissionSetGroup",
                "<permissionSets>A</permissionSets><permissionSets>acme__B</permissionSets>"
                "<mutingPermissionSets>M</mutingPermissionSets>",
            )
        },
        "PermissionSetGroup:G",
        ["MutingPermissionSet:M", "PermissionSet:A", "PermissionSet:B"],
    ),
    "data of a prompt by its provider": (
        prompt(provider("apex://acme__Facade", "Apex:Facade") + provider("flow://Lookup")),
        "GenAiPromptTemplate:T",
        ["ApexClass:Facade", "Flow:Lookup"],
    ),
    "data of a prompt by its text": (
        prompt("<content>Use {!$Apex:Facade.Prompt} and {!$Flow:Lookup.Prompt}, {!$Input:x}</content>"),
        "GenAiPromptTemplate:T",
        ["ApexClass:Facade", "Flow:Lookup"],
    ),
    "data of a prompt by the name of its reference": (
        prompt(provider("", "Apex:Facade") + provider("", "Flow:Lookup") + provider("primitive://String", "Input:x")),
        "GenAiPromptTemplate:T",
        ["ApexClass:Facade", "Flow:Lookup", "primitive:String"],
    ),
    "the project's own facade": (action("acme__Facade"), "GenAiFunction:F", ["ApexClass:Facade"]),
    "another namespace's facade": (action("zeta__Facade"), "GenAiFunction:F", ["ApexClass:zeta__Facade"]),
    "the project's own credential": (
        apex(C="String s = 'callout:acme__Cred/x';"),
        "ApexClass:C",
        ["NamedCredential:Cred"],
    ),
    "classes of a trigger": (
        {"triggers/T.trigger": "trigger T on Account (before insert) { Handler.run(); }", **apex(Handler="")},
        "ApexTrigger:T",
        ["ApexClass:Handler"],
    ),
}


@pytest.mark.parametrize("case", REFERENCES)
def test_each_reference_is_read(case: str) -> None:
    files, component, expected = REFERENCES[case]
    contents = contents_of(files, component)
    assert sorted(set(_references(contents))) == expected
    assert contents.findings == ()


def _references(contents: Contents) -> list[str]:
    return [str(each.targets[0]) for each in contents.references]


FIELD = xml("CustomField")
OBJECTS: Files = {
    "objects/Visit__c/Visit__c.object-meta.xml": xml("CustomObject"),
    "objects/Visit__c/fields/Date__c.field-meta.xml": FIELD,
    "objects/Visit__c/fields/Site__c.field-meta.xml": FIELD,
    "objects/Other__c/fields/Date__c.field-meta.xml": FIELD,
    "objects/Account/fields/Risk__c.field-meta.xml": FIELD,
    "labels/CustomLabels.labels-meta.xml": xml("CustomLabels"),
    "customPermissions/May_Refund.customPermission-meta.xml": xml("CustomPermission"),
}
USES: Mapping[str, tuple[Files, str, list[str]]] = {
    "objects and fields of a class": (
        apex(C="Visit__c v = [SELECT date__c, Site__r.Name FROM acme__Visit__c]; // Other__c, Risk__c"),
        "ApexClass:C",
        ["CustomField:Visit__c.Date__c", "CustomField:Visit__c.Site__c", "CustomObject:Visit__c"],
    ),
    "fields in dynamic queries": (
        apex(C="String q = 'SELECT Risk__c';"),
        "ApexClass:C",
        ["CustomField:Account.Risk__c"],
    ),
    "objects and fields of a flow": (
        flow("<recordLookups><object>Visit__c</object><queriedFields>Date__c</queriedFields></recordLookups>"),
        "Flow:W",
        ["CustomField:Visit__c.Date__c", "CustomObject:Visit__c"],
    ),
    "labels and permissions": (
        {**apex(C="String a = System.Label.Hello; Boolean b = FeatureManagement.checkPermission('may_refund');")},
        "ApexClass:C",
        ["CustomLabels:CustomLabels", "CustomPermission:May_Refund"],
    ),
    "labels and permissions of a flow": (
        flow("<x><y>{!$Label.Hello}</y><z>$Permission.May_Refund</z></x>"),
        "Flow:W",
        ["CustomLabels:CustomLabels", "CustomPermission:May_Refund"],
    ),
    "objects of a prompt": (
        prompt("<inputs><definition>SOBJECT://Visit__c</definition></inputs>"),
        "GenAiPromptTemplate:T",
        ["CustomObject:Visit__c"],
    ),
    "resources of a component": (
        {
            LWC: "import A from '@salesforce/schema/Visit__c.Date__c';\nimport B from '@salesforce/label/c.Hello';\n"
            "import C from '@salesforce/customPermission/May_Refund';\n"
            "import D from '@salesforce/resourceUrl/icons';\nimport E from '@salesforce/messageChannel/Booked__c';\n"
        },
        "LightningComponentBundle:card",
        [
            "CustomField:Visit__c.Date__c",
            "CustomLabels:CustomLabels",
            "CustomObject:Visit__c",
            "CustomPermission:May_Refund",
            "LightningMessageChannel:Booked__c",
            "StaticResource:icons",
        ],
    ),
    "the template that a class or flow is a provider for": (
        apex(C="@InvocableMethod(capabilityType='FlexTemplate://Renewal') static void a() {}"),
        "ApexClass:C",
        ["GenAiPromptTemplate:Renewal"],
    ),
    "the template that a flow is a provider for": (
        flow(
            "<start><capabilityTypes><capabilityName>FlexTemplate://Renewal</capabilityName></capabilityTypes></start>"
        ),
        "Flow:W",
        ["GenAiPromptTemplate:Renewal"],
    ),
    "objects and permissions that a permission set grants": (
        {
            **action("C"),
            **apex(C=""),
            "permissionsets/P.permissionset-meta.xml": xml(
                "PermissionSet",
                "<classAccesses><apexClass>C</apexClass><enabled>true</enabled></classAccesses>"
                "<objectPermissions><object>Visit__c</object></objectPermissions>"
                "<fieldPermissions><field>Visit__c.Date__c</field></fieldPermissions>"
                "<customPermissions><name>May_Refund</name><enabled>true</enabled></customPermissions>",
            ),
        },
        "PermissionSet:P",
        ["CustomField:Visit__c.Date__c", "CustomObject:Visit__c", "CustomPermission:May_Refund"],
    ),
}


@pytest.mark.parametrize("case", USES)
def test_what_other_features_share_is_a_use(case: str) -> None:
    files, component, expected = USES[case]
    contents = contents_of({**OBJECTS, **files}, component)
    assert sorted({str(each.targets[0]) for each in contents.uses}) == expected


def test_an_mcp_tool_names_its_server() -> None:
    server: Files = {"mcpServerDefinitions/Stock.mcpServerDefinition-meta.xml": xml("McpServerDefinition")}
    for tool in ("Stock.find", "Stock", "Stock/find"):
        scope = scope_of_files({**server, **action(tool, "mcpTool")}, "GenAiFunction:F")
        assert names(scope.components) == {"GenAiFunction:F", "McpServerDefinition:Stock"}, tool
    scope = scope_of_files({**server, **action("1XOxx0000000001", "mcpTool")}, "GenAiFunction:F")
    assert (names(scope.components), names(scope.external)) == ({"GenAiFunction:F"}, {"mcpTool:1XOxx0000000001"})


def test_the_schema_of_an_inline_action_belongs_to_it() -> None:
    folder = "genAiPlannerBundles/P/"
    files: Files = {
        f"{folder}P.genAiPlannerBundle": xml(
            "GenAiPlannerBundle",
            "<localTopics><fullName>T_16j</fullName><localActions><fullName>A_179</fullName></localActions></localTopics>"
            "<plannerActions><fullName>B_179</fullName></plannerActions>",
        ),
        f"{folder}localActions/T_16j/A_179/input/schema.json": '{"lightning:type": "c__one"}',
        f"{folder}plannerActions/B_179/output/schema.json": '{"lightning:type": "c__two"}',
        f"{folder}elsewhere/schema.json": '{"lightning:type": "c__three"}',
    }
    contents = contents_of(files, "GenAiPlannerBundle:P")
    inline = {component.id.name: inner for component, inner in contents.inline.items()}
    in_topic = {component.id.name: inner for component, inner in inline["P/T_16j"].inline.items()}
    assert _references(contents) == ["LightningTypeBundle:three"]
    assert _references(in_topic["P/T_16j/A_179"]) == ["LightningTypeBundle:one"]
    assert _references(inline["P/B_179"]) == ["LightningTypeBundle:two"]


@pytest.mark.parametrize(
    ("files", "component", "line", "column"),
    [
        (
            {**FUNCTION, "genAiFunctions/F/input/schema.json": '{\n  "lightning:type": "c__t"\n}'},
            "GenAiFunction:F",
            2,
            22,
        ),
        ({LWC: "import a from 'lwc';\nimport b from 'c/other';"}, "LightningComponentBundle:card", 2, 16),
        (
            {LWC: "", "lwc/card/card.html": "<template>\n  <c-other/></template>"},
            "LightningComponentBundle:card",
            2,
            3,
        ),
        ({SCRIPT: 'connection m:\n  outbound_route_name: "flow://R"', **BUNDLE}, "AiAuthoringBundle:A", 2, 24),
        (prompt("<content>a\n{!$Apex:F.x}</content>"), "GenAiPromptTemplate:T", 2, 1),
    ],
)
def test_a_reference_is_located_exactly(files: Files, component: str, line: int, column: int) -> None:
    (reference,) = contents_of(files, component).references
    assert (reference.location.line, reference.location.column) == (line, column)


def test_a_data_type_in_a_script_belongs_to_its_action() -> None:
    script = (
        "topic cases:\n  actions:\n    submit:\n      description: |\n        inputs:\n          x:\n"
        '            complex_data_type_name: "c__no"\n      target: "apex://Cases"\n'
        "      inputs:\n        case: object\n"
        '          complex_data_type_name: "c__caseInput"\n      outputs:\n        done: object\n'
        '          complex_data_type_name: "@apexClassType/c__Result$Done"\n'
        '        text: object\n          complex_data_type_name: "lightning__textType"\n'
    )
    contents = contents_of({SCRIPT: script, **BUNDLE}, "AiAuthoringBundle:A")
    ((_, topic),) = contents.inline.items()
    ((_, found),) = topic.inline.items()
    assert _references(found) == ["ApexClass:Cases", "LightningTypeBundle:caseInput", "ApexClass:Result"]
    assert [each.location.line for each in found.references] == [8, 11, 14]


@given(st.text(alphabet="<c-x import from'\"@salesforce/apex.{}:\n", max_size=300))
def test_damaged_web_files_never_raise(text: str) -> None:
    for each in (*read_json(text), *read_module(text), *read_template(text)):
        assert 0 <= each.offset < len(text)


@pytest.mark.parametrize(
    "text",
    ["import " * 100_000, "import\n" * 100_000, "<!--" * 200_000, "<c-" * 200_000, '"lightning:type": {' * 50_000],
)
def test_hostile_web_files_are_searched_in_linear_time(text: str) -> None:
    assert [*read_json(text), *read_module(text), *read_template(text)] == []


def test_only_the_first_part_of_a_long_file_is_searched() -> None:
    text = " " * LIMIT + "\nimport a from 'c/late';"
    assert list(read_module(text)) == []


CONNECTED: Files = {
    SCRIPT: 'connected_subagent Billing:\n    target: "agent://B"\n',
    **BUNDLE,
    "bots/B/B.bot-meta.xml": xml("Bot"),
    "bots/B/v1.botVersion-meta.xml": xml("BotVersion"),
    "bots/B/v2.botVersion-meta.xml": xml("BotVersion"),
    "aiAuthoringBundles/B/B.bundle-meta.xml": xml("AiAuthoringBundle"),
    "aiAuthoringBundles/B/B.agent": 'topic t:\n  actions:\n    a:\n      target: "apex://C"\n',
    **apex(C=""),
}


def test_a_connected_agent_ships_with_its_version_and_script() -> None:
    scope = scope_of_files(CONNECTED, "AiAuthoringBundle:A")
    assert {name for name in names(scope.components) if "/" not in name} == {
        "AiAuthoringBundle:A",
        "AiAuthoringBundle:B",
        "ApexClass:C",
        "Bot:B",
        "BotVersion:B.v2",
    }


def test_a_target_that_is_missing_twice_is_one_finding() -> None:
    files = prompt(provider("apex://Gone", "Apex:Gone") + "<content>{!$Apex:Gone.Prompt}</content>")
    (finding,) = scope_of_files(files, "GenAiPromptTemplate:T").findings
    assert finding.rule == "component/missing-target"


def agent(**sets: str) -> Files:
    """An agent whose action calls a class that calls another; and permission sets, by their grants."""
    plan = "<genAiFunctions><genAiFunctionName>F</genAiFunctionName></genAiFunctions>"
    version = (
        "<conversationDefinitionPlanners><genAiPlannerName>B_v1</genAiPlannerName></conversationDefinitionPlanners>"
    )
    return {
        "bots/B/B.bot-meta.xml": xml("Bot"),
        "bots/B/v1.botVersion-meta.xml": xml("BotVersion", version),
        "genAiPlannerBundles/B_v1/B_v1.genAiPlannerBundle": xml("GenAiPlannerBundle", plan),
        **action("Facade"),
        **apex(Facade="Service s;", Service="", Far=""),
        "flows/Far.flow-meta.xml": xml("Flow"),
        **{
            f"permissionsets/{name}.permissionset-meta.xml": xml("PermissionSet", grants)
            for name, grants in sets.items()
        },
    }


def grant(*classes: str, on: str = "true") -> str:
    return "".join(
        f"<classAccesses><apexClass>{name}</apexClass><enabled>{on}</enabled></classAccesses>" for name in classes
    )


FLOW = "<flowAccesses><enabled>true</enabled><flow>Far</flow></flowAccesses>"
AGENT = "<agentAccesses><agentName>{}</agentName><enabled>true</enabled></agentAccesses>"
SETS: Mapping[str, tuple[str, bool, bool]] = {
    # its grants; whether it ships; whether it is left out with a notice
    "what an action calls": (grant("Facade"), True, False),
    "the same in the project's namespace": (grant("acme__Facade"), True, False),
    "all classes of the release": (grant("Facade", "Service"), True, False),
    "what no action calls": (grant("Service"), False, False),
    "another class as well": (grant("Facade", "Far"), False, True),
    "another flow as well": (grant("Facade") + FLOW, False, True),
    "a class of a package as well": (grant("Facade", "zeta__Package"), True, False),
    "nothing, by a grant that is off": (grant("Facade", on="false"), False, False),
    "the agent": (AGENT.format("B") + grant("Far"), True, False),
    "another agent": (AGENT.format("Other") + grant("Facade"), False, False),
    "nothing": ("", False, False),
}


@pytest.mark.parametrize("case", SETS)
def test_the_permission_sets_that_serve_an_agent(case: str) -> None:
    grants, ships, noticed = SETS[case]
    scope = scope_of_files(agent(P=grants), "Bot:B")
    rules = [each.rule for each in scope.findings]
    assert (ComponentId(type="PermissionSet", name="P") in {each.id for each in scope.components}) == ships
    assert rules == (["release/permission-set-outside"] if noticed else [])


def test_a_notice_names_the_permission_sets_that_are_left_out() -> None:
    scope = scope_of_files(agent(P=grant("Facade", "Far"), Q=grant("Facade", "Far")), "Bot:B")
    (finding,) = scope.findings
    assert "`P` and `Q`" in finding.message
    assert 'include: ["PermissionSet:P"]' in finding.fix


def test_a_release_without_an_agent_ships_no_permission_set() -> None:
    scope = scope_of_files(agent(P=grant("Facade")), "GenAiFunction:F")
    assert component_id("PermissionSet:P") not in {each.id for each in scope.components}
