"""Always-valid tests of one rate: they may be looked at after every observation, and stopped at any time.

The evidence is an e-value: the ratio of how well a mixture of rates beyond the limit explains the observations, and
how well the limit itself does. If the limit holds, the evidence ever reaches 1/alpha with a probability of at most
alpha, however often one looks. Counts are integers; rates and confidences are fractions 0..1. Standard library only.
Source: Robbins 1970 (mixtures), Ville 1939 (the bound), with a beta mixture cut at the limit; a = 1/2, and its mean
lies at about the limit.
"""

from collections.abc import Callable
from functools import lru_cache
from math import exp, inf, lgamma, log, log1p
from typing import Literal

from wavegate.statistics.rates import Interval, beta_fraction, first_count, zero_bound

_PRIOR = 0.5
_EPSILON = 2**-53
_CERTAIN = 1e-9
"""A limit closer to 0 or 1 counts as 0 or 1: nobody makes the billions of observations that would tell them apart."""
_MOST = 2**30
"""Where the search for a number of observations ends."""

Settled = Literal["pass", "fail"]


def log_e_under(events: int, runs: int, limit: float) -> float:
    """ln of the evidence that an event is rarer than `limit`, from its count. Accurate in both tails."""
    if not _CERTAIN < limit < 1 - _CERTAIN:
        return inf if limit > _CERTAIN and (runs > events or (limit >= 1 and runs)) else -inf
    other = _PRIOR / limit
    return _log_mass_below(_PRIOR + events, other + runs - events, limit) - _log_prior_below(_PRIOR, other, limit)


def log_e_over(events: int, runs: int, limit: float) -> float:
    """ln of the evidence that an event is more frequent than `limit`, from its count. Accurate in both tails."""
    if not _CERTAIN < limit < 1 - _CERTAIN:
        return inf if limit <= _CERTAIN and events else -inf
    other, rest = _PRIOR / limit, 1 - limit
    return _log_mass_below(other + runs - events, _PRIOR + events, rest) - _log_prior_below(other, _PRIOR, rest)


def _log_mass_below(a: float, b: float, x: float) -> float:
    """ln of the integral of p^(a-1) (1-p)^(b-1) from 0 to x, divided by x^a (1-x)^b.

    So divided, the powers of the observations and of the limit cancel out, and nothing over- or underflows.
    """
    if x <= (a + 1) / (a + b + 2):
        return log(beta_fraction(a, b, x) / a)
    whole = lgamma(a) + lgamma(b) - lgamma(a + b) - a * log(x) - b * log1p(-x)
    above = exp(log(beta_fraction(b, a, 1 - x) / b) - whole)
    return whole + log1p(-min(above, 1 - _EPSILON))


_log_prior_below = lru_cache(maxsize=64)(_log_mass_below)


def settled(passed: int, failed: int, threshold: float, *, confidence: float, unknown: int = 0) -> Settled | None:
    """Whether the observations prove a pass rate of at least the threshold (`pass`), or below it (`fail`).

    An agent below the threshold is ever passed, and one at or above it ever failed, with a probability of at most
    1 - confidence each, at whatever look this is asked. unknown: observations without a result; a pass holds if all
    of them failed, a fail if all of them passed.
    """
    runs, proof = passed + failed + unknown, -log(1 - confidence)
    if log_e_under(failed + unknown, runs, 1 - threshold) >= proof:
        return "pass"
    return "fail" if log_e_over(failed, runs, 1 - threshold) >= proof else None


@lru_cache(maxsize=4096)
def observations_that_pass(failures: int, threshold: float, confidence: float) -> int:
    """The fewest observations, with that many failures among them, that prove a pass. threshold: below 1.

    At 0.95 and 95 %: 72, 130, 174, 213, 250, 285, 318 for 0 to 6 failures.
    """

    def passes(runs: int) -> bool:
        return log_e_under(failures, runs, 1 - threshold) >= -log(1 - confidence)

    # a lower share of failures than the threshold allows is necessary
    return _first_from(max(1, failures, int(failures / (1 - threshold))), passes)


@lru_cache(maxsize=4096)
def observations_that_fail(failures: int, threshold: float, confidence: float) -> int:
    """The most observations, with that many failures among them, that prove a fail; 0 if none do. threshold: above 0.

    At 0.95 and 95 %: 0, 0, 0, 4, 12, 21, 31, … for 0 to 6 failures and more.
    """

    def is_open(runs: int) -> bool:
        return log_e_over(failures, runs, 1 - threshold) < -log(1 - confidence)

    most = _first_from(failures, is_open) - 1
    return most if most >= failures else 0


def _first_from(start: int, condition: Callable[[int], bool]) -> int:
    """The smallest count from `start` for which a condition holds that then stays true."""
    step = 1
    while step < _MOST and not condition(start + step - 1):
        step *= 2
    return start + first_count(lambda more: condition(start + more), step)


def always_valid_bounds(passed: int, runs: int, *, confidence: float) -> Interval:
    """The lowest and the highest threshold that `settled` leaves open: bounds of the pass rate, each one-sided.

    They hold at all looks together. 0..1 without runs.
    """
    proof, failed = -log(1 - confidence), runs - passed
    lower, upper = 0.0, 1.0
    if passed:
        lower = _open_limit(lambda rate: log_e_under(failed, runs, 1 - rate) < proof, 0.0, passed / runs)
    if failed:
        upper = _open_limit(lambda rate: log_e_over(failed, runs, 1 - rate) < proof, 1.0, passed / runs)
    return Interval(lower=lower, upper=upper)


def bound_of_none(runs: int, *, confidence: float, always_valid: bool) -> float:
    """Upper bound of the rate of an event that occurred in none of the runs; 1.0 without runs.

    always_valid: whether it holds at all looks together, not only at this one.
    """
    if always_valid:
        return 1 - always_valid_bounds(runs, runs, confidence=confidence).lower
    return zero_bound(runs, confidence=confidence)


def _open_limit(is_open: Callable[[float], bool], proven: float, open_rate: float) -> float:
    """The last proven limit before the first open one; `proven` itself if not even the limit next to it is proven."""
    if is_open(abs(proven - 2 * _CERTAIN)):
        return proven
    for _ in range(50):
        middle = (proven + open_rate) / 2
        proven, open_rate = (proven, middle) if is_open(middle) else (middle, open_rate)
    return proven
