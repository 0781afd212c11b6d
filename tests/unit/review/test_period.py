"""When a review is due, and what it is about."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from wavegate.github.reviews.marker import ReviewMarker
from wavegate.review.period import NotDue, ReviewPeriod, period_again, period_due

LIVE = datetime(2026, 3, 2, 14, 3, 59, tzinfo=UTC)
WEEK = timedelta(days=7)


def day(number: int, hour: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, number, hour, tzinfo=UTC)


def marker(since: int, until: datetime | None, *, early: bool = False) -> ReviewMarker:
    return ReviewMarker(manifest="0" * 8, environment="production-1", since=day(since), until=until, early=early)


def period(since: int, until: datetime, due: datetime, *, early: bool = False) -> ReviewPeriod:
    return ReviewPeriod(since=day(since), until=until, due=due, early=early)


RUNNING = marker(9, day(11, 5), early=True)


@pytest.mark.parametrize(
    ("last", "now", "early", "expected"),
    [
        # the first one counts from the day on which the first release went live
        (None, day(2, 15), False, NotDue(next=day(9))),
        (None, day(8, 23), False, NotDue(next=day(9))),
        (None, day(9), False, period(2, day(9), day(16))),
        (None, day(15, 23), False, period(2, day(9), day(16))),
        # two weeks without a run are one review
        (None, day(16), False, period(2, day(16), day(23))),
        (marker(2, day(9)), day(15, 23), False, NotDue(next=day(16))),
        (marker(2, day(9)), day(31), False, period(9, day(30), day(6, month=4))),
        # a running period, and the whole one after it
        (marker(2, day(9)), day(11, 5), True, period(9, day(11, 5), day(23), early=True)),
        (RUNNING, day(12), False, NotDue(next=day(16))),
        (RUNNING, day(13), True, period(9, day(13), day(23), early=True)),
        (RUNNING, day(16), False, period(9, day(16), day(23))),
        (RUNNING, day(16), True, period(9, day(16), day(23))),
        # somebody has removed the end: it was a period of the usual length
        (marker(2, None), day(10), False, NotDue(next=day(16))),
        # a clock that is behind
        (None, day(1), True, NotDue(next=day(9))),
        (marker(2, day(9)), day(5), False, NotDue(next=day(16))),
    ],
)
def test_the_period_that_is_due(
    last: ReviewMarker | None, now: datetime, early: bool, expected: ReviewPeriod | NotDue
) -> None:
    assert period_due(LIVE, last, WEEK, now, early=early) == expected


def test_a_change_of_the_clocks_moves_no_period() -> None:
    # in Berlin, the night of 29 March has an hour less
    local = datetime(2026, 3, 30, 2, 0, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
    found = period_due(LIVE, marker(23, day(29)), timedelta(days=1), local, early=False)
    assert found == period(29, day(30), day(31))


def test_periods_of_other_lengths_have_neither_gap_nor_overlap() -> None:
    last, now, end = None, LIVE, day(2)
    for hours in (25, 1, 80, 36, 35, 300):
        now += timedelta(hours=hours)
        found = period_due(LIVE, last, timedelta(hours=36), now, early=False)
        if isinstance(found, ReviewPeriod):
            assert found.since == end
            end, last = found.until, marker(2, found.until)
            assert now - end < timedelta(hours=36)
    assert end == day(2) + 13 * timedelta(hours=36)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (marker(2, day(9)), period(2, day(9), day(16))),
        (RUNNING, period(9, day(11, 5), day(23), early=True)),
        (marker(2, None), period(2, day(9), day(16))),
    ],
)
def test_the_last_review_again_is_about_the_same_period(last: ReviewMarker, expected: ReviewPeriod) -> None:
    assert period_again(last, WEEK) == expected
    assert period_again(last, WEEK).before == expected.since - (expected.until - expected.since)
