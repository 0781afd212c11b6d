"""The closure of a release, edge by edge, on a project with components of every type that wavegate knows."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from tests.support.projects import FOLLOWED_TYPES, PROJECT, edges, manifest, scope_of
from tests.support.releases import environment

from wavegate.components.checks.project_check import release_check
from wavegate.components.closure import release_scope
from wavegate.components.component import Component, ComponentId, Contents, Project, Reference
from wavegate.components.project import read_project
from wavegate.files.folder import FolderSource
from wavegate.findings.finding import Location, Severity
from wavegate.release.manifest import Agent, AgentByEnvironment, Cohort, Detail, Kind, Manifest, Strategy

SUPPORT_AGENT = """
Bot:Support_Agent > BotVersion:Support_Agent.v3
BotVersion:Support_Agent.v3 > GenAiPlannerBundle:Support_Agent_v3
GenAiPlannerBundle:Support_Agent_v3 > GenAiPlugin:Case_Handling
GenAiPlannerBundle:Support_Agent_v3 > GenAiPlugin:Shipment_Tracking
GenAiPlannerBundle:Support_Agent_v3 > GenAiPlugin:Support_Agent_v3/Returns_16jKj0000004CqXIAU
GenAiPlannerBundle:Support_Agent_v3 > GenAiFunction:Escalate_To_Human
GenAiPlannerBundle:Support_Agent_v3 > GenAiFunction:Support_Agent_v3/Verify_Customer_179Kj0000004CqXIAU
GenAiPlugin:Case_Handling > GenAiFunction:Update_Case_Status
GenAiPlugin:Case_Handling > GenAiFunction:Summarize_Escalation
GenAiPlugin:Shipment_Tracking > GenAiFunction:Get_Shipment_Status
GenAiPlugin:Shipment_Tracking > GenAiFunction:Predict_Delivery
GenAiPlugin:Support_Agent_v3/Returns_16jKj0000004CqXIAU > \
GenAiFunction:Support_Agent_v3/Returns_16jKj0000004CqXIAU/Create_Return_179Kj0000004CqYIAU
GenAiFunction:Support_Agent_v3/Returns_16jKj0000004CqXIAU/Create_Return_179Kj0000004CqYIAU > Flow:Create_Return_Order
GenAiFunction:Support_Agent_v3/Verify_Customer_179Kj0000004CqXIAU > ApexClass:VerifyCustomer
GenAiFunction:Update_Case_Status > Flow:Update_Case_Status
GenAiFunction:Summarize_Escalation > GenAiPromptTemplate:Escalation_Summary
GenAiFunction:Get_Shipment_Status > ApexClass:ShipmentService
GenAiFunction:Predict_Delivery > ExternalServiceRegistration:ShipmentPredictions
Flow:Update_Case_Status > ApexClass:CaseStatusWriter
Flow:Update_Case_Status > Flow:Notify_Case_Owner
Flow:Create_Return_Order > ApexClass:ReturnLabelService
ApexClass:ReturnLabelService > NamedCredential:Returns_API
ApexClass:ShipmentService > NamedCredential:Shipment_API
ExternalServiceRegistration:ShipmentPredictions > NamedCredential:Predictions_API
NamedCredential:Returns_API > ExternalCredential:Returns_Auth
NamedCredential:Shipment_API > ExternalCredential:Shipment_Auth
NamedCredential:Predictions_API > ExternalCredential:Shipment_Auth
GenAiPromptTemplate:Escalation_Summary > ApexClass:CaseContextProvider
GenAiPromptTemplate:Escalation_Summary > GenAiPromptTemplateActv:Escalation_Summary
PermissionSet:Support_Agent_Access > Bot:Support_Agent
PermissionSet:Support_Agent_Access > ApexClass:CaseStatusWriter
PermissionSet:Support_Agent_Access > ExternalCredential:Shipment_Auth
PermissionSet:Support_Agent_Access > ExternalCredential:Loyalty_Auth
PermissionSet:Support_Agent_Pilot > Bot:Support_Agent
AiEvaluationDefinition:case_summary_quality > Bot:Support_Agent
AiEvaluationDefinition:escalation_policy_compliance > Bot:Support_Agent
AiEvaluationDefinition:pii_redaction_check > Bot:Support_Agent
AiTestingDefinition:shipment_api_timeout_fallback > Bot:Support_Agent
"""

RETURNS_AGENT = """
AiAgentDefinition:Returns_Agent > AiAgentDefinitionVersion:Returns_Agent#2
AiAgentDefinitionVersion:Returns_Agent#2 > GenAiPlugin:Refunds
AiAgentDefinitionVersion:Returns_Agent#2 > GenAiFunction:Issue_Refund
AiAgentDefinitionVersion:Returns_Agent#2 > GenAiPlugin:Returns_Agent#2/Exchanges
GenAiPlugin:Refunds > GenAiFunction:Issue_Refund
GenAiPlugin:Returns_Agent#2/Exchanges > GenAiFunction:Returns_Agent#2/Exchanges/Reserve_Exchange
GenAiFunction:Returns_Agent#2/Exchanges/Reserve_Exchange > ApexClass:ExchangeReservation
GenAiFunction:Issue_Refund > Flow:Issue_Refund
Flow:Issue_Refund > ApexClass:LegacyRefundPlugin
Flow:Issue_Refund > Flow:Refund_Approval
Flow:Refund_Approval > Flow:Notify_Case_Owner
Flow:Refund_Approval > GenAiPromptTemplate:Refund_Reason
AiTestingDefinition:returns_basics > AiAgentDefinition:Returns_Agent
"""

FIELD_AGENT = """
AiAuthoringBundle:Field_Agent > GenAiPlugin:Field_Agent/visits
GenAiPlugin:Field_Agent/visits > GenAiFunction:Field_Agent/visits/plan_visit
GenAiPlugin:Field_Agent/visits > GenAiFunction:Field_Agent/visits/check_stock
GenAiPlugin:Field_Agent/visits > GenAiFunction:Field_Agent/visits/summarize_visit
GenAiPlugin:Field_Agent/visits > GenAiFunction:Field_Agent/visits/open_ticket
GenAiPlugin:Field_Agent/visits > GenAiFunction:Field_Agent/visits/reserve_part
GenAiFunction:Field_Agent/visits/plan_visit > Flow:Plan_Visit
GenAiFunction:Field_Agent/visits/check_stock > ApexClass:StockService
GenAiFunction:Field_Agent/visits/summarize_visit > GenAiPromptTemplate:Visit_Summary
GenAiFunction:Field_Agent/visits/reserve_part > ExternalServiceRegistration:PartsWarehouse
Flow:Plan_Visit > ApexClass:StockService
ExternalServiceRegistration:PartsWarehouse > NamedCredential:Warehouse_API
NamedCredential:Warehouse_API > ExternalCredential:Warehouse_Auth
PermissionSet:Field_Crew > AiAuthoringBundle:Field_Agent
PermissionSet:Field_Crew > ApexClass:StockService
"""

BILLING_AGENT = """
Bot:Billing_Agent > BotVersion:Billing_Agent.v1
BotVersion:Billing_Agent.v1 > GenAiPlanner:Billing_Agent_v1
GenAiPlanner:Billing_Agent_v1 > GenAiPlugin:Invoices
GenAiPlanner:Billing_Agent_v1 > GenAiFunction:Answer_Policy_Question
GenAiPlugin:Invoices > GenAiFunction:Find_Invoice
GenAiFunction:Find_Invoice > ApexClass:InvoiceFinder
GenAiFunction:Answer_Policy_Question > GenAiPromptTemplate:Policy_Answer
AiEvaluationDefinition:billing_basics > Bot:Billing_Agent
PermissionSet:Billing_Access > Bot:Billing_Agent
"""


def test_the_project_has_every_type_and_at_least_60_components() -> None:
    project = read_project(FolderSource(PROJECT))
    assert {each.type for each in project.components} == FOLLOWED_TYPES | {"CustomObject", "LightningComponentBundle"}
    assert len(project.components) >= 60
    assert (project.api_version, project.findings) == ("66.0", ())


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (Agent(name="Support_Agent", version=3), SUPPORT_AGENT),
        (Agent(name="Support_Agent"), SUPPORT_AGENT),
        (Agent(name="Returns_Agent"), RETURNS_AGENT),
        (Agent(name="Field_Agent"), FIELD_AGENT),
        (Agent(name="Billing_Agent", version=1), BILLING_AGENT),
    ],
    ids=lambda value: value.name if isinstance(value, Agent) else "",
)
def test_the_closure_of_an_agent(agent: Agent, expected: str) -> None:
    scope = scope_of(agents=(agent,))
    assert edges(scope) == set(expected.strip().splitlines())
    # every edge but one out of a permission set leads to something that is shipped as well
    shipped = {each.id for each in scope.components}
    assert {each.target for each in scope.edges} <= shipped
    assert scope.findings == ()


def test_a_pinned_version_ships_without_the_others() -> None:
    scope = scope_of(agents=(Agent(name="Support_Agent", version=2),))
    names = {str(each.id) for each in scope.components}
    assert {"BotVersion:Support_Agent.v2", "GenAiPlannerBundle:Support_Agent_v2"} <= names
    assert not {"BotVersion:Support_Agent.v3", "GenAiPlannerBundle:Support_Agent_v3"} & names


def test_each_environment_ships_the_version_that_is_pinned_for_it() -> None:
    agent = AgentByEnvironment(name="Support_Agent", versions={"uat": 2, "production": 3})
    environments = (environment("uat"), environment("production"), environment("demo"))
    release = Manifest(release="wave", environments=environments, agents=(agent,))
    shipped = {
        each.name: [one.id.name for one in scope_of(release, each.name).components if one.id.type == "BotVersion"]
        for each in environments
    }
    newest = ["Support_Agent.v3"]
    assert shipped == {"uat": ["Support_Agent.v2"], "production": newest, "demo": newest}


def test_a_script_is_the_one_that_its_target_says_not_its_number() -> None:
    scope = scope_of(agents=(Agent(name="Field_Agent", version=2),))
    bundles = [each.id.name for each in scope.components if each.id.type == "AiAuthoringBundle"]
    assert bundles == ["Field_Agent", "Field_Agent_4"]


def test_what_the_platform_or_a_managed_package_has_is_listed_and_no_finding() -> None:
    scope = scope_of(agents=(Agent(name="Support_Agent"), Agent(name="Field_Agent")))
    assert [str(each) for each in scope.external] == [
        "ApexClass:acme__RouteOptimizer",
        "GenAiPlugin:EmployeeCopilot__GeneralCRM",
        "emailSimple:emailSimple",
        "invocable:getDataForGrounding",
        "standardInvocableAction:createServiceHandoff",
        "standardInvocableAction:createTicket",
    ]


def test_everything_in_a_scope_is_sorted() -> None:
    scope = scope_of(agents=(Agent(name="Support_Agent"), Agent(name="Returns_Agent"), Agent(name="Field_Agent")))
    ids = [each.id for each in scope.components]
    ends = [(each.source, each.target) for each in scope.edges]
    assert (ids, ends, list(scope.external)) == (sorted(ids), sorted(ends), sorted(scope.external))
    assert len(scope.external) > 1


def test_the_paths_are_all_files_of_the_components() -> None:
    scope = scope_of(prompts=("escalation-summary-v3",), actions=("get_shipment_status",))
    force, integrations = "force-app/main/default", "integrations/main/default"
    assert scope.paths == {
        f"{force}/genAiPromptTemplates/Escalation_Summary.genAiPromptTemplate-meta.xml",
        f"{force}/genAiPromptTemplateActivations/Escalation_Summary.genAiPromptTemplateActivation",
        f"{force}/classes/CaseContextProvider.cls",
        f"{force}/classes/CaseContextProvider.cls-meta.xml",
        f"{integrations}/genAiFunctions/Get_Shipment_Status/Get_Shipment_Status.genAiFunction-meta.xml",
        f"{integrations}/genAiFunctions/Get_Shipment_Status/input/schema.json",
        f"{integrations}/genAiFunctions/Get_Shipment_Status/output/schema.json",
        f"{integrations}/classes/ShipmentService.cls",
        f"{integrations}/classes/ShipmentService.cls-meta.xml",
        f"{integrations}/namedCredentials/Shipment_API.namedCredential-meta.xml",
        f"{integrations}/externalCredentials/Shipment_Auth.externalCredential-meta.xml",
    }
    assert scope.kinds == {Kind.PROMPTS, Kind.APEX, Kind.ACTIONS, Kind.CREDENTIALS}


def test_an_action_inside_a_planner_brings_the_file_that_it_is_written_in() -> None:
    scope = scope_of(actions=("create-return",))
    planner = "force-app/main/default/genAiPlannerBundles/Support_Agent_v3/Support_Agent_v3.genAiPlannerBundle"
    assert planner in scope.paths
    # the planner comes with its file, the agent that uses it does not
    assert not [each for each in scope.components if each.id.type in ("Bot", "BotVersion")]


def test_the_permission_set_of_a_cohort_is_shipped() -> None:
    cohort = Cohort(name="tier2", strategy=Strategy.FIRST_LAUNCH, permission_set="Service_Desk")
    scope = scope_of(manifest(cohorts=(cohort,)))
    assert [str(each.id) for each in scope.components] == ["PermissionSet:Service_Desk"]


def test_a_missing_target_is_named_at_its_place(tmp_path: Path) -> None:
    copy_without(tmp_path, "VerifyCustomer")
    scope = release_scope(
        manifest(agents=(Agent(name="Support_Agent"),)), "uat", read_project(FolderSource(tmp_path))
    )
    (finding,) = scope.findings
    assert (finding.rule, finding.severity) == ("component/missing-target", Severity.WARNING)
    assert (finding.location.file.rpartition("/")[2], finding.location.line) == (
        "Support_Agent_v3.genAiPlannerBundle",
        47,
    )
    assert "ApexClass:VerifyCustomer" in finding.message


@pytest.mark.parametrize(
    ("targets", "missing"),
    [
        (["Flow:Update_Stock"], "Flow:Update_Stock"),
        (["Bot:Depot", "AiAgentDefinition:Depot"], "Bot:Depot"),
        (
            ["GenAiFunction:P_v1/T/f_179Kj0000004CqX", "GenAiFunction:f_179Kj0000004CqX", "GenAiFunction:f"],
            "GenAiFunction:f",
        ),
    ],
)
@pytest.mark.parametrize("external", [False, True])
def test_a_missing_target_is_named_as_it_would_be_retrieved(
    targets: list[str], missing: str, *, external: bool
) -> None:
    ids = tuple(ComponentId(type=type_, name=name) for type_, _, name in (each.partition(":") for each in targets))
    action = Component(id=ComponentId(type="GenAiFunction", name="check_stock"), path="f.xml")
    reference = Reference(targets=ids, location=Location(file="f.xml", line=7), external=external)
    project = Project(
        file="sfdx-project.json",
        components={action.id: action},
        read=lambda asked: {each.id: Contents(references=(reference,)) for each in asked},
    )
    scope = release_scope(manifest(actions=("check_stock",)), "uat", project)
    assert [str(each) for each in scope.external] == ([missing] if external else [])
    assert [each.message for each in scope.findings] == (
        [] if external else [f"GenAiFunction:check_stock refers to {missing}, which is not in the project."]
    )
    assert all(each.location == reference.location for each in scope.findings)


def test_names_of_the_environment_alone_count() -> None:
    release = Manifest(
        release="r",
        environments=(
            environment("uat", prompts=("visit_summary",)),
            environment("production", prompts=("refund_reason",)),
        ),
    )
    assert [str(each.id) for each in scope_of(release, "production").components] == [
        "GenAiPromptTemplate:Refund_Reason"
    ]


CHECKS: Mapping[str, tuple[Manifest, Sequence[tuple[str, tuple[str | int, ...], str]]]] = {
    "all known": (manifest(prompts=("support-resolution-v5",), actions=("update_case_status",)), []),
    "unknown prompt": (
        manifest(prompts=("suport-resolution-v5",)),
        [("prompt/unknown", ("environments", 0, "prompts", 0), "Did you mean `Support_Resolution`?")],
    ),
    "unknown action": (
        manifest(actions=("update_case_status", "zzz")),
        [("action/unknown", ("environments", 0, "actions", 1), "map the name under components.actions")],
    ),
    "ambiguous action": (
        manifest(actions=("check-stock",)),
        [("action/ambiguous", ("environments", 0, "actions", 0), "GenAiFunction:Field_Agent/visits/check_stock")],
    ),
    "an action in two scripts of the agent that ships": (
        manifest(actions=("check-stock",), agents=(Agent(name="Field_Agent", version=1),)),
        [],
    ),
    "unknown metadata": (
        manifest(actions=("x",), details=(Detail(kind=Kind.ACTIONS, name="x", metadata="Flow:Update_Case_Stat"),)),
        [("component/unknown", ("components", "actions", "x", "metadata"), "Did you mean `Update_Case_Status`?")],
    ),
    "unknown metadata type": (
        manifest(actions=("x",), details=(Detail(kind=Kind.ACTIONS, name="x", metadata="Report:Cases/Open"),)),
        [
            (
                "component/unknown-type",
                ("components", "actions", "x", "metadata"),
                'Add it to `include` with its path, such as {metadata: "Report:Cases/Open", path: "force-app/…"}.',
            )
        ],
    ),
    "misspelt metadata type": (
        manifest(actions=("x",), details=(Detail(kind=Kind.ACTIONS, name="x", metadata="GenAiFuncton:X"),)),
        [("component/unknown-type", ("components", "actions", "x", "metadata"), "Did you mean `GenAiFunction`?")],
    ),
    "unknown agent": (
        manifest(agents=(Agent(name="Suport_Agent"),)),
        [("agent/unknown", ("agents", 0), "Did you mean `Support_Agent`?")],
    ),
    "unknown version": (
        manifest(agents=(Agent(name="Support_Agent", version=9),)),
        [("agent/unknown-version", ("agents", 0), "`2` and `3`")],
    ),
    "another version of a prompt": (
        manifest(prompts=("support-resolution-v4",)),
        [("prompt/version-differs", ("environments", 0, "prompts", 0), "")],
    ),
    "another version in the detail": (
        manifest(
            prompts=("Support_Resolution",),
            details=(Detail(kind=Kind.PROMPTS, name="Support_Resolution", version="Support_Resolution_4"),),
        ),
        [("prompt/version-differs", ("components", "prompts", "Support_Resolution", "version"), "")],
    ),
}


@pytest.mark.parametrize("case", CHECKS)
def test_the_check_points_at_the_name(case: str) -> None:
    release, expected = CHECKS[case]
    asked: list[tuple[str | int, ...]] = []

    def locate(*parts: str | int, key: bool = False) -> Location:  # noqa: ARG001
        asked.append(parts)
        return Location(file="release.yml", line=len(asked))

    findings = release_check(release, read_project(FolderSource(PROJECT)), locate).findings
    assert [
        (each.rule, asked[each.location.line - 1], fix in each.fix)
        for each, (_, _, fix) in zip(findings, expected, strict=True)
    ] == [(rule, parts, True) for rule, parts, _ in expected]


def test_inherited_names_are_reported_once_where_they_are_written() -> None:
    one = environment("uat", prompts=("missing",))
    release = Manifest(release="r", path="release.yml", environments=(one, environment("prod", prompts=("missing",))))
    findings = release_check(release, read_project(FolderSource(PROJECT))).findings
    assert [each.rule for each in findings] == ["prompt/unknown"]


def test_without_a_project_there_is_one_notice(tmp_path: Path) -> None:
    (tmp_path / "release.yml").write_text("release: r")
    checked = release_check(manifest(prompts=("x",)), read_project(FolderSource(tmp_path)))
    assert [(each.rule, each.severity) for each in checked.findings] == [("component/no-project", Severity.NOTICE)]
    assert checked.kinds == {Kind.PROMPTS}


def copy_without(target: Path, word: str) -> None:
    for path in PROJECT.rglob("*"):
        if path.is_file() and word not in path.name:
            copy = target / path.relative_to(PROJECT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())


def test_component_ids_read_as_in_a_package() -> None:
    component = Component(id=ComponentId(type="Flow", name="X"), path="x")
    assert (str(component.id), component.kind) == ("Flow:X", Kind.FLOWS)
