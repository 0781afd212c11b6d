"""The signals of a period against the period before, with the difference that noise alone explains.

Days vary by more than chance, so a difference counts only if it is larger than what the days of both periods make
likely. Source of the quantile: Student's t by the incomplete beta function, t²/(f + t²) ~ Beta(1/2, f/2).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, sqrt

from wavegate.canary.measured.signals import P95, Signal, counted, latencies, signal_of, slower_than
from wavegate.report.values import Signals
from wavegate.review.period import ReviewPeriod
from wavegate.review.values import ReviewSection
from wavegate.statistics.canary.days import DayCounts, change
from wavegate.statistics.canary.usual_metrics import ESCALATION, LATENCY, SUCCESS, VIOLATIONS
from wavegate.statistics.canary.volume import DayVolume, volume_change
from wavegate.statistics.latency import bucket_latency, quantile_bucket
from wavegate.statistics.rates import beta_quantile
from wavegate.telemetry.kept.values import KeptSums
from wavegate.telemetry.values import DaySum, ViolationSum
from wavegate.text import code, markdown, percent, pluralize

LEAST_DAYS = 3
"""Days of each period that say something about how much days vary."""
_CONFIDENCE = 0.95
_SEVERITIES = ("critical", "high", "medium", "low")
_NO_SUMS = "No daily sums were given, so nothing is known about what people experienced."
_MAX_METRICS = 30

Days = Mapping[date, Sequence[DaySum]]


@dataclass(frozen=True, kw_only=True, slots=True)
class _TwoPeriods:
    """The days of the period, and those before it, as far as the sums cover them."""

    now: Days
    before: Days

    @property
    def enough(self) -> bool:
        """Whether there are days enough to know how much they vary."""
        return min(len(self.now), len(self.before)) >= LEAST_DAYS

    def sums(self, *, now: bool) -> list[DaySum]:
        """The sums of one period."""
        return [each for day in (self.now if now else self.before).values() for each in day]

    def counts(self, signal: Signal) -> list[DayCounts]:
        """Events and total of every day."""
        return [
            DayCounts(after=after, events=events, total=total)
            for after, days in ((False, self.before), (True, self.now))
            for sums in days.values()
            for events, total in (counted(signal, sums),)
        ]


def newest_sums(files: Sequence[Signals]) -> tuple[Signals, ...]:
    """Of several files about the same, the one that reaches furthest. In order of their paths."""
    found: dict[tuple[str, tuple[str, ...]], Signals] = {}
    for each in files:
        known = found.setdefault((each.kept.mapping, each.kept.agents), each)
        if (each.kept.closed, known.kept.since) > (known.kept.closed, each.kept.since):
            found[each.kept.mapping, each.kept.agents] = each
    return tuple(sorted(found.values(), key=lambda each: each.path))


def signal_sections(
    files: Sequence[Signals], problems: Sequence[str], period: ReviewPeriod
) -> Iterator[ReviewSection]:
    """The sections about signals and business metrics. problems: why files cannot be used."""
    if not files:
        yield ReviewSection(title="Signals", missing=(*problems, _NO_SUMS))
        yield ReviewSection(title="Business metrics", missing=(_NO_SUMS,))
    for each in files:
        named = f" of {code(each.path, 200)}" if len(files) > 1 else ""
        two, missing = _periods(each.kept, period)
        lines = tuple(_signals(each.kept, two)) if two.now else ()
        yield ReviewSection(title=f"Signals{named}", lines=lines, missing=(*problems, *missing))
        names = sorted({name for day in two.sums(now=True) for name in day.business})[:_MAX_METRICS]
        metrics = tuple(_rate(markdown(name, 100), signal_of(name), two, unit="") for name in names)
        unknown = () if names else ("The daily sums have no business metric for this period.",)
        yield ReviewSection(title=f"Business metrics{named}", lines=metrics, missing=unknown)
        problems = ()


def _periods(kept: KeptSums, period: ReviewPeriod) -> tuple[_TwoPeriods, tuple[str, ...]]:
    first = period.since.date()
    length = (period.until.date() - first).days
    now = _days(kept, first, first + timedelta(days=length))
    before = _days(kept, first - timedelta(days=length), first)
    missing = [
        f"The daily sums cover {len(found)} of {pluralize(length, 'day')} {which}."
        for found, which in ((now, "of the period"), (before, "of the period before"))
        if len(found) < length
    ]
    none = ["The period has no whole day, and sums are by day."]
    return _TwoPeriods(now=now, before=before), tuple(missing if length else none)


def _days(kept: KeptSums, first: date, end: date) -> Days:
    """The covered days from the first one up to the end, exclusive, those without a session included."""
    start = max(first, kept.since)
    found: dict[date, list[DaySum]] = {
        start + timedelta(days=each): [] for each in range((min(end, kept.closed) - start).days)
    }
    for each in kept.days:
        if each.day in found:
            found[each.day].append(each)
    return found


def _signals(kept: KeptSums, two: _TwoPeriods) -> Iterator[str]:
    yield _volume(two)
    for name, title in ((SUCCESS, "Task success"), (ESCALATION, "Escalations")):
        yield _rate(title, signal_of(name), two) if name in kept.has else _not_supplied(title)
    yield _latency(two) if LATENCY in kept.has else _not_supplied("Latency")
    if VIOLATIONS in kept.has:
        yield from (_rate(f"Violations, {each}", _violation(each), two) for each in _SEVERITIES)
    else:
        yield _not_supplied("Violations of policies")


def _not_supplied(title: str) -> str:
    return f"{title}: missing, the source does not supply it"


def _volume(two: _TwoPeriods) -> str:
    days = [
        DayVolume(after=after, sessions=sum(each.sessions for each in sums))
        for after, found in ((False, two.before), (True, two.now))
        for sums in found.values()
    ]
    now, before = ([each.sessions for each in days if each.after is after] for after in (True, False))
    shown = f"Sessions: {sum(now):,} in {pluralize(len(now), 'day')}, {sum(now) / len(now):,.0f} a day"
    if not before:
        return f"{shown}; nothing to compare with"
    shown += f"; before {sum(before) / len(before):,.0f} a day"
    found = volume_change(days)
    if found is None or not two.enough:
        return f"{shown}; with so few days or sessions, a change and noise look the same"
    ratio, variance = found
    noise = _quantile(len(days) - 2) * sqrt(variance)
    margin = abs(exp(noise if ratio > 0 else -noise) - 1)
    return f"{shown} ({_signed(exp(ratio) - 1)}): {_judged(abs(ratio), noise)} {percent(margin)}"


def _rate(title: str, signal: Signal, two: _TwoPeriods, *, unit: str = " sessions") -> str:
    events, total = counted(signal, two.sums(now=True))
    shown = f"{title}: {_share(events, total)}{unit if total else ''}"
    return f"{shown}{_compared(signal, two)}" if total else shown


def _compared(signal: Signal, two: _TwoPeriods) -> str:
    """The period before, and whether the difference is more than noise."""
    events, total = counted(signal, two.sums(now=False))
    if not total:
        return "; nothing to compare with"
    shown = f"; before {_share(events, total)}"
    counts = [each for each in two.counts(signal) if each.total]
    found = change(counts)
    is_few = min(sum(each.after is after for each in counts) for after in (False, True)) < LEAST_DAYS
    if found is None or is_few:
        return f"{shown}; with so few days, a change and noise look the same"
    margin = _quantile(found.freedom) * sqrt(found.variance)
    points = f"{100 * found.difference:+.1f} points"
    return f"{shown} ({points}): {_judged(abs(found.difference), margin)} {100 * margin:.1f} points"


def _judged(difference: float, margin: float) -> str:
    return "**more than noise explains**, which is" if difference > margin else "noise explains up to"


def _latency(two: _TwoPeriods) -> str:
    now, before = (quantile_bucket(latencies(two.sums(now=which)), P95) for which in (True, False))
    if now is None:
        return "Latency: missing, no session of the period has one"
    shown = f"Latency, 95 % of the sessions below {_seconds(now)}"
    if before is None:
        return f"{shown}; nothing to compare with"
    signal = slower_than(before)
    events, total = counted(signal, two.sums(now=True))
    slower = f"; before {_seconds(before)}, and {_share(events, total)} sessions were slower than that"
    return f"{shown}{slower}{_compared(signal, two)}"


def _violation(severity: str) -> Signal:
    """Sessions with a violation of one severity, confirmed or not."""

    def found(each: DaySum) -> tuple[int, int]:
        violations = each.violations.get(severity, ViolationSum())
        return violations.confirmed + violations.unconfirmed, each.sessions

    return found


def _quantile(freedom: int) -> float:
    """How many standard errors noise explains, at two sides."""
    share = beta_quantile(_CONFIDENCE, 0.5, freedom / 2)
    return sqrt(freedom * share / (1 - share))


def _share(part: int, whole: int) -> str:
    return f"{percent(part / whole)}, {part:,} of {whole:,}" if whole else "unknown, none counted"


def _signed(rate: float) -> str:
    return f"{'+' if rate >= 0 else '−'}{percent(abs(rate))}"


def _seconds(bucket: int) -> str:
    return f"{bucket_latency(bucket) / 1000:.3g} s"
