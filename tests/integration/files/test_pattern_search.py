"""Patterns of strangers: found, not found, broken, and those that would run for ever."""

import pytest

from wavegate.files.pattern_search import PatternSearch


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("(?i)guarantee", "We GUARANTEE it", True),
        ("guarantee", "we do not promise", False),
        ("^second$", "first\nsecond", False),
        ("(?m)^second$", "first\nsecond", True),
        ("ü.💥", "grün: ü-💥", True),
        ("\udc80", "a lone surrogate \udc80", True),
        ("(", "text", None),
    ],
)
def test_search(pattern: str, text: str, found: bool | None) -> None:
    with PatternSearch() as search:
        assert search(pattern, text) is found


def test_a_pattern_that_takes_too_long_leaves_the_others_alone() -> None:
    hostile, text = "(a|a)*b", "a" * 60 + "c"
    with PatternSearch(time_limit=0.5) as search:
        assert search("c$", text) is True
        assert search(hostile, text) is None
        assert search(hostile, "b") is None, "it is not tried again"
        assert search("c$", text) is True


def test_a_long_text_fits_through() -> None:
    with PatternSearch() as search:
        assert search("needle$", "hay" * 500_000 + "needle") is True
