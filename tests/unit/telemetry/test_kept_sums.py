"""Kept sums that no look can have left, because somebody edited them."""

import json
from datetime import date
from typing import Any

import pytest

from wavegate.telemetry.kept.as_json import kept_json, kept_of
from wavegate.telemetry.kept.values import KeptSums
from wavegate.telemetry.mapping.values import SourceKind
from wavegate.telemetry.values import BusinessSum, DaySum, ViolationSum

DAY = DaySum(
    day=date(2026, 11, 2),
    cohort="vip",
    agent="A",
    sessions=5,
    good=4,
    escalated=1,
    violations={"high": ViolationSum(confirmed=2, unconfirmed=3)},
    latency={-1: 1, 300: 4},
    business={"reopened": BusinessSum(good=7, n=9)},
)


def values(**changed: Any) -> dict[str, Any]:
    """A file with one day. changed: fields of the day."""
    kept = KeptSums(
        source=SourceKind.FILES,
        mapping="m",
        agents=("A",),
        users="",
        since=date(2026, 11, 1),
        closed=date(2026, 11, 3),
        schema="s",
        has=frozenset(),
        days=(DAY,),
        files=(),
    )
    found: dict[str, Any] = json.loads(kept_json(kept))
    found["days"][0] |= changed
    return found


def test_what_a_look_leaves_is_read_again() -> None:
    assert kept_of(values()).days == (DAY,)


@pytest.mark.parametrize(
    "changed",
    [
        {"good": 5},
        {"violations": {"critical": {"confirmed": 6, "unconfirmed": 0}}},
        {"latency": [[300, 6], [301, -1]]},
        {"latency": [[10**12, 5]]},
        {"latency": [[300, 4], [300, 5]]},
        {"latency": [[300, 4]]},
        {"business": {"reopened": {"good": 10, "n": 9}}},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_edited_numbers_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"do not add up|is repeated"):
        kept_of(values(**changed))
