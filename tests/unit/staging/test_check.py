"""How the package that the CLI writes may differ from the plan."""

import pytest
from tests.support.staging import member

from wavegate.staging.check import ConvertedPackage, package_findings

PLANNED = ("Bot:A", "BotVersion:A.v3", "GenAiPlannerBundle:A_v3", "ApexClass:C", "CustomObject:O__c", "CustomLabel:L")
FILES = (
    "bots/A.bot",
    "classes/C.cls",
    "classes/C.cls-meta.xml",
    "genAiPlannerBundles/A_v3/A_v3.genAiPlannerBundle",
    "genAiPlannerBundles/A_v3/localActions/t/a/input/schema.json",
    "objects/O__c.object",
    "labels/CustomLabels.labels",
)


def findings(
    planned: tuple[str, ...] = PLANNED,
    members: tuple[str, ...] | None = None,
    files: tuple[str, ...] = FILES,
    versions: dict[str, tuple[str, ...]] | None = None,
) -> dict[str, str]:
    package = ConvertedPackage(
        members=frozenset(map(member, planned if members is None else members)),
        files=files,
        versions={"A": ("v3",)} if versions is None else versions,
    )
    found = package_findings(frozenset(map(member, planned)), package, file="agentforce/release.yml")
    return {each.rule: each.message for each in found}


def test_a_package_that_is_the_plan_has_no_finding() -> None:
    assert findings() == {}


@pytest.mark.parametrize(
    ("planned", "path"),
    [
        ("CustomField:O__c.f__c", "objects/O__c.object"),
        ("CustomMetadata:T.R", "customMetadata/T.R.md"),
        ("Layout:Account-My %28x%29 Layout", "layouts/Account-My %28x%29 Layout.layout"),
        ("StaticResource:S", "staticresources/S.resource-meta.xml"),
        ("LightningTypeBundle:t", "lightningTypes/t/schema.json"),
        ("DigitalExperienceBundle:site/S", "digitalExperiences/site/S/sfdc_cms__view/home/content.json"),
        ("Report:F/R", "reports/F/R.report"),
        ("Document:F/d.png", "documents/F/d.png-meta.xml"),
        ("AiAgentDefinitionVersion:A#1", "aiAgentDefinitionVersions/A#1/A#1.aiAgentDefinitionVersion-meta.xml"),
        ("QuickAction:Case.Close", "quickActions/Case.Close.quickAction"),
    ],
)
def test_a_file_is_found_for_every_kind_of_type(planned: str, path: str) -> None:
    assert findings((planned,), files=(path,), versions={}) == {}
    assert set(findings((planned,), files=(f"other/{path}.x",), versions={})) == {
        "stage/no-file",
        "stage/foreign-file",
    }


def test_the_parts_of_a_planned_object_are_listed_by_the_cli_itself() -> None:
    assert findings(members=(*PLANNED, "CustomField:O__c.f__c", "ListView:O__c.All")) == {}
    assert "CustomField:P__c.f__c" in findings(members=(*PLANNED, "CustomField:P__c.f__c"))["stage/not-planned"]


def test_a_version_is_never_a_part_of_its_agent() -> None:
    found = findings(members=(*PLANNED, "BotVersion:A.v2"), versions={"A": ("v2", "v3")})
    assert "`BotVersion:A.v2`" in found["stage/not-planned"]
    assert found["stage/agent-versions"] == "The Salesforce CLI would send A with v2, v3, but the plan has v3."
    assert set(findings(versions={"A": ()})) == {"stage/agent-versions"}


def test_a_member_without_a_file_is_found_although_it_is_listed() -> None:
    assert findings(files=FILES[1:])["stage/no-file"].startswith("The Salesforce CLI would list `Bot:A`")


def test_a_missing_member_and_a_foreign_file_are_found() -> None:
    found = findings(members=tuple(each for each in PLANNED if each != "ApexClass:C"))
    assert found["stage/not-sent"] == "The Salesforce CLI would not send `ApexClass:C`, which is planned."
    assert "`classes/D.cls`" in findings(files=(*FILES, "classes/D.cls"))["stage/foreign-file"]


def test_only_the_first_names_are_shown() -> None:
    many = tuple(f"Flow:F{number:02}" for number in range(30))
    assert findings(many, members=(), files=(), versions={})["stage/not-sent"].count("`") == 20
