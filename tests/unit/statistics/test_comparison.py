"""Two rates, latency and volume, against published values, scipy and statsmodels."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats  # type: ignore[import-untyped]

from wavegate.statistics import comparison as ours
from wavegate.statistics.rates import Interval

BASELINE = (4300, 5000)


def rounded(interval: Interval, digits: int = 4) -> tuple[float, float]:
    return round(interval.lower, digits), round(interval.upper, digits)


@pytest.mark.parametrize(
    ("worse", "better", "p"), [(8, 1, 0.019531), (10, 2, 0.019287), (16, 6, 0.026240), (0, 0, 1), (5, 0, 0.03125)]
)
def test_worse_p(worse: int, better: int, p: float) -> None:
    assert ours.worse_p(worse, better) == pytest.approx(p, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 300), st.integers(0, 300))
def test_worse_p_is_the_one_sided_binomial_test(worse: int, better: int) -> None:
    if worse + better:
        expected = stats.binomtest(worse, worse + better, alternative="greater").pvalue
        assert ours.worse_p(worse, better) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("margin", "worse", "pairs"), [(0.05, 0, 60), (0.1, 0, 29), (0.3, 0, 9), (0.1, 1, 47), (0.3, 3, 24)]
)
def test_pairs_needed_are_the_fewest_that_show_a_loss_below_the_margin(margin: float, worse: int, pairs: int) -> None:
    assert ours.pairs_needed(margin, confidence=0.95, worse=worse) == pairs
    assert ours.loss_bound(worse, 0, pairs, confidence=0.95) < margin
    assert ours.loss_bound(worse, 0, pairs - 1, confidence=0.95) >= margin


@pytest.mark.parametrize("better", [0.0, 0.01, 0.1, 0.3])
@pytest.mark.parametrize("pairs", [10, 30, 60])
@pytest.mark.parametrize("loss", [0.05, 0.1, 0.3])
def test_a_loss_is_above_its_bound_no_more_often_than_said(better: float, pairs: int, loss: float) -> None:
    worse, missed = better + loss, 0.0
    for each in range(pairs + 1):
        chance = stats.binom.pmf(each, pairs, worse)
        for gained in range(pairs - each + 1):
            if ours.loss_bound(each, gained, pairs, confidence=0.9) < loss:
                missed += chance * stats.binom.pmf(gained, pairs - each, better / (1 - worse))
    assert missed <= 0.1


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((0, 0, 5, 10), (-1, 1)),
        ((5, 10, 0, 0), (-1, 1)),
    ],
)
def test_newcombe(counts: tuple[int, int, int, int], expected: tuple[float, float]) -> None:
    assert rounded(ours.newcombe(*counts)) == expected


@pytest.mark.parametrize(
    ("passed", "runs", "expected", "met"),
    [
        (425, 500, (-0.0392, 0.0157), True),
        (412, 500, (-0.0668, -0.0085), False),
        (170, 200, (-0.0569, 0.0278), False),
    ],
)
def test_non_inferiority_at_a_margin_of_five_points(
    passed: int, runs: int, expected: tuple[float, float], *, met: bool
) -> None:
    difference = ours.newcombe(passed, runs, *BASELINE, confidence=0.9)
    assert rounded(difference) == expected
    assert ours.non_inferior(difference, margin=0.05) is met


@pytest.mark.parametrize(("passed", "p"), [(400, 0.02952), (380, 0.00004)])
def test_always_valid_p(passed: int, p: float) -> None:
    variance = ours.difference_variance(passed, 500, *BASELINE)
    assert round(ours.always_valid_p(passed / 500 - 0.86, variance, tau=0.05), 5) == p


@settings(max_examples=200, deadline=None)
@given(st.floats(-0.5, 0.5), st.floats(1e-6, 0.1), st.sampled_from([0.02, 0.05, 0.2]))
def test_the_always_valid_interval_excludes_zero_just_when_p_is_below_alpha(
    difference: float, variance: float, tau: float
) -> None:
    p = ours.always_valid_p(difference, variance, tau=tau)
    half = ours.always_valid_half_width(variance, tau=tau, confidence=0.95)
    if abs(abs(difference) - half) > 1e-9:
        assert (p < 0.05) == (abs(difference) > half)


def test_without_data_nothing_is_significant() -> None:
    variance = ours.difference_variance(0, 0, *BASELINE)
    assert ours.always_valid_p(-0.5, variance, tau=0.05) == 1.0
    assert ours.always_valid_half_width(variance, tau=0.05, confidence=0.95) == float("inf")


@pytest.mark.parametrize(
    ("p_values", "rejected"),
    [
        ((0.01, 0.04, 0.03), (True, False, False)),
        ((0.01, 0.02, 0.03), (True, True, True)),
        ((0.2, 0.001), (False, True)),
        ((), ()),
    ],
)
def test_holm(p_values: tuple[float, ...], rejected: tuple[bool, ...]) -> None:
    assert ours.holm(p_values, alpha=0.05) == rejected


@pytest.mark.parametrize(("runs", "ranks"), [(100, (90, 100)), (1000, (936, 964)), (10, (8, 11))])
def test_ranks_of_the_p95_interval(runs: int, ranks: tuple[int, int]) -> None:
    assert ours.quantile_ranks(runs, 0.95) == ranks


@pytest.mark.parametrize(("runs", "rank"), [(1, 1), (19, 19), (20, 19), (100, 95), (101, 96)])
def test_rank_of_the_p95(runs: int, rank: int) -> None:
    assert ours.quantile_rank(runs, 0.95) == rank


@given(st.floats(1.0, 1e9))
def test_a_latency_bucket_is_within_one_percent(milliseconds: float) -> None:
    middle = ours.bucket_latency(ours.latency_bucket(milliseconds))
    assert abs(middle - milliseconds) / milliseconds < 0.0101


def test_volume_of_a_day_against_a_week() -> None:
    p, ratio, interval = ours.volume(380, 3500, exposure=1 / 7)
    assert p == pytest.approx(1.54e-7, rel=0.01)
    assert p == pytest.approx(stats.binomtest(380, 3880, 1 / 8).pvalue, rel=1e-6)
    assert round(ratio, 2) == 0.76
    assert rounded(interval, 3) == (0.682, 0.845)


def test_volume_without_sessions_says_nothing() -> None:
    assert ours.volume(0, 0, exposure=0.1)[0] == 1.0


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 400), st.integers(0, 4000), st.sampled_from([0.05, 1 / 7, 0.5, 1.0, 3.0]))
def test_volume_is_the_two_sided_binomial_test(sessions: int, baseline: int, exposure: float) -> None:
    if sessions + baseline:
        expected = stats.binomtest(sessions, sessions + baseline, exposure / (1 + exposure)).pvalue
        assert ours.volume(sessions, baseline, exposure=exposure)[0] == pytest.approx(expected, rel=1e-5, abs=1e-9)


def test_one_failed_session_is_no_certainty() -> None:
    variance = ours.difference_variance(0, 1, 10, 10)
    assert variance == pytest.approx(0.2298611, abs=1e-7)
    assert ours.always_valid_p(-1.0, variance, tau=0.05) > 0.9
    assert ours.always_valid_half_width(variance, tau=0.05, confidence=0.95) > 1


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.data())
def test_fails_more_p_is_fishers_one_sided_test(runs: int, baseline: int, data: st.DataObject) -> None:
    failed, before = data.draw(st.integers(0, runs)), data.draw(st.integers(0, baseline))
    table = [[failed, runs - failed], [before, baseline - before]]
    expected = stats.fisher_exact(table, alternative="greater").pvalue
    assert ours.fails_more_p(failed, runs, before, baseline) == pytest.approx(expected, abs=1e-9)
