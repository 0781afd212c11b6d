"""docs/reference/result-files.md says what each word of JUnit XML means, and which producers write it."""

import pytest
from tests.producers.table import BEGIN, DOCUMENT, END, GOLDEN, PRODUCERS, filled, meaning, words

from wavegate.evidence.junit_words import HARMLESS, OUTCOMES

TEXT = DOCUMENT.read_text("utf-8")
TABLES = TEXT.split(BEGIN)[1].split(END)[0]


def test_its_tables_are_made_from_the_words_and_the_golden_files() -> None:
    assert filled(TEXT) == TEXT, "run: python tests/producers/table.py"


def test_every_word_of_a_golden_file_has_a_row() -> None:
    written = [word for (_, word), producers in words().items() if producers]
    assert len(written) > 40
    assert [word for word in written if f"| `{word}` |" not in TABLES] == []


@pytest.mark.parametrize("place", ["in a suite", "in a testcase", "of a suite", "of a testcase"])
def test_a_word_that_no_table_holds_has_no_meaning(place: str) -> None:
    with pytest.raises(KeyError):
        meaning(place, "aborted")


def test_the_table_says_what_the_reader_does() -> None:
    for name, outcome in OUTCOMES.items():
        assert meaning("in a testcase", name) == outcome
    assert {meaning("in a testcase", name) for name in HARMLESS} == {"not read"}
    assert meaning("of a testcase", "status=passed") == "pass"
    assert meaning("of a testcase", "status=failed") == "error"


def test_every_golden_file_has_a_producer() -> None:
    assert {file.stem.split("-")[0] for file in GOLDEN.iterdir()} == PRODUCERS.keys()
