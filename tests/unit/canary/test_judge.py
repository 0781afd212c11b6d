"""The order of a canary's decisions, and everything that keeps it from being expanded."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.support.canary_days import (
    AGENT,
    ALL_SIGNALS,
    COHORT,
    COPY,
    DAY,
    START,
    day_sum,
    days_after,
    days_before,
    question_about,
    violations,
)

from wavegate.canary.decision import CanaryDecision
from wavegate.canary.judge import judge
from wavegate.canary.values import CanaryVerdict
from wavegate.release.manifest import Budget, Canary, CanaryMetric
from wavegate.telemetry.values import OTHERS, BusinessSum, DaySum, Lane, Reject, UnknownWord

EXPAND, HOLD, ROLLBACK = CanaryVerdict.EXPAND, CanaryVerdict.HOLD, CanaryVerdict.ROLLBACK
GOOD = [*days_before(sessions=200, others=2000), *days_after(12, sessions=200, others=2000)]
"""A pilot that is as good as what was before, long enough to be proven."""
BAD = [*days_before(sessions=200, others=2000), *days_after(12, sessions=200, others=2000, success=0.70)]
NOW = datetime(2026, 11, 15, 8, tzinfo=UTC)
"""The morning after its last day."""
ONE_METRIC = Canary(steps=(), metrics=(CanaryMetric(name="taskSuccess", direction="decrease", margin=0.05),))


def rules(decision: CanaryDecision, weight: str | None = "hold") -> list[str]:
    return [each.rule.removeprefix("canary/") for each in decision.reasons if each.weight == weight]


def with_violations(days: list[DaySum], found: Mapping[str, Any], day: int = 2, agent: str = COPY) -> list[DaySum]:
    """The days with violations in one cohort's sum of one day after the start."""
    at = START.date() + DAY * day
    return [replace(each, violations=found) if (each.day, each.agent) == (at, agent) else each for each in days]


def test_a_release_as_good_as_before_is_expanded_after_enough_days() -> None:
    decision = judge(question_about(GOOD))
    assert (decision.verdict, rules(decision)) == (EXPAND, [])
    assert all(row.proven and row.adjusted for row in decision.metrics)
    assert (decision.sessions, decision.days, decision.looks, decision.proof) == (2400, 12, 1, 20.0)
    assert "2,400 sessions in 12 days. Every metric is proven to be within its margin" in decision.claim


def test_too_few_days_are_not_settled_and_say_what_is_needed() -> None:
    decision = judge(question_about([*days_before(), *days_after(5)]))
    assert (decision.verdict, set(rules(decision))) == (HOLD, {"not-settled"})
    rows = {row.name: row for row in decision.metrics}
    needed = rows["escalationRate"].days_needed
    assert needed
    later = judge(question_about([*days_before(), *days_after(5 + needed)]))
    earlier = judge(question_about([*days_before(), *days_after(5 + needed - 1)]))
    assert [{row.name: row.proven for row in each.metrics}["escalationRate"] for each in (earlier, later)] == [
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("rates", "metric"),
    [({"success": 0.76}, "taskSuccess"), ({"escalated": 0.16}, "escalationRate"), ({"slower": 1.5}, "latencyP95")],
)
def test_a_loss_is_rolled_back_and_named(rates: dict[str, Any], metric: str) -> None:
    decision = judge(question_about([*days_before(), *days_after(6, **rates)]))
    assert (decision.verdict, rules(decision, "rollback")) == (ROLLBACK, ["loss"])
    assert decision.reasons[0].metric == metric
    assert decision.evidence >= 20


def test_a_metric_that_got_better_is_no_loss() -> None:
    rates: dict[str, Any] = {"success": 0.95, "escalated": 0.02, "slower": 0.7}
    decision = judge(question_about([*days_before(), *days_after(14, **rates)]))
    assert decision.verdict is EXPAND


def test_what_happens_to_everybody_is_not_the_releases_doing() -> None:
    before = days_before()
    after = days_after(10, success=0.70, others=0)
    others = [day_sum(START.date() + DAY * number, OTHERS, AGENT, 900, success=0.70) for number in range(1, 11)]
    assert judge(question_about([*before, *after, *others])).verdict is not ROLLBACK
    alone = judge(question_about([each for each in [*before, *after] if each.cohort == COHORT]))
    assert (alone.verdict, "own-past-only" in rules(alone, None)) == (ROLLBACK, True)


def test_a_cohort_that_was_always_worse_is_compared_with_its_own_past() -> None:
    before = [replace(each, good=140) if each.cohort == COHORT else each for each in days_before(sessions=200)]
    decision = judge(question_about([*before, *days_after(20, sessions=200, success=0.70)]))
    assert decision.verdict is EXPAND


def test_a_loss_needs_twenty_sessions() -> None:
    few = judge(question_about([*days_before(), *days_after(2, sessions=9, success=0.0)]))
    enough = judge(question_about([*days_before(), *days_after(2, sessions=10, success=0.0)]))
    assert [few.verdict, enough.verdict] == [HOLD, ROLLBACK]
    assert few.evidence >= 20


@pytest.mark.parametrize(
    ("day", "agent"), [(0, COPY), (3, COPY), (13, COPY)], ids=["day of the switch", "full day", "today"]
)
def test_one_confirmed_critical_violation_rolls_back_at_once(day: int, agent: str) -> None:
    at = START.date() + DAY * day
    extra = [day_sum(at, "testers", agent, 1, violations=violations(1))]
    decision = judge(question_about([*GOOD, *extra], now=datetime(at.year, at.month, at.day, 20, tzinfo=UTC)))
    assert (decision.verdict, rules(decision, "rollback")) == (ROLLBACK, ["critical-violation"])
    assert decision.critical


def test_a_violation_of_the_live_agent_is_not_the_releases() -> None:
    days = with_violations(GOOD, violations(3), agent=AGENT)
    assert judge(question_about(days)).verdict is EXPAND


def test_without_a_copy_the_day_of_the_switch_is_both_sides() -> None:
    days = [replace(each, agent=AGENT) for each in GOOD]
    switch = [day_sum(START.date(), COHORT, AGENT, 50, violations=violations(1))]
    assert judge(question_about([*days, *switch], agents={AGENT: AGENT})).verdict is EXPAND
    first_launch = [each for each in days if each.day > START.date()]
    decision = judge(question_about([*first_launch, *switch], agents={AGENT: AGENT}))
    assert rules(decision, "rollback") == ["critical-violation"]


@pytest.mark.parametrize(
    ("budget", "severity", "confirmed", "verdict", "rule"),
    [
        (Budget(count=1), "critical", 1, EXPAND, None),
        (Budget(count=1), "critical", 2, ROLLBACK, "critical-violation"),
        (Budget(count=2), "high", 2, EXPAND, None),
        (Budget(count=2), "high", 3, ROLLBACK, "violation-budget"),
        (Budget(per_thousand=1), "high", 0, EXPAND, None),
        (Budget(per_thousand=1), "high", 4, HOLD, "over-budget"),
        (Budget(per_thousand=1), "high", 15, ROLLBACK, "violation-rate"),
        (Budget(per_thousand=0), "high", 1, ROLLBACK, "violation-rate"),
        (None, "high", 50, EXPAND, None),
    ],
)
def test_budgets(budget: Budget | None, severity: str, confirmed: int, verdict: CanaryVerdict, rule: str) -> None:
    settings = Canary(steps=(), policy_budget={severity: budget} if budget else {})
    days = with_violations(GOOD, violations(confirmed, severity=severity))
    decision = judge(question_about(days, settings=settings))
    assert decision.verdict is verdict
    assert decision.critical is (rule == "critical-violation")
    assert not rule or rule in [*rules(decision), *rules(decision, "rollback")]


def test_a_rate_budget_is_no_obstacle_before_it_is_shown() -> None:
    settings = Canary(steps=(), policy_budget={"high": Budget(per_thousand=1)})
    decision = judge(question_about(GOOD, settings=settings))
    (high,) = (row for row in decision.budgets if row.severity == "high")
    assert decision.verdict is EXPAND
    assert (high.shown, high.exceeded, high.sessions_to_show) == (False, False, 3678)


def test_rates_of_violations_join_the_mean_of_all_evidence() -> None:
    settings = replace(ONE_METRIC, policy_budget={"high": Budget(per_thousand=10)})
    days = [*days_before(), *days_after(7, success=0.785)]
    alone = judge(question_about(days, settings=ONE_METRIC))
    with_rate = judge(question_about(days, settings=settings))
    assert alone.verdict is ROLLBACK
    assert with_rate.evidence < alone.evidence


@pytest.mark.parametrize(
    ("look", "rule"),
    [
        ({"rejects": {Reject.NOT_A_NUMBER: 1}}, "rejected-rows"),
        ({"rejects": {Reject.NEGATIVE: 3}}, "rejected-rows"),
        ({"rejects": {Reject.FUTURE: 1}}, "rejected-rows"),
        ({"rejects": {Reject.DUPLICATE_FILE: 1}}, "rejected-rows"),
        ({"unknown": (UnknownWord(place="endTypes", word="GAVE_UP", sessions=4),)}, "unknown-word"),
        ({"problems": ("The clock changed.",)}, "doubtful-data"),
        ({"schema": "other columns"}, "changed-schema"),
        ({"watermarks": {Lane.FAST: NOW}}, "no-data"),
        ({"watermarks": {}}, "no-data"),
        ({"has": frozenset({"taskSuccess", "escalationRate", "violations"})}, "missing-signal"),
    ],
)
def test_doubtful_telemetry_holds_and_never_expands(look: dict[str, Any], rule: str) -> None:
    metrics = (*ONE_METRIC.metrics, CanaryMetric(name="latencyP95", direction="increase", margin_ratio=1.2))
    settings = Canary(steps=(), metrics=metrics)
    now = NOW
    asked: dict[str, Any] = {"now": now, "settings": settings, "schema": "columns"}
    assert judge(question_about(GOOD, **asked)).verdict is EXPAND
    decision = judge(question_about(GOOD, look=look, **asked))
    assert (decision.verdict, rule in rules(decision)) == (HOLD, True)
    critical = judge(question_about(with_violations(GOOD, violations(1)), look=look, **asked))
    assert critical.verdict is ROLLBACK
    assert rule in rules(critical)


def test_a_loss_is_rolled_back_although_rows_are_rejected() -> None:
    assert judge(question_about(BAD, look={"rejects": {Reject.NEGATIVE: 1}})).verdict is ROLLBACK


@pytest.mark.parametrize(("hours", "late"), [(25, False), (26, True)])
def test_a_lane_is_late_a_day_after_its_lag(hours: int, late: bool) -> None:
    now = NOW + DAY / 2
    marks = {Lane.FAST: now - timedelta(hours=hours), Lane.SLOW: now - timedelta(hours=hours)}
    decision = judge(question_about(GOOD, now=now + timedelta(seconds=1) * late, look={"watermarks": marks}))
    assert ("late-data" in rules(decision)) is late


def test_violations_and_business_metrics_wait_for_the_slow_lane() -> None:
    now = NOW
    marks = {Lane.FAST: now, Lane.SLOW: now - timedelta(days=2)}
    good, bad = (judge(question_about(days, now=now, look={"watermarks": marks})) for days in (GOOD, BAD))
    assert str(good.until) == "2026-11-13"
    assert [row.complete_days for row in good.metrics] == [10, 10, 10]
    assert [row.days for row in good.metrics] == [12, 12, 10]
    assert bad.verdict is ROLLBACK
    late = judge(question_about(GOOD, now=now, look={"watermarks": marks | {Lane.SLOW: START}}))
    assert "burn-in" in rules(late)
    assert judge(question_about(BAD, now=now, look={"watermarks": marks | {Lane.SLOW: START}})).verdict is ROLLBACK


def test_days_that_are_not_complete_do_not_count() -> None:
    newest = day_sum(NOW.date(), COHORT, COPY, 200, success=0.0)
    with_today, without = (judge(question_about(days, now=NOW)) for days in ([*GOOD, newest], GOOD))
    assert with_today.verdict is EXPAND
    assert (with_today.metrics, with_today.guards) == (without.metrics, without.guards)


def test_nothing_is_compared_before_the_first_full_day() -> None:
    decision = judge(question_about(days_before(), now=START + timedelta(hours=2)))
    assert (decision.verdict, rules(decision)) == (HOLD, ["burn-in"])


def test_a_pilot_that_nobody_uses_is_no_data() -> None:
    decision = judge(question_about([*days_before(), *days_after(6, sessions=0)]))
    assert (decision.verdict, "no-data" in rules(decision)) == (HOLD, True)


def test_no_cohort_is_no_data() -> None:
    decision = judge(question_about(GOOD, starts={}))
    assert (decision.verdict, rules(decision)) == (HOLD, ["no-data"])
    assert decision.deadline is None


def test_nothing_at_all_is_no_data() -> None:
    decision = judge(question_about([], look={"watermarks": {}, "has": frozenset()}))
    assert decision.verdict is HOLD
    assert {"no-data", "no-metrics"} <= set(rules(decision))


def test_without_a_baseline_a_person_decides() -> None:
    days = [each for each in GOOD if each.cohort == COHORT and each.day > START.date()]
    decision = judge(question_about(days))
    assert (decision.verdict, set(rules(decision))) == (HOLD, {"no-baseline"})
    assert all(row.roll_back == row.expand == 1.0 for row in decision.metrics)


def test_a_baseline_that_is_too_small_says_which_margin_it_can_settle() -> None:
    decision = judge(
        question_about([*days_before(14, sessions=20), *days_after(60, sessions=20)], settings=ONE_METRIC)
    )
    (row,) = decision.metrics
    assert (decision.verdict, rules(decision)) == (HOLD, ["baseline-too-small", "past-deadline"])
    assert row.never
    assert row.smallest_margin == pytest.approx(0.06, abs=0.001)


@pytest.mark.parametrize(
    ("success", "margin", "burn_in"), [(0.86, 0.05, 100), (0.95, 0.05, 150), (0.98, 0.03, 300), (0.99, 0.03, 375)]
)
def test_the_burn_in_rises_for_rare_failures(success: float, margin: float, burn_in: int) -> None:
    settings = replace(ONE_METRIC, metrics=(replace(ONE_METRIC.metrics[0], margin=margin),))
    sessions = 2000
    days = [replace(each, good=round(each.sessions * success)) for each in days_before(sessions=sessions)]
    after = [
        replace(each, good=round(each.sessions * success))
        for each in days_after(3, sessions=burn_in // 3, others=900)
    ]
    decision = judge(question_about([*days, *after], settings=settings))
    assert decision.metrics[0].burn_in == burn_in
    assert "burn-in" not in rules(decision) or burn_in % 3


def test_two_full_days_are_too_few_however_many_sessions_they_have() -> None:
    days = [*days_before(sessions=1000), *days_after(2, sessions=1000)]
    decision = judge(question_about(days, settings=ONE_METRIC))
    assert (decision.verdict, rules(decision)) == (HOLD, ["burn-in"])
    assert judge(question_about([*days, *days_after(3, sessions=1000)[2:3]], settings=ONE_METRIC)).verdict is EXPAND


def test_fewer_sessions_than_the_minimum_are_too_few() -> None:
    settings = replace(ONE_METRIC, minimum_sessions=2401)
    assert rules(judge(question_about(GOOD, settings=settings))) == ["burn-in"]
    assert judge(question_about(GOOD, settings=replace(settings, minimum_sessions=2400))).verdict is EXPAND


@pytest.mark.parametrize("sessions", [40, 600])
def test_a_volume_that_collapses_or_explodes_holds(sessions: int) -> None:
    usual = [*days_before(sessions=200), *days_after(20, sessions=sessions)]
    decision = judge(question_about(usual))
    assert (decision.verdict, "guard" in rules(decision)) == (HOLD, True)
    assert judge(question_about(usual, settings=ONE_METRIC)).verdict is EXPAND


def test_a_guard_on_a_rate_holds_and_never_rolls_back() -> None:
    guard = CanaryMetric(name="escalationRate", guard=True)
    settings = replace(ONE_METRIC, metrics=(*ONE_METRIC.metrics, guard))
    days = [*days_before(sessions=200), *days_after(12, sessions=200, escalated=0.2)]
    decision = judge(question_about(days, settings=settings))
    assert (decision.verdict, rules(decision)) == (HOLD, ["guard"])
    assert judge(question_about(GOOD, settings=settings)).verdict is EXPAND


def test_an_unconfirmed_critical_violation_holds() -> None:
    decision = judge(question_about(with_violations(GOOD, violations(0, 1))))
    assert (decision.verdict, rules(decision)) == (HOLD, ["unconfirmed-critical"])


def test_the_first_rule_that_applies_decides() -> None:
    """Each rule beats the next one, although both apply."""
    critical = with_violations(BAD, violations(1))
    assert judge(question_about(critical)).reasons[0].rule == "canary/critical-violation"
    doubtful: dict[str, Any] = {"look": {"problems": ("The clock changed.",)}}
    assert judge(question_about(BAD, **doubtful)).verdict is ROLLBACK
    assert judge(question_about(GOOD, **doubtful)).verdict is HOLD
    both = [*days_before(sessions=5000, others=0), *days_after(30, sessions=5000, others=0, success=0.8225)]
    decision = judge(question_about(both, settings=ONE_METRIC))
    assert decision.metrics[0].proven, "the loss is between half the margin and the margin"
    assert decision.verdict is ROLLBACK


def test_past_the_deadline_a_person_decides() -> None:
    days = [*days_before(), *days_after(5)]
    decision = judge(question_about(days, settings=Canary(steps=(), progress_deadline=timedelta(days=5))))
    assert (decision.verdict, decision.overdue) == (HOLD, True)
    assert rules(decision)[-1] == "past-deadline"
    in_time = judge(question_about(days, settings=Canary(steps=(), progress_deadline=timedelta(days=6))))
    assert (in_time.overdue, "past-deadline" in rules(in_time)) == (False, False)
    at_once = judge(question_about(days, settings=Canary(steps=(), progress_deadline=in_time.time - START)))
    assert at_once.overdue
    later = {COHORT: START, "tier2": START + DAY}
    assert judge(question_about(days, starts=later)).deadline == START + 15 * DAY
    settled = judge(question_about(GOOD, settings=Canary(steps=(), progress_deadline=timedelta(days=5))))
    assert (settled.verdict, settled.overdue) == (EXPAND, False)


def test_business_metrics_count_their_own_units() -> None:
    settings = Canary(steps=(), metrics=(CanaryMetric(name="keptClosed", direction="decrease", margin=0.05),))

    def business(days: list[DaySum], good: float) -> list[DaySum]:
        return [
            replace(
                each, business={"keptClosed": BusinessSum(good=round(each.sessions / 2 * good), n=each.sessions // 2)}
            )
            for each in days
        ]

    look = {"has": ALL_SIGNALS | {"keptClosed"}}
    before, after = days_before(sessions=400), days_after(14, sessions=400)
    same = judge(question_about([*business(before, 0.9), *business(after, 0.9)], settings=settings, look=look))
    assert (same.verdict, same.metrics[0].sessions) == (EXPAND, 2800)
    pilot = [each for each in after if each.cohort == COHORT]
    others = [each for each in after if each.cohort != COHORT]
    worse = [*business(before, 0.9), *business(pilot, 0.8), *business(others, 0.9)]
    assert judge(question_about(worse, settings=settings, look=look)).verdict is ROLLBACK


def test_what_the_source_lacks_is_left_out_unless_the_manifest_names_it() -> None:
    look = {"has": frozenset({"taskSuccess"}), "watermarks": {Lane.FAST: NOW}}
    now = NOW
    usual = judge(question_about(GOOD, look=look, now=now))
    assert (usual.verdict, [row.name for row in usual.metrics]) == (EXPAND, ["taskSuccess"])
    assert "violations-unknown" in rules(usual, None)
    budget = Canary(steps=(), policy_budget={"critical": Budget(count=0)})
    assert rules(judge(question_about(GOOD, look=look, now=now, settings=budget))) == ["missing-signal"]


@pytest.mark.parametrize(
    "metric",
    [
        CanaryMetric(name="latencyP95", direction="decrease", margin_ratio=1.2),
        CanaryMetric(name="latencyP95", direction="increase", margin_ratio=0.8),
        CanaryMetric(name="escalationRate", direction="increase", margin_ratio=1.0),
    ],
)
def test_a_metric_that_cannot_be_judged_holds(metric: CanaryMetric) -> None:
    decision = judge(question_about(GOOD, settings=Canary(steps=(), metrics=(*ONE_METRIC.metrics, metric))))
    assert (decision.verdict, "unusable-metric" in rules(decision)) == (HOLD, True)


def test_a_ratio_of_a_rate_is_of_its_baseline() -> None:
    metric = CanaryMetric(name="escalationRate", direction="increase", margin_ratio=1.5)
    decision = judge(question_about(GOOD, settings=Canary(steps=(), metrics=(metric,))))
    assert decision.metrics[0].margin == pytest.approx(0.04)


def test_a_margin_of_a_latency_in_milliseconds_is_a_ratio_to_the_baseline() -> None:
    metric = CanaryMetric(name="latencyP95", direction="increase", margin=800)
    decision = judge(question_about(GOOD, settings=Canary(steps=(), metrics=(metric,))))
    assert decision.metrics[0].margin_ratio == pytest.approx(1.2, abs=0.01)


def test_sessions_that_count_nowhere_are_said() -> None:
    extra = [
        day_sum(START.date() + DAY * 3, COHORT, AGENT, 7),
        day_sum(START.date() + DAY * 3, "testers", COPY, 4),
        DaySum(day=START.date() + DAY * 13, cohort=COHORT, agent=COPY, sessions=0, good=0, escalated=0),
    ]
    decision = judge(question_about([*GOOD, *extra]))
    assert (decision.cohorts[0].sessions, decision.cohorts[0].days) == (2400, 12)
    assert decision.verdict is EXPAND
    assert {"live-agent-used", "outside-cohorts"} <= set(rules(decision, None))
    assert decision.cohorts[0].with_live_agent == 7
    assert decision.sessions == 2400


def test_an_earlier_pilot_is_no_baseline() -> None:
    """Otherwise, one that was bad would make the next one look as good as what was before."""
    bad = [day_sum(START.date() - DAY * day, COHORT, COPY, 100, success=0.3) for day in range(1, 15)]
    usual = [each for each in days_before() if each.cohort == OTHERS or each.day < START.date() - 14 * DAY]
    decision = judge(question_about([*usual, *bad, *days_after(14, success=0.76)]))
    assert decision.verdict is CanaryVerdict.ROLLBACK
    assert "guard" not in rules(decision)


def test_swapped_agents_are_no_pilot() -> None:
    """The telemetry file calls the live agent the copy, and the copy the live agent."""
    swapped = {AGENT: COPY, COPY: AGENT}
    days = [replace(each, agent=swapped[each.agent]) for each in (*days_before(), *days_after(14, agent=AGENT))]
    decision = judge(question_about(days))
    assert decision.verdict is CanaryVerdict.HOLD
    assert "no-baseline" in rules(decision)


@pytest.mark.parametrize(("joined", "rule"), [(5, "no-data"), (20, "burn-in")], ids=["without sessions", "today"])
def test_a_cohort_without_a_session_is_not_spoken_for(joined: int, rule: str) -> None:
    starts = {COHORT: START, "tier2": START + joined * DAY}
    days = [*days_before(), *days_after(20), *days_before(others=0, cohort="tier2")]
    assert judge(question_about(days, starts={COHORT: START})).verdict is CanaryVerdict.EXPAND
    decision = judge(question_about(days, starts=starts))
    assert decision.verdict is CanaryVerdict.HOLD
    assert rule in rules(decision)


def test_a_cohort_without_a_past_is_not_compared_and_holds() -> None:
    starts = {COHORT: START, "tier2": START}
    new = days_after(14, others=0, cohort="tier2", success=0.1)
    decision = judge(question_about([*days_before(), *days_after(14), *new], starts=starts))
    assert decision.verdict is CanaryVerdict.HOLD
    assert "no-baseline" in rules(decision)
