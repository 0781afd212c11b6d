"""Rules for criteria and policies that no test of their pack can break: safeguards in name only."""

from collections.abc import Iterator
from datetime import date

from wavegate.findings.finding import Finding, Locate, notice, warning
from wavegate.release.pack import Pack, PackTest, TestKind, ViolationSeverity

_SAFETY = (
    "abuse", "adversarial", "agency", "compliance", "consent", "guardrail", "hijack", "inject", "jailbreak", "leak",
    "pii", "policy", "privacy", "redact", "redteam", "safety", "secur", "toxic", "unauthori",
)  # fmt: skip


def sounds_like_safety(test: str) -> bool:
    """Whether a test's name says that it is about the agent's safety rather than the quality of its answers."""
    plain = test.casefold().replace("-", "").replace("_", "").replace(" ", "")
    return any(word in plain for word in _SAFETY)


def idle_findings(pack: Pack, locate: Locate) -> Iterator[Finding]:
    """All that a pack says without effect, as far as the pack itself shows it."""
    yield from _zero_critical(pack, locate)
    yield from _always_met(pack, locate)
    yield from _severities(pack, locate)
    yield from _policies(pack, locate)
    if pack.criteria.no_regression_against:
        yield notice(
            "criteria/needs-baseline",
            locate("passCriteria", "noRegressionAgainst"),
            "Without observations of the live release, a gate with this criterion is inconclusive.",
            "Pass them to the gate with `baseline`. The promotion workflow passes none.",
        )


def all_waived(pack: Pack, locate: Locate, *, today: date) -> Iterator[Finding]:
    """A warning if every test of a pack has a waiver that is valid today. today: in UTC."""
    if pack.valid_waivers(today).keys() >= {each.name for each in pack.tests}:
        yield warning(
            "waiver/all-tests",
            locate("waivers", key=True),
            "Every test of this pack is waived, so nothing is left to judge and the pack cannot pass.",
            "Delete the waiver of a test that passes, or remove the pack from the gates that require it.",
        )


def _zero_critical(pack: Pack, locate: Locate) -> Iterator[Finding]:
    if not pack.criteria.zero_critical_policy_violations or any(_may_violate(pack, each) for each in pack.tests):
        return
    names = [each.name for each in pack.tests]
    example = next(filter(sounds_like_safety, names), names[0])
    yield warning(
        "criteria/no-critical-test",
        locate("passCriteria", "zeroCriticalPolicyViolations"),
        "No test of this pack is critical, so a failure is never a critical policy violation.",
        "Mark each test that must never fail, such as "
        f'{{"name": "{example}", "kind": "action-safety", "severity": "critical"}}.',
    )


def _may_violate(pack: Pack, test: PackTest) -> bool:
    """Whether a failure of the test, or a breach of its policies, is a critical violation."""
    return test.severity is ViolationSeverity.CRITICAL and _has_violations(pack, test)


def _has_violations(pack: Pack, test: PackTest) -> bool:
    return test.kind is TestKind.ACTION_SAFETY or any(each.name in test.policies for each in pack.policies)


def _always_met(pack: Pack, locate: Locate) -> Iterator[Finding]:
    criteria = pack.criteria
    for key, met, fix in (
        ("minimumSuccessRate", criteria.minimum_success_rate == 0, "Require a rate above 0, such as 0.95."),
        ("maxErrorRate", criteria.max_error_rate == 1, "Allow less than 1, such as 0.02, or delete the criterion."),
    ):
        if met:
            message = "Whatever the tests show, this criterion is met."
            yield warning("criteria/always-met", locate("passCriteria", key), message, fix)


def _severities(pack: Pack, locate: Locate) -> Iterator[Finding]:
    for index, test in enumerate(pack.tests):
        if test.severity is not ViolationSeverity.MEDIUM and not _has_violations(pack, test):
            yield warning(
                "pack/idle-severity",
                locate("tests", index, "severity"),
                f"The severity of `{test.name}` has no effect: the test can have no policy violation.",
                'Add "kind": "action-safety" so that a failure is one, or policies, or delete the severity.',
            )


def _policies(pack: Pack, locate: Locate) -> Iterator[Finding]:
    used, defined = {name for each in pack.tests for name in each.policies}, {each.name for each in pack.policies}
    for name in sorted(defined - used) if used <= defined else ():  # else the finding is that a test names another
        yield warning(
            "policy/unused",
            locate("policies", name, key=True),
            f"No test names the policy `{name}`, so nothing checks it.",
            "Add it to the `policies` of a test, or delete it.",
        )
    for index, test in enumerate(pack.tests if not pack.policies else ()):
        for position, name in enumerate(test.policies):
            yield warning(
                "pack/undefined-policy",
                locate("tests", index, "policies", position),
                f"The policy `{name}` is defined nowhere, so nothing checks it.",
                "Define it under `policies` of this pack, or remove the name.",
            )
