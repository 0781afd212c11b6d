"""The request for a deployment to an org."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from wavegate.components.component import ComponentId, Project
from wavegate.deploy.acts.held import ReadStops
from wavegate.deploy.cohorts import CohortAssignment
from wavegate.deploy.journal import DeployJournalEntry
from wavegate.deploy.pilot.values import AccessMemory, CopiesRequest, Retirement
from wavegate.deploy.rollout_values import Rollout
from wavegate.ledger.publication import Publication
from wavegate.plan.scripts import ReleaseScript
from wavegate.release.manifest import Agent
from wavegate.salesforce.cli import Upload


@dataclass(frozen=True, kw_only=True, slots=True)
class StageValidation:
    """A check-only job. is_of_stage: whether it is said to have validated exactly what the stage deploys."""

    id: str
    is_of_stage: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageStage:
    """What one job deploys. members: components that it deploys or deletes.

    validation: a job that validated it in the org, whose tests need not run again; None without one.
    after_publishing: whether it needs the agents whose scripts the deployment publishes.
    """

    upload: Upload
    members: frozenset[ComponentId]
    validation: StageValidation | None = None
    after_publishing: bool = False


RestoreStage = Callable[[frozenset[ComponentId]], PackageStage | None]
"""The stage that deploys the live release's versions of components; None if they are not known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeployRequest:
    """What to deploy, and where.

    agents: with the versions that the commit ships. scripts: those that the org may have to publish. published: what
    the ledger says of earlier publications in this org, oldest first.
    members: components that the stages deploy or delete. stages: in order, () for nothing to deploy, only to
    activate. added: the members that the org does not have yet. removed: flows that the release no longer has, which
    are deactivated and deleted after the stages. restore: the stage that deploys the live release's versions of those
    components that finished stages changed before another failed; None if they are not known.
    subject: digest of what is deployed. seconds: to wait for each job. tell: prints a line of progress.
    unfinished_since: when an earlier attempt began whose end, and whose job, the ledger does not show; None without
    one.
    note: writes to the ledger what a run on another machine needs to resume this one. record: writes the outcome to
    the ledger, before the local journal is closed. Both raise a WavegateError if the ledger cannot be written.
    read_stops: the open stops that the release does not lift; a WavegateError if the ledger cannot be read.
    copies: what a pilot's cohorts get, of which agents and members are then copies; None for a release to everybody.
    retirement: copies of earlier pilots to take out of use afterwards. memory: of whose access to live agents was
    taken away; None without GitHub.
    """

    release: str
    environment: str
    agents: tuple[Agent, ...]
    admissions: tuple[CohortAssignment, ...]
    members: frozenset[ComponentId]
    project: Project
    stages: tuple[PackageStage, ...]
    subject: str
    user_id: str
    seconds: float
    tell: Callable[[str], None]
    note: Callable[[DeployJournalEntry], None] = lambda _: None
    record: Callable[[Rollout], None] = lambda _: None
    unfinished_since: datetime | None = None
    added: frozenset[ComponentId] = frozenset()
    removed: frozenset[ComponentId] = frozenset()
    restore: RestoreStage = lambda _: None
    scripts: tuple[ReleaseScript, ...] = ()
    published: tuple[Publication, ...] = ()
    read_stops: ReadStops = lambda: ()
    copies: CopiesRequest | None = None
    retirement: Retirement | None = None
    memory: AccessMemory | None = None
