"""Answers of Data Cloud that are cut, repeated, mixed up or lie."""

from datetime import date
from typing import Any

import pytest

from wavegate.telemetry.data_cloud.rows import sum_rows, whole
from wavegate.telemetry.sql import COLUMNS

ROW: dict[str, Any] = {
    **dict.fromkeys(COLUMNS, 0),
    "cohort": "vip",
    "agent": "A",
    "version": "v1",
    "day": "2026-11-02",
    "bucket": 300,
    "sessions": 5,
    "good": 4,
    "newest_start": None,
    "newest_end": None,
}


def read(*rows: dict[str, Any], names: tuple[str, ...] = COLUMNS) -> list[tuple[Any, ...]]:
    return sum_rows(names, [[row[name] for name in names] for row in rows])


def test_columns_in_another_order_and_numbers_as_text_are_the_same() -> None:
    mixed = tuple(reversed(COLUMNS))
    text = {**ROW, "sessions": "5", "good": "4", "bucket": "300"}
    assert read(text, names=mixed) == read(ROW) == [tuple(ROW.values())]
    assert sum_rows((), [list(ROW.values())]) == read(ROW)


@pytest.mark.parametrize(
    "change",
    [
        {"sessions": -5},
        {"sessions": 5.5},
        {"sessions": None},
        {"sessions": "five"},
        {"sessions": "NaN"},
        {"sessions": [5]},
        {"sessions": float("inf")},
        {"good": 6},
        {"critical_confirmed": 6},
        {"bucket": "300.5"},
        {"cohort": None},
        {"agent": 7},
        {"version": {"a": 1}},
    ],
    ids=str,
)
def test_what_cannot_be_a_sum_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError, OverflowError)):
        read({**ROW, **change})


def test_a_page_that_is_repeated_is_refused() -> None:
    other = {**ROW, "day": date(2026, 11, 3)}
    assert len(read(ROW, other)) == 2
    with pytest.raises(ValueError, match="repeated"):
        read(ROW, other, ROW)


def test_other_or_fewer_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="columns"):
        read(ROW, names=COLUMNS[:-1])
    with pytest.raises(ValueError, match="width"):
        sum_rows((), [list(ROW.values())[:-1]])


def test_a_number_of_sessions_is_whole() -> None:
    assert [whole(value) for value in (3, "3", 3.0)] == [3, 3, 3]
    with pytest.raises(ValueError, match="negative"):
        whole("-1")
