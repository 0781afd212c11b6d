"""Words of messages."""

import pytest

from wavegate.findings.suggestions import closest, repeated, suggestion
from wavegate.text import join_names

KEYS = ["release", "environments", "pilotUsers", "minimumSuccessRate"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("relase", "release"),
        ("pilot_users", "pilotUsers"),
        ("pilot-users", "pilotUsers"),
        ("MINIMUM_SUCCESS_RATE", "minimumSuccessRate"),
        ("environment", "environments"),
        ("colour", None),
        ("", None),
        ("x" * 1_000_000, None),
    ],
)
def test_closest(word: str, meant: str | None) -> None:
    assert closest(word, KEYS) == meant
    assert suggestion(word, KEYS) == (f" Did you mean `{meant}`?" if meant else "")


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["a"], "`a`"),
        (["a", "b"], "`a` and `b`"),
        (["a", "b", "c"], "`a`, `b` and `c`"),
        (list("abcdefg"), "`a`, `b`, `c`, `d`, `e` and 2 more"),
    ],
)
def test_listed(names: list[str], text: str) -> None:
    assert join_names(names) == text


def test_repeated_does_not_tell_upper_from_lower_case() -> None:
    assert list(repeated(["uat", "prod", "UAT", "uat"])) == [(2, "UAT", 0), (3, "uat", 0)]
