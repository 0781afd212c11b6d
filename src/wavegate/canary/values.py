"""What a canary's judge is asked, and the verdicts that it gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from wavegate.evidence.resource import Resource
from wavegate.release.manifest import Canary, HealthSettings
from wavegate.telemetry.values import Lane, TelemetryLook


class CanaryVerdict(StrEnum):
    """What follows from one look. hold: nothing is proven yet, or the data cannot be trusted; never an expansion.

    healthy: outside a canary, no threshold is proven to be crossed.
    """

    EXPAND = "expand"
    ROLLBACK = "rollback"
    HOLD = "hold"
    HEALTHY = "healthy"


USUAL_LAG = {Lane.FAST: timedelta(hours=1), Lane.SLOW: timedelta(hours=48)}
"""How long rows of a lane may take, unless the telemetry file says otherwise."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveQuestion:
    """What every look asks about: the release, where it is, and what the telemetry says.

    content: digest of the un-renamed release. agents: what the release's sessions have, by the live agent: the name
    of its copy, or the agent's own if it has none. now: UTC. earlier_looks: looks at this release before this
    one. lag: how long rows of a lane may take; a watermark that lies a day further behind `now` is late. schema:
    digest of the telemetry's columns at the last look, '' if there was none. run: URL of the attempt of the workflow
    run.
    """

    release: str
    content: str
    environment: str
    manifest: Resource
    agents: Mapping[str, str]
    look: TelemetryLook
    now: datetime
    commit: str | None = None
    earlier_looks: int = 0
    lag: Mapping[Lane, timedelta] = field(default_factory=lambda: USUAL_LAG)
    schema: str = ""
    run: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CanaryQuestion(LiveQuestion):
    """May the canary of a release take its next step?

    starts: when each cohort that has the release got it, UTC. step, steps: reached and all, as in the ledger's pilot.
    live: name of the release that everybody else has, '' if none was ever live.
    """

    settings: Canary
    starts: Mapping[str, datetime]
    step: int = 0
    steps: int = 0
    live: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class HealthQuestion(LiveQuestion):
    """Is the live release healthy? since: when it became live; earlier sessions do not count."""

    settings: HealthSettings
    since: datetime
