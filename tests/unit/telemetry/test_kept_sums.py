"""Kept sums that no look can have left, because somebody edited them."""

import json
from datetime import date
from typing import Any

import pytest

from wavegate.telemetry.kept.as_json import digest_of_sums, kept_json, kept_of
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
    # as somebody would who knows the digest
    return {**found, "digest": digest_of_sums(found)}


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


@pytest.mark.parametrize("changed", [{"good": 3}, {"sessions": 5, "version": "v2"}, {"day": "2026-11-01"}])
def test_numbers_that_add_up_and_are_not_those_of_the_look_are_refused(changed: dict[str, Any]) -> None:
    edited = values()
    edited["days"][0] |= changed
    with pytest.raises(ValueError, match="was edited"):
        kept_of(edited)


@pytest.mark.parametrize("field", ["closed", "since", "has", "files", "users"])
def test_all_else_in_the_file_belongs_to_the_digest(field: str) -> None:
    edited = values()
    edited[field] = {"closed": "2026-11-04", "since": "2026-10-31", "has": ["latencyP95"], "files": [], "users": "x"}[
        field
    ]
    if field == "files":
        edited["files"] = [{"path": "a", "digest": "0" * 64, "first": "2026-11-01", "last": "2026-11-01"}]
    with pytest.raises(ValueError, match="was edited"):
        kept_of(edited)
