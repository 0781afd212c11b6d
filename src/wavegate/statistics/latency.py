"""Latencies as a log histogram, and the ranks of a quantile.

Counts are integers; quantiles and confidences are fractions 0..1.
"""

from collections.abc import Mapping
from math import ceil, floor, log

from wavegate.statistics.rates import at_most, first_count

_GROWTH = log(1.02)


def latency_bucket(milliseconds: float) -> int:
    """The bucket of a log histogram whose edges grow by 2 %; everything up to 1 ms is bucket 0."""
    return floor(log(milliseconds) / _GROWTH) if milliseconds > 1 else 0


def bucket_latency(bucket: int) -> float:
    """The middle of a bucket in milliseconds, within 1 % of everything in it."""
    return float(1.02 ** (bucket + 0.5))


def buckets_of_ratio(ratio: float) -> int:
    """The number of whole buckets within a ratio of latencies above 1, rounded down: 9 for 1.2, which is 1.195."""
    return floor(log(ratio) / _GROWTH + 1e-9)


def quantile_bucket(histogram: Mapping[int, int], quantile: float) -> int | None:
    """The bucket of the observed quantile; None for an empty histogram. histogram: number of values by bucket."""
    rank = quantile_rank(sum(histogram.values()), quantile)
    for bucket in sorted(histogram):
        rank -= histogram[bucket]
        if rank <= 0:
            return bucket
    return None


def quantile_rank(runs: int, quantile: float) -> int:
    """The rank, from 1, of the observed quantile among sorted values."""
    return max(1, ceil(round(quantile * runs, 9)))


def quantile_ranks(runs: int, quantile: float, *, confidence: float = 0.95) -> tuple[int, int]:
    """Ranks, from 1, of the sorted values that bound a quantile; a bound beyond the values is 0 or runs + 1.

    Source: order statistics; the ranks are binomial quantiles (Conover 1999, 3.2).
    """
    alpha = 1 - confidence
    return (
        _binomial_quantile(alpha / 2, runs, quantile),
        _binomial_quantile(1 - alpha / 2, runs, quantile) + 1,
    )


def _binomial_quantile(probability: float, runs: int, rate: float) -> int:
    return first_count(lambda each: at_most(each, runs, rate) >= probability, runs)
