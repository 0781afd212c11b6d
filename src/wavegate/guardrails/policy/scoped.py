"""A finding together with what it is about, so that a policy can accept it for a part of an agent."""

from collections.abc import Iterator
from dataclasses import dataclass

from wavegate.findings.finding import Finding, Location, Severity


@dataclass(frozen=True, kw_only=True, slots=True)
class ScopedFinding:
    """A finding. agent, topic, tool: names of what it is about, '' where it is about more than one."""

    finding: Finding
    agent: str = ""
    topic: str = ""
    tool: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleScope:
    """Where a rule looks at the moment: an agent, a topic of it, or a tool of that topic."""

    agent: str = ""
    topic: str = ""
    tool: str = ""

    def error(self, rule: str, location: Location, message: str, fix: str) -> ScopedFinding:
        """A finding that fails the check."""
        return self._finding(Severity.ERROR, rule, location, message, fix)

    def warning(self, rule: str, location: Location, message: str, fix: str) -> ScopedFinding:
        """A finding that fails a strict check."""
        return self._finding(Severity.WARNING, rule, location, message, fix)

    def notice(self, rule: str, location: Location, message: str, fix: str) -> ScopedFinding:
        """A finding for information only."""
        return self._finding(Severity.NOTICE, rule, location, message, fix)

    def _finding(self, severity: Severity, rule: str, location: Location, message: str, fix: str) -> ScopedFinding:
        finding = Finding(rule=rule, severity=severity, location=location, message=message, fix=fix)
        return ScopedFinding(finding=finding, agent=self.agent, topic=self.topic, tool=self.tool)


ScopedFindings = Iterator[ScopedFinding]
