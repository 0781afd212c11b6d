"""A rehearsal: the rollback of a release, tried before it ships."""

from dataclasses import dataclass

from wavegate.findings.finding import Finding, Severity
from wavegate.release.manifest import Kind
from wavegate.rollback.values import Rollback


@dataclass(frozen=True, kw_only=True, slots=True)
class Rehearsal:
    """The rollback of one environment from the release under review to what is live there now.

    rollback: what it would do; None where nothing is live to restore, or what is live cannot be read.
    findings: what prevents it (errors), and what it would leave to people (warnings). missing: the kinds that ship
    without a rollback procedure, which is a finding about the manifest and not among these.
    """

    environment: str
    rollback: Rollback | None = None
    findings: tuple[Finding, ...] = ()
    missing: tuple[Kind, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the rollback can be done as a whole."""
        return not self.missing and not any(each.severity is Severity.ERROR for each in self.findings)
