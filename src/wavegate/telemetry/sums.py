"""From the rows of `telemetry.sql.sums_sql` to daily sums, whatever database answered."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from wavegate.telemetry.mapping.values import SessionEnd, TelemetryMapping
from wavegate.telemetry.sql import COLUMNS, REJECT_BUCKETS, SEVERITIES, UNKNOWN_PLACES
from wavegate.telemetry.values import DaySum, Lane, Reject, ViolationSum


@dataclass(frozen=True, kw_only=True, slots=True)
class CollectedSums:
    """What the rows hold. unknown: sessions with a word that is not known, by place, without the places that have
    none. newest: the latest start or end of a session that counts, UTC; None without sessions.
    """

    days: tuple[DaySum, ...]
    rejects: Mapping[Reject, int] = field(default_factory=dict)
    unknown: Mapping[str, int] = field(default_factory=dict)
    newest: datetime | None = None


@dataclass(slots=True)
class _Group:
    counts: Counter[str] = field(default_factory=Counter)
    latency: Counter[int] = field(default_factory=Counter)


def collect(rows: Iterable[Sequence[Any]], mapping: TelemetryMapping, *, has_latency: bool) -> CollectedSums:
    """Sum up rows with the columns COLUMNS. Days and times may be ISO text, and numbers text, as JSON has them."""
    groups: dict[tuple[date, str, str, str], _Group] = {}
    rejects: Counter[Reject] = Counter()
    newest: datetime | None = None
    for values in rows:
        row = dict(zip(COLUMNS, values, strict=True))
        bucket, sessions = int(row["bucket"]), int(row["sessions"])
        if reject := REJECT_BUCKETS.get(bucket):
            rejects[reject] += sessions
            continue
        agent = mapping.agents.get(row["agent"], row["agent"])
        key = (_day(row["day"]), row["cohort"], agent, row["version"] or "")
        group = groups.setdefault(key, _Group())
        group.counts.update({name: int(row[name]) for name in COLUMNS[5:-2]})
        group.latency[bucket] += sessions
        times = [_time(row[name]) for name in ("newest_start", "newest_end") if row[name] is not None]
        newest = max([*times, *([newest] if newest else [])], default=None)
    return CollectedSums(
        days=tuple(_day_sum(key, group, has_latency) for key, group in sorted(groups.items())),
        rejects=dict(rejects),
        unknown=_unknown(groups.values()),
        newest=newest,
    )


def watermarks(newest: datetime | None, lag: Mapping[Lane, timedelta]) -> dict[Lane, datetime]:
    """Up to when each lane is complete; empty without sessions."""
    return {lane: newest - lag.get(lane, timedelta()) for lane in Lane} if newest else {}


def signals(roles: Iterable[str], mapping: TelemetryMapping) -> frozenset[str]:
    """The signals that a source with these columns supplies."""
    roles = frozenset(roles)
    ends = set(mapping.outcomes.values()) if "endType" in roles else set()
    supplied = {
        "taskSuccess": SessionEnd.GOOD in ends,
        "escalationRate": SessionEnd.ESCALATED in ends,
        "latencyP95": "latency" in roles,
        "violations": "severity" in roles,
    }
    return frozenset(name for name, given in supplied.items() if given)


def _day_sum(key: tuple[date, str, str, str], group: _Group, has_latency: bool) -> DaySum:  # noqa: FBT001
    day, cohort, agent, version = key
    counts = group.counts
    violations = {
        severity: ViolationSum(
            confirmed=counts[f"{severity}_confirmed"],
            unconfirmed=counts[f"{severity}_all"] - counts[f"{severity}_confirmed"],
        )
        for severity in SEVERITIES
        if counts[f"{severity}_all"]
    }
    return DaySum(
        day=day,
        cohort=cohort,
        agent=agent,
        version=version,
        sessions=counts["sessions"],
        good=counts["good"],
        escalated=counts["escalated"],
        violations=violations,
        latency=dict(sorted(group.latency.items())) if has_latency else {},
    )


def _unknown(groups: Iterable[_Group]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for group in groups:
        total.update({place: group.counts[f"unknown_{place}"] for place in UNKNOWN_PLACES})
    return {place: count for place, count in total.items() if count}


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value[:10])


def _time(value: datetime | str) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
