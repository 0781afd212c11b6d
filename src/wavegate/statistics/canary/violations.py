"""Policy violations: evidence against a budget, and bounds of a rate, at any look.

The evidence that a rate is over or under a budget is that of `statistics.always_valid`, whose prior is
Beta(1/2, 1/2 / budget), cut at the budget.
"""

from collections.abc import Callable
from math import inf, lgamma, log, log1p

from wavegate.statistics.always_valid import observations_that_pass
from wavegate.statistics.rates import Interval

_PRIOR = 0.5
_HALVINGS = 60


def rate_interval(events: int, runs: int, alpha: float) -> Interval:
    """The rates that a beta mixture does not disprove at alpha; they hold at all looks together. 0..1 without runs.

    The evidence against a rate is the chance of the counts under a Beta(1/2, 1/2) mixture of rates, divided by that
    under the rate itself. Source: Robbins 1970; Howard et al. 2021.
    """
    if not runs:
        return Interval(lower=0.0, upper=1.0)
    least = _log_beta(_PRIOR + events, _PRIOR + runs - events) - _log_beta(_PRIOR, _PRIOR) + log(alpha)
    observed = events / runs

    def is_open(rate: float) -> bool:
        return _log_chance(events, runs, rate) > least

    return Interval(
        lower=_edge(is_open, 0.0, observed) if events else 0.0,
        upper=_edge(is_open, 1.0, observed) if events < runs else 1.0,
    )


def clean_sessions(events: int, budget: float, alpha: float) -> int | None:
    """The sessions in all that show a rate at or below the budget (0..1) if nothing is added to the events.

    None if no number does, because the budget is 0.
    """
    return observations_that_pass(events, 1 - budget, round(1 - alpha, 12)) if 0 < budget < 1 else None


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _log_chance(events: int, runs: int, rate: float) -> float:
    if rate <= 0 or rate >= 1:
        return 0.0 if events == runs * rate else -inf
    return events * log(rate) + (runs - events) * log1p(-rate)


def _edge(is_open: Callable[[float], bool], disproved: float, observed: float) -> float:
    """The rate between a disproved one and the observed one at which `is_open` changes."""
    for _ in range(_HALVINGS):
        middle = (disproved + observed) / 2
        disproved, observed = (disproved, middle) if is_open(middle) else (middle, observed)
    return observed
