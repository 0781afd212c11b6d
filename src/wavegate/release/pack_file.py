"""Builds a pack from the values of its file."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from wavegate.release.pack import (
    Criteria,
    Pack,
    PackTest,
    PersonalData,
    Policy,
    Stage,
    TestKind,
    ViolationSeverity,
    Waiver,
)

Values = Mapping[str, Any]


def build_pack(values: Values, *, path: str, digest: str) -> Pack:
    """The pack of values that `pack.schema.json` has accepted."""
    return Pack(
        suite=values["suite"],
        tests=tuple(_test(each) for each in values["tests"]),
        criteria=_criteria(values["passCriteria"]),
        runs=_runs(values.get("runs", 1)),
        waivers=tuple(_waiver(each) for each in values.get("waivers", ())),
        policies=tuple(_policy(name, each) for name, each in values.get("policies", {}).items()),
        path=path,
        digest=digest,
    )


def _test(entry: str | Values) -> PackTest:
    if isinstance(entry, str):
        return PackTest(name=entry)
    return PackTest(
        name=entry["name"],
        kind=TestKind(entry.get("kind", TestKind.ANSWER_QUALITY)),
        severity=ViolationSeverity(entry.get("severity", ViolationSeverity.MEDIUM)),
        definition=entry.get("definition"),
        runs=entry.get("runs"),
        policies=tuple(entry.get("policies", ())),
        checks=tuple(entry["checks"]) if "checks" in entry else None,
    )


def _criteria(entry: Values) -> Criteria:
    return Criteria(
        minimum_success_rate=entry["minimumSuccessRate"],
        zero_critical_policy_violations=entry.get("zeroCriticalPolicyViolations", False),
        confidence=entry.get("confidence"),
        per_test_minimum=entry.get("perTestMinimum", 0.5),
        max_error_rate=entry.get("maxErrorRate"),
        max_latency_p95=entry.get("maxLatencyP95"),
        no_regression_against=entry.get("noRegressionAgainst"),
    )


def _runs(entry: Literal["auto"] | int | Values) -> Literal["auto"] | int | tuple[Stage, ...]:
    if isinstance(entry, (str, int)):
        return entry
    return tuple(Stage(n=each["n"], max_failures=each["maxFailures"]) for each in entry["stages"])


def _waiver(entry: Values) -> Waiver:
    return Waiver(
        test=entry["test"],
        reason=entry["reason"],
        owner=entry["owner"],
        expires=date.fromisoformat(entry["expires"]),
    )


def _policy(name: str, entry: Values) -> Policy:
    return Policy(
        name=name,
        required_actions=tuple(entry.get("requiredActions", ())),
        forbidden_actions=tuple(entry.get("forbiddenActions", ())),
        must_match=tuple(entry.get("mustMatch", ())),
        must_not_match=tuple(entry.get("mustNotMatch", ())),
        pii=tuple(PersonalData(each) for each in entry.get("pii", ())),
        max_latency=entry.get("maxLatency"),
    )
