"""The ledger: what wavegate deployed to an environment, as GitHub deployments record it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

TASK = "wavegate"
"""The task of a deployment that is a release; every other entry of an environment is somebody else's."""
REASON_LIMIT = 2000
"""Characters of a reason that are kept in the ledger and shown."""


class State(StrEnum):
    """State of a deployment status, as GitHub's REST interface spells it."""

    ERROR = "error"
    FAILURE = "failure"
    INACTIVE = "inactive"
    IN_PROGRESS = "in_progress"
    PENDING = "pending"
    QUEUED = "queued"
    SUCCESS = "success"
    WAITING = "waiting"


_WAITING = frozenset({State.PENDING, State.QUEUED, State.WAITING})
_BROKEN = frozenset({State.ERROR, State.FAILURE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """One status of a deployment. log_url: '' where none was given."""

    state: State
    created_at: datetime
    description: str = ""
    log_url: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Override:
    """Who let a release in against the rules. rules: ids of those that it broke."""

    reason: str
    actor: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Pilot:
    """Whom a canary lets in. step: from 1, of so many; both 0 where the manifest declares no steps."""

    cohorts: tuple[str, ...]
    step: int = 0
    steps: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """What a deployment's payload says was shipped. Everything in it comes from outside.

    name: the manifest's `release`. manifest: its path in the checkout. manifest_digest, evidence: sha256,
    hexadecimal. agents: version by agent name, where whoever wrote the payload knew it. run: page of the workflow
    run. actor: login of whoever started it. org: id of the org. pilot None: the release is for everybody.
    """

    name: str
    manifest: str
    manifest_digest: str = ""
    evidence: str = ""
    agents: Mapping[str, str] = field(default_factory=dict)
    run: str = ""
    actor: str = ""
    org: str = ""
    override: Override | None = None
    pilot: Pilot | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployment:
    """One release that was sent to an environment.

    id: its node id, since its number is more than an integer of GitHub's GraphQL API holds. commit: its full id.
    statuses: oldest first. release None: the payload is not readable. creator: login. state: of its newest status,
    None where it has none. live: version by agent name as read back from the org afterwards, None where it is off.
    """

    id: str
    environment: str
    commit: str
    created_at: datetime
    statuses: tuple[Status, ...] = ()
    release: Release | None = None
    creator: str = ""
    state: State | None = None
    live: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def attempted(self) -> bool:
        """Whether anything was sent: a deployment that only waits for its approval changed nothing."""
        return any(status.state not in _WAITING for status in self.statuses)

    @property
    def succeeded(self) -> bool:
        """Whether it was live. GitHub makes an earlier success inactive, so any status of the history counts."""
        return any(status.state is State.SUCCESS for status in self.statuses)

    @property
    def rolled_back(self) -> bool:
        """Whether it was live and then marked as broken; in the same second, broken is taken to be later."""
        successes = [status.created_at for status in self.statuses if status.state is State.SUCCESS]
        failures = [status.created_at for status in self.statuses if status.state in _BROKEN]
        return bool(successes and failures) and max(failures) >= max(successes)

    @property
    def agents(self) -> Mapping[str, str]:
        """Version by agent name of those that were on: as read back, else as the payload has it."""
        read_back = {name: f"v{version}" for name, version in self.live.items() if version is not None}
        return read_back or (self.release.agents if self.release else {})

    @property
    def live_since(self) -> datetime | None:
        """When it became live, None where it never was."""
        return min((each.created_at for each in self.statuses if each.state is State.SUCCESS), default=None)

    @property
    def title(self) -> str:
        """The release's name, or its short commit."""
        return self.release.name if self.release else self.commit[:12]
