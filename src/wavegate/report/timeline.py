"""The releases of each environment on one axis of time, as a drawing with a table beside it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wavegate.ledger.moment import moment_text
from wavegate.ledger.trail.values import EntryKind, HistoryReport, TrailEntry
from wavegate.report.markup import Node, element
from wavegate.text import clip

_WIDTH, _LEFT, _LANE, _TOP = 900, 130, 46, 24
_WENT_LIVE = {"live", "superseded", "rolled back"}
_MARKS = {
    EntryKind.STOP: ("fill-bad", "stop"),
    EntryKind.RESTART: ("fill-good", "restart"),
    EntryKind.ROLLBACK: ("fill-doubt", "rollback"),
    EntryKind.LOCK: ("fill-doubt", "lock"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class LivePeriod:
    """How long a release was the newest one of an environment. end: None if it still is."""

    entry: TrailEntry
    start: datetime
    end: datetime | None


def live_periods(entries: Sequence[TrailEntry], environment: str) -> list[LivePeriod]:
    """The periods of an environment, oldest first. entries: of any environment, newest first."""
    live = [
        each
        for each in entries
        if each.environment.casefold() == environment.casefold()
        and each.kind in (EntryKind.PROMOTION, EntryKind.ADOPTION)
        and each.outcome in _WENT_LIVE
    ]
    ordered = sorted(live, key=_went_live)
    ends = [_went_live(each) for each in ordered[1:]]
    return [
        LivePeriod(entry=each, start=_went_live(each), end=end)
        for each, end in zip(ordered, [*ends, None], strict=False)
    ]


def _went_live(entry: TrailEntry) -> datetime:
    return entry.ended or entry.time


class _Axis:
    """From moments to horizontal positions."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.start = start
        self.seconds = max((end - start).total_seconds(), 1.0)

    def at(self, moment: datetime) -> float:
        share = (moment - self.start).total_seconds() / self.seconds
        return _LEFT + (_WIDTH - _LEFT - 10) * min(max(share, 0.0), 1.0)

    def ticks(self) -> Iterator[datetime]:
        return (self.start + timedelta(seconds=self.seconds * part / 4) for part in range(5))


def timeline(history: HistoryReport) -> Node | None:
    """The drawing; None if nothing ever went live."""
    lanes = [(name, live_periods(history.entries, name)) for name in history.environments]
    starts = [each.start for _, periods in lanes for each in periods]
    if not starts:
        return None
    axis = _Axis(min(starts), history.until)
    height = _TOP + _LANE * len(lanes) + 24
    drawing = element(
        "svg",
        element("title", "Releases over time"),
        element(
            "desc", "Which release was live in each environment, with stops and rollbacks. The table has all of it."
        ),
        [node for number, lane in enumerate(lanes) for node in _lane(number, *lane, axis, history)],
        list(_ticks(axis, height)),
        viewBox=f"0 0 {_WIDTH} {height}",
        role="img",
    )
    caption = element(
        "figcaption",
        "Bars: what was live. Marks: stops (red), rollbacks and locks (amber), restarts (green).",
    )
    return element("figure", drawing, caption)


def _lane(
    number: int, name: str, periods: Sequence[LivePeriod], axis: _Axis, history: HistoryReport
) -> Iterator[Node]:
    top = _TOP + number * _LANE
    yield element("text", clip(name, 18), x=0, y=top + 18)
    for index, each in enumerate(periods):
        left, right = axis.at(each.start), axis.at(each.end or history.until)
        yield element(
            "rect", _tooltip(each), x=left, y=top, width=max(right - left, 2.0), height=26, rx=3, **_bar(each, index)
        )
        if right - left > 70:
            label = clip(each.entry.release or "unknown", int((right - left) // 8))
            yield element("text", label, x=left + 4, y=top + 40, class_="soft")
    for entry in history.entries:
        mark = _MARKS.get(entry.kind)
        if mark and entry.environment.casefold() == name.casefold():
            at, (fill, word) = axis.at(entry.time), mark
            title = element("title", f"{word}, {moment_text(entry.time)}: {clip(entry.reason, 120)}")
            yield element("circle", title, cx=at, cy=top + 13, r=5, class_=fill)


def _bar(period: LivePeriod, index: int) -> dict[str, str | float]:
    is_bad = period.entry.outcome == "rolled back"
    return {
        "class_": "fill-bad" if is_bad else "fill-pilot" if period.end is None else "fill-other",
        "opacity": 0.35 + 0.15 * (index % 2),
    }


def _tooltip(period: LivePeriod) -> Node:
    end = moment_text(period.end) if period.end else "now"
    return element("title", f"{period.entry.release or 'unknown'}: {moment_text(period.start)} to {end}")


def _ticks(axis: _Axis, height: int) -> Iterator[Node]:
    for index, moment in enumerate(axis.ticks()):
        at = axis.at(moment)
        anchor = "start" if index == 0 else "end" if index == 4 else "middle"
        yield element("line", x1=at, x2=at, y1=10, y2=height - 18, class_="axis")
        yield element("text", f"{moment:%Y-%m-%d}", x=at, y=height - 4, text_anchor=anchor, class_="soft")
