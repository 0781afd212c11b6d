"""The status of an environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from wavegate.ledger.acts.holds import Holds
from wavegate.ledger.canary_entry import CanaryLook
from wavegate.ledger.deployment import Deployment
from wavegate.release.freeze import FreezeWindow, FrozenUntil
from wavegate.salesforce.org_values import AgentState

PullProgress = Literal["open", "merged", "closed", "unknown"]


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
    """How an org differs from the ledger, one sentence per difference. unknown: why drift is unknown, else ''.

    off: the agents that are inactive although they were left active, and no stop is recorded.
    """

    differences: tuple[str, ...] = ()
    off: tuple[AgentState, ...] = ()
    unknown: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Approver:
    """A person who approved the run. through: the GitHub environment, if its name is not the environment's."""

    login: str
    through: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenRollback:
    """A rollback whose release was not replaced yet, as far as the ledger shows.

    bad, good: names of the releases; good is '' if unknown. still_live: whether the bad release is the live one, or a
    pilot's whose copies may be in use (confined).
    page: URL of the pull request or issue, '' if unknown. number: its number, 0 if unknown. pull: whether it is open,
    merged, or closed without merging, then by whom. actor, reason: '' if unknown.
    """

    bad: str
    good: str
    still_live: bool
    opened: datetime
    actor: str = ""
    reason: str = ""
    incident: str = ""
    page: str = ""
    number: int = 0
    pull: PullProgress = "unknown"
    closed_by: str = ""
    run: str = ""
    confined: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentStatus:
    """The status of an environment, as far as it is known.

    live: the newest release that was deployed for everybody. pilot: a newer one that a pilot's cohorts have as
    copies. left: pilots whose copies may still be in use although the pilot is over, newest first. attempt: a newer
    one that failed or is in progress. approvals: who approved the live release; None if unknown. rolled_back: the
    newest release that was rolled back. holds: stops, lock and rollbacks. freeze, next_freeze: by the checked-out
    manifest. expected: version by name that its agents have according to the ledger; None for inactive.
    unreadable_acts: how many acts cannot be read and do not count. recorded: when GitHub recorded each act, by its
    id. is_former: whether the manifest no longer names it. looks: at what the pilot has, or without one the live
    release, newest first, as far as they are among the newest entries.
    """

    environment: str
    state: EnvironmentState
    live: Deployment | None = None
    pilot: Deployment | None = None
    left: tuple[Deployment, ...] = ()
    attempt: Deployment | None = None
    approvals: tuple[Approver, ...] | None = None
    drift: Drift = Drift()
    rolled_back: Deployment | None = None
    holds: Holds = field(default_factory=Holds)
    rollback: OpenRollback | None = None
    freeze: FrozenUntil | None = None
    next_freeze: FreezeWindow | None = None
    expected: Mapping[str, int | None] = field(default_factory=dict)
    unreadable_acts: int = 0
    recorded: Mapping[str, datetime] = field(default_factory=dict)
    is_former: bool = False
    looks: tuple[CanaryLook, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusReport:
    """The status of several environments, in the order of promotion.

    at: the past moment that it is about, None for now. read_at: when it was read, None if unknown. assumed: what was
    assumed about `at`, or ''. repository: URL of the repository's page.
    """

    environments: tuple[EnvironmentStatus, ...]
    repository: str
    at: datetime | None = None
    read_at: datetime | None = None
    assumed: str = ""
