"""Which conversations break what the packs forbid: whatever a policy asks of its own test's question beside it."""

import re

from wavegate.conversations.values import Conversation, ConversationTurn
from wavegate.findings.finding import Location
from wavegate.release.pack import Criteria, Pack, PersonalData, Policy
from wavegate.review.breaches import find_breaches


def conversation(answer: str) -> Conversation:
    turns = (ConversationTurn(speaker="user", text="hi"), ConversationTurn(speaker="agent", text=answer))
    return Conversation(id="s", turns=turns, place=Location("c.jsonl"))


def search(pattern: str, text: str) -> bool | None:
    return re.search(pattern, text) is not None


def test_what_a_policy_asks_of_its_own_question_is_not_asked_of_a_conversation() -> None:
    policy = Policy(
        name="calm",
        topics=("Refunds",),
        required_actions=("Find_Order",),
        forbidden_actions=("Issue_Refund",),
        must_match=("sorry",),
        must_not_match=("never again",),
        pii=(PersonalData.EMAIL,),
        max_latency=1.0,
    )
    pack = Pack(suite="s", tests=(), criteria=Criteria(minimum_success_rate=1.0), policies=(policy,))
    talks = [conversation("Hello."), conversation("Come here never again."), conversation("Ask a@b.example.")]
    found, notes = find_breaches(talks, [pack], search)
    assert sorted(found) == [1, 2]
    assert notes == ()
