"""When a review is due, and which period it is about. Periods follow one another without a gap and in UTC.

The first one starts on the day on which the first release went live. In UTC a day always has 24 hours, so that no
change of the clocks moves a period. Days on which the workflow did not run make a period longer, never lost.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from wavegate.github.reviews.marker import ReviewMarker


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewPeriod:
    """since, until: in UTC; until is exclusive. early: whether it is not over yet. due: of what follows from it."""

    since: datetime
    until: datetime
    due: datetime
    early: bool = False

    @property
    def before(self) -> datetime:
        """The start of the period of the same length before it."""
        return self.since - (self.until - self.since)


@dataclass(frozen=True, kw_only=True, slots=True)
class NotDue:
    """There is nothing to review yet. next: when there is."""

    next: datetime


def period_due(
    first_live: datetime, last: ReviewMarker | None, cadence: timedelta, now: datetime, *, early: bool
) -> ReviewPeriod | NotDue:
    """The period to review now. last: the newest review. early: review the running period, although it is not over.

    Of several periods that are over, one review covers all. A review that was early is replaced by that of the whole
    period once this is over.
    """
    start = _start(first_live, last, cadence)
    over = max(0, (now - start) // cadence)
    if over:
        until = start + over * cadence
        return ReviewPeriod(since=start, until=until, due=until + cadence)
    minute = now.replace(second=0, microsecond=0)
    if early and minute > start:
        return ReviewPeriod(since=start, until=minute, due=start + 2 * cadence, early=True)
    return NotDue(next=start + cadence)


def period_again(last: ReviewMarker, cadence: timedelta) -> ReviewPeriod:
    """The period of the last review, as it was."""
    until = last.until or last.since + cadence
    due = last.since + 2 * cadence if last.early else until + cadence
    return ReviewPeriod(since=last.since, until=until, due=due, early=last.early)


def _start(first_live: datetime, last: ReviewMarker | None, cadence: timedelta) -> datetime:
    if last is None:
        return datetime.combine(first_live.date(), time(), tzinfo=first_live.tzinfo)
    if last.early:
        return last.since
    return last.until or last.since + cadence
