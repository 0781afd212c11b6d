"""What calling an action may do, through all that it calls."""

import pytest
from tests.support.rails import action, planner, rails_of, topic
from tests.support.sources import xml

from wavegate.findings.finding import Location
from wavegate.guardrails.model import Action, Effect, Guardrails
from wavegate.guardrails.reach import Reach, may_write, reach_of, reach_of_action

DESK = planner(topic("Fines", action("Waive"), "Waive"))
"""An agent whose only action calls `flow://Waive_Fine`."""


def flow(body: str) -> str:
    return xml("Flow", body)


def subflow(name: str) -> str:
    return f"<subflows><flowName>{name}</flowName></subflows>"


def rails(**flows: str) -> Guardrails:
    return rails_of({**DESK, **{f"flows/{name}.flow-meta.xml": flow(body) for name, body in flows.items()}})


def reach(**flows: str) -> Reach:
    return reach_of("flow://Waive_Fine", rails(**flows))


def test_effects_objects_and_modes_of_all_on_the_way() -> None:
    found = reach(
        Waive_Fine=subflow("Log_It"),
        Log_It="<recordCreates><object>Log__c</object></recordCreates><runInMode>SystemModeWithSharing</runInMode>",
        Other="<recordDeletes><object>Loan__c</object></recordDeletes>",
    )
    assert found.effects == {Effect.WRITES, Effect.PAYS}
    assert found.objects == {(Effect.WRITES, "Log__c")}
    assert found.code == ("flow://Log_It", "flow://Waive_Fine")
    assert found.modes == {("flow://Log_It", "SystemModeWithSharing")}
    assert found.certain


def test_what_no_agent_or_prompt_can_reach_is_not_read() -> None:
    assert set(rails(Waive_Fine="", Other="").code) == {"flow://Waive_Fine"}


def test_circles_end() -> None:
    found = reach(Waive_Fine=subflow("Log_It"), Log_It=subflow("Waive_Fine") + subflow("Log_It"))
    assert (found.effects, found.code) == (frozenset(), ("flow://Log_It", "flow://Waive_Fine"))
    assert not found.may_write


def test_a_flow_calls_a_class_and_that_a_class_in_any_case() -> None:
    files = {
        **DESK,
        "flows/Waive_Fine.flow-meta.xml": flow(
            "<actionCalls><actionName>fines</actionName><actionType>apex</actionType></actionCalls>"
        ),
        "classes/Fines.cls": "public with sharing class Fines { void f() { LEDGER.book(); } }",
        "classes/Ledger.cls": "public without sharing class Ledger { void book(Fine__c x) { update x; } }",
    }
    found = reach_of("flow://waive_fine", rails_of(files))
    assert found.code == ("apex://Fines", "apex://Ledger", "flow://Waive_Fine")
    assert found.objects == {(Effect.WRITES, "Fine__c")}
    assert ("apex://Ledger", "without sharing") in found.modes


def test_a_type_is_also_the_classes_that_may_stand_behind_it() -> None:
    files = {
        **planner(topic("Fines", action("Waive", "apex://Fines"), "Waive")),
        "classes/Fines.cls": "public class Fines { void f(Step s) { s.run(); } }",
        "classes/Step.cls": "public interface Step { void run(); }",
        "classes/Erase.cls": "public class Erase implements Step { void run() { delete [SELECT Id FROM Loan__c]; } }",
    }
    assert Effect.DELETES in reach_of("apex://Fines", rails_of(files)).effects


def test_a_prompt_reads_and_runs_its_data_providers() -> None:
    version = (
        "<templateVersions><content>x</content><status>Published</status><templateDataProviders>"
        "<definition>flow://Load.Prompt</definition><referenceName>Flow:Load</referenceName></templateDataProviders>"
        "</templateVersions>"
    )
    files = {
        "genAiPromptTemplates/Answer.genAiPromptTemplate-meta.xml": xml("GenAiPromptTemplate", version),
        "flows/Load.flow-meta.xml": flow("<recordUpdates><object>Loan__c</object></recordUpdates>"),
    }
    found = reach_of("generatePromptResponse://Answer", rails_of(files))
    assert found.effects == {Effect.READS, Effect.WRITES}
    assert found.certain


@pytest.mark.parametrize(
    ("target", "effects", "certain"),
    [
        ("flow://Get_Loans", {Effect.READS}, False),
        ("flow://Cancel_Loan", {Effect.WRITES}, False),
        ("flow://Delete_Loan", {Effect.DELETES}, False),
        ("flow://Get_And_Cancel_Loan", {Effect.WRITES}, False),
        ("apex://IssueRefund", {Effect.WRITES, Effect.PAYS}, False),
        ("apex://GetPaymentStatus", {Effect.READS}, False),
        ("flow://Desk_Thing", {Effect.UNKNOWN}, False),
        ("standardInvocableAction://streamKnowledgeSearch", {Effect.READS}, True),
        ("standardInvocableAction://emailSimple", {Effect.SENDS}, True),
        ("standardInvocableAction://someNewAction", {Effect.UNKNOWN}, False),
        ("namedQuery://Loans", {Effect.READS}, True),
        ("externalService://Bank.getBalance", {Effect.CALLS_OUT, Effect.READS}, False),
        ("mcpTool://Bank", {Effect.CALLS_OUT, Effect.UNKNOWN}, False),
        ("", {Effect.UNKNOWN}, False),
    ],
)
def test_what_is_not_in_the_project_is_known_or_assumed_by_its_name(
    target: str, effects: set[Effect], *, certain: bool
) -> None:
    found = reach_of(target, Guardrails())
    assert (set(found.effects), found.certain) == (effects, certain)
    assert found.assumed == (() if certain else (target,))


def test_money_moves_only_where_more_than_reading_happens() -> None:
    assert Effect.PAYS not in reach(Waive_Fine="<recordLookups><object>Fine__c</object></recordLookups>").effects


def test_the_name_of_the_action_may_say_that_money_moves() -> None:
    def named(name: str) -> Action:
        return Action(
            name=name,
            target="flow://Settle",
            confirmed=False,
            inputs=(),
            outputs=(),
            description="",
            location=Location("f"),
        )

    writes = rails(Settle="<recordUpdates><object>Fine__c</object></recordUpdates>", Waive_Fine=subflow("Settle"))
    assert Effect.PAYS in reach_of_action(named("refund_fine"), writes).effects
    assert Effect.PAYS not in reach_of_action(named("settle_it"), writes).effects


def test_an_action_without_a_target_is_judged_by_its_name() -> None:
    def named(name: str) -> Action:
        return Action(
            name=name, target="", confirmed=False, inputs=(), outputs=(), description="", location=Location("f")
        )

    assert may_write(named("cancel_loan"), Guardrails())
    assert not may_write(named("find_loan"), Guardrails())
