"""Transcripts: the schema that people write by and the reader agree, and the recorded samples hold."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.support.places import ROOT

from wavegate.errors import InputError
from wavegate.evidence.transcript import Expectation, Transcript
from wavegate.files.schema import schema_text
from wavegate.release.pack import PersonalData
from wavegate.smoke.lines import read_transcript

SCHEMA = json.loads(schema_text("transcript"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
SAMPLES = sorted((ROOT / "src" / "wavegate" / "demo" / "transcripts").glob("*.jsonl"))


def test_the_schema_lists_what_the_reader_knows() -> None:
    VALIDATOR.check_schema(SCHEMA)
    properties = SCHEMA["properties"]
    assert set(properties) == set(Transcript.__struct_encode_fields__)
    assert set(properties["expect"]["properties"]) == set(Expectation.__struct_encode_fields__)
    assert properties["expect"]["properties"]["pii"]["items"]["enum"] == [kind.value for kind in PersonalData]


def test_an_expectation_is_a_policy() -> None:
    given = Expectation(required_actions=("a",), pii=(PersonalData.IBAN,), max_latency=3)
    policy = given.policy
    assert (policy.required_actions, policy.pii, policy.max_latency) == (("a",), (PersonalData.IBAN,), 3)


@pytest.mark.parametrize(
    ("entry", "valid"),
    [
        ({"test": "a"}, True),
        (SCHEMA["examples"][0], True),
        ({"test": "a", "actions": None, "latency": None, "rating": None, "expect": None, "topic": None}, True),
        ({}, False),
        ({"test": ""}, False),
        ({"test": "a" * 501}, False),
        ({"test": "a", "run": 0}, False),
        ({"test": "a", "run": 100_001}, False),
        ({"test": "a", "case": 1}, False),
        ({"test": "a", "latency": -1}, False),
        ({"test": "a", "latency": "1"}, False),
        ({"test": "a", "rating": "passed"}, False),
        ({"test": "a", "turns": [{"speaker": "bot", "text": ""}]}, False),
        ({"test": "a", "turns": [{"speaker": "user"}]}, False),
        ({"test": "a", "turns": None}, False),
        ({"test": "a", "actions": [3]}, False),
        ({"test": "a", "expect": {"pii": ["name"]}}, False),
        ({"test": "a", "expect": {"maxlatency": 3}}, False),
        ({"test": "a", "unknown": 3}, False),
    ],
)
def test_schema_and_reader_agree(entry: dict[str, Any], valid: bool) -> None:
    assert VALIDATOR.is_valid(entry) is valid
    if valid:
        read_transcript(json.dumps(entry), path="x", line=1)
    else:
        with pytest.raises(InputError):
            read_transcript(json.dumps(entry), path="x", line=1)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_the_samples_are_transcripts_that_something_judges(path: Path) -> None:
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        VALIDATOR.validate(json.loads(line))
        transcript = read_transcript(line, path=path.name, line=number)
        assert transcript.expect or transcript.rating
