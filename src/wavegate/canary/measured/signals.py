"""What is counted of daily sums: events of a total, for each signal that a canary can be judged by."""

from collections import Counter
from collections.abc import Callable, Iterable

from wavegate.statistics.canary.usual_metrics import ESCALATION, SUCCESS
from wavegate.telemetry.values import UNKNOWN_LATENCY, DaySum

P95 = 0.95

Signal = Callable[[DaySum], tuple[int, int]]
"""Events and total of one sum."""


def signal_of(name: str) -> Signal:
    """The signal of a rate, by its name in the manifest: of sessions, or of a business metric's own units."""
    if name == SUCCESS:
        return lambda each: (each.good, each.sessions)
    if name == ESCALATION:
        return lambda each: (each.escalated, each.sessions)

    def business(each: DaySum) -> tuple[int, int]:
        counted = each.business.get(name)
        return (counted.good, counted.n) if counted else (0, 0)

    return business


def slower_than(bucket: int) -> Signal:
    """The sessions beyond a latency bucket, of those whose latency is known."""

    def slow(each: DaySum) -> tuple[int, int]:
        known = [(at, count) for at, count in each.latency.items() if at != UNKNOWN_LATENCY]
        return sum(count for at, count in known if at > bucket), sum(count for _, count in known)

    return slow


def latencies(sums: Iterable[DaySum]) -> dict[int, int]:
    """The histogram of the known latencies."""
    histogram: Counter[int] = Counter()
    for each in sums:
        histogram.update(each.latency)
    del histogram[UNKNOWN_LATENCY]
    return dict(histogram)


def counted(signal: Signal, sums: Iterable[DaySum]) -> tuple[int, int]:
    """Events and total of several sums."""
    events = total = 0
    for each in sums:
        more, of = signal(each)
        events, total = events + more, total + of
    return events, total
