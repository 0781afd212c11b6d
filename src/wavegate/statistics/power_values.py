"""What a smoke pack can show before it runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wavegate.release.manifest import Price
from wavegate.release.pack import Stage


@dataclass(frozen=True, kw_only=True, slots=True)
class Chance:
    """How likely an agent is to pass. rate: its true pass rate. passes: the probability, if no run is lost."""

    rate: float
    passes: float


@dataclass(frozen=True, kw_only=True, slots=True)
class PairsNeeded:
    """Pairs with the baseline that show that the loss is within the margins, over all tests and in one, if none gets
    worse."""

    overall: int
    per_test: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Forecast:
    """How an agent of a true pass rate fares in a pack that runs until it is settled.

    passes, fails: probabilities to be settled so within the budget; the rest ends inconclusive. runs: expected number
    per case. observations: expected, waived tests included. minutes: expected, by the assumptions of `settling`.
    """

    rate: float
    passes: float
    fails: float
    runs: float
    observations: float
    minutes: float

    @property
    def undecided(self) -> float:
        """Probability to end inconclusive."""
        return max(0.0, 1 - self.passes - self.fails)


@dataclass(frozen=True, kw_only=True, slots=True)
class PackPower:
    """What a pack can show before it runs.

    runs: of each test, by name. cases: of the tests whose cases are known, by name; the others count as one case.
    conversations: of all tests. waived: names of the tests that do not count. observations: of those that count, up
    to the last stage. failures: the most that still pass; -1 if the plan is too small for any result to pass.
    failures_in_one_test: the most in the test that may fail least; None if no test has a limit of its own.
    confidence: the pack's if `declared`, otherwise the usual one. supports: the rate that
    a clean result supports. needed: the fewest observations without a failure that support the threshold; None for a
    threshold of 1. advised: the smallest plan that supports the threshold and that an agent of `chances[0].rate`
    passes at least 80 % of the time; None if that takes unreasonably many observations. chances: for the stated true
    rate, for the threshold (a false pass), and for a clearly bad agent. forecasts: for the same rates, how such an
    agent fares in a pack that runs until it is settled; its runs and observations are those that its budget allows.
    price: of a conversation. pairs: None if the pack does not compare with a baseline.
    """

    suite: str
    threshold: float
    confidence: float
    declared: bool
    runs: Mapping[str, int]
    cases: Mapping[str, int] = field(default_factory=dict)
    conversations: int
    waived: tuple[str, ...] = ()
    observations: int
    failures: int
    failures_in_one_test: int | None = None
    supports: float
    needed: int | None
    advised: Stage | None
    chances: tuple[Chance, ...]
    pairs: PairsNeeded | None = None
    forecasts: tuple[Forecast, ...] = ()
    price: Price | None = None
