"""Business metrics: the query of a window, and its rows joined to the daily sums."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from wavegate.errors import InputError
from wavegate.telemetry.mapping.query_rules import COLUMNS
from wavegate.telemetry.mapping.values import BusinessQuery, TelemetryMapping
from wavegate.telemetry.source import LookRequest
from wavegate.telemetry.values import BusinessSum, DaySum
from wavegate.text import join_names, one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class BusinessRow:
    """One row of a metric's result. agent: API name, '' if the query has no such column."""

    day: date
    cohort: str
    agent: str
    good: int
    n: int


def business_query(metric: BusinessQuery, request: LookRequest) -> str:
    """The query with its days: those to read, up to the day after `now`, exclusive."""
    until = (request.now + timedelta(days=1)).date()
    return metric.query.replace("{since}", request.first.isoformat()).replace("{until}", until.isoformat())


def business_rows(
    metric: BusinessQuery, columns: Sequence[str], rows: Iterable[Sequence[Any]], mapping: TelemetryMapping
) -> list[BusinessRow]:
    """The rows of a metric's result. InputError: a column is missing, or a value is not what it must be."""
    index = {name.lower(): position for position, name in enumerate(columns)}
    if absent := [each for each in COLUMNS if each not in index]:
        raise InputError(
            f"The result of the metric `{metric.name}` has no column {join_names(absent)}.",
            fix="Name the result columns with AS: `day`, `cohort`, `good` and `n`.",
            file=mapping.path or None,
        )
    return [_row(metric, {name: row[position] for name, position in index.items()}, mapping) for row in rows]


def with_business(days: Sequence[DaySum], metrics: Mapping[str, Sequence[BusinessRow]]) -> tuple[DaySum, ...]:
    """The daily sums with the metrics. metrics: rows by name.

    A row without an agent belongs to the agent that the cohort used most on that day. A row of a day without sessions
    is left out: nothing of that day is compared.
    """
    found: dict[int, dict[str, BusinessSum]] = {}
    for name, rows in metrics.items():
        for row in rows:
            index = _place(days, row)
            if index is not None:
                sums = found.setdefault(index, {})
                before = sums.get(name, BusinessSum(good=0, n=0))
                sums[name] = BusinessSum(good=before.good + row.good, n=before.n + row.n)
    return tuple(
        replace(each, business={**each.business, **found[index]}) if index in found else each
        for index, each in enumerate(days)
    )


def _place(days: Sequence[DaySum], row: BusinessRow) -> int | None:
    """The index of the sum that a row belongs to."""
    fitting = [
        index
        for index, each in enumerate(days)
        if each.day == row.day and each.cohort == row.cohort and row.agent in ("", each.agent)
    ]
    return max(fitting, key=lambda index: days[index].sessions, default=None)


def _row(metric: BusinessQuery, values: Mapping[str, Any], mapping: TelemetryMapping) -> BusinessRow:
    try:
        agent = str(values.get("agent") or "")
        row = BusinessRow(
            day=_day(values["day"]),
            cohort=str(values["cohort"] or ""),
            agent=mapping.agents.get(agent, agent),
            good=_whole(values["good"]),
            n=_whole(values["n"]),
        )
    except (ValueError, TypeError, OverflowError):
        shown = one_line(str({name: values[name] for name in COLUMNS}), 200)
        raise InputError(
            f"The metric `{metric.name}` has a row that cannot be read: {shown}.",
            fix="`day` must be a date, `good` and `n` whole numbers.",
            file=mapping.path or None,
        ) from None
    if not 0 <= row.good <= row.n:
        raise InputError(
            f"The metric `{metric.name}` counts {row.good} good ones of {row.n} on {row.day}.",
            fix="`good` must be between 0 and `n`.",
            file=mapping.path or None,
        )
    return row


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def _whole(value: Any) -> int:
    number = float(value or 0)
    if number != int(number):
        raise ValueError(value)
    return int(number)
