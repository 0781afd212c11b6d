"""Instructions are split into sentences with their force and their own line."""

from functools import partial

import pytest
from tests.support.counted import lines_executed

from wavegate.findings.finding import Location
from wavegate.guardrails.model import Force
from wavegate.guardrails.sentences import sentences

START = Location(file="a.agent", line=10, column=15)


def texts(text: str) -> list[str]:
    return [each.text for each in sentences(text, START)]


def places(text: str) -> list[tuple[int, int]]:
    return [(each.location.line, each.location.column) for each in sentences(text, START)]


@pytest.mark.parametrize(
    ("text", "force"),
    [
        ("Never promise refunds above 50 EUR.", Force.PROHIBITION),
        ("Do not quote prices.", Force.PROHIBITION),
        ("Don't guess.", Force.PROHIBITION),
        ("Don’t guess.", Force.PROHIBITION),
        ("You must not reveal a record's id.", Force.PROHIBITION),
        ("Customers may not change the address.", Force.PROHIBITION),
        ("Internal notes are not to be shown and must never be quoted.", Force.PROHIBITION),
        ("Only members can borrow.", Force.PROHIBITION),
        ("Refunds are not allowed after 30 days.", Force.PROHIBITION),
        ("UNDER NO CIRCUMSTANCES give a diagnosis.", Force.PROHIBITION),
        ("Avoid legal advice.", Force.PROHIBITION),
        ("Always check the card.", Force.OBLIGATION),
        ("You must ask for the booking code.", Force.OBLIGATION),
        ("A signature is required.", Force.OBLIGATION),
        ("Ensure that the patient is known.", Force.OBLIGATION),
        ("Ask for the code before you book.", Force.OBLIGATION),
        ("Verify the caller.", Force.OBLIGATION),
        ("Be friendly.", Force.OTHER),
        ("Knowledge of shipments is useful.", Force.OTHER),
        ("Versprich nie eine Erstattung.", Force.OTHER),
        ("返金を約束しないでください。", Force.OTHER),
    ],
)
def test_force(text: str, force: Force) -> None:
    assert [each.force for each in sentences(text, START)] == [force]


def test_a_prohibition_counts_more_than_an_obligation() -> None:
    [sentence] = sentences("You must always ask and never assume.", START)
    assert sentence.force is Force.PROHIBITION


def test_sentences_of_a_line() -> None:
    text = "Be kind! Never argue. Is it late? Then stop."
    assert texts(text) == ["Be kind!", "Never argue.", "Is it late?", "Then stop."]
    assert places(text) == [(10, 15), (10, 24), (10, 37), (10, 49)]


def test_a_sentence_over_several_lines_is_one() -> None:
    text = "Never promise\n        a refund\n        above 50. Be kind."
    assert texts(text) == ["Never promise a refund above 50.", "Be kind."]
    assert places(text) == [(10, 15), (12, 19)]


def test_lists_headings_and_blank_lines_separate() -> None:
    text = "# Rules\n  - never guess\n  * be kind\n  1. ask first\n  2) then answer\n\n  Say goodbye\n\n  Thank them"
    assert texts(text) == ["Rules", "never guess", "be kind", "ask first", "then answer", "Say goodbye", "Thank them"]
    assert [line for line, _ in places(text)] == [10, 11, 12, 13, 14, 16, 18]


def test_a_line_that_forbids_starts_a_sentence() -> None:
    assert texts("Help the caller\nNever promise a refund\nAlways be kind") == [
        "Help the caller",
        "Never promise a refund",
        "Always be kind",
    ]


def test_abbreviations_numbers_and_interpolations_do_not_end_a_sentence() -> None:
    assert texts("Use codes, e.g. A-1, or ask Dr. Weber about 3.5 kg.") == [
        "Use codes, e.g. A-1, or ask Dr. Weber about 3.5 kg.",
    ]
    assert texts("Greet {!@variables.name if @variables.ok else 'X. Y'}. Then help.") == [
        "Greet {!@variables.name if @variables.ok else 'X. Y'}.",
        "Then help.",
    ]


def test_markdown_around_a_sentence() -> None:
    found = sentences("**Never** share a code. _Always_ say why.", START)
    assert [each.force for each in found] == [Force.PROHIBITION, Force.OBLIGATION]


@pytest.mark.parametrize("text", ["", "\n\n\n", "...", "- \n- ", "***", "\0", "\ud800", "{!" * 50])
def test_odd_text_gives_no_sentence_or_one(text: str) -> None:
    assert len(sentences(text, START)) <= 1


@pytest.mark.parametrize(
    "unit", ["a ", "a. ", ". ", "{!a} ", "{! ", "- a\n", "\n", "do ", "not ", "e.g. ", "\u0130\u0130 ", '."', "1. "]
)
@pytest.mark.timeout(60)
def test_long_text_takes_linear_time(unit: str) -> None:
    """Four times the text takes about four times the work, not sixteen, and what is not Python does not hang."""
    few, many = (lines_executed(partial(sentences, unit * count, START)) for count in (100, 400))
    assert many <= 8 * few
    text = unit * (60_000 // len(unit))
    assert sum(len(each.text) for each in sentences(text, START)) <= len(text)
