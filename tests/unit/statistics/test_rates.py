"""Bounds, plans and stages of one rate, against published values and scipy."""

from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats  # type: ignore[import-untyped]

from wavegate.statistics import rates as ours


def rounded(interval: ours.Interval) -> tuple[float, float]:
    return round(interval.lower, 4), round(interval.upper, 4)


@pytest.mark.parametrize(
    ("passed", "runs", "expected"),
    [(81, 263, (0.2553, 0.3662)), (0, 20, (0, 0.1611)), (0, 0, (0, 1)), (20, 20, (0.8389, 1))],
)
def test_wilson(passed: int, runs: int, expected: tuple[float, float]) -> None:
    assert rounded(ours.wilson(passed, runs)) == expected


@pytest.mark.parametrize(
    ("passed", "runs", "expected"), [(15, 148, (0.0578, 0.1617)), (0, 20, (0, 0.1684)), (0, 0, (0, 1))]
)
def test_both_bounds_are_the_two_sided_interval(passed: int, runs: int, expected: tuple[float, float]) -> None:
    lower, upper = (bound(passed, runs, confidence=0.975) for bound in (ours.lower_bound, ours.upper_bound))
    assert rounded(ours.Interval(lower=lower, upper=upper)) == expected


@pytest.mark.parametrize(
    ("passed", "runs", "expected"),
    [(4, 4, 0.4729), (20, 20, 0.8609), (59, 59, 0.9505), (57, 60, 0.8758), (98, 100, 0.9384), (0, 0, 0), (0, 9, 0)],
)
def test_lower_bound(passed: int, runs: int, expected: float) -> None:
    assert round(ours.lower_bound(passed, runs, confidence=0.95), 4) == expected


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [
        (0.95, [59, 93, 124, 153, 181, 208, 234]),
        (0.99, [299, 473, 628, 773, 913, 1049, 1182]),
        (0.90, [29, 46, 61, 76, 89, 103, 116]),
    ],
)
def test_runs_needed_for_each_number_of_failures(threshold: float, expected: list[int]) -> None:
    assert [ours.runs_needed(threshold, confidence=0.95, failures=c) for c in range(7)] == expected


@pytest.mark.parametrize(("rate", "runs"), [(0.01, 299), (0.001, 2995)])
def test_runs_without_a_failure_that_show_a_rate_below(rate: float, runs: int) -> None:
    assert ours.runs_needed(1 - rate, confidence=0.95) == runs
    assert ours.zero_bound(runs, confidence=0.95) <= rate < ours.zero_bound(runs - 1, confidence=0.95)


def test_zero_bound_of_nothing_is_one() -> None:
    assert ours.zero_bound(0, confidence=0.95) == 1.0
    assert 0.023 < ours.zero_bound(126, confidence=0.95) < 0.024


@pytest.mark.parametrize(("runs", "failures", "power"), [(59, 0, 0.5527), (124, 2, 0.8716), (234, 6, 0.9902)])
def test_power_at_99_percent(runs: int, failures: int, power: float) -> None:
    assert round(ours.at_most(failures, runs, 0.01), 4) == power


@pytest.mark.parametrize(("runs", "failures"), [(20, 4), (60, 7), (124, 11), (200, 16), (0, 1)])
def test_failures_that_disprove_95_percent(runs: int, failures: int) -> None:
    assert ours.failures_that_disprove(runs, 0.95, confidence=0.95) == failures


@pytest.mark.parametrize(
    ("runs", "confidence", "failures"),
    [(4, None, 0), (20, None, 1), (4, 0.95, -1), (59, 0.95, 0), (123, 0.95, 1), (124, 0.95, 2)],
)
def test_failures_allowed(runs: int, confidence: float | None, failures: int) -> None:
    assert ours.failures_allowed(runs, 0.95, confidence=confidence) == failures


def test_plan_is_the_smallest_with_the_power() -> None:
    assert ours.plan(0.95, confidence=0.95, true_rate=0.99) == ours.SamplingPlan(runs=124, failures=2)
    assert ours.at_most(1, 93, 0.01) < 0.8 <= ours.at_most(2, 124, 0.01)


def test_declared_stages_hold_their_error_and_power() -> None:
    stages = [(76, 0), (139, 2), (270, 6)]
    assert round(ours.stages_pass(stages, 0.95), 5) == 0.04993
    assert round(ours.stages_pass(stages, 0.99), 3) == 0.984


def test_a_rate_too_close_to_the_threshold_has_no_plan() -> None:
    assert ours.plan(0.95, confidence=0.95, true_rate=0.95001) is None
    assert ours.plan(0.95, confidence=0.95, true_rate=0.5) is None


def test_stages_of_hundreds_of_thousands_take_no_time() -> None:
    wide = [(100_000, 4900), (200_000, 9900), (300_000, 20_000)]
    assert ours.stages_pass(wide, 0.95) == pytest.approx(1, abs=1e-9)
    assert ours.stages_pass(wide[:2], 0.95) == pytest.approx(
        # passing late is passing at 200,000 without having passed at 100,000
        stats.binom.cdf(4900, 100_000, 0.05)
        + sum(
            stats.binom.pmf(first, 100_000, 0.05) * stats.binom.cdf(9900 - first, 100_000, 0.05)
            for first in range(4901, 6000)
        ),
        abs=1e-9,
    )


def test_extending_a_plan_failure_by_failure_passes_bad_agents() -> None:
    undeclared = [(ours.runs_needed(0.95, confidence=0.95, failures=c), c) for c in range(7)]
    assert round(ours.stages_pass(undeclared, 0.95), 3) == 0.135


def test_one_stage_is_a_fixed_plan() -> None:
    assert isclose(ours.stages_pass([(124, 2)], 0.97), ours.at_most(2, 124, 0.03), rel_tol=1e-12)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 5000), st.integers(0, 5000), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_bounds_agree_with_scipy(a: int, b: int, confidence: float) -> None:
    passed, runs = min(a, b), max(a, b)
    lower = float(stats.beta.ppf(1 - confidence, passed, runs - passed + 1)) if passed else 0.0
    upper = float(stats.beta.ppf(confidence, passed + 1, runs - passed)) if passed < runs else 1.0
    assert isclose(ours.lower_bound(passed, runs, confidence=confidence), lower, abs_tol=1e-9)
    assert isclose(ours.upper_bound(passed, runs, confidence=confidence), upper, abs_tol=1e-9)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 20_000), st.integers(1, 20_000), st.floats(1e-6, 1 - 1e-6))
def test_binomial_agrees_with_scipy(successes: int, runs: int, rate: float) -> None:
    assert isclose(ours.at_most(successes, runs, rate), float(stats.binom.cdf(successes, runs, rate)), abs_tol=1e-9)
    if successes <= runs:
        expected = float(stats.binom.pmf(successes, runs, rate))
        assert isclose(ours.exactly(successes, runs, rate), expected, abs_tol=1e-9)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 400), st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99]))
def test_allowed_and_disproving_failures_are_where_the_bounds_cross(runs: int, threshold: float) -> None:
    allowed = ours.failures_allowed(runs, threshold, confidence=0.95)
    if allowed >= 0:
        assert ours.lower_bound(runs - allowed, runs, confidence=0.95) >= threshold - 1e-9
    assert ours.lower_bound(max(0, runs - allowed - 1), runs, confidence=0.95) < threshold
    disproving = ours.failures_that_disprove(runs, threshold, confidence=0.95)
    assert allowed < disproving
    if disproving <= runs:
        assert ours.upper_bound(runs - disproving, runs, confidence=0.95) <= threshold + 1e-9
