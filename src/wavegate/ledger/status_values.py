"""The status of an environment."""

from dataclasses import dataclass
from enum import StrEnum

from wavegate.ledger.deployment import Deployment


class EnvironmentState(StrEnum):
    """State of an environment. rolled back: the release stays live until its rollback is released."""

    LIVE = "live"
    ROLLED_BACK = "rolled back"
    IN_PROGRESS = "in progress"
    FAILED = "failed"
    NOTHING = "nothing live"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """How an org differs from the ledger, one sentence per difference. unknown: why drift is unknown, else ''."""

    differences: tuple[str, ...] = ()
    unknown: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentStatus:
    """The status of an environment, as far as it is known.

    live: the newest release that was deployed. attempt: a newer one that failed or is in progress. approvals: logins
    of the people who approved the live release; None if unknown. rollback: the newest release that was rolled back.
    """

    environment: str
    state: EnvironmentState
    live: Deployment | None = None
    attempt: Deployment | None = None
    approvals: tuple[str, ...] | None = None
    drift: Drift = Drift()
    rollback: Deployment | None = None
