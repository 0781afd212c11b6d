"""What a release uses and leaves out."""

from tests.support.sources import apex, component_id, scope_of_files, xml

from wavegate.components.component import Component
from wavegate.components.outside import names_outside, outside_findings, used_outside
from wavegate.components.scope import Edge, ReleaseScope
from wavegate.findings.finding import Location, Severity

FILES: dict[str, bytes | str] = {
    **apex(Facade="Service s;", Service="\nVisit__c v = [SELECT Date__c, Site__c FROM Visit__c];"),
    "objects/Visit__c/Visit__c.object-meta.xml": xml("CustomObject"),
    "objects/Visit__c/fields/Date__c.field-meta.xml": xml("CustomField"),
    "objects/Visit__c/fields/Site__c.field-meta.xml": xml("CustomField"),
}


def test_each_component_that_is_sent_has_one_notice_about_all_that_it_uses() -> None:
    scope = scope_of_files(FILES, "ApexClass:Facade")
    (finding,) = outside_findings(scope, {component_id("ApexClass:Service")})
    assert (finding.rule, finding.severity) == ("release/uses-outside", Severity.NOTICE)
    assert (finding.location.file, finding.location.line) == ("force-app/classes/Service.cls", 2)
    assert "`CustomObject:Visit__c (2 fields)`" in finding.message
    assert 'include: ["CustomObject:Visit__c"]' in finding.fix
    assert list(outside_findings(scope, {component_id("ApexClass:Facade")})) == []


def test_a_field_whose_object_is_not_named_is_named_itself() -> None:
    targets = ("CustomField:Account.Risk__c", "CustomField:Visit__c.A__c", "CustomObject:Visit__c", "Flow:W")
    source = component_id("ApexClass:A")
    edges = [Edge(source=source, target=component_id(each), location=Location(file="f")) for each in targets]
    assert names_outside(edges) == ("CustomField:Account.Risk__c", "CustomObject:Visit__c (1 field)", "Flow:W")
    assert names_outside([]) == ()


def test_an_action_inside_a_file_is_sent_with_it() -> None:
    planner, topic, action = map(component_id, ("GenAiPlannerBundle:P", "GenAiPlugin:P/T", "GenAiFunction:P/T/A"))
    edge = Edge(source=action, target=component_id("Flow:W"), location=Location(file="f"))
    scope = ReleaseScope(
        environment="uat",
        components=(
            Component(id=planner, path="p"),
            Component(id=topic, path="p", parent=planner),
            Component(id=action, path="p", parent=topic),
        ),
        outside=(edge,),
    )
    assert used_outside(scope, {planner}) == (edge,)
    assert used_outside(scope, frozenset()) == ()
