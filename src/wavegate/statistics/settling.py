"""How a pack that runs until it is settled proceeds: the size of its waves, and how long they take to settle it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor, sqrt

from wavegate.release.manifest import Price
from wavegate.release.pack import Pack
from wavegate.statistics.always_valid import (
    Settled,
    always_valid_bounds,
    observations_that_fail,
    observations_that_pass,
)
from wavegate.statistics.power_values import Chance, Forecast, PackPower
from wavegate.statistics.rates import exactly, first_count

RUNS_A_WAVE = 20
"""Test runs in one wave, unless a single run of every test is more: a bad agent is found without many more runs."""
MAX_RUNS = 10_000
"""Runs per case that a pack may ask for."""
RUNS_AT_ONCE, MINUTES_A_RUN = 10, 1
"""What a forecast assumes: an org works on ten runs at once, and a run takes about a minute."""
_LOOKS = 200
"""Looks within a budget, about: a large one is spent in larger steps, and so its forecast stays fast."""
_USUAL_FAILURES = 8
_NEVER_SEEN = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True)
class Settling:
    """What the waves of a pack depend on.

    tests: number of tests, so test runs in a run of the pack. cases: observations of a run of the pack that count for
    the rate. conversations: all of them, waived tests included. critical: how many of `cases` must not fail. most:
    runs per case at most. known: whether the number of cases is known before the first wave.
    """

    threshold: float
    confidence: float
    tests: int
    cases: int
    conversations: int
    critical: int = 0
    most: int
    known: bool = True

    def wave(self, runs: int, failures: int) -> int:
        """Further runs per case: as many as settle it without a further failure, within the limits; 0 at the most.

        runs: per case so far. failures: so far, unknown outcomes included.
        """
        needed = observations_that_pass(failures, self.threshold, self.confidence) - runs * self.cases
        size = max(1, RUNS_A_WAVE // self.tests, runs // 8) if runs or self.known else 1
        step = max(1, self.most // _LOOKS)
        wave = step * ceil(max(1, min(needed / self.cases, size)) / step)
        return max(0, min(wave, self.most - runs))

    def proof(self, observations: int, failures: int) -> Settled | None:
        """What the observations prove. As `settled`, but faster when it is asked many times."""
        # the boundary on the other side of the threshold is not even looked up
        if failures < observations * (1 - self.threshold):
            fewest = observations_that_pass(failures, self.threshold, self.confidence)
            return "pass" if observations >= fewest else None
        most = observations_that_fail(failures, self.threshold, self.confidence)
        return "fail" if observations <= most else None


def max_runs(pack: Pack) -> int:
    """The most runs per case of a pack that runs until it is settled, all attempts together."""
    return pack.budget.max_runs or MAX_RUNS


def usual_runs(pack: Pack, cases: int) -> int:
    """The most runs per case of one smoke run, if the pack does not set `budget.maxRuns`.

    cases: number of cases in the pack. They are enough for eight failures: an agent that should pass is settled by
    then 99 times in 100.
    """
    threshold, confidence = pack.criteria.minimum_success_rate, pack.criteria.usual_confidence
    return min(MAX_RUNS, ceil(observations_that_pass(_USUAL_FAILURES, threshold, confidence) / max(cases, 1)))


def forecast(settling: Settling, rate: float) -> Forecast:
    """How an agent of that true pass rate fares: by exact recursion over the waves and the failures seen in them.

    A failure of a case that must not fail is a fail at the end of its wave. The minimum of each test is left out: it
    only ever ends a bad agent sooner.
    """
    alive: dict[int, dict[int, float]] = {0: {0: 1.0}}
    passes = fails = expected = minutes = 0.0
    while alive:
        runs = min(alive)
        for failures, weight in alive.pop(runs).items():
            wave = settling.wave(runs, failures)
            expected += weight * wave
            minutes += weight * ceil(wave * settling.tests / RUNS_AT_ONCE) * MINUTES_A_RUN
            seen, safe = (runs + wave) * settling.cases, rate ** (wave * settling.critical)
            fails += weight * (1 - safe)
            for more, chance in _failures(wave * (settling.cases - settling.critical), 1 - rate):
                total, likely = failures + more, weight * safe * chance
                proof = settling.proof(seen, total)
                if proof == "pass":
                    passes += likely
                elif proof == "fail":
                    fails += likely
                elif wave and likely > _NEVER_SEEN:
                    later = alive.setdefault(runs + wave, {})
                    later[total] = later.get(total, 0.0) + likely
    return Forecast(
        rate=rate,
        passes=min(1.0, passes),
        fails=min(1.0, fails),
        runs=expected,
        observations=expected * settling.conversations,
        minutes=minutes,
    )


@lru_cache(maxsize=1024)
def _failures(observations: int, rate: float) -> tuple[tuple[int, float], ...]:
    """How many of the observations fail, with the probability; without what is never seen."""
    mean, reach = observations * rate, 9 * sqrt(observations * rate * (1 - rate)) + 12
    likely = range(max(0, floor(mean - reach)), min(observations, ceil(mean + reach)) + 1)
    chances = ((failures, exactly(failures, observations, rate)) for failures in likely)
    return tuple(each for each in chances if each[1] > _NEVER_SEEN)


def runs_in_budget(pack: Pack, *, cases: int, price: Price | None) -> int:
    """The most runs per case of one smoke run, by the assumed duration of a run. cases: of the whole pack."""
    budget = pack.budget
    most = budget.max_runs or usual_runs(pack, cases)
    most = min(most, floor(budget.max_minutes / MINUTES_A_RUN * RUNS_AT_ONCE / len(pack.tests)))
    if budget.max_cost is not None and price is not None and price.amount > 0:
        most = min(most, floor(budget.max_cost / (price.amount * cases)))
    return max(1, most)


def power_until_settled(
    pack: Pack,
    rates: Sequence[float],
    *,
    cases: Mapping[str, int],
    waived: Collection[str] = (),
    critical: Collection[str] = (),
    price: Price | None = None,
) -> PackPower:
    """What a pack can show that runs until it is settled.

    rates: true pass rates, of an agent that should pass first. cases: of the tests whose cases are known, by name.
    waived, critical: names of tests that do not count, and of those of which no case may fail.
    """
    threshold, confidence = pack.criteria.minimum_success_rate, pack.criteria.usual_confidence
    known = {test.name: cases[test.name] for test in pack.tests if test.name in cases}
    cases = {test.name: known.get(test.name, 1) for test in pack.tests}
    rated = [name for name in cases if name not in waived]
    settling = Settling(
        threshold=threshold,
        confidence=confidence,
        tests=len(pack.tests),
        cases=sum(cases[name] for name in rated),
        conversations=sum(cases.values()),
        critical=sum(cases[name] for name in rated if name in critical),
        most=runs_in_budget(pack, cases=sum(cases.values()), price=price),
        known=len(known) == len(cases),
    )
    forecasts = tuple(forecast(settling, rate) for rate in rates) if settling.cases else ()
    observations, needed = settling.most * settling.cases, observations_that_pass(0, threshold, confidence)
    return PackPower(
        suite=pack.suite,
        threshold=threshold,
        confidence=confidence,
        declared=True,
        runs=dict.fromkeys(cases, settling.most),
        cases=known,
        conversations=settling.most * settling.conversations,
        waived=tuple(name for name in cases if name in waived),
        observations=observations,
        failures=first_count(
            lambda more: observations_that_pass(more, threshold, confidence) > observations, observations + 1
        )
        - 1,
        supports=always_valid_bounds(observations, observations, confidence=confidence).lower,
        needed=needed,
        advised=None,
        chances=tuple(Chance(rate=each.rate, passes=each.passes) for each in forecasts),
        forecasts=forecasts,
        price=price,
    )
