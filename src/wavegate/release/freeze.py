"""Freeze windows of a manifest: the times at which nothing is promoted.

A window is written in the local time of its zone. When the clocks change, it is never shorter than written: it starts
at the first moment at which the clock there reads its start or later, and ends at the last at which it reads its end
or earlier. A time that occurs twice starts a window at its first and ends one at its second occurrence; a time that
is skipped means the moment of the change.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

_WEEK = timedelta(days=7)
_HORIZON = timedelta(days=366)
"""How far windows that follow one another are added up: weekly ones can leave no gap at all."""
_OF_THE_MACHINE = frozenset({"localtime", "posixrules", "Factory"})
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, kw_only=True, slots=True)
class DatedWindow:
    """A window from one local date-time to another, without a zone of their own. end: the first one outside of it."""

    start: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class WeeklyWindow:
    """A window of every week. start, end: time since Monday 00:00; an end before the start is in the next week."""

    start: timedelta
    end: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Freeze:
    """A freeze of the manifest. time_zone: IANA name. environments: none means all of them.

    passes: logins that may promote regardless, with a reason; none means everyone who may override a rule.
    """

    window: DatedWindow | WeeklyWindow
    time_zone: str
    reason: str
    environments: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()

    def includes(self, environment: str) -> bool:
        """Whether the freeze is about an environment; GitHub ignores case in their names."""
        return not self.environments or environment.casefold() in map(str.casefold, self.environments)

    def local(self, moment: datetime) -> str:
        """A moment as the clock of the freeze's zone shows it: `Tue 2027-01-05 00:00 Europe/Berlin`."""
        clock = moment.astimezone(ZoneInfo(self.time_zone))
        return f"{_WEEKDAYS[clock.weekday()]} {clock:%Y-%m-%d %H:%M} {self.time_zone}"


@dataclass(frozen=True, kw_only=True, slots=True)
class FreezeWindow:
    """One occurrence of a freeze. start, end: in UTC; end is the first moment outside of it."""

    freeze: Freeze
    start: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class FrozenUntil:
    """An environment's freeze at a moment.

    windows: all that cover the moment, the one that ends last first. end: in UTC, the first moment that no window
    covers, at most about a year ahead; windows that overlap or follow one another are one freeze.
    """

    windows: tuple[FreezeWindow, ...]
    end: datetime

    @property
    def local_end(self) -> str:
        """The end as the clock of the zone of the longest window shows it."""
        return self.windows[0].freeze.local(self.end)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is frozen, without duplicates."""
        return tuple(dict.fromkeys(each.freeze.reason for each in self.windows))

    def may_pass(self, login: str) -> bool:
        """Whether a person may override the freeze: every window must permit it. GitHub ignores case in logins."""
        return all(
            not each.freeze.passes or login.casefold() in map(str.casefold, each.freeze.passes)
            for each in self.windows
        )


def freeze_at(freezes: Iterable[Freeze], environment: str, moment: datetime) -> FrozenUntil | None:
    """The freeze of an environment at a moment; None if there is none. moment: timezone-aware."""
    freezes = [each for each in freezes if each.includes(environment)]
    moment = moment.astimezone(UTC)
    windows = sorted(_covering(freezes, moment), key=lambda each: each.end, reverse=True)
    if not windows:
        return None
    end = windows[0].end
    while end < moment + _HORIZON and (following := list(_covering(freezes, end))):
        end = max(each.end for each in following)
    return FrozenUntil(windows=tuple(windows), end=end)


def next_freeze(freezes: Iterable[Freeze], environment: str, moment: datetime) -> FreezeWindow | None:
    """The next window of an environment that starts after a moment; None if there is none."""
    moment = moment.astimezone(UTC)
    coming = [
        window
        for freeze in freezes
        if freeze.includes(environment)
        for window in _around(freeze, moment)
        if window.start > moment
    ]
    return min(coming, key=lambda each: each.start, default=None)


def is_empty(freeze: Freeze) -> bool:
    """Whether a window is empty: it ends before or when it starts. A weekly one would also be a whole week."""
    if isinstance(freeze.window, WeeklyWindow):
        return freeze.window.start == freeze.window.end
    return freeze.window.end <= freeze.window.start or not any(_dated(freeze, freeze.window))


@cache
def known_time_zones() -> frozenset[str]:
    """IANA names of all time zones. Names whose meaning depends on the machine are left out."""
    return frozenset(available_timezones() - _OF_THE_MACHINE)


def parse_window(start: str, end: str) -> DatedWindow:
    """A window from the texts of a manifest, which its schema has accepted. An end without a time is inclusive."""
    last = datetime.fromisoformat(end)
    return DatedWindow(
        start=datetime.fromisoformat(start), end=last + timedelta(days=1) if len(end) == len("2027-01-04") else last
    )


def parse_weekly(start: str, end: str) -> WeeklyWindow:
    """A weekly window from texts such as `Fri 16:00`, which the schema of the manifest has accepted."""
    return WeeklyWindow(start=_since_monday(start), end=_since_monday(end))


def _since_monday(text: str) -> timedelta:
    day, _, time = text.partition(" ")
    hours, _, minutes = time.partition(":")
    return timedelta(days=_WEEKDAYS.index(day), hours=int(hours), minutes=int(minutes))


def _covering(freezes: Iterable[Freeze], moment: datetime) -> Iterator[FreezeWindow]:
    for freeze in freezes:
        yield from (each for each in _around(freeze, moment) if each.start <= moment < each.end)


def _around(freeze: Freeze, moment: datetime) -> Iterator[FreezeWindow]:
    """The occurrences of a freeze around a moment: the one before, those that cover it, and the next."""
    if isinstance(freeze.window, DatedWindow):
        yield from _dated(freeze, freeze.window)
        return
    today = moment.astimezone(ZoneInfo(freeze.time_zone)).date()
    monday = datetime.combine(today - timedelta(days=today.weekday()), datetime.min.time())
    length = (freeze.window.end - freeze.window.start) % _WEEK
    for weeks in range(-1, 3):
        start = monday + weeks * _WEEK + freeze.window.start
        yield from _dated(freeze, DatedWindow(start=start, end=start + length))


def _dated(freeze: Freeze, window: DatedWindow) -> Iterator[FreezeWindow]:
    """The window in UTC; nothing if the clocks skip all of it."""
    zone = ZoneInfo(freeze.time_zone)
    start, end = _moments(window.start, zone).first, _moments(window.end, zone).last
    if start < end:
        yield FreezeWindow(freeze=freeze, start=start, end=end)


class _Moments(NamedTuple):
    """When a local clock first reads a time or later, and last reads it or earlier; in UTC."""

    first: datetime
    last: datetime


def _moments(local: datetime, zone: ZoneInfo) -> _Moments:
    earlier, later = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if earlier <= later:
        return _Moments(earlier, later)
    # skipped: by the offset before the change (fold 0) it is after the change, by the one after it is before
    offset = earlier.astimezone(zone).utcoffset()
    seconds = bisect_left(
        range(int((earlier - later).total_seconds())),
        1,
        key=lambda each: (later + timedelta(seconds=each)).astimezone(zone).utcoffset() == offset,
    )
    change = later + timedelta(seconds=seconds)
    return _Moments(change, change)
