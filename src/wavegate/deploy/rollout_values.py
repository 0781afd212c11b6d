"""A deployment to an org: its job, what became of it, and which versions users talk to afterwards."""

from dataclasses import dataclass
from typing import Literal

from wavegate.components.component import ComponentId
from wavegate.errors import WavegateError

ENDED = frozenset({"Succeeded", "SucceededPartial", "Failed", "Canceled", "FinalizingFailed"})
"""Statuses in which a job stays. Source: Metadata API, DeployResult."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ComponentFailure:
    """One component that the org refused. line, column: in its file, where the org said so."""

    component: ComponentId
    problem: str
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TestFailure:
    """One Apex test that failed in the org. name: class and method."""

    __test__ = False

    name: str
    problem: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DeployJob:
    """A deployment job as the org describes it. changed, unchanged: components; deleted ones count as changed.

    problem: what the org says of the job as a whole, or ''.
    """

    id: str
    status: str
    changed: int = 0
    unchanged: int = 0
    failures: tuple[ComponentFailure, ...] = ()
    test_failures: tuple[TestFailure, ...] = ()
    problem: str = ""

    @property
    def ended(self) -> bool:
        """Whether the job is over."""
        return self.status in ENDED

    @property
    def succeeded(self) -> bool:
        """Whether everything is deployed; a part of it is not enough."""
        return self.status == "Succeeded" and not self.failures and not self.test_failures


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentChange:
    """An agent before and after. before, live: version that users talk to, None while it is off."""

    name: str
    before: int | None
    live: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CohortChange:
    """Who was let in and who was let out through one permission set: user names or ids, sorted."""

    permission_set: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Rollout:
    """What `deploy` did. agents: as read back from the org. problems: why it failed, worst first, one line each.

    unrecorded: why the ledger does not show this outcome yet; None where it does.
    """

    release: str
    environment: str
    host: str
    result: Literal["deployed", "unchanged", "failed"]
    agents: tuple[AgentChange, ...]
    job: DeployJob | None = None
    cohorts: tuple[CohortChange, ...] = ()
    problems: tuple[str, ...] = ()
    unrecorded: WavegateError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class KillSwitch:
    """What `disable` did. actor: GitHub login, or ''. note: how that person's right was established.

    agents: as read back from the org. missed: those that are not what was asked for.
    """

    environment: str
    host: str
    reason: str
    actor: str
    note: str
    agents: tuple[AgentChange, ...]
    missed: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether users talk to another version than before, or to none."""
        return any(each.before != each.live for each in self.agents)
