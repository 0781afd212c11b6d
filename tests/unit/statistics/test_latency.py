"""The latency histogram, its quantiles and their ranks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavegate.statistics import latency as ours


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


@pytest.mark.parametrize(("ratio", "buckets"), [(1.2, 9), (1.02, 1), (1.01, 0), (1.02**9, 9), (2, 35)])
def test_a_ratio_is_as_many_whole_buckets(ratio: float, buckets: int) -> None:
    assert ours.buckets_of_ratio(ratio) == buckets


def test_the_bucket_of_a_quantile_is_that_of_the_ranked_value() -> None:
    histogram = {10: 94, 12: 1, 20: 5}
    assert [ours.quantile_bucket(histogram, each) for each in (0.0, 0.94, 0.95, 0.951, 1.0)] == [10, 10, 12, 20, 20]
    assert ours.quantile_bucket({}, 0.95) is None
