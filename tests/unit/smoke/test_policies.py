"""Policies against transcripts: kept, broken, and not to be checked."""

import re

import pytest

from wavegate.evidence.transcript import Transcript, Turn
from wavegate.release.pack import PersonalData, Policy
from wavegate.smoke.policies import Breach, UncheckedPolicy, check


def search(pattern: str, text: str) -> bool:
    return re.search(pattern, text) is not None


def transcript(*said: str, actions: tuple[str, ...] | None = None, latency: float | None = None) -> Transcript:
    turns = (Turn(speaker="user", text="hello, I am a@b.org"), *(Turn(speaker="agent", text=each) for each in said))
    return Transcript(test="t", case="1", run=1, turns=turns, actions=actions, latency=latency)


@pytest.mark.parametrize(
    ("policy", "given", "breaches", "gaps"),
    [
        (Policy(name="p"), transcript(), 0, 0),
        (Policy(name="p", required_actions=("Get_Status",)), transcript(actions=("Get_Status",)), 0, 0),
        (
            Policy(name="p", required_actions=("get-status",)),
            transcript(actions=("Get_Status_179Ws000000abcD",)),
            0,
            0,
        ),
        (Policy(name="p", required_actions=("Get_Status",)), transcript(actions=()), 1, 0),
        (Policy(name="p", forbidden_actions=("Refund",)), transcript(actions=()), 0, 0),
        (
            Policy(name="p", forbidden_actions=("Refund",)),
            transcript(actions=("Look", "refund_16jSB000000AbCdYAK")),
            1,
            0,
        ),
        (Policy(name="p", forbidden_actions=("Refund",)), transcript("ok", actions=None), 0, 1),
        (Policy(name="p", must_not_match=("(?i)guarantee",)), transcript("I GUARANTEE it"), 1, 0),
        (Policy(name="p", must_not_match=("hello",)), transcript("good day"), 0, 0),
        (Policy(name="p", must_match=("day$", "^good")), transcript("good day"), 0, 0),
        (Policy(name="p", must_match=("human",)), transcript("good", "day"), 1, 0),
        (Policy(name="p", must_not_match=("x",)), transcript(), 0, 1),
        (Policy(name="p", pii=(PersonalData.EMAIL,)), transcript("you are known"), 0, 0),
        (Policy(name="p", pii=(PersonalData.EMAIL,)), transcript("you are a@b.org", "yes, a@b.org"), 1, 0),
        (Policy(name="p", pii=(PersonalData.EMAIL,)), transcript(""), 0, 1),
        (Policy(name="p", max_latency=2000), transcript(latency=2000), 0, 0),
        (Policy(name="p", max_latency=2000), transcript(latency=2001), 1, 0),
        (Policy(name="p", max_latency=2000), transcript(), 0, 1),
    ],
)
def test_policy(policy: Policy, given: Transcript, breaches: int, gaps: int) -> None:
    found = check(given, policy, search)
    assert sum(isinstance(each, Breach) for each in found) == breaches
    assert sum(isinstance(each, UncheckedPolicy) for each in found) == gaps


def test_a_search_without_an_answer_is_a_gap() -> None:
    policy = Policy(name="p", must_match=("a",), must_not_match=("b",))
    found = check(transcript("a"), policy, lambda _pattern, _text: None)
    assert [type(each) for each in found] == [UncheckedPolicy, UncheckedPolicy]


def test_no_message_quotes_the_agent() -> None:
    policy = Policy(name="p", pii=tuple(PersonalData), must_not_match=("[a-z]+@",), forbidden_actions=("Refund",))
    found = check(transcript("jane@example.org 4111111111111111", actions=("Refund",)), policy, search)
    text = " ".join(each.message for each in found)
    assert len(found) == 4
    assert "jane" not in text
    assert "4111" not in text


@pytest.mark.parametrize(
    ("topic", "problem"),
    [
        ("Refunds", None),
        ("refunds_16jWt000000ABcd", None),
        ("Orders", Breach),
        ("退款", Breach),
        (None, UncheckedPolicy),
        ("", UncheckedPolicy),
    ],
)
def test_the_topic_is_one_of_the_expected_ones(topic: str | None, problem: type | None) -> None:
    policy = Policy(name="p", topics=("Re funds", "投诉"))
    found = check(Transcript(test="t", topic=topic), policy, search)
    assert [type(each) for each in found] == ([problem] if problem else [])
