"""Daily sums as a table: for people, and as JSON."""

import json
from collections.abc import Iterator

from wavegate.telemetry.kept.as_json import day_values
from wavegate.telemetry.values import OTHERS, DaySum, TelemetryLook
from wavegate.text import code, one_line, percent, plain, pluralize

HEAD = ("Day", "Cohort", "Agent", "Version", "Sessions", "Good", "Escalated", "Violations")


def sums_text(look: TelemetryLook) -> str:
    """The table in columns, and what makes the sums doubtful."""
    rows = [HEAD, *(tuple(one_line(cell, 60) for cell in _cells(day)) for day in look.days)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines = [one_line(_headline(look)), "", *(table if look.days else []), *([""] if look.days else [])]
    return "\n".join([*lines, *(f"- {one_line(each)}" for each in _doubts(look))]).rstrip() + "\n"


def sums_markdown(look: TelemetryLook) -> str:
    """The table in Markdown, and what makes the sums doubtful."""
    lines = [f"### Daily sums\n\n{plain(_headline(look))}\n"]
    if look.days:
        lines += ["| " + " | ".join(HEAD) + " |", "|---|---|---|---|---:|---:|---:|---|"]
        lines += ["| " + " | ".join(_markdown_cells(day)) + " |" for day in look.days]
    doubts = [f"- {plain(each)}" for each in _doubts(look)]
    return "\n".join([*lines, *(["", *doubts] if doubts else [])]) + "\n"


def sums_json(look: TelemetryLook) -> str:
    """Everything that the look found."""
    values = {
        "taken": look.taken.isoformat(),
        "source": look.source,
        "watermarks": {lane.value: moment.isoformat() for lane, moment in look.watermarks.items()},
        "days": [day_values(day) for day in look.days],
        "rejects": {reject.name.lower(): number for reject, number in look.rejects.items()},
        "unknown": [{"place": each.place, "word": each.word, "sessions": each.sessions} for each in look.unknown],
        "schema": look.schema,
        "problems": list(look.problems),
        "has": sorted(look.has),
    }
    return json.dumps(values, indent=2, ensure_ascii=False)


def doubtful(look: TelemetryLook) -> bool:
    """Whether a canary holds because of what the look found."""
    return not look.days or bool(look.rejects or look.unknown or look.problems)


def _headline(look: TelemetryLook) -> str:
    sessions = sum(day.sessions for day in look.days)
    days = len({day.day for day in look.days})
    upto = max(look.watermarks.values(), default=None)
    complete = f", complete up to {upto:%Y-%m-%d %H:%M} UTC" if upto else ""
    return f"{pluralize(sessions, 'session')} on {pluralize(days, 'day')} in {look.source}{complete}"


def _cells(day: DaySum) -> tuple[str, ...]:
    violations = ", ".join(
        f"{each.confirmed + each.unconfirmed} {severity} ({each.confirmed} confirmed)"
        for severity, each in day.violations.items()
    )
    return (
        day.day.isoformat(),
        "everybody else" if day.cohort == OTHERS else day.cohort,
        day.agent,
        day.version,
        f"{day.sessions:,}",
        _share(day.good, day.sessions),
        _share(day.escalated, day.sessions),
        violations,
    )


def _markdown_cells(day: DaySum) -> Iterator[str]:
    for index, cell in enumerate(_cells(day)):
        named = index in (1, 2, 3) and cell and not (index == 1 and day.cohort == OTHERS)
        yield code(cell) if named else plain(cell)


def _share(part: int, whole: int) -> str:
    return f"{part:,} ({percent(part / whole)})" if whole else "0"


def _doubts(look: TelemetryLook) -> Iterator[str]:
    if not look.days:
        yield "No data: there are no sessions of the agents since the first day."
    for reject, number in look.rejects.items():
        yield f"Rejected {pluralize(number, 'row')}: {reject.value}."
    for each in look.unknown:
        word = each.word or "(empty)"
        yield f"Unknown word `{word}` of `{each.place}` in {pluralize(each.sessions, 'session')}."
    yield from look.problems
