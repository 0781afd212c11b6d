"""An edited prohibition or obligation is a rewording only if it surely asks for the same."""

import pytest

from wavegate.findings.finding import Location
from wavegate.guardrails.diff.areas.instructions import SentenceLists, instruction_changes
from wavegate.guardrails.diff.change import ChangeSubject
from wavegate.guardrails.diff.rules import ChangeClass
from wavegate.guardrails.sentences import sentences

HERE = Location("Desk.agent", 7)


def changes(before: str, after: str) -> list[tuple[str, ChangeClass]]:
    lists = SentenceLists(sentences(before, HERE), sentences(after, HERE), (HERE, HERE))
    subject = ChangeSubject(agent="Desk")
    return [(each.rule, each.change_class) for each in instruction_changes(lists, subject)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Never quote medical or legal advice.", "Never quote legal advice."),
        ("Verify the customer first.", "Verify the customer."),
        ("Always verify the card before the refund.", "Always verify the refund before the card."),
        ("Never pay more than the fine to any member.", "Never pay more than the fine to a new member."),
    ],
)
def test_other_words_of_a_rule_need_a_security_review(before: str, after: str) -> None:
    assert changes(before, after) == [("instruction/must-changed", ChangeClass.SECURITY_REVIEW)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Never quote the legal advice.", "Please, NEVER quote legal advice!"),
        ("You help readers of the library.", "You help visitors of the library."),
    ],
)
def test_filler_words_and_sentences_that_bind_nobody_are_tunable(before: str, after: str) -> None:
    assert changes(before, after) in ([], [("instruction/reworded", ChangeClass.TUNABLE)])
