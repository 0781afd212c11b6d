"""What is wrong with a policy as such, whatever the agents do."""

from collections.abc import Iterator, Mapping

from wavegate.findings.finding import Finding
from wavegate.guardrails.model import Guardrails
from wavegate.guardrails.policy.apply import rule_findings
from wavegate.guardrails.policy.names import unknown_names
from wavegate.guardrails.policy.property_names import read_properties, read_stated
from wavegate.release.policy.values import GuardrailPolicy


def policy_findings(
    policy: GuardrailPolicy, guardrails: Guardrails | None, texts: Mapping[str, str]
) -> Iterator[Finding]:
    """Unknown rules, sentences that are not properties, and names that the project does not have.

    guardrails: None without a project; names are then not checked. texts: of the policy's file, by path.
    """
    yield from rule_findings(policy)
    if guardrails is None:
        yield from (each for each in read_properties(policy, texts) if isinstance(each, Finding))
        return
    yield from unknown_names(policy, guardrails)
    yield from read_stated(policy, guardrails, texts)[1]
