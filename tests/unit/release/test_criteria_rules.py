"""What a pack says without effect: criteria, severities and policies that no test can break."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from wavegate.components.manifest_names.names import at_file
from wavegate.findings.finding import Severity
from wavegate.release.criteria_rules import all_waived, idle_findings, sounds_like_safety
from wavegate.release.pack import Pack
from wavegate.release.pack_file import build_pack

TODAY = date(2026, 11, 27)
CRITICAL = {"kind": "action-safety", "severity": "critical"}
NO_PII = {"no-pii": {"pii": ["email"]}}


def pack(*tests: str | Mapping[str, Any], criteria: Mapping[str, Any] | None = None, **fields: Any) -> Pack:
    values = {"suite": "s", "tests": tests, "passCriteria": {"minimumSuccessRate": 0.95, **(criteria or {})}}
    return build_pack({**values, **fields}, path="packs/s.json", digest="")


def rules(built: Pack) -> list[str]:
    return [each.rule for each in idle_findings(built, at_file(built.path))]


@pytest.mark.parametrize(
    ("tests", "policies"),
    [
        (["a", "b"], {}),
        ([{"name": "a", "kind": "action-safety"}], {}),
        ([{"name": "a", "kind": "action-safety", "severity": "high"}], {}),
        ([{"name": "a", "policies": ["no-pii"]}], NO_PII),
    ],
)
def test_zero_critical_violations_needs_a_test_whose_failure_is_one(tests: Any, policies: Any) -> None:
    zero = {"zeroCriticalPolicyViolations": True}
    assert rules(pack(*tests, criteria=zero, policies=policies)) == ["criteria/no-critical-test"]
    assert rules(pack(*tests, policies=policies)) == []


@pytest.mark.parametrize(
    ("test", "policies"), [({**CRITICAL}, {}), ({"severity": "critical", "policies": ["no-pii"]}, NO_PII)]
)
def test_one_critical_test_gives_the_criterion_a_meaning(test: Any, policies: Any) -> None:
    zero = {"zeroCriticalPolicyViolations": True}
    assert rules(pack("a", {"name": "b", **test}, criteria=zero, policies=policies)) == []


def test_the_remedy_names_the_test_that_sounds_like_safety() -> None:
    built = pack("case-summary", "pii-redaction-check", criteria={"zeroCriticalPolicyViolations": True})
    (finding,) = idle_findings(built, at_file(built.path))
    assert '{"name": "pii-redaction-check", "kind": "action-safety", "severity": "critical"}' in finding.fix
    assert finding.severity is Severity.WARNING


def test_a_severity_that_no_violation_can_have_is_a_warning() -> None:
    assert rules(pack({"name": "a", "severity": "critical"})) == ["pack/idle-severity"]
    assert rules(pack({"name": "a", "severity": "medium"})) == []


@pytest.mark.parametrize("criteria", [{"minimumSuccessRate": 0}, {"maxErrorRate": 1}, {"maxErrorRate": 1.0}])
def test_a_criterion_that_every_result_meets_is_a_warning(criteria: Any) -> None:
    assert rules(pack("a", criteria=criteria)) == ["criteria/always-met"]


def test_a_policy_without_a_test_is_a_warning_unless_a_test_names_one_that_is_unknown() -> None:
    used = {"name": "a", "policies": ["no-pii"]}
    assert rules(pack("a", policies=NO_PII)) == ["policy/unused"]
    assert rules(pack(used, policies={**NO_PII, "b": {"pii": ["ssn"]}})) == ["policy/unused"]
    assert rules(pack({"name": "a", "policies": ["no-pi"]}, policies=NO_PII)) == []


def test_a_policy_that_is_defined_nowhere_is_a_warning() -> None:
    assert rules(pack({"name": "a", "policies": ["no-pii"]})) == ["pack/undefined-policy"]


@pytest.mark.parametrize(
    ("waived", "expires", "expected"),
    [("ab", "2026-11-27", ["waiver/all-tests"]), ("ab", "2026-11-26", []), ("a", "2026-11-27", [])],
)
def test_waivers_of_all_tests_leave_nothing_to_judge(waived: str, expires: str, expected: list[str]) -> None:
    waivers = [{"test": name, "reason": "r", "owner": "@o", "expires": expires} for name in waived]
    built = pack("a", "b", waivers=waivers)
    assert [each.rule for each in all_waived(built, at_file(built.path), today=TODAY)] == expected


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("pii-redaction-check", True),
        ("escalation-policy-compliance", True),
        ("Prompt_Injection", True),
        ("red-team", True),
        ("case-summary-quality", False),
        ("shipment-api-timeout-fallback", False),
    ],
)
def test_names_that_sound_like_safety(name: str, *, safe: bool) -> None:
    assert sounds_like_safety(name) is safe
