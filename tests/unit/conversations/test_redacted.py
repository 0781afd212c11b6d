"""A redacted conversation: no text of it keeps what its fields or its texts say about a person."""

from dataclasses import replace
from datetime import UTC, datetime

from wavegate.conversations.redacted import redacted
from wavegate.conversations.values import ActionCall, Conversation, ConversationTurn
from wavegate.findings.finding import Location

CONVERSATION = Conversation(
    id="0199c1f2-6c1e-7a30-9d55-3f6a1a2b3c4d",
    agent="Support_Agent",
    version="v3",
    started=datetime(2026, 6, 17, tzinfo=UTC),
    place=Location("trace.json"),
    variables={"ContactName": "Anna Schmidt", "BillingStreet": "Am Ring 5", "Language": "de"},
    turns=(
        ConversationTurn(speaker="user", text="schmidt here, where is it? am ring 5"),
        ConversationTurn(
            speaker="agent",
            text="Hello Anna, your order 88-123 is late.",
            topic="Shipping",
            actions=(ActionCall(name="Track", inputs={"orderNumber": "88-123"}, error="88-123 of anna"),),
        ),
        ConversationTurn(speaker="agent", text="May I have your date of birth?"),
        ConversationTurn(speaker="user", text="12.04.1985"),
    ),
)


def test_every_text_is_redacted_and_everything_else_stays() -> None:
    found = redacted(CONVERSATION)
    assert [turn.text for turn in found.turns] == [
        "[name 1] here, where is it? [address 1]",
        "Hello [name 1], your order [number 1] is late.",
        "May I have your date of birth?",
        "[birth date 1]",
    ]
    assert found.turns[1].actions == (
        ActionCall(name="Track", inputs={"orderNumber": "[number 1]"}, error="[number 1] of [name 1]"),
    )
    assert found.variables == {"ContactName": "[name 1]", "BillingStreet": "[address 1]", "Language": "de"}
    assert found.id == ""
    assert replace(found, id=CONVERSATION.id, turns=(), variables={}) == replace(CONVERSATION, turns=(), variables={})


def test_redacting_twice_is_redacting_once() -> None:
    once = redacted(CONVERSATION)
    assert redacted(once) == once
