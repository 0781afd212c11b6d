"""What an environment holds."""

from dataclasses import dataclass
from enum import StrEnum

from wavegate.ledger.deployment import Deployment


class EnvironmentState(StrEnum):
    """How an environment stands. rolled back: the release is still live, until its rollback is released."""

    LIVE = "live"
    ROLLED_BACK = "rolled back"
    IN_PROGRESS = "in progress"
    FAILED = "failed"
    NOTHING = "nothing live"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """What an org has that the ledger does not, a sentence each. unknown: why that is not known, or ''."""

    differences: tuple[str, ...] = ()
    unknown: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentStatus:
    """What an environment holds, as far as it is known.

    live: the newest release that arrived. attempt: a newer one that did not, or not yet. approvals: logins of those
    who approved the live one, None where that is not known. rollback: the newest release that was rolled back.
    """

    environment: str
    standing: EnvironmentState
    live: Deployment | None = None
    attempt: Deployment | None = None
    approvals: tuple[str, ...] | None = None
    drift: Drift = Drift()
    rollback: Deployment | None = None
