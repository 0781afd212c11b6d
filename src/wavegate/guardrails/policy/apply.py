"""A policy applied to findings: other severities, and findings that are accepted until a day."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from wavegate.findings.finding import Finding, Location, Severity, error, warning, worst_first
from wavegate.findings.suggestions import suggestion
from wavegate.guardrails.policy.rule_ids import ALWAYS_ON, OF_THE_POLICY, RULE_IDS
from wavegate.guardrails.policy.scoped import ScopedFinding
from wavegate.release.policy.values import Exemption, GuardrailPolicy, RuleLevel, RuleSetting

_SEVERITIES = {RuleLevel.WARNING: Severity.WARNING, RuleLevel.ERROR: Severity.ERROR}


def apply_policy(found: Iterable[ScopedFinding], policy: GuardrailPolicy, *, today: date) -> tuple[Finding, ...]:
    """The findings that remain, worst first, and those on the policy's own exceptions. today: in UTC."""
    levels = {each.rule: each.level for each in policy.levels if not _is_refused(each)}
    kept = [each for each in (_with_level(each, levels.get(each.finding.rule)) for each in found) if each]
    valid = [each for each in policy.exemptions if each.expires >= today and each.rule not in OF_THE_POLICY]
    remaining = [each.finding for each in kept if not any(_accepts(exemption, each) for exemption in valid)]
    remaining += exemption_findings(policy.exemptions, kept, today=today)
    return tuple(sorted(dict.fromkeys(remaining), key=worst_first))


def _is_refused(setting: RuleSetting) -> bool:
    """Whether the setting would silence all properties, or the policy's own mistakes."""
    return setting.rule in OF_THE_POLICY or (setting.rule in ALWAYS_ON and setting.level is RuleLevel.OFF)


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


def rule_findings(policy: GuardrailPolicy) -> Iterator[Finding]:
    """A finding for each rule that the policy names and nobody knows, or that a policy cannot change so."""
    for setting in policy.levels:
        if _is_refused(setting):
            fix = f"Delete this line. {_FIXES.get(setting.rule, _CORRECT)}"
            message = f"The findings of `{setting.rule}` cannot be switched off or changed in severity as a whole."
            yield error("policy/unknown-rule", setting.location, message, fix)
        elif setting.rule not in RULE_IDS:
            yield _unknown(setting.rule, setting.location)
    for each in policy.exemptions:
        if each.rule in OF_THE_POLICY:
            message = f"No exception can accept the findings of `{each.rule}`."
            yield error("policy/unknown-rule", each.location, message, f"Delete the exception. {_CORRECT}")
        elif each.rule not in RULE_IDS:
            yield _unknown(each.rule, each.location)


_CORRECT = "Correct what a finding of it names."
_FIXES = {"property/violated": "Delete the property instead, or accept one finding for a time with `exceptions`."}


def _unknown(rule: str, place: Location) -> Finding:
    fix = f"Use the id that a finding shows.{suggestion(rule, sorted(RULE_IDS))}"
    return error("policy/unknown-rule", place, f"Unknown rule `{rule}`.", fix)
