"""What a pack can show before it runs: how often each test runs, and how likely an agent is to pass.

The rate over all tests, the mean of the tests, the minimum for each test and the ban on critical violations count
together. A waived test counts only for that ban. Stages are judged by their rate alone, and the comparison with a
baseline is left out. A pack with a confidence is planned for its first attempt.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import prod

from wavegate.release.manifest import Price
from wavegate.release.pack import Pack, PackTest, Stage
from wavegate.statistics.chances import most_failures, most_failures_in_one, tests_pass
from wavegate.statistics.comparison import pairs_needed
from wavegate.statistics.per_test import failures_within_floor
from wavegate.statistics.power_values import Chance, PackPower, PairsNeeded
from wavegate.statistics.rates import (
    at_most,
    failures_allowed,
    first_count,
    lower_bound,
    plan,
    runs_needed,
    stages_pass,
)
from wavegate.statistics.settling import max_runs, power_until_settled

ONE_EACH: Mapping[str, int] = {}
"""The cases of a pack of which nothing is known: one for each test."""


def power_of(
    pack: Pack,
    *,
    true_rate: float | None = None,
    cases: Mapping[str, int] = ONE_EACH,
    today: date | None = None,
    price: Price | None = None,
) -> PackPower:
    """What a pack can show.

    true_rate: pass rate of an agent that should pass; by default five times closer to 1 than the threshold.
    cases: number of cases by test; a test that is left out is assumed to have one. today: a test whose waiver is
    valid then does not count; None counts all tests. price: of a conversation, for packs that run until they are
    settled.
    """
    last = declared_runs(pack, cases, today)[-1]
    threshold, declared = pack.criteria.minimum_success_rate, pack.criteria.confidence
    confidence = pack.criteria.usual_confidence
    good = usual_rate(threshold) if true_rate is None else true_rate
    rates = tuple(dict.fromkeys((good, threshold, bad_rate(threshold))))
    if pack.runs == "until-settled":
        return power_until_settled(
            pack,
            rates,
            cases=cases,
            waived=waived_tests(pack, today),
            critical={test.name for test in pack.tests if _must_not_fail(pack, test)},
            price=price,
        )
    runs = {test.name: test.runs or last for test in pack.tests}
    limits = _limits(pack, runs, cases, today, confidence=confidence)
    observations = sum(limit.observations for limit in limits if not limit.waived)
    failures = _max_failures(pack, observations)
    staged = isinstance(pack.runs, tuple)
    rated = [(limit.observations, limit.most) for limit in limits if not limit.waived]
    return PackPower(
        suite=pack.suite,
        threshold=threshold,
        confidence=confidence,
        declared=declared is not None,
        runs=runs,
        cases={test.name: cases[test.name] for test in pack.tests if test.name in cases},
        conversations=sum(limit.observations for limit in limits),
        waived=tuple(limit.test for limit in limits if limit.waived),
        observations=observations,
        failures=failures if staged or failures < 0 else most_failures(rated, failures, threshold),
        failures_in_one_test=None if staged else most_failures_in_one(rated, threshold),
        supports=lower_bound(observations, observations, confidence=confidence) if observations else 0,
        needed=runs_needed(threshold, confidence=confidence) if threshold < 1 else None,
        pairs=_pairs(pack, confidence),
        advised=_advised(threshold, confidence, good),
        chances=tuple(Chance(rate=rate, passes=_passes(pack, limits, failures, rate)) for rate in rates),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Limit:
    """How many observations a test has, and how many of them may fail. waived: it does not count for the rate."""

    test: str
    observations: int
    most: int
    waived: bool


def _limits(
    pack: Pack, runs: Mapping[str, int], cases: Mapping[str, int], today: date | None, *, confidence: float
) -> list[_Limit]:
    waived = waived_tests(pack, today)
    limits = []
    for test in pack.tests:
        observations = runs[test.name] * cases.get(test.name, 1)
        most = observations
        if test.name not in waived:
            most = failures_within_floor(observations, pack.criteria.per_test_minimum, confidence=confidence)
        if _must_not_fail(pack, test):
            most = 0
        limits.append(_Limit(test=test.name, observations=observations, most=most, waived=test.name in waived))
    return limits


def waived_tests(pack: Pack, today: date | None) -> frozenset[str]:
    """Names of the tests with a waiver that is valid today; none if today is None."""
    return frozenset(pack.valid_waivers(today) if today else ())


def _must_not_fail(pack: Pack, test: PackTest) -> bool:
    """Whether a failure of the test is a critical violation that the pack forbids."""
    return test.is_critical and pack.criteria.zero_critical_policy_violations


def declared_runs(pack: Pack, cases: Mapping[str, int] = ONE_EACH, today: date | None = None) -> tuple[int, ...]:
    """The numbers of runs after which the pack may be judged, ascending, for tests that do not set their own.

    Stages and `auto` count the observations of the tests that are not waived; a run yields one for each case.
    cases, today: as for `power_of`.
    """
    if isinstance(pack.runs, int):
        return (pack.runs,)
    waived = waived_tests(pack, today)
    sizes = [(test.runs, cases.get(test.name, 1)) for test in pack.tests if test.name not in waived]
    if pack.runs == "until-settled":
        return tuple(range(1, max_runs(pack) + 1))
    wanted = (stage.n for stage in pack.runs) if isinstance(pack.runs, tuple) else (_auto(pack),)
    return tuple(sorted({_fewest_runs(sizes, observations) for observations in wanted}))


def _fewest_runs(tests: Sequence[tuple[int | None, int]], observations: int) -> int:
    """The fewest runs that yield so many observations. tests: own runs, and cases.

    A test with more runs of its own does not save the others any: it would hide what they lack.
    """

    if not tests:
        return 1

    def are_enough(runs: int) -> bool:
        return sum(min(own or runs, runs) * cases for own, cases in tests) >= observations

    return 1 + first_count(lambda before: are_enough(before + 1), observations - 1)


def planned_runs(pack: Pack, cases: Mapping[str, int] = ONE_EACH, today: date | None = None) -> Mapping[str, int]:
    """How often a smoke run executes each test before the pack is first judged, by name; later stages add to it.

    cases, today: as for `power_of`.
    """
    first = declared_runs(pack, cases, today)[0]
    return {test.name: test.runs or first for test in pack.tests}


def usual_rate(threshold: float) -> float:
    """The rate of an agent that should pass: a fifth of the failures that the threshold allows."""
    return 1 - (1 - threshold) / 5


def bad_rate(threshold: float) -> float:
    """The rate of an agent that should not pass: four times the failures that the threshold allows."""
    return max(0.0, 1 - 4 * (1 - threshold))


def _advised(threshold: float, confidence: float, true_rate: float) -> Stage | None:
    if true_rate <= threshold:
        return None
    smallest = plan(threshold, confidence=confidence, true_rate=true_rate)
    return Stage(n=smallest.runs, max_failures=smallest.failures) if smallest else None


def _pairs(pack: Pack, confidence: float) -> PairsNeeded | None:
    criteria = pack.criteria
    if not criteria.no_regression_against:
        return None
    return PairsNeeded(
        overall=pairs_needed(criteria.regression_margin, confidence=confidence),
        per_test=pairs_needed(criteria.regression_margin_per_test, confidence=confidence),
    )


def _auto(pack: Pack) -> int:
    threshold, confidence = pack.criteria.minimum_success_rate, pack.criteria.confidence
    if confidence is None or threshold >= 1:
        return 1
    smallest = plan(threshold, confidence=confidence, true_rate=usual_rate(threshold))
    return smallest.runs if smallest else runs_needed(threshold, confidence=confidence)


def _max_failures(pack: Pack, observations: int) -> int:
    if not observations:
        return -1  # a pack whose tests are all waived cannot pass
    if isinstance(pack.runs, tuple):
        return pack.runs[-1].max_failures
    criteria = pack.criteria
    return failures_allowed(observations, criteria.minimum_success_rate, confidence=criteria.confidence)


def _passes(pack: Pack, limits: Sequence[_Limit], failures: int, rate: float) -> float:
    if failures < 0:
        return 0.0
    if isinstance(pack.runs, tuple):
        return stages_pass([(stage.n, stage.max_failures) for stage in pack.runs], rate)
    rated = [(limit.observations, limit.most) for limit in limits if not limit.waived]
    waived = [(limit.observations, limit.most) for limit in limits if limit.waived]
    passes = tests_pass(rated, failures, pack.criteria.minimum_success_rate, rate)
    return passes * prod(at_most(most, observations, 1 - rate) for observations, most in waived)
