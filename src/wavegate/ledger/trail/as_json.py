"""A history as JSON with a stable shape: `schemas/history.schema.json`. null means unknown or absent."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from wavegate.ledger.trail.values import HistoryReport, ReleaseMetrics, TrailEntry
from wavegate.ledger.trail.words import median_of


def history_json(report: HistoryReport) -> str:
    """One object. Every entry has the same keys; times are ISO 8601, durations are seconds."""
    values = {
        "schema": 1,
        "environments": list(report.environments),
        "start": _time(report.since),
        "until": report.until.isoformat(),
        "complete": report.complete,
        "metrics": [_metrics(each) for each in report.metrics],
        "entries": [_entry(each) for each in report.entries],
    }
    return json.dumps(values, indent=2)


def _entry(entry: TrailEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "kind": entry.kind.value,
        "environment": entry.environment,
        "time": entry.time.isoformat(),
        "namedTime": _time(entry.named),
        "actor": entry.actor or None,
        "reason": entry.reason or None,
        "release": entry.release or None,
        "content": entry.content or None,
        "commit": entry.commit or None,
        "run": entry.run or None,
        "outcome": entry.outcome or None,
        "ended": _time(entry.ended),
        "attempt": entry.attempt or None,
        "agents": dict(entry.agents),
        "rules": list(entry.rules),
        "target": entry.target or None,
        "page": entry.page or None,
        "incident": entry.incident or None,
    }


def _metrics(metrics: ReleaseMetrics) -> dict[str, Any]:
    restored = metrics.restore_times
    return {
        "environment": metrics.environment,
        "from": _time(metrics.start),
        "to": metrics.end.isoformat(),
        "deploymentFrequency": {"live": metrics.live, "perWeek": metrics.per_week},
        "leadTimeForChanges": {"changes": len(metrics.lead_times), "medianSeconds": _median(metrics.lead_times)},
        "changeFailureRate": {
            "live": metrics.live,
            "failed": len(metrics.failures),
            "rate": metrics.failure_rate,
        },
        "timeToRestore": {
            "restored": len(restored),
            "notRestored": len(metrics.failures) - len(restored),
            "medianSeconds": _median(restored),
        },
        "failures": [
            {"deployment": each.deployment, "start": each.start.isoformat(), "restored": _time(each.restored)}
            for each in metrics.failures
        ],
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _median(times: Sequence[timedelta]) -> float | None:
    return median_of(times).total_seconds() if times else None
