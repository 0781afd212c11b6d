"""Exact statistics of two samples: release against previous release, canary against baseline, latency, volume.

Counts are integers; rates, confidences and margins are fractions 0..1. Differences are first minus second.
"""

from math import ceil, comb, exp, floor, inf, log, sqrt

from wavegate.statistics.rates import (
    Interval,
    at_most,
    clopper_pearson,
    exactly,
    first_count,
    lower_bound,
    runs_needed,
    upper_bound,
    wilson,
)

_WORSE_SHARE = 0.95
"""How much of the error of a loss's bound is spent on the pairs that got worse; the rest on those that got better."""


def worse_p(worse: int, better: int) -> float:
    """One-sided exact p-value of "pairs got worse no more often than better"; 1.0 without discordant pairs.

    Source: McNemar 1947, exact and one-sided: P(Bin(worse + better, 1/2) >= worse).
    """
    return at_most(better, worse + better, 0.5)


def fails_more_p(failed: int, runs: int, baseline_failed: int, baseline_runs: int) -> float:
    """One-sided exact p-value of "a run fails no more often than one of the baseline"; 1.0 without runs of either.

    failed, baseline_failed: counts of the runs that failed. Source: Fisher 1935, the exact test of a 2 x 2 table.
    """
    total, failures = runs + baseline_runs, failed + baseline_failed
    ways = sum(
        comb(runs, more) * comb(baseline_runs, failures - more) for more in range(failed, min(runs, failures) + 1)
    )
    return ways / comb(total, failures)


def loss_bound(worse: int, better: int, pairs: int, *, confidence: float) -> float:
    """One-sided upper bound of a loss: of the share of pairs that get worse less the share that get better.

    The loss is at most the upper bound of the first share less the lower bound of the second, both Clopper-Pearson;
    their errors add up to 1 - confidence (Bonferroni). Exact for independent pairs whose probabilities differ, too
    (Hoeffding 1956). Almost all of the error is spent on the pairs that got worse, so that a comparison in which
    none did takes hardly more pairs than a single bound: 60 for a loss below 5 points, 29 for one below 10.
    """
    alpha = 1 - confidence
    highest = upper_bound(worse, pairs, confidence=1 - _WORSE_SHARE * alpha)
    return highest - lower_bound(better, pairs, confidence=1 - (1 - _WORSE_SHARE) * alpha)


def pairs_needed(margin: float, *, confidence: float, worse: int = 0) -> int:
    """The fewest pairs, none better, that show a loss below the margin (0..1, exclusive) if that many got worse."""
    return runs_needed(1 - margin, confidence=1 - _WORSE_SHARE * (1 - confidence), failures=worse)


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
    """Variance of the difference of two observed rates; infinite without runs.

    Each rate is estimated with one pass and one failure added (Laplace's rule), so that a few equal outcomes, such
    as one failed session, do not look like certainty.
    """
    if not runs or not baseline_runs:
        return inf
    first, second = (passed + 1) / (runs + 2), (baseline_passed + 1) / (baseline_runs + 2)
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
    """Every outcome at most as likely as the observed one, the usual definition of a two-sided binomial test."""
    observed = exactly(successes, runs, rate) * (1 + 1e-7)
    mode = min(runs, floor((runs + 1) * rate))
    # the probabilities rise up to the mode and fall from there on
    below = first_count(lambda each: exactly(each, runs, rate) > observed, mode)
    above = mode + first_count(lambda more: exactly(mode + more, runs, rate) <= observed, runs - mode + 1)
    return min(1.0, at_most(below - 1, runs, rate) + at_most(runs - above, runs, 1 - rate))
