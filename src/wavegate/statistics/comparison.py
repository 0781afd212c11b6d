"""Exact statistics of two samples: release against previous release, canary against baseline, latency, volume.

Counts are integers; rates, confidences and margins are fractions 0..1. Differences are first minus second.
"""

from math import ceil, exp, floor, inf, log, log2, sqrt

from wavegate.statistics.rates import Interval, at_most, clopper_pearson, exactly, first_count, wilson


def mcnemar(worse: int, better: int) -> float:
    """Two-sided exact p-value of "pairs got neither worse nor better"; 1.0 without discordant pairs.

    Source: McNemar 1947, exact form min(1, 2 P(Bin(b + c, 1/2) <= min(b, c))).
    """
    return min(1.0, 2 * at_most(min(worse, better), worse + better, 0.5))


def least_pairs(confidence: float) -> int:
    """The fewest pairs among which a difference could be significant: 2 · 2^-n <= 1 - confidence."""
    return ceil(1 - log2(1 - confidence))


def newcombe(
    passed: int, runs: int, baseline_passed: int, baseline_runs: int, *, confidence: float = 0.95
) -> Interval:
    """Two-sided interval of the difference of two rates, from their Wilson intervals.

    Source: Newcombe 1998, method 10. If either side has no runs, the interval is -1..1.
    """
    if not runs or not baseline_runs:
        return Interval(lower=-1.0, upper=1.0)
    first, second = passed / runs, baseline_passed / baseline_runs
    one = wilson(passed, runs, confidence=confidence)
    two = wilson(baseline_passed, baseline_runs, confidence=confidence)
    return Interval(
        lower=first - second - sqrt((first - one.lower) ** 2 + (two.upper - second) ** 2),
        upper=first - second + sqrt((one.upper - first) ** 2 + (second - two.lower) ** 2),
    )


def non_inferior(difference: Interval, *, margin: float) -> bool:
    """Whether the difference's lower bound (a 90 % two-sided interval for 95 %) lies above -margin."""
    return difference.lower > -margin


def difference_variance(passed: int, runs: int, baseline_passed: int, baseline_runs: int) -> float:
    """Variance of the difference of two observed rates; infinite without runs."""
    if not runs or not baseline_runs:
        return inf
    first, second = passed / runs, baseline_passed / baseline_runs
    return first * (1 - first) / runs + second * (1 - second) / baseline_runs


def always_valid_p(difference: float, variance: float, *, tau: float) -> float:
    """p-value of "no difference" that stays valid no matter how often it is computed (mSPRT, normal mixture).

    tau: standard deviation of the mixture, in units of the difference. 1 / Lambda, at most 1.
    Source: Johari, Koomen, Pekelis & Walsh 2017, "Peeking at A/B tests".
    """
    if variance == inf:
        return 1.0
    if variance <= 0:
        return 1.0 if difference == 0 else 0.0
    total = variance + tau * tau
    exponent = -(tau * tau) * difference * difference / (2 * variance * total)
    return min(1.0, sqrt(total / variance) * exp(exponent))


def always_valid_half_width(variance: float, *, tau: float, confidence: float) -> float:
    """Half-width of an interval of the difference that stays valid no matter how often it is computed."""
    if variance == inf or variance <= 0:
        return max(0.0, variance)
    total, alpha = variance + tau * tau, 1 - confidence
    return sqrt(variance * total / (tau * tau) * log(total / (alpha * alpha * variance)))


def holm(p_values: tuple[float, ...], *, alpha: float) -> tuple[bool, ...]:
    """Which hypotheses are rejected when all are tested together. Source: Holm 1979."""
    rejected = [False] * len(p_values)
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda each: p_values[each])):
        if p_values[index] > alpha / (len(p_values) - rank):
            break
        rejected[index] = True
    return tuple(rejected)


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


def latency_bucket(milliseconds: float) -> int:
    """The bucket of a log histogram whose edges grow by 2 %; everything up to 1 ms is bucket 0."""
    return floor(log(milliseconds) / log(1.02)) if milliseconds > 1 else 0


def bucket_latency(bucket: int) -> float:
    """The middle of a bucket in milliseconds, within 1 % of everything in it."""
    return float(1.02 ** (bucket + 0.5))


def volume(
    sessions: int, baseline_sessions: int, *, exposure: float, confidence: float = 0.95
) -> tuple[float, float, Interval]:
    """Sessions against a baseline: two-sided exact p-value, ratio of the rates, interval of the ratio.

    exposure: the canary's exposure divided by the baseline's, such as days × share. Without baseline sessions the
    ratio is infinite. Source: given the sum, the canary's count is binomial with the share of the exposure
    (Przyborowski & Wilenski 1940).
    """
    total, share = sessions + baseline_sessions, exposure / (1 + exposure)
    bounds = clopper_pearson(sessions, total, confidence=confidence)
    ratio = _odds(sessions / total) / exposure if total else inf
    interval = Interval(lower=_odds(bounds.lower) / exposure, upper=_odds(bounds.upper) / exposure)
    return _two_sided(sessions, total, share), ratio, interval


def _odds(rate: float) -> float:
    return rate / (1 - rate) if rate < 1 else inf


def _two_sided(successes: int, runs: int, rate: float) -> float:
    # every outcome at most as likely as the observed one, the usual definition of a two-sided binomial test
    observed = exactly(successes, runs, rate) * (1 + 1e-7)
    return min(1.0, sum(p for each in range(runs + 1) if (p := exactly(each, runs, rate)) <= observed))
