"""The signals of an environment day by day: those who have the release, and everybody else."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from wavegate.report.markup import Node, element, table
from wavegate.report.values import Signals
from wavegate.statistics.latency import bucket_latency
from wavegate.telemetry.values import OTHERS, UNKNOWN_LATENCY, DaySum
from wavegate.text import percent

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 420, 180, 46, 22

Number = Callable[[Sequence[DaySum]], float | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Signal:
    title: str
    of: Number
    shown: Callable[[float], str]


def _rate(field: str) -> Number:
    def of(sums: Sequence[DaySum]) -> float | None:
        sessions = sum(each.sessions for each in sums)
        return sum(getattr(each, field) for each in sums) / sessions if sessions else None

    return of


def _sessions(sums: Sequence[DaySum]) -> float | None:
    return float(sum(each.sessions for each in sums))


def slow_end(sums: Sequence[DaySum]) -> float | None:
    """The 95th percentile of the latency in seconds; None without one."""
    histogram: dict[int, int] = {}
    for each in sums:
        for bucket, number in each.latency.items():
            if bucket != UNKNOWN_LATENCY:
                histogram[bucket] = histogram.get(bucket, 0) + number
    rest = 0.05 * sum(histogram.values())
    for bucket in sorted(histogram, reverse=True):
        rest -= histogram[bucket]
        if rest < 0:
            return bucket_latency(bucket) / 1000
    return None


_SIGNALS = (
    _Signal(title="Task success", of=_rate("good"), shown=percent),
    _Signal(title="Escalations", of=_rate("escalated"), shown=percent),
    _Signal(title="Slowest twentieth from", of=slow_end, shown=lambda value: f"{value:.3g} s"),
    _Signal(title="Sessions a day", of=_sessions, shown=lambda value: f"{value:,.0f}"),
)


def signals_section(signals: Signals) -> list[Node]:
    """The charts of one environment, and all numbers as a folded table."""
    by_day = _by_day(signals.days)
    charts = [chart for each in _SIGNALS if (chart := _chart(each, by_day))]
    rows = [
        [
            day.isoformat(),
            cohort,
            *("" if (value := each.of(sums)) is None else each.shown(value) for each in _SIGNALS),
            _violations(sums),
        ]
        for day, groups in sorted(by_day.items(), reverse=True)
        for cohort, sums in groups.items()
    ]
    head = ["Day", "Who", *(each.title for each in _SIGNALS), "Violations"]
    numbers = element("details", element("summary", "All numbers"), table(head, rows, caption="Signals by day"))
    legend = element("p", "Solid: the cohorts of the pilot. Dashed: everybody else.", class_="soft")
    return [legend, element("div", charts, class_="cards"), numbers] if charts else [numbers]


def _by_day(days: Sequence[DaySum]) -> dict[date, dict[str, list[DaySum]]]:
    found: dict[date, dict[str, list[DaySum]]] = {}
    for each in days:
        who = "everybody else" if each.cohort == OTHERS else "pilot"
        found.setdefault(each.day, {}).setdefault(who, []).append(each)
    return found


def _violations(sums: Sequence[DaySum]) -> str:
    totals: dict[str, int] = {}
    for each in sums:
        for severity, violation in each.violations.items():
            totals[severity] = totals.get(severity, 0) + violation.confirmed + violation.unconfirmed
    return ", ".join(f"{number} {severity}" for severity, number in totals.items() if number) or "none"


def _chart(signal: _Signal, by_day: Mapping[date, Mapping[str, Sequence[DaySum]]]) -> Node | None:
    lines: dict[str, list[tuple[date, float]]] = {"pilot": [], "everybody else": []}
    for day, groups in sorted(by_day.items()):
        for who, sums in groups.items():
            if (value := signal.of(sums)) is not None:
                lines[who].append((day, value))
    points = [point for line in lines.values() for point in line]
    if not points:
        return None
    first, last = min(day for day, _ in points), max(day for day, _ in points)
    top = max(value for _, value in points) * 1.05 or 1.0
    drawing = element(
        "svg",
        element("title", f"{signal.title}, {first} to {last}"),
        element("desc", "One line for the pilot, a dashed one for everybody else. The table has the numbers."),
        list(_frame(signal, first, last, top)),
        [_line(line, first, last, top, who) for who, line in lines.items() if line],
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
    )
    return element("figure", element("h3", signal.title), drawing, class_="card")


def _frame(signal: _Signal, first: date, last: date, top: float) -> Iterator[Node]:
    for share in (0.0, 0.5, 1.0):
        y = _y(top * share, top)
        yield element("line", x1=_LEFT, x2=_WIDTH, y1=y, y2=y, class_="axis")
        yield element("text", signal.shown(top * share), x=_LEFT - 4, y=y + 4, text_anchor="end", class_="soft")
    yield element("text", first.isoformat(), x=_LEFT, y=_HEIGHT - 4, class_="soft")
    yield element("text", last.isoformat(), x=_WIDTH, y=_HEIGHT - 4, text_anchor="end", class_="soft")


def _y(value: float, top: float) -> float:
    return 10 + (_HEIGHT - _BOTTOM - 14) * (1 - value / top)


def _line(points: Sequence[tuple[date, float]], first: date, last: date, top: float, who: str) -> Node:
    days = max((last - first).days, 1)
    placed = [(_LEFT + 4 + (_WIDTH - _LEFT - 8) * (day - first).days / days, _y(value, top)) for day, value in points]
    kind = "pilot" if who == "pilot" else "other"
    if len(placed) == 1:
        return element("circle", element("title", who), cx=placed[0][0], cy=placed[0][1], r=4, class_=f"fill-{kind}")
    text = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
    return element("polyline", element("title", who), points=text, class_=f"line-{kind}")
