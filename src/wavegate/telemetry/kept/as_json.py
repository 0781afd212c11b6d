"""Kept sums as JSON: `schemas/telemetry-sums.schema.json`."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from wavegate.telemetry.kept.values import KeptFile, KeptSums
from wavegate.telemetry.mapping.values import SourceKind
from wavegate.telemetry.values import UNKNOWN_LATENCY, BusinessSum, DaySum, ViolationSum

VERSION = 1
_HIGHEST = 2_000
"""No latency has a higher bucket: it would be millions of years."""


def kept_json(kept: KeptSums) -> bytes:
    """The file's bytes, the same for the same sums."""
    values = {
        "version": VERSION,
        "source": kept.source.value,
        "mapping": kept.mapping,
        "agents": list(kept.agents),
        "users": kept.users,
        "since": kept.since.isoformat(),
        "closed": kept.closed.isoformat(),
        "schema": kept.schema,
        "has": sorted(kept.has),
        "days": [day_values(day) for day in kept.days],
        "files": [
            {
                "path": file.path,
                "digest": file.digest,
                "first": file.first.isoformat(),
                "last": file.last.isoformat(),
            }
            for file in kept.files
        ],
    }
    sealed = {**values, "digest": digest_of_sums(values)}
    return (json.dumps(sealed, indent=1, ensure_ascii=False) + "\n").encode()


def digest_of_sums(values: Mapping[str, Any]) -> str:
    """SHA-256 of all else in a file of sums, so that an edited number shows although the sums still add up."""
    rest = {key: value for key, value in values.items() if key != "digest"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def day_values(day: DaySum) -> dict[str, Any]:
    """A daily sum in JSON's types. latency: pairs of bucket and sessions."""
    return {
        "day": day.day.isoformat(),
        "cohort": day.cohort,
        "agent": day.agent,
        "version": day.version,
        "sessions": day.sessions,
        "good": day.good,
        "escalated": day.escalated,
        "violations": {
            severity: {"confirmed": each.confirmed, "unconfirmed": each.unconfirmed}
            for severity, each in sorted(day.violations.items())
        },
        "latency": [[bucket, number] for bucket, number in sorted(day.latency.items())],
        "business": {name: {"good": each.good, "n": each.n} for name, each in sorted(day.business.items())},
    }


def kept_of(values: Mapping[str, Any]) -> KeptSums:
    """The sums of a file that the schema accepts. ValueError: a day is invalid, or somebody edited the file."""
    if values["digest"] != digest_of_sums(values):
        raise ValueError("The file was edited: its digest is of other numbers")
    kept = KeptSums(
        source=SourceKind(values["source"]),
        mapping=values["mapping"],
        agents=tuple(values["agents"]),
        users=values["users"],
        since=date.fromisoformat(values["since"]),
        closed=date.fromisoformat(values["closed"]),
        schema=values["schema"],
        has=frozenset(values["has"]),
        days=tuple(_day(each) for each in values["days"]),
        files=tuple(
            KeptFile(
                path=each["path"],
                digest=each["digest"],
                first=date.fromisoformat(each["first"]),
                last=date.fromisoformat(each["last"]),
            )
            for each in values["files"]
        ),
    )
    _check(kept)
    return kept


def _day(values: Mapping[str, Any]) -> DaySum:
    return DaySum(
        day=date.fromisoformat(values["day"]),
        cohort=values["cohort"],
        agent=values["agent"],
        version=values["version"],
        sessions=values["sessions"],
        good=values["good"],
        escalated=values["escalated"],
        violations={severity: ViolationSum(**each) for severity, each in values["violations"].items()},
        latency=_latency(values["latency"]),
        business={name: BusinessSum(**each) for name, each in values["business"].items()},
    )


def _latency(pairs: list[tuple[int, int]]) -> dict[int, int]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("A bucket of latencies is repeated")
    return found


def _check(kept: KeptSums) -> None:
    """ValueError for sums that no look can have left."""
    keys = [(day.day, day.cohort, day.agent, day.version) for day in kept.days]
    if keys != sorted(set(keys)):
        raise ValueError("Days are repeated or not in order")
    for day in kept.days:
        if not kept.since <= day.day < kept.closed:
            raise ValueError(f"{day.day} is not among the closed days")
        if not _adds_up(day):
            raise ValueError(f"The numbers of {day.day} do not add up")


def _adds_up(day: DaySum) -> bool:
    kinds = [day.good + day.escalated, *(each.confirmed + each.unconfirmed for each in day.violations.values())]
    latency = day.latency
    return (
        max(kinds) <= day.sessions
        and (not latency or sum(latency.values()) == day.sessions)
        and all(UNKNOWN_LATENCY <= bucket <= _HIGHEST and number >= 0 for bucket, number in latency.items())
        and all(each.good <= each.n for each in day.business.values())
    )
