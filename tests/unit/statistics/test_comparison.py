"""Two rates, against published values and scipy."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats  # type: ignore[import-untyped]

from wavegate.statistics import comparison as ours


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


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.data())
def test_fails_more_p_is_fishers_one_sided_test(runs: int, baseline: int, data: st.DataObject) -> None:
    failed, before = data.draw(st.integers(0, runs)), data.draw(st.integers(0, baseline))
    table = [[failed, runs - failed], [before, baseline - before]]
    expected = stats.fisher_exact(table, alternative="greater").pvalue
    assert ours.fails_more_p(failed, runs, before, baseline) == pytest.approx(expected, abs=1e-9)
