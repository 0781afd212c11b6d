"""What an expansion changes, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wavegate.canary.decision import CanaryDecision
from wavegate.canary.expand.next_step import PendingStep
from wavegate.github.proposed import Proposed
from wavegate.pilot.cohorts import PilotCohort
from wavegate.release.manifest import Manifest


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowEdit:
    """A constant of a routing flow that a step sets. path: of the flow's file."""

    flow: str
    constant: str
    value: float | str
    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Expansion:
    """The next step of a canary, ready to be proposed.

    content: digest of what the pilot ships, '' if unknown. base: the branch to change. decision: the look that it
    follows from. override: why a person expands it without one, and who; '' for both if nobody did. cohorts: those
    that join. files: new content by path from the repository's root.
    """

    manifest: Manifest
    environment: str
    step: PendingStep
    content: str
    base: str
    branch: str
    cohorts: tuple[PilotCohort, ...] = ()
    flows: tuple[FlowEdit, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    decision: CanaryDecision | None = None
    override: str = ""
    actor: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpandResult:
    """What a run did.

    name: opened, updated, unchanged, issue, local or dry-run; waiting, declined or complete if there is nothing to
    propose now, for the reason in `why`; closed for a run that only closes. closed: numbers of outdated pull requests
    that were closed. kept: paths where somebody else's edit of the branch was kept.
    """

    name: str
    environment: str
    expansion: Expansion | None = None
    proposed: Proposed | None = None
    why: str = ""
    fix: str = ""
    closed: tuple[int, ...] = ()
    kept: tuple[str, ...] = ()
