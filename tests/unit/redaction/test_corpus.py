"""How much of the planted personal data is found, and how much else; docs/explanation/redaction.md states it."""

import re

import pytest
from tests.support.places import ROOT
from tests.support.planted import changed, planted, recall

from wavegate.redaction.values import PersonalKind
from wavegate.redaction.written import redact_written

BY_CONTEXT = {"name"}
FILES = ("planted", "held_out")
PAGE = ROOT / "docs" / "explanation" / "redaction.md"


def total(name: str, *, without: frozenset[str] = frozenset()) -> float:
    counts = [each for kind, each in recall(name).items() if kind not in without]
    return sum(found for found, _ in counts) / sum(planted for _, planted in counts)


def test_the_corpus_is_large_and_every_kind_is_in_it() -> None:
    kinds = {kind for name in FILES for kind in recall(name)}
    assert kinds == set(PersonalKind) - {PersonalKind.OTHER}
    assert sum(count for name in FILES for _, count in recall(name).values()) >= 300
    assert changed("clean")[1] + changed("clean_held_out")[1] >= 150


@pytest.mark.parametrize(("name", "floor"), [("planted", 1.0), ("held_out", 0.98)])
def test_what_is_planted_is_found(name: str, floor: float) -> None:
    assert total(name, without=frozenset(BY_CONTEXT)) >= floor - 0.005
    assert total(name) >= floor - 0.005


def test_each_kind_has_its_floor() -> None:
    for name in FILES:
        for kind, (found, count) in recall(name).items():
            assert found / count >= 0.85, (name, kind)


def test_other_sentences_stay_as_they_are() -> None:
    # whether an account of a public site is a person's or a company's, its address does not say
    assert changed("clean")[0] == ["Look at https://github.com/example for the source."]
    assert len(changed("clean_held_out")[0]) <= 1


def test_redacting_again_changes_nothing() -> None:
    texts = redact_written([each.text for name in FILES for each in planted(name)])
    assert redact_written(texts) == texts


def test_the_page_states_what_is_measured() -> None:
    page = PAGE.read_text("utf-8")
    for name in FILES:
        for kind, (found, count) in recall(name).items():
            row = re.search(rf"(?m)^\| {kind} \|.*$", page)
            assert row, kind
            assert f" {found} / {count} " in row.group(), (kind, row.group())
