"""Statistics with tests as units: the minimum for each test, and the mean of the tests.

Counts are integers with 0 <= passed <= runs; rates and confidences are fractions 0..1, not percent.
"""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from math import ceil

from wavegate.statistics.rates import beta_quantile, first_count, upper_bound

LEAST_TESTS = 5
"""The fewest tests from which something is said about prompts like theirs."""


def runs_that_carry(floor: float) -> int:
    """The fewest runs of a test whose observed rate is judged: one failure among them may still reach the floor."""
    return max(1, ceil(round(1 / (1 - floor), 9))) if floor < 1 else 1


def reaches_floor(passed: int, runs: int, floor: float, *, confidence: float) -> bool:
    """Whether a test reaches its minimum rate.

    With too few runs to carry the floor, any failure would break it: then only a rate that is shown to be below it
    (the one-sided upper bound) does not reach it.
    """
    if runs >= runs_that_carry(floor):
        return passed / runs >= floor
    return upper_bound(passed, runs, confidence=confidence) >= floor


def failures_within_floor(runs: int, floor: float, *, confidence: float) -> int:
    """The most failures of one test with which it still reaches its floor."""
    return first_count(lambda each: not reaches_floor(runs - each, runs, floor, confidence=confidence), runs + 1) - 1


def shares_differ(runs: Sequence[int]) -> bool:
    """Whether some tests count more than others in the pooled rate. runs: observations of each test."""
    return len(set(runs)) > 1


def mean_rate(tests: Sequence[tuple[int, int]]) -> Fraction:
    """The unweighted mean of the tests' rates. tests: (passed, runs) of each test, runs above 0; at least one."""
    by_runs: Counter[int] = Counter()
    for passed, runs in tests:
        by_runs[runs] += passed
    return sum((Fraction(passed, runs) for runs, passed in by_runs.items()), Fraction(0)) / len(tests)


def mean_reaches(tests: Sequence[tuple[int, int]], threshold: float) -> bool:
    """Whether the tests reach the threshold when each counts the same. tests: (passed, runs) of each, runs above 0.

    Where all have as many runs, this is the pooled rate.
    """
    # as written in decimal: 0.95 itself, not the binary number next to it
    return mean_rate(tests) >= Fraction(str(threshold))


def mean_lower_bound(tests: Sequence[tuple[int, int]], *, confidence: float) -> float:
    """One-sided lower bound of the mean rate of the prompts that these tests are a sample of; 0.0 without tests.

    Clopper-Pearson with the tests as the effective sample size: as cautious as if all runs of a test were alike,
    which is when they say least. tests: (passed, runs) of each test, runs above 0.
    Source: Korn & Graubard 1998, Survey Methodology 24(2); clusters of prompts: Miller 2024, arXiv 2411.00640.
    """
    passed = float(mean_rate(tests) * len(tests)) if tests else 0.0
    return beta_quantile(1 - confidence, passed, len(tests) - passed + 1) if passed else 0.0
