"""When an environment is frozen, also on the days on which the clocks change."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wavegate.release.freeze import Freeze, WeeklyWindow, freeze_at, next_freeze, parse_weekly, parse_window

MINUTE, DAY, WEEK = timedelta(minutes=1), timedelta(days=1), timedelta(days=7)
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # changes by half an hour
    "Africa/Cairo",  # skips and repeats midnight
    "Asia/Kathmandu",
)


def dated(start: str, end: str, zone: str = "Europe/Berlin", reason: str = "year end", **values: object) -> Freeze:
    return Freeze(window=parse_window(start, end), time_zone=zone, reason=reason, **values)  # type: ignore[arg-type]


def weekly(start: str, end: str, zone: str = "Europe/Berlin", reason: str = "weekend", **values: object) -> Freeze:
    return Freeze(window=parse_weekly(start, end), time_zone=zone, reason=reason, **values)  # type: ignore[arg-type]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def frozen(freeze: Freeze | Iterable[Freeze], moment: datetime, environment: str = "production") -> bool:
    return freeze_at([freeze] if isinstance(freeze, Freeze) else freeze, environment, moment) is not None


def edges(freeze: Freeze, around: str) -> tuple[str, str]:
    """Start and end in UTC of the window that covers a moment, each shown to be exact to the second."""
    found = freeze_at([freeze], "production", utc(around))
    assert found
    start, end = found.windows[0].start, found.end
    second = timedelta(seconds=1)
    assert [frozen(freeze, each) for each in (start - second, start, end - second, end)] == [False, True, True, False]
    return f"{start:%m-%d %H:%M}", f"{end:%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("freeze", "around", "start", "end"),
    [
        # the last day is included: it ends at the midnight after it
        (dated("2026-12-18", "2027-01-04"), "2026-12-25", "12-17 23:00", "01-04 23:00"),
        (dated("2026-12-18", "2026-12-18"), "2026-12-18 12:00", "12-17 23:00", "12-18 23:00"),
        (dated("2026-12-18 16:00", "2027-01-04"), "2026-12-25", "12-18 15:00", "01-04 23:00"),
        (dated("2026-12-18", "2027-01-04T06:00"), "2026-12-25", "12-17 23:00", "01-04 05:00"),
        (dated("2026-12-18", "2027-01-04", "America/New_York"), "2026-12-25", "12-18 05:00", "01-05 05:00"),
        # over the change of the clocks, the local times stay as they are written
        (dated("2027-03-27", "2027-03-28"), "2027-03-28", "03-26 23:00", "03-28 22:00"),
        (dated("2026-10-24", "2026-10-25"), "2026-10-25", "10-23 22:00", "10-25 23:00"),
        # skipped (02:00 becomes 03:00 at 01:00 UTC): the moment of the change
        (dated("2027-03-28 02:30", "2027-03-29"), "2027-03-28 12:00", "03-28 01:00", "03-29 22:00"),
        (dated("2027-03-27", "2027-03-28 02:30"), "2027-03-27 12:00", "03-26 23:00", "03-28 01:00"),
        # twice (03:00 becomes 02:00 at 01:00 UTC): the first start, the last end
        (dated("2026-10-25 02:30", "2026-10-26"), "2026-10-25 12:00", "10-25 00:30", "10-26 23:00"),
        (dated("2026-10-24", "2026-10-25 02:30"), "2026-10-24 12:00", "10-23 22:00", "10-25 01:30"),
        # a midnight that is skipped, and one that occurs twice
        (dated("2027-04-30", "2027-04-30", "Africa/Cairo"), "2027-04-30 12:00", "04-29 22:00", "04-30 21:00"),
        (dated("2027-10-28", "2027-10-28", "Africa/Cairo"), "2027-10-28 12:00", "10-27 21:00", "10-28 22:00"),
        # a day that a zone never had
        (dated("2011-12-30", "2011-12-31", "Pacific/Apia"), "2011-12-31", "12-30 10:00", "12-31 10:00"),
        (weekly("Fri 16:00", "Mon 06:00"), "2026-11-28", "11-27 15:00", "11-30 05:00"),
        (weekly("Fri 16:00", "Mon 06:00"), "2026-11-30 04:00", "11-27 15:00", "11-30 05:00"),
        (weekly("Mon 06:00", "Fri 16:00"), "2026-11-25", "11-23 05:00", "11-27 15:00"),
        (weekly("Mon 00:00", "Tue 00:00"), "2026-11-23 12:00", "11-22 23:00", "11-23 23:00"),
        (weekly("Sat 23:00", "Sat 22:00"), "2026-11-28", "11-21 22:00", "11-28 21:00"),
        (weekly("Fri 16:00", "Mon 06:00"), "2027-03-28", "03-26 15:00", "03-29 04:00"),
        (weekly("Sun 02:30", "Sun 12:00"), "2027-03-28 08:00", "03-28 01:00", "03-28 10:00"),
        (weekly("Sun 02:30", "Sun 12:00"), "2026-10-25 08:00", "10-25 00:30", "10-25 11:00"),
        (weekly("Sat 12:00", "Sun 02:30"), "2026-10-24 20:00", "10-24 10:00", "10-25 01:30"),
    ],
)
def test_a_window_starts_and_ends_by_the_clock_of_its_zone(freeze: Freeze, around: str, start: str, end: str) -> None:
    assert edges(freeze, around) == (start, end)


def test_a_window_that_the_clocks_skip_freezes_nothing_and_the_others_of_it_do() -> None:
    freeze = weekly("Sun 02:10", "Sun 02:50")
    assert not any(frozen(freeze, utc("2027-03-28") + minutes * MINUTE) for minutes in range(24 * 60))
    assert edges(freeze, "2027-04-04 00:30") == ("04-04 00:10", "04-04 00:50")


def test_only_the_environments_that_a_window_names() -> None:
    freeze = dated("2026-12-18", "2027-01-04", environments=("Production",))
    moment = utc("2026-12-24")
    assert [frozen(freeze, moment, name) for name in ("production", "PRODUCTION", "uat")] == [True, True, False]
    assert next_freeze([freeze], "uat", utc("2026-01-01")) is None


def test_windows_that_overlap_or_follow_one_another_are_one_freeze() -> None:
    freezes = [
        dated("2026-12-18", "2027-01-03", reason="year end"),  # a Sunday
        weekly("Fri 16:00", "Mon 06:00", reason="weekend"),
        dated("2027-01-04 06:00", "2027-01-04", reason="stocktaking"),
    ]
    found = freeze_at(freezes, "production", utc("2027-01-03 12:00"))
    assert found
    assert found.reasons == ("weekend", "year end")
    assert found.end == utc("2027-01-04 23:00")
    assert found.local_end == "Tue 2027-01-05 00:00 Europe/Berlin"


def test_windows_without_a_gap_end_about_a_year_ahead() -> None:
    freezes = [weekly("Mon 00:00", "Fri 00:00"), weekly("Fri 00:00", "Mon 00:00")]
    moment = utc("2026-11-27 12:00")
    found = freeze_at(freezes, "production", moment)
    assert found
    assert moment + 366 * DAY <= found.end < moment + 380 * DAY


def test_who_may_pass_must_be_permitted_by_every_window() -> None:
    week = weekly("Fri 16:00", "Mon 06:00", passes=("octocat", "hubot"))
    year = dated("2026-12-18", "2027-01-04", passes=("Hubot",))
    open_to_all = dated("2026-12-18", "2027-01-04")

    def passing(*freezes: Freeze) -> list[str]:
        found = freeze_at(freezes, "production", utc("2026-12-26"))
        assert found
        return [each for each in ("octocat", "hubot", "mallory", "") if found.may_pass(each)]

    assert passing(open_to_all) == ["octocat", "hubot", "mallory", ""]
    assert passing(week) == passing(week, open_to_all) == ["octocat", "hubot"]
    assert passing(week, year) == ["hubot"]


def test_the_next_window_is_the_first_to_start() -> None:
    freezes = [dated("2026-12-18", "2027-01-04"), weekly("Fri 16:00", "Mon 06:00")]
    in_the_week = next_freeze(freezes, "production", utc("2026-11-25"))
    assert in_the_week
    assert (in_the_week.freeze.reason, in_the_week.start) == ("weekend", utc("2026-11-27 15:00"))
    # what has started is not ahead
    started = next_freeze(freezes, "production", utc("2026-11-27 15:00"))
    assert started
    assert started.start == utc("2026-12-04 15:00")
    before_the_year_ends = next_freeze(freezes, "production", utc("2026-12-17"))
    assert before_the_year_ends
    assert before_the_year_ends.freeze.reason == "year end"
    assert next_freeze(freezes[:1], "production", utc("2027-01-01")) is None


def test_the_moment_may_be_of_any_zone() -> None:
    freeze = dated("2026-10-24", "2026-10-25 02:30")
    berlin = ZoneInfo("Europe/Berlin")
    second_half_past_two = datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=1)
    assert not frozen(freeze, second_half_past_two)
    assert frozen(freeze, datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=0))
    assert frozen(freeze, second_half_past_two - MINUTE)


# the days around which one of the zones changes its clocks, and quiet ones
DAYS = (
    "2026-10-25",
    "2026-11-01",
    "2027-03-14",
    "2027-03-28",
    "2027-04-04",
    "2027-04-30",
    "2027-10-29",
    "2027-01-13",
)
TIMES = st.one_of(
    st.integers(0, 5 * 60).map(lambda minutes: minutes * MINUTE),
    st.integers(0, 24 * 60 - 1).map(lambda minutes: minutes * MINUTE),
)


@cache
def clock(zone: str, day: str) -> list[tuple[datetime, datetime]]:
    """The minutes of the nine days around a day, and what the clock of a zone reads in each, without its offset."""
    start, place = utc(day) - 4 * DAY, ZoneInfo(zone)
    moments = (start + minute * MINUTE for minute in range(9 * 24 * 60))
    return [(moment, moment.astimezone(place).replace(tzinfo=None)) for moment in moments]


def compared(expected: Mapping[datetime, bool]) -> Iterator[datetime]:
    """The minutes of a watch to ask the freeze about: those before and after a change, and every thirtieth."""
    minutes = list(expected)
    for number, (moment, following) in enumerate(pairwise(minutes)):
        if expected[moment] != expected[following]:
            yield from (moment, following)
        elif number % 30 == 0:
            yield moment


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    day=st.sampled_from(DAYS),
    start=st.tuples(st.integers(-2, 1), TIMES),
    length=st.integers(1, 3 * 24 * 60),
)
def test_agrees_with_a_watcher_of_the_clock(zone: str, day: str, start: tuple[int, timedelta], length: int) -> None:
    """The watcher looks at the clock on the wall every minute: on, when it first reads the start or later."""
    begin = datetime.fromisoformat(day) + start[0] * DAY + start[1]
    end = begin + length * MINUTE
    freeze = dated(f"{begin:%Y-%m-%d %H:%M}", f"{end:%Y-%m-%d %H:%M}", zone)
    readings = clock(zone, day)
    on = next(moment for moment, reads in readings if reads >= begin)
    off = max(
        max(moment + MINUTE for moment, reads in readings if reads < end),
        max((moment for moment, reads in readings if reads == end), default=on),
    )
    expected = {moment: on <= moment < off for moment, _ in readings}
    for moment in compared(expected):
        assert frozen(freeze, moment) == expected[moment], moment


@settings(max_examples=40, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    day=st.sampled_from(DAYS),
    start=st.integers(0, 7 * 24 * 60 - 1),
    end=st.integers(0, 7 * 24 * 60 - 1),
)
def test_a_weekly_window_agrees_with_a_watcher_of_the_clock(zone: str, day: str, start: int, end: int) -> None:
    if start == end:
        return
    freeze = Freeze(window=WeeklyWindow(start=start * MINUTE, end=end * MINUTE), time_zone=zone, reason="weekly")
    place = ZoneInfo(zone)
    expected = {}
    for moment, reads in clock(zone, day):
        minute = reads.weekday() * 24 * 60 + reads.hour * 60 + reads.minute
        expected[moment] = start <= minute < end if start < end else minute >= start or minute < end
    for moment in compared(expected):
        offsets = {(moment + hours * timedelta(hours=1)).astimezone(place).utcoffset() for hours in (-3, 0, 3)}
        if len(offsets) > 1:
            continue  # near a change of the clocks, what one window does is the business of the test above
        assert frozen(freeze, moment) == expected[moment], moment


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    moment=st.integers(0, 2 * 366 * 24 * 60).map(lambda minutes: utc("2026-01-01") + minutes * MINUTE),
    windows=st.lists(st.tuples(st.integers(0, 7 * 24 * 60 - 1), st.integers(1, 6 * 24 * 60)), min_size=1, max_size=3),
)
def test_the_end_is_the_first_moment_at_which_nothing_is_frozen(
    zone: str, moment: datetime, windows: list[tuple[int, int]]
) -> None:
    freezes = [
        Freeze(
            window=WeeklyWindow(start=start * MINUTE, end=(start + length) * MINUTE % WEEK),
            time_zone=zone,
            reason=str(start),
        )
        for start, length in windows
    ]
    found = freeze_at(freezes, "production", moment)
    if found is None:
        coming = next_freeze(freezes, "production", moment)
        assert coming
        assert frozen(freezes, coming.start)
        step = (coming.start - moment) / 200
        assert not any(frozen(freezes, moment + number * step) for number in range(200))
    elif found.end < moment + 300 * DAY:
        assert not frozen(freezes, found.end)
        step = (found.end - moment) / 200
        assert all(frozen(freezes, moment + number * step) for number in range(200))
