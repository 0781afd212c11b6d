"""What a flow does: objects by effect, calls, mode."""

from tests.support.sources import xml

from wavegate.components.metadata import parse_xml
from wavegate.guardrails.metadata.flows import read_flow
from wavegate.guardrails.model import Code, Effect


def flow_of(body: str) -> Code:
    return read_flow(parse_xml(xml("Flow", body).encode(), path="f"), "Waive", "f")


def records(tag: str, body: str) -> str:
    return f"<{tag}><name>step</name>{body}</{tag}>"


def test_each_kind_of_record_element_has_its_effect_and_object() -> None:
    body = "".join(
        records(tag, f"<object>{name}</object>")
        for tag, name in (
            ("recordLookups", "Loan__c"),
            ("recordCreates", "Task"),
            ("recordUpdates", "Fine__c"),
            ("recordDeletes", "Hold__c"),
        )
    )
    code = flow_of(body)
    assert code.objects == {
        (Effect.READS, "Loan__c"),
        (Effect.WRITES, "Task"),
        (Effect.WRITES, "Fine__c"),
        (Effect.DELETES, "Hold__c"),
    }
    assert code.effects == {Effect.READS, Effect.WRITES, Effect.DELETES}


def test_a_record_that_is_changed_by_a_variable_or_an_earlier_lookup_has_its_object() -> None:
    body = (
        "<variables><name>fine</name><objectType>Fine__c</objectType></variables>"
        "<recordLookups><name>find</name><object>Loan__c</object></recordLookups>"
        + records("recordUpdates", "<inputReference>fine</inputReference>")
        + records("recordDeletes", "<inputReference>find</inputReference>")
        + records("recordCreates", "<inputReference>unknown</inputReference>")
    )
    changed = {(effect, name) for effect, name in flow_of(body).objects if effect is not Effect.READS}
    assert changed == {(Effect.WRITES, "Fine__c"), (Effect.DELETES, "Loan__c")}


def test_calls_are_addresses_wherever_they_are_named() -> None:
    body = (
        "<actionCalls><actionName>Fines</actionName><actionType>apex</actionType></actionCalls>"
        "<actionCalls><actionName>emailSimple</actionName><actionType>emailSimple</actionType></actionCalls>"
        "<actionCalls><actionName>Bank.pay</actionName><actionType>externalService</actionType></actionCalls>"
        "<subflows><flowName>Log_It</flowName></subflows>"
        "<apexPluginCalls><apexClass>Plugin</apexClass></apexPluginCalls>"
        "<orchestratedStages><stageSteps><actionName>Step</actionName><actionType>flow</actionType></stageSteps>"
        "</orchestratedStages>"
    )
    assert flow_of(body).calls == {
        "apex://Fines",
        "standardInvocableAction://emailSimple",
        "externalService://Bank.pay",
        "flow://Log_It",
        "apex://Plugin",
        "flow://Step",
    }


def test_the_mode_is_as_written() -> None:
    assert flow_of("<runInMode>SystemModeWithoutSharing</runInMode>").mode == "SystemModeWithoutSharing"
    assert flow_of("").mode == ""
