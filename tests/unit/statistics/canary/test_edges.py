"""Evidence, changes and bounds where there is nothing, one of something, or far too much."""

from math import inf, isfinite, isnan, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wavegate.statistics.canary.days import DayCounts, change, join, rate_variance
from wavegate.statistics.canary.mixture import MAX_EVIDENCE, evidence, half_width, log_evidence, log_mean
from wavegate.statistics.canary.settling import (
    CohortPace,
    days_needed,
    sessions_needed,
    smallest_margin,
    variance_needed,
    variance_that_proves,
)
from wavegate.statistics.canary.violations import clean_sessions, rate_interval
from wavegate.statistics.canary.volume import DayVolume, log_volume_evidence, volume_change


def day(events: int, total: int, others: int = 0, others_total: int = 0, *, after: bool = False) -> DayCounts:
    return DayCounts(after=after, events=events, total=total, others=others, others_total=others_total)


@settings(max_examples=300, deadline=None)
@given(
    st.floats(-1e6, 1e6),
    st.floats(1e-300, 1e300) | st.just(inf),
    st.floats(1e-6, 10),
)
def test_evidence_is_a_number_whatever_it_is_made_of(difference: float, variance: float, scale: float) -> None:
    logarithm = log_evidence(difference, variance, scale)
    assert not isnan(logarithm)
    assert 0 <= evidence(logarithm) <= MAX_EVIDENCE


def test_the_two_forms_of_the_tail_meet_at_minus_30() -> None:
    scale, variance = 0.05, 1e-3
    differences = [z * (variance * (variance + scale * scale)) ** 0.5 / scale for z in (-29.9999, -30.0001)]
    above, below = (log_evidence(difference, variance, scale) for difference in differences)
    assert below == pytest.approx(above, abs=2e-3)


def test_without_information_there_is_no_evidence() -> None:
    assert log_evidence(-0.5, inf, 0.05) == 0.0
    assert log_evidence(0.5, 1e12, 0.05) == pytest.approx(0.0, abs=1e-6)
    assert half_width(inf, 0.05, 0.05) == inf


def test_the_mean_of_evidence_is_within_its_parts_however_large_they_are() -> None:
    assert log_mean([]) == 0.0
    assert log_mean([-inf]) == -inf
    assert log_mean([5000.0, -5000.0]) == pytest.approx(5000 - log(2))
    assert log_mean([inf, 0.0]) == inf


def test_a_rate_of_a_single_outcome_has_a_variance() -> None:
    assert rate_variance(0, 1) == pytest.approx(2 / 9)
    assert rate_variance(0, 0) == 0.25


def test_nothing_is_compared_without_a_day_before_and_one_after() -> None:
    assert change([]) is None
    assert change([day(8, 10)]) is None
    assert change([day(8, 10, after=True)]) is None
    assert change([day(0, 0), day(8, 10, after=True)]) is None


def test_one_day_before_and_one_after_have_no_variance_between_days() -> None:
    found = change([day(9, 10), day(0, 10, after=True)])
    assert found
    assert (found.day_variance, found.freedom, found.adjusted) == (0.0, 0, False)
    assert found.difference == pytest.approx(-0.9)


def test_days_without_anybody_to_compare_with_are_left_out() -> None:
    found = change([day(9, 10, 8, 10), day(1, 10), day(9, 10, 8, 10, after=True)])
    assert found
    assert (found.adjusted, found.before.days) == (True, 1)
    assert found.difference == pytest.approx(0.0)


@pytest.mark.parametrize("others", [(8, 10), (0, 0)])
def test_a_cohort_is_compared_with_its_own_past_if_others_are_missing_on_either_side(others: tuple[int, int]) -> None:
    found = change([day(9, 10, *others), day(9, 10, after=True)])
    assert found
    assert not found.adjusted
    assert found.difference == pytest.approx(0.0)
    assert found.before.mean == pytest.approx(0.9)


def test_days_of_equal_rates_vary_no_more_than_chance() -> None:
    found = change([day(8, 10)] * 5 + [day(8, 10, after=True)] * 5)
    assert found
    assert found.day_variance == 0.0
    assert found.heterogeneity == pytest.approx(0.0)


def test_a_wild_day_widens_the_bounds() -> None:
    calm, wild = (
        [day(85, 100)] * 6 + [day(good, 100, after=True) for good in days] for days in ((85, 85), (70, 100))
    )
    found, found_wild = change(calm), change(wild)
    assert found
    assert found_wild
    assert found_wild.difference == pytest.approx(found.difference, abs=1e-2)
    assert found_wild.variance > 2 * found.variance


def test_cohorts_are_joined_by_how_much_each_says() -> None:
    assert join([]) == (0.0, inf)
    assert join([(0.1, inf)]) == (0.0, inf)
    difference, variance = join([(0.1, 1.0), (0.4, 0.5)])
    assert difference == pytest.approx(0.3)
    assert variance == pytest.approx(1 / 3)


def test_more_days_of_a_second_cohort_settle_what_one_cannot() -> None:
    small, enough = CohortPace(before=4e-4, day=2e-3), variance_needed(0.05, 0.05)
    assert days_needed([small], enough) is None
    assert days_needed([], enough) is None
    assert smallest_margin([], 0.05) is None
    both = days_needed([small, CohortPace(before=4e-4, day=2e-3, days=4)], enough)
    assert both
    assert isfinite(both)
    assert days_needed([CohortPace(before=1e-6, day=1e-4, days=9)], enough) == 0.0
    assert sessions_needed(0.86, 1.0, 0.05, 0.05) is None


@pytest.mark.parametrize(("gain", "scale"), [(0.05, 0.05), (0.03, 0.025), (0.001, 0.025)])
def test_the_variance_that_proves_a_gain_is_where_the_evidence_suffices(gain: float, scale: float) -> None:
    variance = variance_that_proves(gain, scale, 0.05)
    assert log_evidence(gain, variance, scale) == pytest.approx(log(20), abs=1e-6)
    assert variance_that_proves(0.0, scale, 0.05) == 0.0
    assert variance_that_proves(0.05, 0.05, 0.05) == pytest.approx(variance_needed(0.05, 0.05))


@pytest.mark.parametrize(("events", "runs"), [(0, 0), (0, 1), (1, 1), (7, 7), (3, 10), (0, 10**7)])
def test_a_rate_lies_within_its_interval(events: int, runs: int) -> None:
    interval = rate_interval(events, runs, 0.05)
    assert 0 <= interval.lower <= (events / runs if runs else 0.5) <= interval.upper <= 1
    assert (interval.lower == 0) == (events == 0)
    assert (interval.upper == 1) == (events == runs)


@pytest.mark.parametrize("budget", [0.0, 1.0, 2.0])
def test_no_number_of_sessions_shows_a_budget_of_nothing_or_everything(budget: float) -> None:
    assert clean_sessions(0, budget, 0.05) is None


def volumes(before: list[int], after: list[int], others: int | None = None) -> list[DayVolume]:
    days = [(False, each) for each in before] + [(True, each) for each in after]
    return [DayVolume(after=later, sessions=each, others=others) for later, each in days]


def test_a_volume_that_varies_as_usual_is_no_concern() -> None:
    found = volume_change(volumes([40, 60, 50, 55, 45] * 3, [38]))
    assert found
    assert log_volume_evidence(*found) < log(2 / 0.05)


@pytest.mark.parametrize("after", [[12, 15, 11], [170, 150, 160]])
@pytest.mark.parametrize("others", [None, 400])
def test_a_volume_that_collapses_or_explodes_is_noticed(after: list[int], others: int | None) -> None:
    found = volume_change(volumes([40, 60, 50, 55, 45] * 3, after, others))
    assert found
    assert log_volume_evidence(*found) >= log(2 / 0.05)


def test_days_without_a_session_count_in_the_volume() -> None:
    found = volume_change(volumes([50] * 14, [0, 0, 0]))
    assert found
    assert log_volume_evidence(*found) >= log(2 / 0.05)


@pytest.mark.parametrize(("before", "after"), [([], [5]), ([5], []), ([0, 0], [5])])
def test_there_is_no_usual_volume_without_sessions(before: list[int], after: list[int]) -> None:
    assert volume_change(volumes(before, after)) is None


def test_days_on_which_nobody_else_worked_say_nothing_about_the_volume() -> None:
    days = volumes([50] * 5, [50] * 5, 500)
    idle = [DayVolume(after=True, sessions=0, others=0)] * 4
    assert volume_change([*days, *idle]) == volume_change(days)
