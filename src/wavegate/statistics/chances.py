"""How likely tests are to pass together: by their failures in all, in each of them, and by the mean of the tests.

Tests are (observations, most failures) pairs: the observations are above 0, and with more failures the test itself
does not pass.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm

from wavegate.statistics.per_test import shares_differ
from wavegate.statistics.rates import after_more, at_most

_STEPS = 2000
"""Steps in which a loss is counted where its exact fractions would be more."""


def most_failures(tests: Sequence[tuple[int, int]], most: int, threshold: float) -> int:
    """The most failures in all with which the tests pass; -1 if even none is too many. most: by the pooled rate."""
    left, failures = _loss_allowed(tests, threshold), 0
    # the mean falls least by a failure in the test with the most observations
    for runs, own in sorted(tests, reverse=True):
        more = min(own, int(left * runs))
        left -= Fraction(more, runs)
        failures += more
    return min(most, failures)


def most_failures_in_one(tests: Sequence[tuple[int, int]], threshold: float) -> int | None:
    """The most failures of the test that may fail least, if no other fails; None if every one may fail each time."""
    left = _loss_allowed(tests, threshold)
    return min((most for runs, own in tests if (most := min(own, int(left * runs))) < runs), default=None)


def tests_pass(tests: Sequence[tuple[int, int]], most: int, threshold: float, rate: float) -> float:
    """Probability that an agent of that true rate passes: at most `most` failures in all, none too many in a test,
    and the mean of the tests at the threshold. By convolution over the tests.
    """
    if shares_differ([runs for runs, _ in tests]):
        return min(1.0, _by_mean(tests, most, _loss_allowed(tests, threshold), rate))
    if all(own >= min(most, runs) for runs, own in tests):
        return at_most(most, sum(runs for runs, _ in tests), 1 - rate)
    return min(1.0, sum(_failures(tests, most, rate).values()))


def _loss_allowed(tests: Sequence[tuple[int, int]], threshold: float) -> Fraction:
    """What the tests' failure rates may add up to. Where all shares are equal, the pooled rate decides alone."""
    if not shares_differ([runs for runs, _ in tests]):
        return Fraction(len(tests))
    return len(tests) * (1 - Fraction(str(threshold)))


def _failures(tests: Sequence[tuple[int, int]], most: int, rate: float) -> dict[int, float]:
    """Probability of each number of failures up to `most`, where no test has too many."""
    chances = {0: 1.0} if most >= 0 else {}
    for runs, own in tests:
        chances = after_more(chances, runs, 1 - rate, limit=most, own=own)
    return chances


def _by_mean(tests: Sequence[tuple[int, int]], most: int, allowed: Fraction, rate: float) -> float:
    exact = Fraction(1, lcm(*(runs for runs, _ in tests)))
    step = exact if allowed <= _STEPS * exact else allowed / _STEPS
    limit = int(allowed / step)
    alive = {(0, 0): 1.0}
    for runs in {runs for runs, _ in tests}:
        chances = _failures([each for each in tests if each[0] == runs], most, rate)
        lost = {more: round(Fraction(more, runs) / step) for more in chances}
        alive = _combined(alive, chances, lost, most=most, limit=limit)
    return sum(alive.values())


def _combined(
    alive: Mapping[tuple[int, int], float],
    chances: Mapping[int, float],
    lost: Mapping[int, int],
    *,
    most: int,
    limit: int,
) -> dict[tuple[int, int], float]:
    """The distribution of (failures, loss in steps) once some tests are added."""
    result: dict[tuple[int, int], float] = {}
    for (failures, loss), weight in alive.items():
        for more, chance in chances.items():
            key = failures + more, loss + lost[more]
            if key[0] <= most and key[1] <= limit:
                result[key] = result.get(key, 0.0) + weight * chance
    return result
