"""Properties of six own agents with known answers: proved, refuted by the shortest conversation, or neither."""

from pathlib import Path

import pytest

from wavegate.guardrails.model import AgentReading
from wavegate.guardrails.properties import UnreadableProperty, parse_property
from wavegate.guardrails.prove.checker import prove
from wavegate.guardrails.prove.proof import Proof, ProofVerdict
from wavegate.guardrails.script.read import read_script_model

AGENTS = Path(__file__).resolve().parents[3] / "fixtures" / "guardrails" / "prove"
PROVED, REFUTED, VACUOUS, UNKNOWN = (
    ProofVerdict.PROVED,
    ProofVerdict.REFUTED,
    ProofVerdict.VACUOUS,
    ProofVerdict.UNKNOWN,
)


def agent(name: str) -> AgentReading:
    path = AGENTS / f"{name}.agent"
    return read_script_model(path.read_text("utf-8"), path.name)


def proof(name: str, line: str) -> Proof:
    watched = parse_property(line)
    assert not isinstance(watched, UnreadableProperty), watched.message
    return prove(agent(name), watched)


@pytest.mark.parametrize(
    ("name", "line", "verdict"),
    [
        ("library", "never waive_fine unless member_ok is True", PROVED),
        ("library", "always confirm waive_fine", PROVED),
        ("library", "escalation reachable from every topic", PROVED),
        ("library", "member_ok set only by check_card", PROVED),
        ("library", "never waive_fine before check_card", PROVED),
        ("library", "never waive_fine before member_ok is True", PROVED),
        ("library", "check_card at most 3 times", PROVED),
        ("library", "waive_fine only from fines", PROVED),
        ("library", "desk reachable from fines, card_check", PROVED),
        ("library", "never renew before check_card", VACUOUS),
        ("library", "loans reachable from desk", VACUOUS),
        ("library", "loan_ok set only by check_card", VACUOUS),
        ("library_note", "never waive_fine unless member_ok is True", PROVED),
        ("clinic", "never read_record before find_patient", PROVED),
        ("clinic", 'never send_record unless record_type != "sealed"', PROVED),
        ("clinic", "never send_record before consent is True", PROVED),
        ("clinic", 'never send_record unless patient_id != ""', PROVED),
        ("clinic", "escalation reachable from nurse", PROVED),
        ("clinic", "record_type set only by find_patient", VACUOUS),
        ("bank_card", "block_card at most 1 time", PROVED),
        ("bank_card", "refund at most 2 times", PROVED),
        ("bank_card", "never order_card before block_card", PROVED),
        ("bank_card", "never order_card unless blocked", PROVED),
        ("bank_card", 'never order_card unless channel == "app"', PROVED),
        ("travel", "escalation reachable from visa", PROVED),
        ("travel", "never rate before book_trip", PROVED),
        ("shipment", "return_parcel at most 1 time", PROVED),
        ("shipment", "never print_label before return_parcel", VACUOUS),
    ],
)  # fmt: skip
def test_what_holds_is_proved_and_what_is_empty_is_said(name: str, line: str, verdict: ProofVerdict) -> None:
    found = proof(name, line)
    assert (found.verdict, found.dropped, found.conversation) == (verdict, (), ())
    assert found.property == line


@pytest.mark.parametrize(
    ("name", "line", "calls"),
    [
        ("library", "check_card at most 2 times", ["to_card_check", "check", "check", "check"]),
        ("library", "waive_fine only from desk", ["to_card_check", "check", "back", "to_fines", "waive"]),
        ("library_stacked", "never waive_fine unless member_ok is True", ["to_fines", "waive"]),
        ("library_note", "member_ok set only by check_card", ["note"]),
        ("clinic", "escalation reachable from every topic", ["identify", "to_records"]),
        ("clinic", "always confirm read_record", ["identify", "to_records", "read"]),
        ("bank_card", "refund at most 1 time", ["verify", "refund", "refund"]),
        ("bank_card", "level set only by send_code", ["verify", "refund", "refund", "answer"]),
        ("bank_card", 'never order_card unless channel == "web"', ["block", "new_card"]),
        ("travel", "book_trip at most 1 time", ["book", "to_visa", "close", "return", "book"]),
        ("travel", "never book_trip unless closed is False", ["to_visa", "close", "return", "book"]),
        ("travel", "escalation reachable from every topic", ["book", "to_feedback"]),
        ("shipment", "escalation reachable from every topic", ["return_it"]),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_refuted_by_the_shortest_conversation(name: str, line: str, calls: list[str]) -> None:
    found = proof(name, line)
    assert (found.verdict, found.confirmed) == (REFUTED, True)
    assert [_call(step.text) for step in found.conversation if step.by_model] == calls
    assert all(step.location for step in found.conversation if "the model calls" in step.text)


def _call(text: str) -> str:
    if "the model calls" in text:
        return text.split("`")[3]
    return "return" if text.startswith("Back to") else "answer"


def test_the_states_of_the_library_desk() -> None:
    """They are the moments at which the model chooses: a topic with the values of member_ok and attempts.

    The desk is met with member_ok False before any check, and after 1, 2 or 3 checks with True or with anything else,
    which no condition tells apart from False: 7. So is the card check. Fines are open only to members: 3.
    With a tool that lets the model fill member_ok in, both occur before any check as well: 8 + 8 + 4.
    """
    line = "never waive_fine unless member_ok is True"
    assert proof("library", line).states == 7 + 7 + 3
    assert proof("library_note", line).states == 8 + 8 + 4


def test_guards_that_are_stacked_hold_as_written_and_not_as_emitted() -> None:
    found = proof("library_stacked", "never waive_fine unless member_ok is True")
    assert (found.verdict, found.written) == (REFUTED, PROVED)
    assert [loss.rule for loss in found.losses] == ["guard/overwritten", "guard/overwritten"]
    assert found.reason == "`member_ok is True` does not hold when it is called."


def test_a_reading_that_agrees_is_not_mentioned() -> None:
    assert proof("library", "always confirm waive_fine").written is None


@pytest.mark.parametrize(
    ("name", "verdict", "reason"),
    [("library", PROVED, "It holds in every conversation"), ("library_note", REFUTED, "The model fills it in.")],
)
def test_a_condition_comes_with_who_may_set_its_variable(name: str, verdict: ProofVerdict, reason: str) -> None:
    [companion] = proof(name, "never waive_fine unless member_ok is True").companions
    assert (companion.property, companion.verdict) == ("member_ok set only by check_card", verdict)
    assert companion.reason.startswith(reason)


def test_a_variable_that_the_caller_may_set_is_not_set_by_the_script_alone() -> None:
    found = proof("bank_card", "channel set only by verify")
    assert (found.verdict, found.states) == (REFUTED, 0)
    assert "External" in found.reason
