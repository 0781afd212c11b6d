"""Is a sample like the good end or like the bad end? Always-valid tests against two samples that are known to differ.

The evidence against "no better than the other" is an e-value: how well two free rates explain both samples, divided
by how well the best common rate does. If the sample is not better, the evidence ever reaches 1/alpha with
a probability of at most alpha, however often one looks, also if the other sample is used again for many comparisons.
The free rate of a probe is a mixture of the rate at the end that it may be like and of any rate, so that a probe that
is like it needs few runs. Counts are integers; rates are fractions 0..1. Standard library only.
Source: Robbins 1970 (mixtures), Wasserman, Ramdas & Balakrishnan 2020 (the best rate of the hypothesis in the
denominator), Ville 1939 (the bound); the priors are Jeffreys'.
"""

from dataclasses import dataclass
from math import exp, inf, lgamma, log, log1p

_PRIOR = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class PassCount:
    """How often a test passed and failed."""

    passed: int = 0
    failed: int = 0

    @property
    def runs(self) -> int:
        """Number of runs."""
        return self.passed + self.failed

    @property
    def rate(self) -> float:
        """Share that passed; 0.5 without runs."""
        return self.passed / self.runs if self.runs else 0.5

    @property
    def turned(self) -> "PassCount":
        """The counts with pass and fail exchanged."""
        return PassCount(passed=self.failed, failed=self.passed)

    def plus(self, *, passed: bool) -> "PassCount":
        """The counts with one more run."""
        return PassCount(passed=self.passed + passed, failed=self.failed + (not passed))


@dataclass(frozen=True, kw_only=True, slots=True)
class EndCounts:
    """What is known of the two ends."""

    good: PassCount = PassCount()
    bad: PassCount = PassCount()

    @property
    def runs(self) -> int:
        """Number of runs of both."""
        return self.good.runs + self.bad.runs


def log_e_better(better: PassCount, worse: PassCount, *, like: PassCount | None = None) -> float:
    """ln of the evidence that one sample has a higher pass rate than another; -inf if its share is not higher.

    like: an earlier sample that the better one may be from, which makes the evidence grow faster.
    """
    if better.rate <= worse.rate or not better.runs or not worse.runs:
        return -inf
    return _log_free(better, like) + _log_mixture(worse, PassCount()) - _log_common(better, worse)


def evidence(probe: PassCount, now: EndCounts, known: EndCounts) -> tuple[float, float]:
    """ln of the evidence that a probe is better than the bad end, and that it is worse than the good one.

    now: the counts of the ends. known: those before the first run of the probe, which it may be like.
    """
    not_bad = log_e_better(probe, now.bad, like=known.good)
    not_good = log_e_better(probe.turned, now.good.turned, like=known.bad.turned)
    return not_bad, not_good


def nearer(probe: PassCount, end: PassCount, other: PassCount) -> float:
    """ln of how much better the rate of an end explains a probe than the middle between both ends does."""
    rate = _smoothed(end)
    middle = (rate + _smoothed(other)) / 2
    return probe.passed * log(rate / middle) + probe.failed * log((1 - rate) / (1 - middle))


def _smoothed(sample: PassCount) -> float:
    return (sample.passed + _PRIOR) / (sample.runs + 2 * _PRIOR)


def _log_free(sample: PassCount, like: PassCount | None) -> float:
    anywhere = _log_mixture(sample, PassCount())
    if like is None:
        return anywhere
    near = _log_mixture(sample, like)
    most = max(near, anywhere)
    return most + log((exp(near - most) + exp(anywhere - most)) / 2)


def _log_mixture(sample: PassCount, known: PassCount) -> float:
    """ln of the probability of a sequence with these counts, its rate drawn from what is known of it."""
    a, b = _PRIOR + known.passed, _PRIOR + known.failed
    return _log_beta(a + sample.passed, b + sample.failed) - _log_beta(a, b)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _log_common(one: PassCount, other: PassCount) -> float:
    """ln of the probability of both sequences at their best common rate."""
    passed, failed = one.passed + other.passed, one.failed + other.failed
    share = passed / (passed + failed)
    return (passed * log(share) if passed else 0.0) + (failed * log1p(-share) if failed else 0.0)
