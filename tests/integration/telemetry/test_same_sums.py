"""The same sessions give the same sums, whatever has them, as far as the source can tell."""

import csv
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.data_cloud import DataCloud
from tests.support.telemetry_world import (
    COPY,
    DATA_CLOUD,
    LIVE,
    REQUEST,
    SOQL,
    START,
    TracedSession,
    mapping,
    seed,
    seed_messaging,
)

from wavegate.salesforce.org import Org, Session
from wavegate.telemetry.connection import OrgConnection
from wavegate.telemetry.data_cloud.source import DataCloudTelemetry
from wavegate.telemetry.data_cloud.statements import DataCloudStatements
from wavegate.telemetry.files.source import FileTelemetry
from wavegate.telemetry.soql.source import SoqlTelemetry
from wavegate.telemetry.values import DaySum, TelemetryLook

COHORT = "cohort: {by: channel, values: {front-desk: [Pilot]}}\n"
FILES = f"""
source: files
files: [sessions.csv]
tables:
  session:
    columns: {{id: id, start: start, end: end, endType: end_type, channel: channel, agent: agent, version: version,
              latency: latency, severity: severity}}
endTypes: {{good: [resolved], escalated: [escalated], other: [other, NOT_SET]}}
severities: {{high: ['true'], ignored: ['false']}}
{COHORT}"""


def some_sessions() -> list[TracedSession]:
    """A few hundred sessions of three days and two agents, on a channel of its own for the copy."""
    random = Random(20261102)  # noqa: S311 - the same ones each time
    sessions = []
    for number in range(300):
        piloted = random.random() < 0.3
        sessions.append(
            TracedSession(
                key=f"s{number}",
                start=START.replace(hour=0) + timedelta(seconds=random.randrange(3 * 86_400)),
                agent=COPY if piloted else LIVE,
                versions=("v1",) if piloted else (random.choice(["v2", "v3"]),),
                channel="Pilot" if piloted else random.choice(["Web", "Builder"]),
                end_type=random.choice(["resolved", "resolved", "escalated", None]),
                turns=tuple(random.randrange(200, 9_000) / 1000 for _ in range(random.randrange(1, 4))),
                checks=tuple(random.choice(["false", "false", "true"]) for _ in range(2)),
            )
        )
    return sessions


def export(folder: Path, sessions: list[TracedSession]) -> None:
    with (folder / "sessions.csv").open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(["id", "start", "end", "end_type", "channel", "agent", "version", "latency", "severity"])
        for each in sessions:
            latency = 1000 * sum(each.turns) / len(each.turns)
            severity = "true" if "true" in each.checks else ""
            end = each.start + timedelta(minutes=5)
            words = (each.end_type or "", each.channel, each.agent, each.versions[0])
            rows.writerow([each.key, each.start.isoformat(), end.isoformat(), *words, latency, severity])


def without_what_soql_cannot_tell(found: TelemetryLook) -> dict[tuple[object, ...], tuple[int, int, int]]:
    """Sessions, good and escalated ones, by day, cohort and agent."""
    sums: dict[tuple[object, ...], list[DaySum]] = {}
    for each in found.days:
        sums.setdefault((each.day, each.cohort, each.agent), []).append(each)
    return {
        key: (sum(x.sessions for x in days), sum(x.good for x in days), sum(x.escalated for x in days))
        for key, days in sums.items()
    }


def test_files_data_cloud_and_soql_agree(tmp_path: Path) -> None:
    sessions = some_sessions()
    export(tmp_path, sessions)
    with SalesforceDouble() as double:
        double.data_cloud = DataCloud()
        seed(double.data_cloud, sessions)
        # the words of AgentType, where a session without an end type is one that no person took part in either
        seed_messaging(double.objects, [replace(each, end_type=each.end_type or "Unknown") for each in sessions])
        org = OrgConnection(Org(Session(instance_url=double.url, access_token=double.token)))
        request = replace(REQUEST, now=START + timedelta(days=3))
        exported = FileTelemetry(mapping(FILES), tmp_path).look(request)
        in_cloud = DataCloudTelemetry(mapping(DATA_CLOUD + COHORT), DataCloudStatements(org)).look(request)
        words = SOQL.replace("ignored:", "other: [Unknown], ignored:")
        counted = SoqlTelemetry(mapping(words + COHORT), org).look(request)
    assert len(exported.days) > 6
    assert in_cloud.days == exported.days
    assert in_cloud.has == exported.has
    assert (exported.rejects, in_cloud.rejects, counted.rejects) == ({}, {}, {})
    assert without_what_soql_cannot_tell(counted) == without_what_soql_cannot_tell(exported)
