"""Who had the release, and who is compared with them: daily sums by cohort, before and after its start.

Times are UTC. The day of a cohort's switch counts nowhere, since it has sessions of both sides.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from wavegate.canary.measured.signals import Signal, counted
from wavegate.statistics.canary.days import DayCounts
from wavegate.telemetry.values import DaySum, Lane

Days = Mapping[date, tuple[DaySum, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class CohortArm:
    """A cohort's sums by day. switch: the day on which it got the release. first: of the baseline window.

    before: with the live agent. after: with the release. others: the sums of all who never got it, with the live
    agent, on any day. with_live_agent: sessions with the live agent from the day of the switch on. earlier_pilots:
    before the switch, with a copy; it had another release then, whose quality is no baseline.
    """

    name: str
    switch: date
    first: date
    before: Days
    after: Days
    others: Days
    with_live_agent: int = 0
    earlier_pilots: Days = field(default_factory=dict)

    def until(self, end: date) -> "CohortArm":
        """The same without days from `end` on."""
        return replace(self, after={day: sums for day, sums in self.after.items() if day < end})

    def sums_before(self) -> Iterator[DaySum]:
        """All sums before the release."""
        return (each for sums in self.before.values() for each in sums)

    def sums_after(self) -> Iterator[DaySum]:
        """All sums with the release."""
        return (each for sums in self.after.values() for each in sums)

    def counts(self, signal: Signal, *, after: Signal | None = None) -> list[DayCounts]:
        """The counts of each day. after: the cohort's own signal with the release, if it is another one."""
        return [
            *(self._counts(day, sums, signal, signal, after=False) for day, sums in sorted(self.before.items())),
            *(
                self._counts(day, sums, after or signal, signal, after=True)
                for day, sums in sorted(self.after.items())
            ),
        ]

    def _counts(self, day: date, sums: Iterable[DaySum], own: Signal, other: Signal, *, after: bool) -> DayCounts:
        events, total = counted(own, sums)
        others, others_total = counted(other, self.others.get(day, ()))
        return DayCounts(after=after, events=events, total=total, others=others, others_total=others_total)


@dataclass(frozen=True, kw_only=True, slots=True)
class Arms:
    """All cohorts that have the release, by name. released: sums with the release, of whoever, from the moment on at
    which nobody else can have made them. outside: sessions with a copy of users in no cohort that has the release.
    """

    cohorts: tuple[CohortArm, ...]
    released: tuple[DaySum, ...]
    outside: int = 0

    def until(self, end: date) -> "Arms":
        """The same without days from `end` on."""
        return replace(
            self,
            cohorts=tuple(each.until(end) for each in self.cohorts),
            released=tuple(each for each in self.released if each.day < end),
        )

    def days(self) -> frozenset[date]:
        """The full days on which anybody had a session with the release."""
        return frozenset(
            day for arm in self.cohorts for day, sums in arm.after.items() if any(each.sessions for each in sums)
        )

    def sessions(self) -> int:
        """The cohorts' sessions with the release on full days."""
        return sum(each.sessions for arm in self.cohorts for each in arm.sums_after())


def arms_of(
    sums: Iterable[DaySum], *, agents: Mapping[str, str], starts: Mapping[str, datetime], window: timedelta
) -> Arms:
    """Divide sums among the cohorts that have the release and everybody else, in whatever order they come.

    agents, starts: as in a canary's question. window: of the baseline.
    """
    released, live = frozenset(agents.values()), frozenset(agents)
    sums = sorted(sums, key=lambda each: (each.day, each.cohort, each.agent, each.version))
    others = _by_day(each for each in sums if each.cohort not in starts and each.agent in live)
    return Arms(
        cohorts=tuple(
            _arm(name, starts[name], [each for each in sums if each.cohort == name], others, released, live, window)
            for name in sorted(starts)
        ),
        released=tuple(_released(sums, released, live, starts)),
        outside=sum(each.sessions for each in sums if each.cohort not in starts and each.agent in released - live),
    )


def complete_until(watermarks: Mapping[Lane, datetime], lanes: Iterable[Lane], now: datetime) -> date | None:
    """The first day that is not complete in all of these lanes; None if one of them has no watermark."""
    marks = [watermarks.get(lane) for lane in lanes]
    known = [mark for mark in marks if mark is not None]
    return utc_day(min([*known, now])) if known and len(known) == len(marks) else None


def utc_day(moment: datetime) -> date:
    """The UTC day of a moment."""
    return moment.astimezone(UTC).date()


def _arm(
    name: str,
    start: datetime,
    own: list[DaySum],
    others: Days,
    released: frozenset[str],
    live: frozenset[str],
    window: timedelta,
) -> CohortArm:
    switch = utc_day(start)
    first = switch - window
    earlier = [each for each in own if first <= each.day < switch]
    return CohortArm(
        name=name,
        switch=switch,
        first=first,
        before=_by_day(each for each in earlier if each.agent in live),
        after=_by_day(each for each in own if each.day > switch and each.agent in released),
        others=others,
        with_live_agent=sum(each.sessions for each in own if each.day >= switch and each.agent in live - released),
        earlier_pilots=_by_day(each for each in earlier if each.agent in released - live),
    )


def _released(
    sums: Iterable[DaySum], released: frozenset[str], live: frozenset[str], starts: Mapping[str, datetime]
) -> Iterator[DaySum]:
    """Sums with the release: of a copy, whoever used it; else of the cohorts that have it.

    They count from the day of the start on, or from the next one if the agent had sessions before it.
    """
    switches = {cohort: utc_day(start) for cohort, start in starts.items()}
    first = min(switches.values(), default=date.max)
    sums = list(sums)
    used_before = {each.agent for each in sums if each.day < first and each.sessions}
    for each in sums:
        start = switches.get(each.cohort, date.max) if each.agent in live else first
        if each.agent in released and each.day >= start and (each.day > start or each.agent not in used_before):
            yield each


def _by_day(sums: Iterable[DaySum]) -> dict[date, tuple[DaySum, ...]]:
    days: defaultdict[date, list[DaySum]] = defaultdict(list)
    for each in sums:
        days[each.day].append(each)
    return {day: tuple(found) for day, found in days.items()}
