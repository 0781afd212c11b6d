"""What holds of every canary, whatever its numbers."""

import random
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.canary_days import AGENT, COHORT, COPY, DAY, START, day_sum, question_about, violations

from wavegate.canary.decision import canary_to_json
from wavegate.canary.judge import judge
from wavegate.canary.values import CanaryVerdict
from wavegate.release.manifest import Canary, CanaryMetric
from wavegate.telemetry.values import OTHERS, DaySum, Lane, Reject

RATES = st.floats(0.0, 1.0)
METRICS = (
    CanaryMetric(name="taskSuccess", direction="decrease", margin=0.05),
    CanaryMetric(name="escalationRate", direction="increase", margin=0.03),
)
SETTINGS = Canary(steps=(), metrics=METRICS)


@st.composite
def pilots(draw: st.DrawFn) -> list[DaySum]:
    """Days of two cohorts and everybody else, with whatever volumes and rates."""
    days = []
    for number in range(draw(st.integers(-20, -1)), draw(st.integers(1, 14)) + 1):
        for cohort, start in ((COHORT, 0), ("tier2", 3), (OTHERS, 99)):
            sessions, success, escalated = draw(st.tuples(st.integers(0, 400), RATES, RATES))
            agent = COPY if number > start else AGENT
            day = START.date() + DAY * number
            days.append(day_sum(day, cohort, agent, sessions, success=success, escalated=escalated))
    return days


STARTS = {COHORT: START, "tier2": START + 3 * DAY}


@settings(max_examples=40, deadline=None)
@given(pilots(), st.randoms(use_true_random=False))
def test_the_order_of_days_and_cohorts_changes_nothing(days: list[DaySum], shuffled: random.Random) -> None:
    mixed = shuffled.sample(days, len(days))
    cohorts = dict(shuffled.sample(sorted(STARTS.items()), len(STARTS)))
    first = judge(question_about(days, settings=SETTINGS, starts=STARTS))
    second = judge(question_about(mixed, settings=SETTINGS, starts=cohorts))
    assert canary_to_json(first) == canary_to_json(second)


@settings(max_examples=40, deadline=None)
@given(pilots())
def test_every_decision_can_be_written_and_has_a_reason_unless_it_expands(days: list[DaySum]) -> None:
    decision = judge(question_about(days, settings=SETTINGS, starts=STARTS))
    assert b"NaN" not in canary_to_json(decision)
    forcing = {each.weight for each in decision.reasons} - {None}
    if decision.verdict is CanaryVerdict.EXPAND:
        assert forcing == set()
        assert all(row.proven for row in decision.metrics)
    else:
        assert decision.verdict.value in forcing
        assert decision.verdict is CanaryVerdict.ROLLBACK or "rollback" not in forcing


@settings(max_examples=40, deadline=None)
@given(st.floats(0.5, 0.99), st.integers(3, 20), st.integers(30, 400))
def test_more_of_the_same_equal_days_never_turns_an_expansion_into_a_rollback(
    success: float, days: int, sessions: int
) -> None:
    def look(count: int) -> CanaryVerdict:
        return judge(question_about(equal_days(success, sessions, count), settings=SETTINGS)).verdict

    verdicts = [look(count) for count in (days, days + 7, days + 30)]
    assert CanaryVerdict.ROLLBACK not in verdicts
    assert CanaryVerdict.EXPAND not in verdicts[:1] or verdicts[1:] == [CanaryVerdict.EXPAND] * 2


def equal_days(success: float, sessions: int, after: int) -> list[DaySum]:
    """56 days before the start, and some after it, all alike."""
    days: list[DaySum] = []
    for number in (*range(-56, 0), *range(1, after + 1)):
        day: date = START.date() + DAY * number
        days.append(day_sum(day, COHORT, COPY if number > 0 else AGENT, sessions, success=success))
        days.append(day_sum(day, OTHERS, AGENT, 9 * sessions, success=success))
    return days


@settings(max_examples=30, deadline=None)
@given(pilots(), st.integers(1, 5))
def test_a_confirmed_critical_violation_always_rolls_back(days: list[DaySum], count: int) -> None:
    hit = next((index for index, each in enumerate(days) if each.agent == COPY), None)
    if hit is not None:
        days[hit] = replace(days[hit], violations=violations(count))
        assert judge(question_about(days, settings=SETTINGS, starts=STARTS)).verdict is CanaryVerdict.ROLLBACK


DOUBTS: dict[str, dict[str, Any]] = {
    "problem": {"problems": ("The clock changed.",)},
    "reject": {"rejects": {Reject.FUTURE: 1}},
    "schema": {"schema": "other columns"},
    "late": {"watermarks": {Lane.FAST: START, Lane.SLOW: START}},
}


@pytest.mark.parametrize("doubt", DOUBTS)
@settings(max_examples=10, deadline=None)
@given(st.floats(0.5, 0.99), st.integers(100, 400))
def test_doubtful_data_is_never_expanded(doubt: str, success: float, sessions: int) -> None:
    question = question_about(equal_days(success, sessions, 30), settings=SETTINGS, schema="columns")
    assert judge(question).verdict is CanaryVerdict.EXPAND
    assert judge(replace(question, look=replace(question.look, **DOUBTS[doubt]))).verdict is CanaryVerdict.HOLD
