"""What is written in an agent and does not take effect."""

from wavegate.findings.finding import Finding, Severity
from wavegate.guardrails.policy.context import AgentContext
from wavegate.guardrails.policy.scoped import ScopedFinding, ScopedFindings

_SEVERITIES = {"statement/moved": Severity.WARNING}
"""The losses that are not errors."""


def losses(context: AgentContext) -> ScopedFindings:
    """One finding for each loss of an agent."""
    for loss in context.reading.losses:
        finding = Finding(
            rule=loss.rule,
            severity=_SEVERITIES.get(loss.rule, Severity.ERROR),
            location=loss.location,
            message=loss.message,
            fix=loss.fix,
        )
        yield ScopedFinding(finding=finding, agent=context.name, topic=loss.topic, tool=loss.tool)
