"""Freeze windows as a story's people write them, and what the calendar on the wall says about them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

_ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# no clock is changed in these hours
_FIRST_HOUR, _LAST_HOUR = 6, 22


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """A freeze of a manifest, by the clock of its zone.

    start, end: hours since Monday 00:00 of the first week, for a weekly one of any week. environments, passes: none
    means all.
    """

    zone: str
    monday: datetime
    is_weekly: bool
    start: int
    end: int
    environments: tuple[str, ...]
    passes: tuple[str, ...]

    def covers(self, environment: str, moment: datetime) -> bool:
        """Whether the environment is frozen by this window at a moment."""
        if self.environments and environment not in self.environments:
            return False
        passed = moment.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None) - self.monday
        hours = passed / timedelta(hours=1)
        if not self.is_weekly:
            return self.start <= hours < self.end
        hour = hours % (7 * 24)
        return self.start <= hour < self.end if self.start < self.end else not self.end <= hour < self.start

    @property
    def entry(self) -> str:
        """The window as an entry of the manifest, on one line."""
        if self.is_weekly:
            when = f'weekly: {{from: "{_of_week(self.start)}", to: "{_of_week(self.end)}"}}'
        else:
            start, end = (self.monday + timedelta(hours=each) for each in (self.start, self.end))
            when = f'from: "{start:%Y-%m-%dT%H:%M}", to: "{end:%Y-%m-%dT%H:%M}"'
        where = f", environments: [{', '.join(self.environments)}]" if self.environments else ""
        who = ", pass: [{}]".format(", ".join(f'"@{each}"' for each in self.passes)) if self.passes else ""
        return f'{{{when}, timeZone: {self.zone}, reason: "A sale"{where}{who}}}'


def random_window(random: Random, now: datetime, *, environments: tuple[str, ...], people: tuple[str, ...]) -> Window:
    """A window around a moment: it may be over, may hold now, or begin within the next days."""
    zone = random.choice(_ZONES)
    today = now.astimezone(ZoneInfo(zone)).date()
    monday = datetime.combine(today - timedelta(days=today.weekday()), datetime.min.time())
    first = today.weekday() + random.randrange(-1, 3)
    start = first * 24 + random.randrange(_FIRST_HOUR, _LAST_HOUR)
    end = (first + random.randrange(1, 4)) * 24 + random.randrange(_FIRST_HOUR, _LAST_HOUR)
    is_weekly = random.random() < 0.4
    return Window(
        zone=zone,
        monday=monday,
        is_weekly=is_weekly,
        start=start % (7 * 24) if is_weekly else start,
        end=end % (7 * 24) if is_weekly else end,
        environments=random.choice([(), (), *((each,) for each in environments)]),
        passes=random.choice([(), (), *((each,) for each in people)]),
    )


def _of_week(hours: int) -> str:
    return f"{_DAYS[hours // 24]} {hours % 24:02}:00"
