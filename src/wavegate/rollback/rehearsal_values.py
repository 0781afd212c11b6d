"""A rehearsal: the way back out of a release, tried before the release ships."""

from dataclasses import dataclass

from wavegate.findings.finding import Finding, Severity
from wavegate.rollback.values import Rollback


@dataclass(frozen=True, kw_only=True, slots=True)
class Rehearsal:
    """The rollback of one environment from the release under review to what is live there now.

    rollback: what it would do; None where nothing is live to come back to, or what is live cannot be read.
    findings: what keeps it from being done (errors), and what it would leave to people (warnings).
    """

    environment: str
    rollback: Rollback | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the rollback can be done."""
        return not any(each.severity is Severity.ERROR for each in self.findings)
