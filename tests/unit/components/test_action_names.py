"""The actions that policies name, against those of a project as transcripts show them."""

from typing import Any

import pytest
from tests.support.projects import Files

from wavegate.components.checks.policy_check import policy_findings
from wavegate.components.project import read_project
from wavegate.evidence.transcript import Transcript
from wavegate.findings.finding import Finding, Locate, Location
from wavegate.release.pack import Criteria, Pack, PackTest, Policy
from wavegate.smoke.policies import check

NS = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
BASE = "force-app/main/default"


def function(name: str, target: str = "", kind: str = "flow") -> dict[str, str]:
    call = f"<invocationTarget>{target}</invocationTarget><invocationTargetType>{kind}</invocationTargetType>"
    path = f"{BASE}/genAiFunctions/{name}/{name}.genAiFunction-meta.xml"
    return {path: f"<GenAiFunction {NS}>{call if target else ''}</GenAiFunction>"}


PLANNER = f"""<GenAiPlannerBundle {NS}>
<localTopics><fullName>Orders_16jfj000000abcd</fullName>
<localActions><fullName>cancel_order_179fj000002L8cY</fullName><localDeveloperName>cancel_order</localDeveloperName>
<invocationTarget>OrderService</invocationTarget><invocationTargetType>apex</invocationTargetType></localActions>
</localTopics>
<localTopicLinks><genAiPluginName>Orders_16jfj000000abcd</genAiPluginName></localTopicLinks>
<genAiFunctions><genAiFunctionName>Only_In_The_Org</genAiFunctionName></genAiFunctions>
</GenAiPlannerBundle>"""
SCRIPT = """config:
  developer_name: "Desk"
topic billing:
  actions:
    refund_payment:
      target: "apex://RefundService"
    no_target:
      description: "x"
  reasoning:
    actions:
      give_money_back: @actions.refund_payment
        with amount = ...
"""
PROJECT = {
    **function("Issue_Bulk_Resort_Credits", "Issue_Credits_Flow"),
    **function("CreateBooking", "Create_Booking"),
    f"{BASE}/genAiPlannerBundles/Shop/Shop.genAiPlannerBundle": PLANNER,
    f"{BASE}/aiAuthoringBundles/Desk/Desk.agent": SCRIPT,
    f"{BASE}/aiAuthoringBundles/Desk/Desk.bundle-meta.xml": f"<AiAuthoringBundle {NS}/>",
    f"{BASE}/flows/Issue_Credits_Flow.flow-meta.xml": f"<Flow {NS}/>",
    f"{BASE}/flows/Create_Booking.flow-meta.xml": f"<Flow {NS}/>",
    f"{BASE}/flows/Close_Case.flow-meta.xml": f"<Flow {NS}/>",
    f"{BASE}/classes/WeatherAction.cls": "public class WeatherAction {}",
    f"{BASE}/classes/WeatherAction.cls-meta.xml": f"<ApexClass {NS}/>",
}


def found(*forbidden: str, required: tuple[str, ...] = (), files: dict[str, str] = PROJECT) -> list[Finding]:
    policy = Policy(name="p", forbidden_actions=forbidden, required_actions=required)
    pack = Pack(
        suite="s", tests=(PackTest(name="t"),), criteria=Criteria(minimum_success_rate=0.9), policies=(policy,)
    )
    return list(policy_findings(pack, where, read_project(Files(files))))


def where(*parts: str | int, key: bool = False) -> Location:  # noqa: ARG001 - the Locate protocol
    return Location(file="/".join(map(str, parts)))


_: Locate = where


@pytest.mark.parametrize(
    "name",
    [
        "Issue_Bulk_Resort_Credits",
        "issue-bulk-resort-credits",
        "IssueBulkResortCredits_179fj000002L8cY",
        "cancel_order",
        "cancel_order_179fj000002L8cY",
        "refund_payment",
        "give_money_back",
        "no_target",
        "Only_In_The_Org",
        "EmployeeCopilot__QueryRecords",
        "Create_Booking",
        "Close_Case",
        "WeatherAction",
    ],
)
def test_a_name_that_a_transcript_may_show_is_no_finding(name: str) -> None:
    assert found(name, required=(name,)) == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Issue_Bulk_Resort_Credit", "Issue_Bulk_Resort_Credits"),
        ("cancel_orders", "cancel_order"),
        ("refund_payments", "refund_payment"),
    ],
)
def test_a_name_that_no_transcript_can_show_is_a_warning_with_its_place(name: str, meant: str) -> None:
    (finding,) = found("Close_Case", name)
    assert (finding.rule, finding.severity) == ("policy/unknown-action", "warning")
    assert finding.location.file == "policies/p/forbiddenActions/1"
    assert finding.message == f"The project has no action `{name}`, so nothing can violate this policy."
    assert finding.fix.endswith(f"Did you mean `{meant}`?")
    transcript = Transcript(test="t", actions=(meant,))
    assert check(transcript, Policy(name="p", forbidden_actions=(name,)), lambda *_: False) == ()


def test_a_required_action_that_is_nowhere_can_never_be_called() -> None:
    (finding,) = found(required=("Verify_Identity",))
    assert finding.message == "The project has no action `Verify_Identity`, so nothing can meet this policy."
    assert "Did you mean" not in finding.fix


@pytest.mark.parametrize(
    ("name", "action"), [("Issue_Credits_Flow", "Issue_Bulk_Resort_Credits"), ("OrderService", "cancel_order")]
)
def test_what_an_action_calls_never_stands_in_a_transcript(name: str, action: str) -> None:
    (finding,) = found(name)
    assert f"Transcripts name the action `{action}`, not `{name}`" in finding.message
    assert finding.fix == f"Name the action that calls it, such as `{action}`."


def test_a_project_without_actions_is_one_notice() -> None:
    flow: Any = {f"{BASE}/flows/Close_Case.flow-meta.xml": f"<Flow {NS}/>"}
    (finding,) = found("Refund", "Close_Case", files=flow)
    assert (finding.rule, finding.severity) == ("policy/actions-not-checked", "notice")
    assert found(files=flow) == []


def test_of_many_actions_the_one_that_was_meant_is_found() -> None:
    many = {path: text for number in range(300) for path, text in function(f"Action_{number}").items()}
    (finding,) = found("Zero_Balnce", files={**many, **function("Zero_Balance")})
    assert finding.fix.endswith("Did you mean `Zero_Balance`?")
