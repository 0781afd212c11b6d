"""Exact statistics of one rate: bounds, plans, stages. Standard library only.

Counts are integers with 0 <= passed <= runs; rates, confidences and alphas are fractions 0..1, not percent.
Every function is checked against scipy and against published values in the tests.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, exp, floor, lgamma, log, log1p, sqrt
from statistics import NormalDist

_TINY = 1e-300
_TERMS = 200_000
_MAX_FAILURES = 1000


def rounded_up(rate: float) -> float:
    """An upper bound with six decimals."""
    return ceil(1e6 * rate) / 1e6


def rounded_down(rate: float) -> float:
    """A lower bound with six decimals."""
    return floor(1e6 * rate) / 1e6


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """A range of rates (or of ratios, or differences), lower <= upper."""

    lower: float
    upper: float


@dataclass(frozen=True, kw_only=True, slots=True)
class SamplingPlan:
    """A fixed sampling plan. runs: observations to make. failures: the most that still support the claim."""

    runs: int
    failures: int


def incomplete_beta(a: float, b: float, x: float) -> float:
    """Regularized incomplete beta function I_x(a, b) for a, b > 0.

    Source: Lentz's continued fraction, DLMF 8.17.22. Against scipy, for a, b up to 1e6: relative error below 4e-9
    for integers, 1e-7 for others; absolute error below 2e-9.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    return front * beta_fraction(a, b, x) / a


def beta_fraction(a: float, b: float, x: float) -> float:
    """I_x(a, b) * a * B(a, b) / (x^a * (1 - x)^b), for x <= (a + 1) / (a + b + 2): it converges fast there."""
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    result = d
    for m in range(1, _TERMS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away_from_zero(1 + term * d)
            c = _away_from_zero(1 + term / c)
            result *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return result


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def first_count(condition: Callable[[int], bool], limit: int) -> int:
    """The smallest count from 0 for which a condition holds; limit if none. Once true, the condition stays true."""
    return bisect_left(range(limit), 1, key=condition)


def at_most(successes: int, runs: int, rate: float) -> float:
    """P(Bin(runs, rate) <= successes)."""
    if successes < 0:
        return 0.0
    return 1.0 if successes >= runs else incomplete_beta(runs - successes, successes + 1, 1 - rate)


@lru_cache(maxsize=4096)
def beta_quantile(probability: float, a: float, b: float) -> float:
    """The x at which the regularized incomplete beta function I_x(a, b) is that probability."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if incomplete_beta(a, b, middle) < probability else (low, middle)
    return (low + high) / 2


def lower_bound(passed: int, runs: int, *, confidence: float) -> float:
    """One-sided Clopper-Pearson lower bound of a pass rate; 0.0 without runs.

    Source: Clopper & Pearson 1934.
    """
    return beta_quantile(1 - confidence, passed, runs - passed + 1) if passed else 0.0


def upper_bound(passed: int, runs: int, *, confidence: float) -> float:
    """One-sided Clopper-Pearson upper bound of a pass rate; 1.0 without runs."""
    return 1 - lower_bound(runs - passed, runs, confidence=confidence)


def wilson(passed: int, runs: int, *, confidence: float = 0.95) -> Interval:
    """Two-sided Wilson score interval, for display; 0..1 without runs. Source: Wilson 1927."""
    if not runs:
        return Interval(lower=0.0, upper=1.0)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate, share = passed / runs, z * z / runs
    centre, half = rate + share / 2, z * sqrt(rate * (1 - rate) / runs + share / (4 * runs))
    return Interval(
        lower=(centre - half) / (1 + share) if passed else 0.0,
        upper=(centre + half) / (1 + share) if passed < runs else 1.0,
    )


def zero_bound(runs: int, *, confidence: float) -> float:
    """Upper bound of the rate of an event that occurred in none of the runs; 1.0 without runs.

    Source: 1 - alpha^(1/n), about 3/n at 95 % ("the rule of three", Hanley & Lippman-Hand 1983).
    """
    return 1 - (1 - confidence) ** (1 / runs) if runs else 1.0


def runs_needed(threshold: float, *, confidence: float, failures: int = 0) -> int:
    """The fewest runs that, with that many failures, support `rate >= threshold`.

    That is the smallest N with P(Bin(N, 1 - threshold) <= failures) <= 1 - confidence.
    threshold: 0 < threshold < 1; outside, no finite number is enough.
    """

    def supports(runs: int) -> bool:
        return at_most(failures, runs, 1 - threshold) <= 1 - confidence

    enough = failures + 1
    while not supports(enough):
        enough *= 2
    return first_count(supports, enough)


def plan(threshold: float, *, confidence: float, true_rate: float, power: float = 0.8) -> SamplingPlan | None:
    """The smallest plan that supports `rate >= threshold` and that an agent of true_rate passes at that power.

    None if it would allow over 1,000 failures: true_rate is below the threshold, or too close to it to tell apart.
    """
    for failures in range(_MAX_FAILURES + 1):
        runs = runs_needed(threshold, confidence=confidence, failures=failures)
        if at_most(failures, runs, 1 - true_rate) >= power:
            return SamplingPlan(runs=runs, failures=failures)
    return None


def failures_allowed(runs: int, threshold: float, *, confidence: float | None) -> int:
    """The most failures among that many runs that still pass; -1 if even a clean result would not.

    confidence: None judges the observed rate itself.
    """
    if confidence is None:
        return runs - ceil(round(threshold * runs, 9))

    def too_many(failures: int) -> bool:
        return at_most(failures, runs, 1 - threshold) > 1 - confidence

    return first_count(too_many, runs + 1) - 1


def failures_that_disprove(runs: int, threshold: float, *, confidence: float) -> int:
    """The fewest failures among that many runs that show `rate < threshold`; runs + 1 if no number does."""

    def disproves(failures: int) -> bool:
        return 1 - at_most(failures - 1, runs, 1 - threshold) <= 1 - confidence

    return first_count(disproves, runs + 1)


def stages_pass(stages: Sequence[tuple[int, int]], rate: float) -> float:
    """Probability that an agent of that rate passes declared stages, by dynamic programming over failures.

    stages: (observations up to here, most failures that still pass), ascending by observations. At the threshold,
    the result is the type I error; above it, the power.
    """
    alive, done, passed = {0: 1.0}, 0, 0.0
    for runs, most in stages:
        alive = after_more(alive, runs - done, 1 - rate, limit=stages[-1][1])
        passed += sum(weight for failures, weight in alive.items() if failures <= most)
        alive, done = {failures: weight for failures, weight in alive.items() if failures > most}, runs
    return min(1.0, passed)


def after_more(
    alive: dict[int, float], runs: int, failure: float, *, limit: int, own: int | None = None
) -> dict[int, float]:
    """The distribution of the failures so far and of that many runs more, up to a limit.

    alive: probability by number of failures so far. failure: probability of a failure. own: most failures among the
    runs that are added; beyond it and the limit, the weight is dropped.
    """
    # the probability outside nine standard deviations and 50 more is below 1e-16
    mean, reach = runs * failure, 9 * sqrt(runs * failure * (1 - failure)) + 50
    highest = min(runs, limit, ceil(mean + reach), runs if own is None else own)
    likely = range(max(0, floor(mean - reach)), highest + 1)
    chances = [(more, exactly(more, runs, failure)) for more in likely]
    result: dict[int, float] = {}
    for already, weight in alive.items():
        for more, chance in chances:
            if already + more > limit:
                break
            result[already + more] = result.get(already + more, 0.0) + weight * chance
    return result


def exactly(successes: int, runs: int, rate: float) -> float:
    """P(Bin(runs, rate) = successes)."""
    if rate <= 0 or rate >= 1:
        return float(successes == (runs if rate >= 1 else 0))
    ways = lgamma(runs + 1) - lgamma(successes + 1) - lgamma(runs - successes + 1)
    return exp(ways + successes * log(rate) + (runs - successes) * log1p(-rate))
