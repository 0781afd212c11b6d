"""Who had the release, and who is compared with them, on which days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.support.canary_days import AGENT, COHORT, COPY, DAY, START, day_sum

from wavegate.canary.measured.arms import Arms, arms_of, complete_until
from wavegate.telemetry.values import OTHERS, DaySum, Lane

SWITCH = START.date()


def arms(days: list[DaySum], **more: datetime) -> Arms:
    return arms_of(days, agents={AGENT: COPY}, starts={COHORT: START, **more}, window=timedelta(days=14))


def on(day: int, cohort: str = COHORT, agent: str = AGENT, sessions: int = 1) -> DaySum:
    """A sum on the day so many days after the switch."""
    return day_sum(SWITCH + DAY * day, cohort, agent, sessions)


def test_the_day_of_the_switch_counts_on_neither_side() -> None:
    (arm,) = arms([on(-1), on(0), on(0, agent=COPY), on(1, agent=COPY)]).cohorts
    assert (list(arm.before), list(arm.after)) == ([SWITCH - DAY], [SWITCH + DAY])


def test_only_the_window_before_the_switch_is_a_baseline() -> None:
    (arm,) = arms([on(-15), on(-14), on(-1)]).cohorts
    assert sorted(arm.before) == [SWITCH - 14 * DAY, SWITCH - DAY]


def test_before_the_start_the_live_agent_counts_and_after_it_the_releases_own() -> None:
    (arm,) = arms([on(-1), on(-1, agent=COPY), on(1), on(1, agent=COPY), on(1, agent="Sales")]).cohorts
    assert [each.agent for each in arm.sums_before()] == [AGENT]
    assert [each.agent for sums in arm.earlier_pilots.values() for each in sums] == [COPY]
    assert [each.agent for each in arm.sums_after()] == [COPY]
    assert arm.with_live_agent == 1


def test_others_are_those_who_never_got_it_with_the_live_agent() -> None:
    days = [on(1, OTHERS), on(1, "tier2"), on(1, "tier2", COPY), on(1, OTHERS, "Sales")]
    found = arms(days)
    assert [each.cohort for each in found.cohorts[0].others[SWITCH + DAY]] == [OTHERS, "tier2"]
    assert found.outside == 1


def test_a_cohort_that_joins_later_has_its_own_past_and_is_no_longer_one_of_the_others() -> None:
    days = [on(day, "tier2", agent) for day, agent in ((-1, AGENT), (2, AGENT), (3, AGENT), (4, COPY))]
    late = {"tier2": START + 3 * DAY}
    first, second = arms([on(-1), on(1, agent=COPY), *days, on(1, OTHERS)], **late).cohorts
    assert (first.name, second.name) == (COHORT, "tier2")
    assert sorted(second.before) == [SWITCH - DAY, SWITCH + 2 * DAY]
    assert sorted(second.after) == [SWITCH + 4 * DAY]
    assert {each.cohort for sums in first.others.values() for each in sums} == {OTHERS}


@pytest.mark.parametrize(("hour", "minute", "day"), [(23, 30, 1), (0, 30, 2)])
def test_a_start_belongs_to_its_utc_day(hour: int, minute: int, day: int) -> None:
    start = datetime(2026, 11, day, hour, minute, tzinfo=UTC).astimezone(None)
    (arm,) = arms_of([], agents={AGENT: COPY}, starts={COHORT: start}, window=DAY).cohorts
    assert arm.switch == date(2026, 11, day)


def test_days_count_once_every_lane_has_passed_them() -> None:
    now = datetime(2026, 11, 10, 9, tzinfo=UTC)
    marks = {Lane.FAST: now - timedelta(hours=1), Lane.SLOW: datetime(2026, 11, 8, tzinfo=UTC)}
    assert complete_until(marks, (Lane.FAST,), now) == date(2026, 11, 10)
    assert complete_until(marks, Lane, now) == date(2026, 11, 8)
    assert complete_until({Lane.FAST: now}, Lane, now) is None
    assert complete_until({Lane.FAST: now + 5 * DAY}, (Lane.FAST,), now) == date(2026, 11, 10)
