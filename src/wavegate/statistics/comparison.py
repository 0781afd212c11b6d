"""Exact statistics of two samples: a release against the previous one.

Counts are integers; rates, confidences and margins are fractions 0..1.
"""

from math import comb

from wavegate.statistics.rates import at_most, lower_bound, runs_needed, upper_bound

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


def holm(p_values: tuple[float, ...], *, alpha: float) -> tuple[bool, ...]:
    """Which hypotheses are rejected when all are tested together. Source: Holm 1979."""
    rejected = [False] * len(p_values)
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda each: p_values[each])):
        if p_values[index] > alpha / (len(p_values) - rank):
            break
        rejected[index] = True
    return tuple(rejected)
