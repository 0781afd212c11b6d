"""The daily rates of a pilot and of everybody else, as a mermaid chart that GitHub draws."""

from collections.abc import Iterator
from math import ceil, floor

from wavegate.canary.decision import DayRow, MetricRow
from wavegate.canary.why.words import metric_title

_MAX_DAYS = 31
_LEAST_DAYS = 3


def daily_chart(row: MetricRow) -> list[str]:
    """Lines of a fenced `xychart-beta`, with a caption; [] for fewer than three days to draw.

    It has no text but the metric's name, of which only letters and digits remain, and numbers.
    """
    days = [day for day in row.daily if day.pilot_total and (day.others_total or not row.adjusted)][-_MAX_DAYS:]
    if len(days) < _LEAST_DAYS:
        return []
    return [*_chart(row, days), "", _caption(row, days), ""]


def _chart(row: MetricRow, days: list[DayRow]) -> Iterator[str]:
    pilot = [100 * day.pilot / day.pilot_total for day in days]
    others = [100 * day.others / day.others_total for day in days] if row.adjusted else []
    low, high = floor(min([*pilot, *others])), ceil(max([*pilot, *others]))
    name = "".join(each for each in metric_title(row.name) if each.isascii() and (each.isalnum() or each == " "))
    labels = ", ".join(f'"{day.day:%m-%d}"' for day in days)
    yield from ("```mermaid", "xychart-beta", f'  title "{name} by day"', f"  x-axis [{labels}]")
    yield f'  y-axis "percent" {max(0, low - 2)} --> {min(100, high + 2)}'
    if others:
        yield f"  bar [{_numbers(others)}]"
    yield from (f"  line [{_numbers(pilot)}]", "```")


def _caption(row: MetricRow, days: list[DayRow]) -> str:
    what = "Share of sessions slower than the limit. " if row.margin_ratio is not None else ""
    who = "Line: the pilot. Bars: everybody else." if row.adjusted else "Line: the pilot."
    first = next((day.day for day in days if day.after), None)
    return f"{what}{who} The pilot has the release from {first} on." if first else f"{what}{who}"


def _numbers(values: list[float]) -> str:
    return ", ".join(f"{value:.1f}" for value in values)
