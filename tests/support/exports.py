"""Exported sessions for tests: rows, files of every format, and the mapping that reads them."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from wavegate.telemetry.files.source import FileTelemetry
from wavegate.telemetry.mapping.values import (
    IGNORED,
    CohortBy,
    CohortMapping,
    SessionEnd,
    SourceKind,
    TableMapping,
    TelemetryMapping,
)
from wavegate.telemetry.source import LookRequest
from wavegate.telemetry.values import Lane, TelemetryLook

LIVE, COPY = "Service_Agent", "Service_Agent_Pilot"
NOW = datetime(2026, 11, 8, 1, 0, tzinfo=UTC)
COLUMNS = {
    "id": "session",
    "start": "started",
    "end": "ended",
    "endType": "end type",
    "channel": "channel",
    "agent": "agent",
    "version": "version",
    "cohort": "arm",
    "latency": "latency_ms",
    "severity": "violation",
    "confirmed": "confirmed",
}
MAPPING = TelemetryMapping(
    source=SourceKind.FILES,
    files=("exports/**/*",),
    tables={"session": TableMapping(columns=COLUMNS)},
    cohort=CohortMapping(by=CohortBy.COLUMN, values={"pilot": ("P", "p'2")}),
    outcomes={
        "done": SessionEnd.GOOD,
        "handover": SessionEnd.ESCALATED,
        "timeout": SessionEnd.OTHER,
        "test": SessionEnd.IGNORED,
    },
    severities={"sev1": "critical", "sev2": "high", "none": IGNORED},
    confirmed=frozenset({"yes"}),
    excluded_channels=("Builder",),
    lag={Lane.FAST: timedelta(hours=2), Lane.SLOW: timedelta(hours=48)},
    path="agentforce/telemetry/production.yml",
    digest="a" * 64,
)
REQUEST = LookRequest(agents=frozenset({LIVE, COPY}), since=date(2026, 11, 1), now=NOW)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One exported session; None stands for a missing value."""

    id: str | None
    start: str | None = "2026-11-07 23:30:00"
    end: str | None = None
    end_type: str | None = "done"
    channel: str | None = "Web"
    agent: str | None = LIVE
    version: str | None = "v2"
    arm: str | None = None
    latency: float | str | None = 900.0
    severity: str | None = None
    confirmed: str | None = None

    def values(self) -> list[Any]:
        """In the order of COLUMNS."""
        return [
            self.id,
            self.start,
            self.end,
            self.end_type,
            self.channel,
            self.agent,
            self.version,
            self.arm,
            self.latency,
            self.severity,
            self.confirmed,
        ]


def write_csv(path: Path, rows: Iterable[Row], names: Sequence[str] = tuple(COLUMNS.values())) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(row.values() for row in rows)
    return path


def write_jsonl(path: Path, rows: Iterable[Row], names: Sequence[str] = tuple(COLUMNS.values())) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    objects = (dict(zip(names, row.values(), strict=True)) for row in rows)
    lines = [json.dumps({name: value for name, value in each.items() if value is not None}) for each in objects]
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def write_parquet(
    path: Path,
    rows: Iterable[Row],
    names: Sequence[str] = tuple(COLUMNS.values()),
    types: Mapping[str, str] | None = None,
) -> Path:
    """Times are timestamps without a zone, and latencies are numbers, unless types by role say otherwise."""
    import duckdb

    path.parent.mkdir(parents=True, exist_ok=True)
    usual = {"start": "TIMESTAMP WITH TIME ZONE", "end": "TIMESTAMP WITH TIME ZONE", "latency": "DOUBLE"}
    types = {**usual, **(types or {})}
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        quoted = ['"' + name.replace('"', '""') + '"' for name in names]
        columns = ", ".join(
            f"{name} {types.get(role, 'VARCHAR')}" for role, name in zip(COLUMNS, quoted, strict=True)
        )
        connection.execute(f"CREATE TABLE sessions ({columns})")
        values = [row.values() for row in rows]
        if values:
            places = ", ".join("?" * len(names))
            connection.executemany(f"INSERT INTO sessions VALUES ({places})", values)  # noqa: S608 - of question marks
        target = str(path).replace("'", "''")
        connection.execute(f"COPY sessions TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
    return path


WRITERS = {"csv": write_csv, "jsonl": write_jsonl, "parquet": write_parquet}


def look_at(
    folder: Path, mapping: TelemetryMapping = MAPPING, request: LookRequest = REQUEST, **changes: Any
) -> TelemetryLook:
    """A look at the exports in a folder. changes: of the request."""
    return FileTelemetry(mapping, folder).look(replace(request, **changes))
