"""Names are matched however they are spelled, and only a word that says so is good."""

import pytest

from wavegate.telemetry.discover.catalogue import fold, match_tables
from wavegate.telemetry.discover.proposal import differing_tables, scalar, usual_tables
from wavegate.telemetry.discover.values import CatalogueEntry
from wavegate.telemetry.discover.vocabulary import meaning_of_end, meaning_of_severity
from wavegate.telemetry.mapping.values import SourceKind


@pytest.mark.parametrize(
    "name",
    ["ssot__AIAgentSession__dlm", "ssot__AiAgentSession__dlm", "std__AiAgentSessionDmo__dlm",
     "AiAgentSession_std__dlm", "ssot__Ai_Agent_Session__dlm"],
)  # fmt: skip
def test_every_spelling_is_the_same_object(name: str) -> None:
    assert fold(name) == "aiagentsession"


def test_an_object_of_that_name_without_its_columns_is_another_one() -> None:
    found, _ = match_tables([CatalogueEntry(name="ssot__AIAgentSession__dlm", fields={"ssot__Name__c": "STRING"})])
    assert found["session"] is None


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("resolved", "good"), ("DEFLECTED", "good"), ("Escalated", "escalated"), ("TRANSFERRED", "escalated"),
        ("Transfer", "escalated"), ("NOT_SET", "other"), ("Expiration", "other"), ("Abandoned", "other"),
        ("USER_ENDED", None), ("UserRequest", None), ("Completed", None), ("unresolved", None), ("ok", None),
    ],
)  # fmt: skip
def test_the_four_vocabularies_of_the_end_type(word: str, meaning: str | None) -> None:
    assert meaning_of_end(word) == meaning


def test_a_severity_is_known_only_for_the_flag() -> None:
    assert [meaning_of_severity(each) for each in ("true", "false", "PROMPT_DEFENSE")] == ["high", "ignored", None]


def test_only_what_differs_is_written() -> None:
    usual = usual_tables(SourceKind.DATA_CLOUD)
    assert differing_tables(usual, usual) == {}
    assert differing_tables(usual | {"violation": None}, usual) == {"violation": "none"}


@pytest.mark.parametrize(
    ("text", "written"),
    [("resolved", "resolved"), ("true", '"true"'), ("1.0", '"1.0"'), ("a: b", '"a: b"'), ("é", '"é"'),
     ("x\u2028y", r'"x\u2028y"'), ("- a", '"- a"')],
)  # fmt: skip
def test_words_are_quoted_where_yaml_would_read_something_else(text: str, written: str) -> None:
    assert scalar(text) == written
