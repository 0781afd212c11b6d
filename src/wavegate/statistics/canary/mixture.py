"""The one-sided normal mixture: evidence about a difference that was observed with a variance, at any look.

Source: Howard, Ramdas, McAuliffe & Sekhon 2021, Ann. Stat. 49(2), the one-sided normal mixture; Robbins 1970. The
mixture is half-normal; its scale is the smallest harm that matters.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import erfc, exp, inf, isinf, log, pi, sqrt

MAX_EVIDENCE = 1e9
"""Evidence is shown up to here: beyond, nobody needs to tell numbers apart, and they would not fit in a float."""
_FAR = -30.0
"""Below it, the normal distribution function is computed by its asymptotic form."""
_HALVINGS = 100


def log_evidence(difference: float, variance: float, scale: float) -> float:
    """ln of the evidence against "the true difference is at most 0".

    variance: of the observed difference, above 0; with an infinite one, there is no evidence either way. scale: of
    the mixture, above 0, in units of the difference.
    """
    if isinf(variance):
        return 0.0
    total = variance + scale * scale
    z = difference * scale / sqrt(variance) / sqrt(total)
    # far below 0, the exponent and the tail of the normal distribution cancel out
    rest = -log(-z) - log(2 * pi) / 2 if z < _FAR else z * z / 2 + log(erfc(-z / sqrt(2)) / 2)
    return log(2) + log(variance / total) / 2 + rest


def evidence(logarithm: float) -> float:
    """The evidence for its logarithm, at most MAX_EVIDENCE."""
    return MAX_EVIDENCE if logarithm >= log(MAX_EVIDENCE) else exp(logarithm)


def log_mean(logarithms: Sequence[float]) -> float:
    """ln of the mean of several pieces of evidence, which is evidence that any of the claims is false; 0.0 of none.

    Source: Vovk & Wang 2021, Ann. Stat. 49(3): the mean of e-values is one, however they depend on each other.
    """
    highest = max(logarithms, default=0.0)
    if isinf(highest) or not logarithms:
        return highest
    return highest + log(sum(exp(each - highest) for each in logarithms) / len(logarithms))


def half_width(variance: float, scale: float, alpha: float) -> float:
    """The difference at which the evidence is 1/alpha, so that a difference less it is a lower bound at any look.

    Infinite for an infinite variance. Each side of a two-sided interval takes alpha/2.
    """
    if isinf(variance):
        return inf
    proof = -log(alpha)
    return crossing(lambda width: log_evidence(width, variance, scale) >= proof, sqrt(variance) + scale)


@lru_cache(maxsize=64)
def settled_variance(alpha: float) -> float:
    """The variance, in units of the squared margin, at which an unchanged rate is proven to be within the margin.

    0.1305935 at alpha 0.05, 0.1651968 at 0.10, 0.0888954 at 0.01.
    """
    proof = -log(alpha)
    return crossing(lambda variance: log_evidence(1.0, variance, 1.0) < proof, 1.0)


def crossing(is_beyond: Callable[[float], bool], end: float) -> float:
    """The number above 0 from which a condition holds. end: a first guess of one for which it does."""
    low = 0.0
    while not is_beyond(end) and not isinf(end):
        low, end = end, 2 * end
    for _ in range(_HALVINGS):
        middle = (low + end) / 2
        low, end = (low, middle) if is_beyond(middle) else (middle, end)
    return (low + end) / 2
