"""A deployment to an org: its job, its result, and the agent versions that are live afterwards."""

from dataclasses import dataclass
from typing import Literal

from wavegate.components.component import ComponentId
from wavegate.errors import WavegateError
from wavegate.ledger.acts.act import Act
from wavegate.ledger.publication import Publication
from wavegate.read_back.values import FlowChange, TemplateState

ENDED = frozenset({"Succeeded", "SucceededPartial", "Failed", "Canceled", "FinalizingFailed"})
"""Final statuses of a job. Source: Metadata API, DeployResult."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ComponentFailure:
    """One component that the org rejected. line, column: position in its file, if the org reported one."""

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
class ClassCoverage:
    """How much of an Apex class the job's tests executed. lines: that can be executed; missed: that were not."""

    name: str
    lines: int
    missed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DeployJob:
    """A deployment job as the org reports it.

    changed, unchanged: numbers of components; deleted ones count as changed. components: all that succeeded.
    problem: the org's error message for the whole job, or ''. tests_run: number of test methods.
    """

    id: str
    status: str
    changed: int = 0
    unchanged: int = 0
    components: frozenset[ComponentId] = frozenset()
    failures: tuple[ComponentFailure, ...] = ()
    test_failures: tuple[TestFailure, ...] = ()
    problem: str = ""
    tests_run: int = 0
    coverage: tuple[ClassCoverage, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether the job has a final status."""
        return self.status in ENDED

    @property
    def succeeded(self) -> bool:
        """Whether everything was deployed. Partial success does not count."""
        return self.status == "Succeeded" and not self.failures and not self.test_failures


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentChange:
    """The active version of an agent before and after (live). None: the agent is inactive."""

    name: str
    before: int | None
    live: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldAgent:
    """An agent that a deployment left as a stop had left it.

    live: its active version, None while it is inactive. wanted: the version that the release would have activated;
    None for none. stop: the open stop; None if somebody deactivated the agent in the org without a record.
    """

    name: str
    live: int | None
    wanted: int | None
    stop: Act | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CohortChange:
    """The users who were added to and removed from one permission set: user names or ids, sorted."""

    permission_set: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Rollout:
    """The result of `deploy`. agents: as read back from the org. problems: why it failed, worst first, one line each.

    jobs: in order; the last one is the one that failed, if any did. flows, templates: those of the release.
    notes: what else there is to know, one line each. publications: of its scripts, with the version that each of them
    has in this org, as far as it is known. unrecorded: why the ledger does not show this outcome yet, if it does not.
    held: agents that stay as a stop left them. confined: whether a pilot's cohorts alone get it, as copies.
    """

    release: str
    environment: str
    host: str
    result: Literal["deployed", "unchanged", "failed"]
    agents: tuple[AgentChange, ...]
    jobs: tuple[DeployJob, ...] = ()
    cohorts: tuple[CohortChange, ...] = ()
    flows: tuple[FlowChange, ...] = ()
    templates: tuple[TemplateState, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    publications: tuple[Publication, ...] = ()
    held: tuple[HeldAgent, ...] = ()
    unrecorded: WavegateError | None = None
    confined: bool = False

    @property
    def job(self) -> DeployJob | None:
        """The last job; None if there was none."""
        return self.jobs[-1] if self.jobs else None
