"""A rehearsal: the rollback of a release, tried before the release ships."""

from dataclasses import dataclass

from wavegate.findings.finding import Finding, Severity
from wavegate.release.manifest import Kind
from wavegate.rollback.values import Rollback


@dataclass(frozen=True, kw_only=True, slots=True)
class Rehearsal:
    """The rollback of one environment from the release under review to the release that is live now.

    rollback: what it would do; None if no release is live, or the live release cannot be read.
    findings: what makes the rollback impossible (errors), and what it leaves to people (warnings).
    missing: kinds that ship without a rollback procedure, which is a finding about the manifest and not among these.
    """

    environment: str
    rollback: Rollback | None = None
    findings: tuple[Finding, ...] = ()
    missing: tuple[Kind, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the rollback is possible and complete."""
        return not self.missing and not any(each.severity is Severity.ERROR for each in self.findings)
