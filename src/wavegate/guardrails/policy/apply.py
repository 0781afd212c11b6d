"""A policy applied to findings: other severities, and findings that are accepted until a day."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from wavegate.findings.finding import Finding, Severity, error, warning, worst_first
from wavegate.findings.suggestions import suggestion
from wavegate.guardrails.policy.rule_ids import RULE_IDS
from wavegate.guardrails.policy.scoped import ScopedFinding
from wavegate.release.policy.values import Exemption, GuardrailPolicy, RuleLevel

_SEVERITIES = {RuleLevel.WARNING: Severity.WARNING, RuleLevel.ERROR: Severity.ERROR}


def apply_policy(found: Iterable[ScopedFinding], policy: GuardrailPolicy, *, today: date) -> tuple[Finding, ...]:
    """The findings that remain, worst first, and those on the policy's own exceptions. today: in UTC."""
    levels = {each.rule: each.level for each in policy.levels}
    kept = [each for each in (_with_level(each, levels.get(each.finding.rule)) for each in found) if each]
    valid = [each for each in policy.exemptions if each.expires >= today]
    remaining = [each.finding for each in kept if not any(_accepts(exemption, each) for exemption in valid)]
    remaining += exemption_findings(policy.exemptions, kept, today=today)
    return tuple(sorted(dict.fromkeys(remaining), key=worst_first))


def _with_level(found: ScopedFinding, level: RuleLevel | None) -> ScopedFinding | None:
    if level is None:
        return found
    if level is RuleLevel.OFF:
        return None
    finding = found.finding._replace(severity=_SEVERITIES[level])
    return ScopedFinding(finding=finding, agent=found.agent, topic=found.topic, tool=found.tool)


def _accepts(exemption: Exemption, found: ScopedFinding) -> bool:
    named = ((exemption.agent, found.agent), (exemption.topic, found.topic), (exemption.tool, found.tool))
    return exemption.rule == found.finding.rule and all(name in ("", own) for name, own in named)


def exemption_findings(
    exemptions: Iterable[Exemption], found: Sequence[ScopedFinding], *, today: date
) -> Iterator[Finding]:
    """A finding for each exception that has expired, and for each that accepts nothing."""
    for each in exemptions:
        if each.expires < today:
            yield error(
                "exception/expired",
                each.location,
                f"The exception from `{each.rule}` expired on {each.expires}.",
                f"Delete it, or have {each.owner} extend it.",
            )
        elif not any(_accepts(each, other) for other in found):
            yield warning(
                "exception/unused",
                each.location,
                f"No finding of `{each.rule}` matches this exception.",
                "Delete it, or correct its agent, topic or tool.",
            )


def rule_findings(policy: GuardrailPolicy, known: frozenset[str] = RULE_IDS) -> Iterator[Finding]:
    """A finding for each rule that the policy names and nobody knows."""
    named = [(each.rule, each.location) for each in policy.levels]
    named += [(each.rule, each.location) for each in policy.exemptions]
    for rule, place in named:
        if rule not in known:
            fix = f"Use the id that a finding shows.{suggestion(rule, sorted(known))}"
            yield error("policy/unknown-rule", place, f"Unknown rule `{rule}`.", fix)
