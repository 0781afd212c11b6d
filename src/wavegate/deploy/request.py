"""The request for a deployment to an org."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from wavegate.components.component import ComponentId, Project
from wavegate.deploy.cohorts import CohortAssignment
from wavegate.deploy.journal import DeployJournalEntry
from wavegate.deploy.rollout_values import Rollout
from wavegate.release.manifest import Agent
from wavegate.salesforce.cli import Upload


@dataclass(frozen=True, kw_only=True, slots=True)
class DeployRequest:
    """What to deploy, and where.

    members: components that the package deploys or deletes. removed: components that the release no longer has; flows
    among them are deactivated and deleted after the jobs. upload None: nothing to deploy, only to activate.
    subject: digest of what is deployed. seconds: to wait for the job. tell: prints a line of progress.
    unfinished_since: when an earlier attempt began whose end, and whose job, the ledger does not show; None without
    one.
    note: writes to the ledger what a run on another machine needs to resume this one. record: writes the outcome to
    the ledger, before the local journal is closed. Both raise a WavegateError if the ledger cannot be written.
    """

    release: str
    environment: str
    agents: tuple[Agent, ...]
    admissions: tuple[CohortAssignment, ...]
    members: frozenset[ComponentId]
    project: Project
    upload: Upload | None
    subject: str
    user_id: str
    seconds: float
    tell: Callable[[str], None]
    note: Callable[[DeployJournalEntry], None]
    record: Callable[[Rollout], None]
    unfinished_since: datetime | None = None
    removed: frozenset[ComponentId] = frozenset()
