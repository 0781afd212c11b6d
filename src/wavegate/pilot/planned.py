"""What a plan says of its pilot: who meets the release first, and what reaches everybody nevertheless."""

from collections.abc import Mapping
from dataclasses import dataclass

from wavegate.components.changes import ComponentChange
from wavegate.components.scope import ReleaseScope
from wavegate.pilot.cohorts import PilotCohort
from wavegate.pilot.values import NotSeparable, PilotCopy


@dataclass(frozen=True, kw_only=True, slots=True)
class CopiedRelease:
    """A release that a pilot gets as copies of its agents.

    copy: the copies. scope, changes: of the release under its own names, as everybody will get it. reaching: changes
    that cannot be copied and that the manifest accepts for everybody now. undone: how many files of the release they
    are copies of; each of those was the release's again, byte for byte, once the copies' names were taken out.
    """

    copy: PilotCopy
    scope: ReleaseScope
    changes: tuple[ComponentChange, ...]
    reaching: tuple[NotSeparable, ...] = ()
    undone: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedPilot:
    """The pilot of a promotion.

    cohorts: those that get the release. copied: None if the cohorts get the agents themselves. not_limited: what
    reaches more people than the cohorts; manual: what a person does. Both are sentences in plain text. routed: the
    service agents, or their copies, which answer whoever is led to them.
    """

    cohorts: tuple[PilotCohort, ...]
    copied: CopiedRelease | None = None
    not_limited: tuple[str, ...] = ()
    manual: tuple[str, ...] = ()
    routed: tuple[str, ...] = ()

    @property
    def copy(self) -> PilotCopy | None:
        """The copies; None if the cohorts get the agents themselves."""
        return self.copied.copy if self.copied else None

    @property
    def agents(self) -> Mapping[str, str]:
        """Name of the copy by agent; empty without copies."""
        return self.copied.copy.agents if self.copied else {}

    @property
    def permission_set(self) -> str:
        """The generated permission set that gives access to the copies; '' without copies."""
        return self.copied.copy.permission_set if self.copied else ""
