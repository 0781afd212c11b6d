"""What a plan says of its pilot: who meets the release first, and what reaches everybody nevertheless."""

from dataclasses import dataclass

from wavegate.pilot.cohorts import PilotCohort
from wavegate.pilot.values import PilotCopy


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedPilot:
    """The pilot of a promotion.

    cohorts: those that get the release. copy: the copies of its agents; None if the cohorts get the agents
    themselves. not_limited: what reaches more people than the cohorts, one sentence each. manual: what a person does,
    one sentence each. Both are plain text.
    """

    cohorts: tuple[PilotCohort, ...]
    copy: PilotCopy | None = None
    not_limited: tuple[str, ...] = ()
    manual: tuple[str, ...] = ()
