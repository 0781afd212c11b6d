"""The health of a release that everybody has: proven to be beyond a threshold, on hold, or healthy."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.support.canary_days import AGENT, ALL_SIGNALS, DAY, START, day_sum, health_question, violations

from wavegate.canary.as_markdown import canary_markdown
from wavegate.canary.as_text import canary_text
from wavegate.canary.decision import CanaryDecision, canary_from_json, canary_to_json
from wavegate.canary.health import judge_health
from wavegate.canary.values import CanaryVerdict
from wavegate.release.manifest import Budget, HealthSettings, Threshold
from wavegate.telemetry.values import OTHERS, BusinessSum, DaySum, Lane, Reject

HEALTHY, HOLD, ROLLBACK = CanaryVerdict.HEALTHY, CanaryVerdict.HOLD, CanaryVerdict.ROLLBACK


def week(sessions: int = 100, **rates: Any) -> list[DaySum]:
    """Seven days of the live release."""
    return [day_sum(START.date() + DAY * number, OTHERS, AGENT, sessions, **rates) for number in range(7)]


def health(days: list[DaySum], *thresholds: Threshold, **more: Any) -> CanaryDecision:
    settings = HealthSettings(thresholds=thresholds, policy_budget=more.pop("policy_budget", {}))
    return judge_health(health_question(days, settings, **more))


@pytest.mark.parametrize(
    ("threshold", "rates", "verdict"),
    [
        (Threshold(name="taskSuccess", minimum=0.8), {}, HEALTHY),
        (Threshold(name="taskSuccess", minimum=0.8), {"success": 0.79}, HEALTHY),
        (Threshold(name="taskSuccess", minimum=0.8), {"success": 0.7}, ROLLBACK),
        (Threshold(name="taskSuccess", minimum=0.8, guard=True), {"success": 0.7}, HOLD),
        (Threshold(name="escalationRate", maximum=0.1), {}, HEALTHY),
        (Threshold(name="escalationRate", maximum=0.1), {"escalated": 0.2}, ROLLBACK),
        (Threshold(name="latencyP95", maximum=4500), {}, HEALTHY),
        (Threshold(name="latencyP95", maximum=3000), {}, ROLLBACK),
        (Threshold(name="volume", minimum=40), {}, HEALTHY),
        (Threshold(name="volume", minimum=500, guard=True), {}, HOLD),
        (Threshold(name="volume", maximum=20, guard=True), {}, HOLD),
        (Threshold(name="taskSuccess", minimum=0.8, maximum=0.83), {}, HEALTHY),
        (Threshold(name="taskSuccess", minimum=0.5, maximum=0.7), {}, ROLLBACK),
    ],
)
def test_thresholds(threshold: Threshold, rates: dict[str, Any], verdict: CanaryVerdict) -> None:
    decision = health(week(**rates), threshold)
    assert (decision.stage, decision.verdict) == ("health", verdict)
    assert bool(decision.reasons) == (verdict is not HEALTHY)
    assert canary_from_json(canary_to_json(decision), path="d") == decision
    assert "700 sessions in 7 days." in canary_text(decision)
    assert "700 sessions in 7 days" in canary_markdown(decision)


def test_only_the_window_counts_and_not_the_day_on_which_it_became_live() -> None:
    old = [day_sum(START.date() - DAY, OTHERS, AGENT, 1000, success=0.0)]
    assert health([*old, *week()], Threshold(name="taskSuccess", minimum=0.8)).verdict is HEALTHY
    switch = [day_sum(START.date(), OTHERS, AGENT, 1000, success=0.0), *week()[1:]]
    found = health(switch, Threshold(name="taskSuccess", minimum=0.8), since=START)
    assert (found.verdict, found.sessions) == (HEALTHY, 600)


def test_todays_sessions_do_not_count_yet() -> None:
    now = datetime(2026, 11, 8, 12, tzinfo=UTC)
    assert health(week(), Threshold(name="taskSuccess", minimum=0.8), now=now).sessions == 600


@pytest.mark.parametrize(
    ("found", "budgets", "verdict", "rule"),
    [
        (violations(1), {}, ROLLBACK, "canary/critical-violation"),
        (violations(0, 1), {}, HOLD, "canary/unconfirmed-critical"),
        (violations(4, severity="high"), {"high": Budget(count=3)}, ROLLBACK, "canary/violation-budget"),
        (violations(9, severity="high"), {"high": Budget(per_thousand=1)}, ROLLBACK, "canary/violation-rate"),
        (violations(2, severity="high"), {"high": Budget(per_thousand=1)}, HOLD, "canary/over-budget"),
    ],
)
def test_policy_budgets(found: Any, budgets: dict[str, Budget], verdict: CanaryVerdict, rule: str) -> None:
    first, *rest = week()
    threshold = Threshold(name="taskSuccess", minimum=0.8)
    decision = health([replace(first, violations=found), *rest], threshold, policy_budget=budgets)
    assert (decision.verdict, decision.reasons[0].rule) == (verdict, rule)


@pytest.mark.parametrize(
    ("days", "look", "rule"),
    [
        ([], {}, "canary/no-data"),
        (week(2), {}, "canary/too-few-sessions"),
        (week(), {"rejects": {Reject.NEGATIVE: 1}}, "canary/rejected-rows"),
        (week(), {"watermarks": {}}, "canary/no-data"),
        (week(), {"has": frozenset({"violations"})}, "canary/missing-signal"),
    ],
)
def test_too_little_or_doubtful_data_holds(days: list[DaySum], look: dict[str, Any], rule: str) -> None:
    decision = health(days, Threshold(name="taskSuccess", minimum=0.8), look=look)
    assert decision.verdict is HOLD
    assert rule in [each.rule for each in decision.reasons]


def test_business_metrics_have_thresholds_too() -> None:
    days = [replace(each, business={"keptClosed": BusinessSum(good=30, n=50)}) for each in week()]
    look = {"has": ALL_SIGNALS | {"keptClosed"}}
    decision = health(days, Threshold(name="keptClosed", minimum=0.9), look=look)
    assert (decision.verdict, decision.thresholds[0].total) == (ROLLBACK, 350)
    late = {"watermarks": {Lane.FAST: START + 7 * DAY, Lane.SLOW: START - timedelta(hours=12)}, **look}
    assert health(days, Threshold(name="keptClosed", minimum=0.9), look=late).verdict is HOLD
