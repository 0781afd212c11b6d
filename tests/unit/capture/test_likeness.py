"""Which conversations are alike, whatever their order."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavegate.capture.likeness import THRESHOLD, are_alike, groups_of, most_typical, shingles

WORDS = st.lists(st.sampled_from(["refund", "my", "parcel", "today", "please", "now", "card"]), max_size=8)


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 1.0


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Refund my parcel 7731, please!", "refund my parcel 12 please", True),
        ("Refund [number 1] to [name 1] now", "refund [number 2] to [name 7] now", True),
        ("Ｒefund my parcel", "refund my PARCEL", True),
        ("Where is it?", "Refund my parcel", False),
        ("退款 我的 包裹", "退款 我的 包裹!", True),
        ("", " … ", True),
        ("", "refund", False),
    ],
)
def test_case_numbers_punctuation_and_redacted_values_do_not_matter(one: str, other: str, *, alike: bool) -> None:
    assert are_alike(shingles([one]), shingles([other])) is alike


def test_the_order_of_words_does() -> None:
    assert not are_alike(shingles(["a b c d"]), shingles(["d c b a"]))


@given(st.lists(WORDS, max_size=12), st.randoms(use_true_random=False))
def test_groups_are_the_connected_components_in_any_order(texts: list[list[str]], random: object) -> None:
    sets = [shingles([" ".join(each)]) for each in texts]
    found = {frozenset(each) for each in groups_of(sets)}
    # by comparing every pair
    component = list(range(len(sets)))
    for one, other in combinations(range(len(sets)), 2):
        if jaccard(sets[one], sets[other]) >= THRESHOLD:
            old, new = component[other], component[one]
            component = [new if each == old else each for each in component]
    assert found == {
        frozenset(index for index, each in enumerate(component) if each == name) for name in set(component)
    }
    shuffled = list(range(len(sets)))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = groups_of([sets[index] for index in shuffled])
    assert {frozenset(shuffled[index] for index in each) for each in again} == found


def test_the_most_typical_is_the_usual_wording_and_does_not_depend_on_the_order() -> None:
    usual, odd = shingles(["refund my order today"]), shingles(["refund my order today or else i sue"])
    sets = [odd, usual, usual, odd, usual]
    assert sets[most_typical(range(5), sets)] == usual
    one, other = shingles(["refund a b c"]), shingles(["refund a b d"])
    assert [[one, other][most_typical([0, 1], [one, other])], [other, one][most_typical([0, 1], [other, one])]] == [
        one,
        one,
    ]
