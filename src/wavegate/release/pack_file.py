"""Builds a pack from the values of its file."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from wavegate.release.pack import (
    USUAL_CONFIDENCE,
    Criteria,
    Pack,
    PackTest,
    PersonalData,
    Policy,
    RunBudget,
    Runs,
    Stage,
    TestKind,
    ViolationSeverity,
    Waiver,
)

Values = Mapping[str, Any]


def build_pack(values: Values, *, path: str, digest: str) -> Pack:
    """The pack of values that `pack.schema.json` has accepted."""
    runs = _runs(values.get("runs", 1))
    return Pack(
        suite=values["suite"],
        tests=tuple(_test(each) for each in values["tests"]),
        criteria=_criteria(values["passCriteria"], USUAL_CONFIDENCE if runs == "until-settled" else None),
        runs=runs,
        budget=_budget(values.get("budget", {})),
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
        cases=tuple(cases) if isinstance(cases := entry.get("cases"), list) else cases,
    )


def _criteria(entry: Values, usual_confidence: float | None) -> Criteria:
    regression = entry.get("noRegressionAgainst")
    margins = regression if isinstance(regression, Mapping) else {}
    return Criteria(
        minimum_success_rate=entry["minimumSuccessRate"],
        zero_critical_policy_violations=entry.get("zeroCriticalPolicyViolations", False),
        confidence=entry.get("confidence", usual_confidence),
        per_test_minimum=entry.get("perTestMinimum", 0.5),
        max_error_rate=entry.get("maxErrorRate"),
        max_latency_p95=entry.get("maxLatencyP95"),
        require_version=entry.get("requireVersion"),
        no_regression_against="baseline" if regression else None,
        regression_margin=margins.get("margin", 0.1),
        regression_margin_per_test=margins.get("perTestMargin", 0.3),
    )


def _runs(entry: Any) -> Runs:
    if isinstance(entry, dict):
        return tuple(Stage(n=each["n"], max_failures=each["maxFailures"]) for each in entry["stages"])
    runs: Runs = entry
    return runs


def _budget(entry: Values) -> RunBudget:
    usual = RunBudget()
    return RunBudget(
        max_runs=entry.get("maxRuns"),
        max_minutes=entry.get("maxMinutes", usual.max_minutes),
        max_cost=entry.get("maxCost"),
    )


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
        topics=tuple(entry.get("topics", ())),
        required_actions=tuple(entry.get("requiredActions", ())),
        forbidden_actions=tuple(entry.get("forbiddenActions", ())),
        must_match=tuple(entry.get("mustMatch", ())),
        must_not_match=tuple(entry.get("mustNotMatch", ())),
        pii=tuple(PersonalData(each) for each in entry.get("pii", ())),
        max_latency=entry.get("maxLatency"),
    )
