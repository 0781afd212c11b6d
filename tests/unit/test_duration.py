"""Durations are written in one way, in the manifest and on the command line."""

import json
from datetime import timedelta

import pytest

from wavegate.duration import FORM, PATTERN, parse_duration
from wavegate.files.schema import schema_text


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("1s", timedelta(seconds=1)),
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("24h", timedelta(hours=24)),
        ("999d", timedelta(days=999)),
        ("2w", timedelta(weeks=2)),
    ],
)
def test_a_duration_is_a_number_with_its_unit(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text",
    [
        "",
        "60",
        "m",
        "0m",
        "-5m",
        "+5m",
        "05m",
        "1.5h",
        "5 m",
        "5M",
        "5min",
        "1h30m",
        "1000d",
        "\u0663m",
        "5m\n",
        "1y",
    ],
)
def test_nothing_else_is_a_duration(text: str) -> None:
    with pytest.raises(ValueError, match="whole number with its unit"):
        parse_duration(text)


def test_the_manifests_schema_says_the_same() -> None:
    duration = json.loads(schema_text("manifest"))["$defs"]["duration"]
    assert (duration["pattern"], duration["description"]) == (PATTERN, FORM)
