"""The words that two texts differ in."""

import random
from itertools import pairwise

import pytest

from wavegate.notes.word_diff import WordEdit, similarity, word_diff


def shown(before: str, after: str) -> str:
    marks = {WordEdit.KEPT: "{}", WordEdit.REMOVED: "[-{}-]", WordEdit.ADDED: "{{+{}+}}"}
    return "".join(marks[each.edit].format(each.text) for each in word_diff(before, after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Be brief.", "Be brief.", "Be brief."),
        ("", "", ""),
        ("", "Be brief.", "{+Be brief.+}"),
        ("Be brief.", "", "[-Be brief.-]"),
        ("Waive fines up to 5 euros.", "Waive fines up to 50 euros.", "Waive fines up to [-5-]{+50+} euros."),
        ("Never share a card number.", "Share a card number.", "[-Never share-]{+Share+} a card number."),
        ("You may refund.", "You may not refund.", "You may {+not +}refund."),
        (
            "Ask for the card first, then search.",
            "Search for the card, then ask.",
            "[-Ask-]{+Search+} for the card[- first-], then [-search-]{+ask+}.",
        ),
        ("one two three four", "one zwei drei four", "one [-two three-]{+zwei drei+} four"),
        ("Don't say it's free.", "Don't say it's cheap.", "Don't say it's [-free-]{+cheap+}."),
        ("First.\nSecond.\nThird.", "First.\nThird.", "First.\n[-Second.\n-]Third."),
        ("First.\nSecond.", "First.\nNew.\nSecond.", "First.\n{+New.\n+}Second."),
        ("a  b", "a b", "a [- -]b"),
        ("Größe 5", "Größe 6", "Größe [-5-]{+6+}"),
        ("get_card reads", "get_cards reads", "[-get_card-]{+get_cards+} reads"),
    ],
)
def test_the_difference_is_right_to_the_word(before: str, after: str, expected: str) -> None:
    assert shown(before, after) == expected


def test_the_pieces_are_both_texts() -> None:
    luck = random.Random(7)  # noqa: S311
    words = ["never", "card", "fine", "waive", "the", ".", ",", " ", "  ", "\n", "é", "it's", "5", "50"]
    for _ in range(2000):
        before, after = ("".join(luck.choices(words, k=luck.randrange(25))) for _ in range(2))
        pieces = word_diff(before, after)
        assert "".join(each.text for each in pieces if each.edit is not WordEdit.ADDED) == before
        assert "".join(each.text for each in pieces if each.edit is not WordEdit.REMOVED) == after
        assert all(one.edit is not other.edit for one, other in pairwise(pieces))
        assert (before == after) == all(each.edit is WordEdit.KEPT for each in pieces)


def test_a_part_too_long_to_compare_is_replaced_whole() -> None:
    before, after = " ".join(f"a{n}" for n in range(5000)), " ".join(f"b{n}" for n in range(5000))
    assert [each.edit for each in word_diff(before, after)] == [WordEdit.REMOVED, WordEdit.ADDED]


def test_lines_too_many_to_compare_are_replaced_whole() -> None:
    before, after = "a\n" * 200_000, "b\n" * 200_000
    edits = [each.edit for each in word_diff(before, after)]
    assert edits == [WordEdit.REMOVED, WordEdit.ADDED, WordEdit.KEPT]
    assert [each.edit for each in word_diff(before, before)] == [WordEdit.KEPT]


def test_similarity_is_a_share_of_words() -> None:
    assert similarity("a b c", "a b c") == 1
    assert similarity("", "") == 1
    assert similarity("a", "b") == 0
    assert similarity("a b c", "a d e", least=0.9) == 0
    assert 0.5 < similarity("Be brief and kind.", "Be brief and formal.") < 1
