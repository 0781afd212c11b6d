"""What the ledger says about a period: releases, decisions, looks, incidents, and exceptions to the rules."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from wavegate.ledger.moment import moment_text
from wavegate.ledger.spelling import is_environment
from wavegate.ledger.trail.metrics import metrics_of
from wavegate.ledger.trail.values import EntryKind, LedgerRecord, ReleaseMetrics, TrailEntry
from wavegate.ledger.trail.words import REASON, duration_text, metric_rows, what, why
from wavegate.promotion.values import RefusalRule
from wavegate.review.period import ReviewPeriod
from wavegate.review.values import ReviewSection
from wavegate.text import code, link, markdown, pluralize

_SHIPPED = frozenset({EntryKind.PROMOTION, EntryKind.ADOPTION})
_DECIDED = frozenset({EntryKind.GATE, EntryKind.VERIFICATION})
_ROLLED_BACK = frozenset({EntryKind.ROLLBACK, EntryKind.ROLLBACK_DONE, EntryKind.ROLLBACK_WITHDRAWN})
_SWITCHED = frozenset({EntryKind.STOP, EntryKind.RESTART})
_LOCKED = frozenset({EntryKind.LOCK, EntryKind.UNLOCK})
_WENT_LIVE = ("live", "piloted", "rolled back")
INCIDENTS = frozenset({EntryKind.STOP, EntryKind.ROLLBACK})
"""What begins an incident."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerPeriod:
    """What the ledger has of a period. entries: of one environment, newest first, with those before the period.

    records: the same as they were read. complete: whether the ledger was read to its first entry.
    """

    environment: str
    period: ReviewPeriod
    records: tuple[LedgerRecord, ...]
    entries: tuple[TrailEntry, ...]
    complete: bool = True

    def within(self, kinds: Iterable[EntryKind]) -> list[TrailEntry]:
        """The entries of some kinds in the period, the oldest first."""
        wanted, period = frozenset(kinds), self.period
        found = (each for each in reversed(self.entries) if each.kind in wanted)
        return [each for each in found if period.since <= each.time < period.until]

    @property
    def live(self) -> list[TrailEntry]:
        """The releases that went live in the period, for a pilot or for everybody, the oldest first."""
        found = (each for each in reversed(self.entries) if each.kind in _SHIPPED and each.outcome in _WENT_LIVE)
        period = self.period
        return [each for each in found if each.ended and period.since <= each.ended < period.until]


def first_live(records: Sequence[LedgerRecord], environment: str) -> datetime | None:
    """When the first release went live in an environment; None if none did."""
    return min(
        (
            since
            for each in records
            if is_environment(each.environment, environment)
            and each.deployment
            and (since := each.deployment.live_since)
        ),
        default=None,
    )


def happened(ledger: LedgerPeriod) -> Iterator[ReviewSection]:
    """The sections that the ledger supplies."""
    cut = () if ledger.complete else ("The ledger has more entries than were read, so older ones are missing.",)
    yield ReviewSection(title="Releases that went live", lines=tuple(_releases(ledger)), missing=cut)
    yield _decisions(ledger, cut)
    yield _canary(ledger, cut)
    yield ReviewSection(title="Rollbacks", lines=tuple(_rollbacks(ledger)), missing=cut)
    yield ReviewSection(title="Stops and restarts", lines=tuple(map(_line, ledger.within(_SWITCHED))), missing=cut)
    yield ReviewSection(title="Overrides, locks and freezes", lines=tuple(_exceptions(ledger)), missing=cut)
    yield _metrics(ledger, cut)


def _releases(ledger: LedgerPeriod) -> Iterator[str]:
    failed = (each for each in ledger.within(_SHIPPED) if each.outcome == "failed")
    for each in sorted((*ledger.live, *failed), key=lambda each: each.time):
        found = each.agents.items()
        agents = ", ".join(f"{name} {'inactive' if version is None else f'v{version}'}" for name, version in found)
        yield _line(each, f"; {markdown(agents, 200)}" if agents else "")


def _decisions(ledger: LedgerPeriod, cut: tuple[str, ...]) -> ReviewSection:
    found = ledger.within(_DECIDED)
    counts = Counter(each.outcome for each in found)
    verdicts = ", ".join(f"{counts[each]} {each}" for each in ("pass", "fail", "inconclusive") if counts[each])
    title = f"Gate decisions: {pluralize(len(found), 'attempt')}, {verdicts}" if found else "Gate decisions"
    return ReviewSection(title=title, lines=tuple(map(_line, found)), missing=cut)


def _canary(ledger: LedgerPeriod, cut: tuple[str, ...]) -> ReviewSection:
    looks = ledger.within({EntryKind.LOOK})
    lines = []
    for name in dict.fromkeys(each.release for each in looks):
        own = [each for each in looks if each.release == name]
        counts = Counter(each.outcome for each in own)
        verdicts = ", ".join(f"{number} {verdict}" for verdict, number in sorted(counts.items()))
        lines.append(
            f"{pluralize(len(own), 'look')} at {markdown(name, 100)}: {verdicts}. The last: {_line(own[-1])}"
        )
    return ReviewSection(title="Canary looks and expansions", lines=(*lines, *_steps(ledger)), missing=cut)


def _steps(ledger: LedgerPeriod) -> Iterator[str]:
    """The steps of canaries that went live."""
    live = {each.id for each in ledger.live}
    for record in reversed(ledger.records):
        release = record.deployment.release if record.deployment and record.id in live else None
        if release and release.pilot:
            pilot = release.pilot
            step = f"step {pilot.step} of {pilot.steps}" if pilot.steps else "pilot"
            cohorts = ", ".join(code(each, 60) for each in pilot.cohorts[:10]) or "no cohort"
            yield f"{step} of {markdown(release.name, 100)}: {cohorts}"


def _rollbacks(ledger: LedgerPeriod) -> Iterator[str]:
    yield from map(_line, ledger.within(_ROLLED_BACK))
    period = ledger.period
    for each in _counted(ledger).failures:
        if each.restored and period.since <= each.restored < period.until:
            yield f"restored {moment_text(each.restored)}, {duration_text(each.restored - each.start)} after it began"
        elif each.restored is None and each.start < period.until:
            yield f"**not restored yet**: it began {moment_text(each.start)}"


def _exceptions(ledger: LedgerPeriod) -> Iterator[str]:
    for each in ledger.within({EntryKind.OVERRIDE, *_LOCKED}):
        passed = "; it passed a freeze" if RefusalRule.FROZEN in each.rules else ""
        yield _line(each, passed)
    live = {each.id for each in ledger.live}
    for record in reversed(ledger.records):
        release = record.deployment.release if record.deployment and record.id in live else None
        if release and release.passed_lock:
            yield f"{markdown(release.name, 100)} passed a lock as a rollback"


def _metrics(ledger: LedgerPeriod, cut: tuple[str, ...]) -> ReviewSection:
    period = ledger.period
    now = dict(metric_rows(_counted(ledger)))
    before = metrics_of(ledger.records, ledger.environment, since=period.before, until=period.since)
    had_entries = any(each.recorded < period.since for each in ledger.records)
    earlier = dict(metric_rows(before)) if had_entries else {}
    lines = [
        f"{name}: {markdown(text, 200)}; before: {markdown(earlier.get(name, 'there was no release'), 200)}"
        for name, text in now.items()
    ]
    return ReviewSection(title="Release metrics", lines=tuple(lines), missing=cut)


def _counted(ledger: LedgerPeriod) -> ReleaseMetrics:
    """The numbers of the period, with all failures that touch it."""
    period = ledger.period
    records = [each for each in ledger.records if each.recorded < period.until]
    return metrics_of(records, ledger.environment, since=period.since, until=period.until)


def _line(entry: TrailEntry, more: str = "") -> str:
    """One entry: when, what, by whom, why, with its pages."""
    # a release that somebody rolled back later was not rolled back by the one who promoted it
    by = "; started by" if entry.kind in _SHIPPED else " by"
    who = f"{by} {code(entry.actor, 60)}" if entry.actor else ""
    reason = f": {markdown(text, REASON)}" if (text := why(entry)) else ""
    pages = [link(name, page) for name, page in (("run", entry.run), ("page", entry.page)) if page]
    shown = f" ({', '.join(pages)})" if pages else ""
    return f"{moment_text(entry.time)}: {markdown(what(entry), 300)}{who}{reason}{more}{shown}"
