"""The sessions of a look: the telemetry file of the commit, the users of cohorts from the org, and the sums."""

from dataclasses import dataclass
from pathlib import Path

from wavegate.canary.watch.watching import WatchedRelease
from wavegate.files.source import Source
from wavegate.telemetry.mapping.values import TelemetryMapping
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
    raise NotImplementedError
