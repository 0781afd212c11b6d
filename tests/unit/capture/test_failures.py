"""What counts as a failure, and which answer shows it."""

import re
from dataclasses import replace
from typing import Any

import pytest

from wavegate.capture.failures import find_failures
from wavegate.capture.values import Condition, FailureSelection, FoundFailures, Stated
from wavegate.conversations.values import ActionCall, Conversation, ConversationTurn
from wavegate.findings.finding import Location
from wavegate.release.pack import PersonalData, Policy

EXPECTED = Policy(name="")


def search(pattern: str, text: str) -> bool | None:
    return re.search(pattern, text) is not None


def user(text: str) -> ConversationTurn:
    return ConversationTurn(speaker="user", text=text)


def agent(text: str, *actions: str | ActionCall, topic: str = "Refunds") -> ConversationTurn:
    calls = tuple(ActionCall(name=each) if isinstance(each, str) else each for each in actions)
    return ConversationTurn(speaker="agent", text=text, topic=topic, actions=calls)


def conversation(*turns: ConversationTurn, session: str = "s", escalated: bool | None = None) -> Conversation:
    return Conversation(id=session, turns=turns, place=Location("c.jsonl"), agent="Desk", escalated=escalated)


def found(
    *conversations: Conversation,
    sessions: tuple[str, ...] = (),
    conditions: tuple[Condition, ...] = (),
    policies: tuple[Policy, ...] = (),
    **expected: object,
) -> FoundFailures:
    selection = FailureSelection(sessions=sessions, conditions=conditions, policies=policies)
    stated = Stated(expected=replace(EXPECTED, **expected))  # type: ignore[arg-type]
    return find_failures(conversations, selection, stated, search)


THREE = conversation(
    user("hello"),
    agent("Hello.", topic="General"),
    user("refund me"),
    agent("I refunded it.", "Issue_Refund"),
    user("thanks"),
    agent("You're welcome."),
)


@pytest.mark.parametrize(
    ("expected", "end"),
    [
        ({"forbidden_actions": ("issue_refund",)}, 4),
        ({"must_not_match": ("refunded",)}, 4),
        ({"must_not_match": (r"refunded it\.\nYou",)}, 6),
        ({"required_actions": ("Escalate",)}, 6),
        ({"must_match": ("sorry",)}, 6),
        ({"topics": ("Complaints",)}, 2),
        ({"topics": ("Complaints",), "forbidden_actions": ("Issue_Refund",)}, 4),
    ],
)
def test_the_test_ends_with_the_first_answer_that_shows_everything(expected: dict[str, Any], end: int) -> None:
    (failure,) = found(THREE, sessions=("s",), **expected).failures
    assert failure.end == end


@pytest.mark.parametrize(
    "expected",
    [
        {"forbidden_actions": ("Delete",)},
        {"required_actions": ("Issue_Refund",)},
        {"topics": ("refunds",)},
        {"topics": ("Refunds_16jWt000000ABcd",)},
        {"must_match": ("welcome",)},
    ],
)
def test_what_is_not_violated_is_no_failure(expected: dict[str, Any]) -> None:
    result = found(THREE, sessions=("s",), **expected)
    assert (result.failures, result.harmless, result.unknown) == ((), 1, 0)


def test_what_was_not_recorded_is_unknown_and_no_failure() -> None:
    silent = conversation(user("refund me"), ConversationTurn(speaker="agent", text="No."))
    cases: list[dict[str, Any]] = [
        {"required_actions": ("Escalate",)},
        {"topics": ("Refunds",)},
        {"forbidden_actions": ("X",)},
    ]
    for expected in cases:
        result = found(silent, sessions=("s",), **expected)
        assert (result.failures, result.harmless, result.unknown) == ((), 1, 1), expected


def test_topics_are_compared_in_any_language() -> None:
    other = conversation(user("x"), agent("y", topic="退款"))
    assert found(other, sessions=("s",), topics=("投诉",)).failures
    assert not found(other, sessions=("s",), topics=("退款",)).failures


def test_named_sessions_are_the_only_ones_and_missing_ones_are_counted() -> None:
    other = replace(THREE, id="t")
    result = found(THREE, other, sessions=("t", "u"), forbidden_actions=("Issue_Refund",))
    assert ([each.conversation.id for each in result.failures], result.missing) == (["t"], 1)


def test_personal_data_in_an_answer_is_a_failure_and_in_a_question_it_is_not() -> None:
    answer = conversation(user("who is it?"), agent("It is 4111 1111 1111 1111."))
    question = conversation(user("I am jane@roe.example"), agent("Hello."))
    result = found(answer, question, conditions=(Condition.PERSONAL_DATA,))
    (failure,) = result.failures
    assert (failure.conversation, failure.violated[0].pii) == (answer, (PersonalData.CREDIT_CARD,))


def test_an_action_that_only_failed_was_not_done() -> None:
    failed = ActionCall(name="Get_Status", error="timeout")
    only = conversation(user("where?"), agent("On its way.", failed))
    retried = conversation(user("where?"), agent("On its way.", failed, "Get_Status"))
    (failure,) = found(only, retried, conditions=(Condition.ACTION_ERROR,)).failures
    assert (failure.conversation, failure.violated[0].required_actions) == (only, ("Get_Status",))
    # what a person says counts instead
    (stated,) = found(only, conditions=(Condition.ACTION_ERROR,), required_actions=("Escalate",)).failures
    assert (stated.violated[0].required_actions, stated.not_done) == (("Escalate",), frozenset())
    # and a forbidden action that failed was called all the same
    assert found(only, sessions=("s",), forbidden_actions=("Get_Status",)).failures


def test_only_known_escalations_are_selected() -> None:
    cases = [conversation(user("x"), agent("y"), session=str(each), escalated=each) for each in (True, False, None)]
    result = found(*cases, conditions=(Condition.ESCALATION,), required_actions=("Issue_Refund",))
    assert [each.conversation.id for each in result.failures] == ["True"]


def test_a_named_session_without_a_word_is_held_to_what_the_trace_shows() -> None:
    leak = conversation(user("x"), agent("jane@roe.example", ActionCall(name="Pay", error="no")))
    (failure,) = found(leak, sessions=("s",)).failures
    assert [(each.pii, each.required_actions) for each in failure.violated] == [
        ((PersonalData.EMAIL,), ()),
        ((), ("Pay",)),
    ]
    assert found(THREE, sessions=("s",)).failures == ()


def test_a_broken_policy_stays_that_policy() -> None:
    policy = Policy(name="no-promises", must_not_match=("refunded",))
    (failure,) = found(THREE, policies=(policy, Policy(name="calm", must_not_match=("!",)))).failures
    assert failure.policies == failure.violated == (policy,)


@pytest.mark.parametrize(
    "asked",
    [
        {"conditions": (Condition.ACTION_ERROR,)},
        {"conditions": (Condition.ESCALATION,)},
        {"conditions": (Condition.PERSONAL_DATA, Condition.ESCALATION)},
        {"policies": (Policy(name="p", forbidden_actions=("Issue_Refund",)),)},
        {"forbidden_actions": ("Issue_Refund",)},
    ],
)
def test_what_was_not_recorded_is_not_harmless(asked: dict[str, Any]) -> None:
    silent = conversation(user("refund me"), ConversationTurn(speaker="agent", text="Done."))
    result = found(silent, **asked)
    assert (result.failures, result.harmless, result.unchecked) == ((), 0, 1)
    recorded = conversation(user("refund me"), agent("No."), escalated=False)
    assert found(recorded, **asked).unchecked == 0
