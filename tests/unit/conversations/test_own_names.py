"""Only a name that the project has stays in a conversation: any other one may be a person's."""

from dataclasses import replace

from tests.support.projects import manifest
from tests.support.sources import NS, project_of

from wavegate.conversations.own_names import known_names, with_own_names
from wavegate.conversations.values import ActionCall, Conversation, ConversationTurn
from wavegate.findings.finding import Location
from wavegate.release.pack import Policy

PLANNER = f"""<GenAiPlannerBundle {NS}>
<localTopics><fullName>Orders_16jfj000000abcd</fullName>
<localActions><fullName>cancel_order_179fj000002L8cY</fullName><localDeveloperName>cancel_order</localDeveloperName>
<invocationTarget>OrderService</invocationTarget><invocationTargetType>apex</invocationTargetType></localActions>
</localTopics>
<localTopicLinks><genAiPluginName>Orders_16jfj000000abcd</genAiPluginName></localTopicLinks>
<genAiPlugins><genAiPluginName>SvcCopilotTmpl__GeneralFAQ</genAiPluginName></genAiPlugins>
</GenAiPlannerBundle>"""
SCRIPT = """config:
  developer_name: "Desk"
subagent billing_help:
  description: "Helps."
  actions:
    refund_payment:
      target: "apex://RefundService"
"""
PROJECT = project_of(
    {
        "genAiPlannerBundles/Desk/Desk.genAiPlannerBundle": PLANNER,
        "aiAuthoringBundles/Desk/Desk.agent": SCRIPT,
        "aiAuthoringBundles/Desk/Desk.bundle-meta.xml": f"<AiAuthoringBundle {NS}></AiAuthoringBundle>",
        "genAiPlugins/Refunds.genAiPlugin-meta.xml": f"<GenAiPlugin {NS}></GenAiPlugin>",
    }
)
KNOWN = known_names(PROJECT, manifest(), (), Policy(name="", forbidden_actions=("Send_Money",)))


def conversation(topic: str = "", *actions: str) -> Conversation:
    calls = tuple(ActionCall(name=each) for each in actions)
    answer = ConversationTurn(speaker="agent", text="b", topic=topic, actions=calls)
    return Conversation(id="s", turns=(ConversationTurn(speaker="user", text="a"), answer), place=Location("c.json"))


def test_names_of_the_project_its_agents_and_a_person_stay() -> None:
    topics = (
        "Orders",
        "Orders_16jWt000000ABcdIAG",
        "SvcCopilotTmpl__GeneralFAQ",
        "billing_help",
        "acme__Refunds",
        "",
    )
    actions = ("cancel_order", "refund_payment", "send_money", "acme__Send_Money")
    given = [conversation(topic, *actions) for topic in topics]
    found = with_own_names(given, KNOWN)
    assert found.conversations == tuple(given)
    assert list(found.notes) == []


def test_the_same_unknown_name_is_the_same_in_every_conversation() -> None:
    found = with_own_names(
        [conversation("Jane Roe", "Jane.Roe"), conversation("jane_roe"), conversation("Bo")], KNOWN
    )
    assert [each.turns[1].topic for each in found.conversations] == ["[topic 1]", "[topic 1]", "[topic 2]"]
    assert found.conversations[0].turns[1].actions == (ActionCall(name="[action 1]"),)
    (note,) = found.notes
    assert "2 topics and 1 action" in note


def test_agent_version_and_end_are_words_of_the_platform() -> None:
    kept = replace(conversation(), agent="Desk_Pilot", version="Desk_Pilot_v3", ended="ESCALATED")
    personal = replace(conversation(), agent="jane@roe.example", version="Jane_3", ended="Jane hung up")
    first, second = with_own_names([kept, personal], KNOWN).conversations
    assert (first.agent, first.version, first.ended) == ("Desk_Pilot", "v3", "ESCALATED")
    assert (second.agent, second.version, second.ended) == ("", "", "")
