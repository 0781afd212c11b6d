"""The sessions of a look: the telemetry file of the commit, the users of cohorts from the org, and the sums."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from wavegate.canary.watch.cohort_users import find_cohort_users
from wavegate.canary.watch.watching import WatchedRelease
from wavegate.cli.actions import warn
from wavegate.files.source import Source
from wavegate.telemetry.connection import connect_org
from wavegate.telemetry.mapping.file import committed_mapping
from wavegate.telemetry.mapping.values import CohortBy, SourceKind, TelemetryMapping
from wavegate.telemetry.progress import reading
from wavegate.telemetry.read import TelemetryReading, read_new_days
from wavegate.telemetry.source import LookRequest


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedSessions:
    """The sessions, and the telemetry file that says what their words mean."""

    mapping: TelemetryMapping
    reading: TelemetryReading


def read_sessions(
    watched: WatchedRelease, source: Source, root: Path, *, folder: Path, earlier: Path | None
) -> WatchedSessions:
    """Read the sessions of a release. source: of the checked-out commit. folder: of exported files.

    earlier: kept sums of an earlier look. InputError: there is no telemetry file, or it does not fit what is there.
    ServiceError: the source did not answer.
    """
    environment, pilot = watched.environment, watched.pilot
    mapping = committed_mapping(source, environment)
    by_user = pilot is not None and not pilot.everybody and _is_by_user(mapping)
    needs_org = by_user or mapping.source is not SourceKind.FILES
    connection = connect_org(environment, root=root) if needs_org else None
    request = LookRequest(
        agents=frozenset({*watched.agents, *watched.agents.values()}),
        since=watched.read_since,
        now=watched.now,
        users=connection.call(lambda org: find_cohort_users(org, watched.manifest, environment, watched.cohorts))
        if connection and by_user
        else {},
    )
    with reading(f"the sessions of {environment.name}"):
        found = read_new_days(
            mapping,
            request,
            root=folder,
            earlier=earlier,
            warn=_warn,
            org=connection,
            say=partial(click.echo, err=True),
        )
    return WatchedSessions(mapping=mapping, reading=found)


def _is_by_user(mapping: TelemetryMapping) -> bool:
    return mapping.cohort is not None and mapping.cohort.by is CohortBy.USER


def _warn(message: str) -> None:
    warn(message, fix="All days were read again.")
