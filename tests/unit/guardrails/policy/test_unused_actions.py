"""Metadata that no agent uses is checked, and is not an agent."""

from datetime import date

from tests.support.library_desk import PATH, SCRIPT
from tests.support.policies import Files

from wavegate.guardrails.policy.check import CheckedGuardrails, check_guardrails

PROJECT = {"sfdx-project.json": '{"packageDirectories": [{"path": "force-app", "default": true}]}'}
UNUSED = {
    "force-app/main/default/genAiFunctions/Send_Letter/Send_Letter.genAiFunction-meta.xml": (
        '<GenAiFunction xmlns="http://soap.sforce.com/2006/04/metadata"><developerName>Send_Letter</developerName>'
        "<invocationTarget>Send_Letter</invocationTarget><invocationTargetType>flow</invocationTargetType>"
        "</GenAiFunction>"
    )
}
REACHABLE = {"agentforce/guardrails.yml": "properties: [escalation reachable from every topic]\n"}


def checked(*files: dict[str, str]) -> CheckedGuardrails:
    source = Files({path: text for each in (PROJECT, UNUSED, REACHABLE, *files) for path, text in each.items()})
    return check_guardrails(source, today=date(2026, 1, 1))


def test_it_is_not_counted_and_no_conversation_is_with_it() -> None:
    found = checked({PATH: SCRIPT})
    assert found.agents == ("Library_Desk",)
    assert [each.rule for each in found.findings if each.rule.startswith(("property/", "policy/"))] == []


def test_a_property_of_conversations_is_about_an_agent() -> None:
    assert [each.rule for each in checked().findings if each.rule.startswith("policy/")] == ["policy/unknown-name"]


def test_a_way_that_is_not_there_is_to_be_added() -> None:
    found = checked({PATH: SCRIPT.replace("            to_person: @utils.escalate\n", "")})
    fixes = [each.fix for each in found.findings if each.rule == "property/violated"]
    assert fixes == ["Add a way there, or correct the property."]
