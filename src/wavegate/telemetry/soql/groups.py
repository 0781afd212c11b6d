"""From a day's groups of sessions to daily sums: what their words mean, by the mapping."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from wavegate.telemetry.mapping.values import EMPTY_WORDS, IGNORED, NOT_SET, CohortBy, SessionEnd, TelemetryMapping
from wavegate.telemetry.source import LookRequest
from wavegate.telemetry.sql import SEVERITIES
from wavegate.telemetry.values import OTHERS, DaySum, UnknownWord, ViolationSum


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionGroup:
    """Sessions of one day whose words are the same. words: by role, '' for none."""

    day: date
    words: Mapping[str, str]
    sessions: int
    newest: datetime | None = None


@dataclass(slots=True)
class GroupTotals:
    """What the groups add up to. counts: by day, cohort, agent and version. unknown: sessions by place and word."""

    counts: dict[tuple[date, str, str, str], Counter[str]] = field(default_factory=dict)
    unknown: Counter[tuple[str, str]] = field(default_factory=Counter)
    newest: datetime | None = None


def total(groups: Iterable[SessionGroup], mapping: TelemetryMapping, request: LookRequest) -> GroupTotals:
    """Add the groups up, without excluded channels and what does not count as a session."""
    totals = GroupTotals()
    for group in groups:
        ending = _ending(group.words.get("endType"), mapping)
        if group.words.get("channel") in mapping.excluded_channels or ending is SessionEnd.IGNORED:
            continue
        if "endType" in group.words and ending is None:
            totals.unknown["endTypes", group.words["endType"]] += group.sessions
        _add(totals, group, ending, mapping, request)
    return totals


def day_sums(totals: GroupTotals) -> tuple[DaySum, ...]:
    """The daily sums, sorted. The objects know no latency."""
    return tuple(
        DaySum(
            day=day,
            cohort=cohort,
            agent=agent,
            version=version,
            sessions=counts["sessions"],
            good=counts["good"],
            escalated=counts["escalated"],
            violations={
                severity: ViolationSum(
                    confirmed=counts[f"{severity} confirmed"], unconfirmed=counts[f"{severity} unconfirmed"]
                )
                for severity in SEVERITIES
                if counts[f"{severity} confirmed"] or counts[f"{severity} unconfirmed"]
            },
        )
        for (day, cohort, agent, version), counts in sorted(totals.counts.items())
    )


def unknown_words(totals: GroupTotals) -> tuple[UnknownWord, ...]:
    """The words that the mapping does not know, the most frequent first."""
    return tuple(
        UnknownWord(place=place, word=word, sessions=count)
        for (place, word), count in sorted(totals.unknown.items(), key=lambda each: (-each[1], each[0]))
    )


def _add(
    totals: GroupTotals,
    group: SessionGroup,
    ending: SessionEnd | None,
    mapping: TelemetryMapping,
    request: LookRequest,
) -> None:
    agent = group.words["agent"]
    cohort, version = _cohort(group.words, mapping, request), group.words.get("version", "")
    key = (group.day, cohort, mapping.agents.get(agent, agent), "" if version in EMPTY_WORDS else version)
    counts = totals.counts.setdefault(key, Counter())
    counts["sessions"] += group.sessions
    if ending in (SessionEnd.GOOD, SessionEnd.ESCALATED):
        counts[ending.value] += group.sessions
    severity = group.words.get("severity", "")
    if severity not in EMPTY_WORDS:
        meaning = mapping.severities.get(severity)
        if meaning is None:
            totals.unknown["severities", severity] += group.sessions
        elif meaning != IGNORED:
            kind = "confirmed" if group.words.get("confirmed") in mapping.confirmed else "unconfirmed"
            counts[f"{meaning} {kind}"] += group.sessions
    totals.newest = max(filter(None, (totals.newest, group.newest)), default=None)


def _ending(word: str | None, mapping: TelemetryMapping) -> SessionEnd | None:
    if word is None:
        return None
    return mapping.outcomes.get(NOT_SET if word in EMPTY_WORDS else word)


def _cohort(words: Mapping[str, str], mapping: TelemetryMapping, request: LookRequest) -> str:
    if mapping.cohort is None:
        return OTHERS
    if mapping.cohort.by is CohortBy.USER:
        return request.users.get(words.get("user", "")[:15], OTHERS)
    word = words.get("cohort" if mapping.cohort.by is CohortBy.COLUMN else "channel", "")
    if not mapping.cohort.values:
        return word
    return next((name for name, values in mapping.cohort.values.items() if word in values), OTHERS)
