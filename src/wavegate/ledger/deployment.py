"""The ledger: wavegate's deployments to an environment, recorded as GitHub deployments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from wavegate.ledger.publication import Publication

TASK = "wavegate"
"""The task of wavegate's deployments; deployments with another task belong to other tools."""
REASON_LIMIT = 2000
"""Maximum characters of a reason in the ledger and in reports."""

RETIRED = "retired: "
"""How the description of the status begins that ends a pilot: its copies are out of use."""
PATH_LIMIT = 4096
"""Maximum characters of a manifest's path: Linux opens no longer one."""


class State(StrEnum):
    """State of a deployment status, as GitHub's REST API spells it."""

    ERROR = "error"
    FAILURE = "failure"
    INACTIVE = "inactive"
    IN_PROGRESS = "in_progress"
    PENDING = "pending"
    QUEUED = "queued"
    SUCCESS = "success"
    WAITING = "waiting"


_WAITING = frozenset({State.PENDING, State.QUEUED, State.WAITING})
_BEGINS = frozenset({State.IN_PROGRESS, State.SUCCESS})
FAILED = frozenset({State.ERROR, State.FAILURE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """One status of a deployment. log_url: '' if it has none."""

    state: State
    created_at: datetime
    description: str = ""
    log_url: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Override:
    """An override of the promotion rules. actor: GitHub login. rules: ids of the rules that were overridden."""

    reason: str
    actor: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Pilot:
    """How far a canary has progressed. cohorts: those that have the release. step, steps: current and total, from 1.

    step is 0 before the first step is complete; both are 0 if the manifest declares no steps. copies: names of the
    agents' copies that the cohorts have, by agent; empty if the cohorts have the agents themselves. permission_set:
    the generated one that lets them use the copies; '' for none. reaching: `Type:Name` of what the pilot changed for
    everybody, because it cannot be copied.
    """

    cohorts: tuple[str, ...]
    step: int = 0
    steps: int = 0
    copies: Mapping[str, str] = field(default_factory=dict)
    permission_set: str = ""
    reaching: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Adoption:
    """Why a release was recorded without a deployment: the org had it already.

    differences: the components in which the org differed nevertheless, as `Type:Name`; more: how many others.
    """

    reason: str
    differences: tuple[str, ...] = ()
    more: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """The release that a deployment's payload describes. All values are untrusted.

    name: the manifest's `release`. manifest: its path in the checkout. manifest_digest, evidence: sha256,
    hexadecimal. content: digest of what it ships, '' if an older version recorded it. agents: version by agent name,
    if the payload has it. run: URL of the workflow run. actor: login of the person who started the run. org: id of
    the org. pilot None: the release is for all users. resume: whether the manifest says that the release turns
    stopped agents on again. cites: node id of the deployment whose evidence it has, in the fast lane; else ''.
    passed_lock: node id of the act that had locked the environment, if a rollback passed the lock; else ''. adoption:
    set if it was found in the org, not deployed.
    """

    name: str
    manifest: str
    manifest_digest: str = ""
    evidence: str = ""
    content: str = ""
    agents: Mapping[str, str] = field(default_factory=dict)
    run: str = ""
    actor: str = ""
    org: str = ""
    override: Override | None = None
    pilot: Pilot | None = None
    resume: bool = False
    cites: str = ""
    passed_lock: str = ""
    adoption: Adoption | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployment:
    """One deployment of a release to an environment.

    id: node id, because the numeric id overflows the integers of GitHub's GraphQL API. commit: full SHA.
    statuses: oldest first. release None: the payload is unreadable. creator: login. state: of the newest status; None
    without statuses. live: version by agent name, as read back from the org afterwards; None for an inactive agent.
    released: the version that the release has of each agent, as far as it is known; a stop does not change it.
    published: which version each of its scripts is in the org, as far as it is known. triggered_by: login of the
    person who started the newest attempt, '' if unknown.
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
    released: Mapping[str, int] = field(default_factory=dict)
    published: tuple[Publication, ...] = ()
    triggered_by: str = ""

    @property
    def attempted(self) -> bool:
        """Whether the deployment went beyond waiting for its approval. A waiting one has changed nothing."""
        return any(status.state not in _WAITING for status in self.statuses)

    @property
    def succeeded(self) -> bool:
        """Whether it was ever live. Any success counts, because GitHub later marks a replaced one inactive."""
        return any(status.state is State.SUCCESS for status in self.statuses)

    @property
    def confined(self) -> bool:
        """Whether it gave a pilot copies of the agents, so that everybody else kept what was live before."""
        return self.release is not None and self.release.pilot is not None and bool(self.release.pilot.copies)

    @property
    def retired(self) -> bool:
        """Whether a pilot's copies were taken out of use, and no later attempt has put them back."""
        retired = False
        for status in self.statuses:
            ends = status.description.startswith(RETIRED)
            retired = ends or (retired and status.state not in _BEGINS)
        return retired

    @property
    def rolled_back(self) -> bool:
        """Whether it was live and then marked as failed. Of two marks of the same second, the later one counts."""
        outcomes = [status.state for status in self.statuses if status.state in {State.SUCCESS, *FAILED}]
        return self.succeeded and outcomes[-1] in FAILED

    @property
    def differs(self) -> bool:
        """Whether it is only the nearest release to what the org had when it was adopted."""
        adoption = self.release.adoption if self.release else None
        return adoption is not None and bool(adoption.differences or adoption.more)

    @property
    def agents(self) -> Mapping[str, str]:
        """The release's version by agent name: as read back from the org, else as in the payload."""
        read_back = {name: f"v{version}" for name, version in self.released.items()}
        return read_back or (self.release.agents if self.release else {})

    @property
    def live_since(self) -> datetime | None:
        """When it first became live; None if it never did."""
        return min((each.created_at for each in self.statuses if each.state is State.SUCCESS), default=None)

    @property
    def title(self) -> str:
        """The release's name; its short commit if the payload is unreadable."""
        return self.release.name if self.release else self.commit[:12]
