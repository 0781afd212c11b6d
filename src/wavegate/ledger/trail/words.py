"""A history in words: what each entry says, and each number."""

from collections.abc import Sequence
from datetime import timedelta
from statistics import median

from wavegate.ledger.moment import moment_text
from wavegate.ledger.status.lines import agents_text
from wavegate.ledger.trail.values import EntryKind, HistoryReport, ReleaseMetrics, TrailEntry
from wavegate.text import clip, percent, pluralize

REASON = 200
"""Characters of a reason that text and Markdown show; JSON has all of it."""


def what(entry: TrailEntry) -> str:
    """What happened: `promotion of wave-3: live 2026-03-02 09:05 UTC`, `stop: Support_Agent inactive`."""
    name = entry.release or ("an unreadable release" if entry.kind is EntryKind.PROMOTION else "")
    match entry.kind:
        case EntryKind.PROMOTION | EntryKind.ADOPTION:
            return f"{entry.kind.value} of {name}: {_outcome(entry)}"
        case EntryKind.GATE | EntryKind.VERIFICATION:
            return f"{entry.kind.value} of {name}: {entry.outcome}, attempt {entry.attempt}"
        case EntryKind.LOOK:
            rules = f" ({', '.join(entry.rules[:3])})" if entry.rules else ""
            return f"look {entry.attempt} at {name}: {entry.outcome}{rules}"
        case EntryKind.OVERRIDE:
            return f"override for {name}: {', '.join(entry.rules) or 'no rules recorded'}"
        case EntryKind.STOP | EntryKind.RESTART:
            return f"{entry.kind.value}: {agents_text(entry.agents) or 'no agents recorded'}"
        case EntryKind.ROLLBACK:
            return f"rollback of {name}{f' to {entry.target}' if entry.target else ''}"
        case EntryKind.ROLLBACK_DONE | EntryKind.ROLLBACK_WITHDRAWN:
            return f"rollback of {name} {entry.kind.value.removeprefix('rollback-')}"
        case _:
            return entry.kind.value


def _outcome(entry: TrailEntry) -> str:
    ended = f" {moment_text(entry.ended)}" if entry.ended else ""
    return f"live{ended}, later rolled back" if entry.outcome == "rolled back" else f"{entry.outcome}{ended}"


def why(entry: TrailEntry) -> str:
    """The reason with what belongs to it: incident, and the time that the entry names if it was recorded later."""
    parts = [clip(entry.reason, REASON), f"incident: {entry.incident}" if entry.incident else ""]
    parts.append(f"says {moment_text(entry.named)}" if entry.named else "")
    return "; ".join(filter(None, parts))


def notes(report: HistoryReport) -> list[str]:
    """Which period the report is about, and what it lacks."""
    assumed = f" ({report.assumed})" if report.assumed else ""
    period = f"since {moment_text(report.since)}{assumed}" if report.since else "from the first entry"
    found = [f"Until {moment_text(report.until)}, {period}: {_entries(report)}. Times are by GitHub's clock."]
    if not report.complete:
        oldest = report.entries[-1].time if report.entries else None
        found.append(
            f"INCOMPLETE: there are more entries before {moment_text(oldest)}, which were not read. "
            "Use --start or --environment to read less at a time."
        )
    return found


def _entries(report: HistoryReport) -> str:
    return f"{len(report.entries):,} {'entry' if len(report.entries) == 1 else 'entries'}"


def metric_rows(metrics: ReleaseMetrics) -> list[tuple[str, str]]:
    """The four numbers with their bases. What the ledger cannot say is unknown, never 0."""
    return [
        ("deployment frequency", _frequency(metrics)),
        ("lead time for changes", _lead_time(metrics)),
        ("change failure rate", _failure_rate(metrics)),
        ("time to restore", _time_to_restore(metrics)),
    ]


def _frequency(metrics: ReleaseMetrics) -> str:
    if metrics.start is None:
        return "unknown: no entries"
    days = max((metrics.end - metrics.start).days, 0)
    if metrics.per_week is None:
        return f"unknown: less than a week of history ({metrics.live} went live)"
    return f"{metrics.per_week:.2g} per week ({metrics.live} went live in {pluralize(days, 'day')})"


def _lead_time(metrics: ReleaseMetrics) -> str:
    times = metrics.lead_times
    if not times:
        return "unknown: no change with a known commit date went live"
    return f"median {duration_text(median_of(times))}, commit to live ({pluralize(len(times), 'change')})"


def _failure_rate(metrics: ReleaseMetrics) -> str:
    if metrics.failure_rate is None:
        return "unknown: nothing went live"
    return f"{percent(metrics.failure_rate)} ({len(metrics.failures)} of {metrics.live})"


def _time_to_restore(metrics: ReleaseMetrics) -> str:
    times = metrics.restore_times
    still_open = len(metrics.failures) - len(times)
    not_yet = f"{pluralize(still_open, 'failure')} not yet restored" if still_open else ""
    if not times:
        return f"unknown: {not_yet or 'no failure'}"
    more = f", {not_yet}" if not_yet else ""
    return f"median {duration_text(median_of(times))} ({pluralize(len(times), 'failure')}{more})"


def median_of(times: Sequence[timedelta]) -> timedelta:
    """The median of at least one duration."""
    return timedelta(seconds=median(each.total_seconds() for each in times))


def duration_text(duration: timedelta) -> str:
    """A duration in its two largest units: `3 d 4 h`, `2 h 5 min`, `40 s`."""
    seconds = round(duration.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    units = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    shown = [f"{number} {unit}" for number, unit in units]
    first = next(index for index, (number, _) in enumerate(units) if number)
    return " ".join(each for each in shown[first : first + 2] if not each.startswith("0 "))
