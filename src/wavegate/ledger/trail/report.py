"""Put a history together from what was read."""

from collections.abc import Sequence
from datetime import datetime

from wavegate.ledger.moment import Moment
from wavegate.ledger.trail.entries import of_manifest, trail_of
from wavegate.ledger.trail.metrics import metrics_of
from wavegate.ledger.trail.values import HistoryReport, LedgerHistory


def history_report(
    history: LedgerHistory,
    *,
    manifest: str,
    environments: Sequence[str],
    repository: str,
    since: Moment | None,
    until: datetime,
) -> HistoryReport:
    """The history of a manifest's environments. repository: URL of its page. until: when it was read."""
    records = tuple(of_manifest(history.records, manifest))
    # of a history that was cut, only the part that was read can be counted
    start = since.time if since and history.complete else None
    if not history.complete and history.records:
        start = history.records[-1].recorded
    return HistoryReport(
        environments=tuple(environments),
        entries=trail_of(records),
        metrics=tuple(metrics_of(records, each, since=start, until=until) for each in environments),
        repository=repository,
        until=until,
        since=since.time if since else None,
        assumed=since.assumed if since else "",
        complete=history.complete,
    )
