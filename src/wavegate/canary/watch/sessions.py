"""The sessions of a look: the telemetry file of the commit, the users of cohorts from the org, and the sums."""

from dataclasses import dataclass
from pathlib import Path

from wavegate.canary.watch.cohort_users import find_cohort_users
from wavegate.canary.watch.watching import WatchedRelease
from wavegate.files.source import Source
from wavegate.salesforce.login import open_org
from wavegate.salesforce.org import Org
from wavegate.telemetry.mapping.file import committed_mapping
from wavegate.telemetry.mapping.values import CohortBy, TelemetryMapping
from wavegate.telemetry.source import LookRequest
from wavegate.telemetry.values import TelemetryLook


@dataclass(frozen=True, kw_only=True, slots=True)
class Sessions:
    """What was read. schema: of the telemetry's columns at the last look, or ''. kept: the sums for the next one."""

    mapping: TelemetryMapping
    look: TelemetryLook
    schema: str
    kept: bytes


def read_sessions(watched: WatchedRelease, source: Source, root: Path, *, folder: str, earlier: str) -> Sessions:
    """Read the sessions. InputError: there is no telemetry file, or it does not fit. ServiceError: no answer."""
    environment = watched.environment
    mapping = committed_mapping(source, environment)

    def connect() -> Org:
        return open_org(environment.org, root=root, expected=environment.expected_org)

    pilot = watched.pilot
    by_user = mapping.cohort is not None and mapping.cohort.by is CohortBy.USER
    find_users = by_user and pilot is not None and not pilot.everybody
    request = LookRequest(
        agents=frozenset(watched.agents) | frozenset(watched.agents.values()),
        since=watched.read_since,
        now=watched.now,
        users=find_cohort_users(connect(), watched.manifest, environment, pilot.names) if find_users and pilot else {},
    )
    from wavegate.telemetry.files.source import FileTelemetry

    look = FileTelemetry(mapping, Path(folder or root)).look(request)
    return Sessions(mapping=mapping, look=look, schema="", kept=b"{}")
