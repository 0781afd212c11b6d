"""What a pack can show before it runs: how often each test runs, and how likely an agent is to pass.

The rate over all tests, the mean of the tests, the minimum for each test and the ban on critical violations count
together. A waived test counts only for that ban. Stages are judged by their rate alone, and the comparison with a
baseline is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, prod

from wavegate.release.manifest import Price
from wavegate.release.pack import USUAL_CONFIDENCE, Pack, PackTest, Stage, TestKind, ViolationSeverity
from wavegate.statistics.chances import most_failures, most_failures_in_one, tests_pass
from wavegate.statistics.comparison import pairs_needed
from wavegate.statistics.per_test import failures_within_floor
from wavegate.statistics.power_values import Chance, PackPower, PairsNeeded
from wavegate.statistics.rates import (
    at_most,
    failures_allowed,
    lower_bound,
    plan,
    runs_needed,
    stages_pass,
)
from wavegate.statistics.settling import max_runs, power_until_settled


def power_of(
    pack: Pack,
    *,
    true_rate: float | None = None,
    cases: int | None = None,
    today: date | None = None,
    price: Price | None = None,
) -> PackPower:
    """What a pack can show.

    true_rate: pass rate of an agent that should pass; by default five times closer to 1 than the threshold.
    cases: number of cases in the whole pack; None assumes one case per test. today: a test whose waiver is valid then
    does not count; None counts all tests. price: of a conversation, for packs that run until they are settled.
    """
    threshold, declared = pack.criteria.minimum_success_rate, pack.criteria.confidence
    confidence = declared or USUAL_CONFIDENCE
    good = usual_rate(threshold) if true_rate is None else true_rate
    rates = tuple(dict.fromkeys((good, threshold, bad_rate(threshold))))
    if pack.runs == "until-settled":
        return power_until_settled(
            pack,
            rates,
            cases={test.name: max(1, round((cases or len(pack.tests)) / len(pack.tests))) for test in pack.tests},
            known=cases is not None,
            waived={each.test for each in pack.waivers if today and each.expires >= today},
            critical={test.name for test in pack.tests if _must_not_fail(pack, test)},
            price=price,
        )
    runs = {test.name: test.runs or declared_runs(pack, cases)[-1] for test in pack.tests}
    limits = _limits(pack, runs, (cases or len(pack.tests)) / len(pack.tests), today, confidence=confidence)
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
        waived=tuple(limit.test for limit in limits if limit.waived),
        observations=observations,
        failures=failures if staged else most_failures(rated, failures, threshold),
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
    pack: Pack, runs: Mapping[str, int], cases: float, today: date | None, *, confidence: float
) -> list[_Limit]:
    """The limits of each test. cases: cases per test, on average."""
    waived = {each.test for each in pack.waivers if today and each.expires >= today}
    limits = []
    for test in pack.tests:
        observations = round(runs[test.name] * cases)
        most = observations
        if test.name not in waived:
            most = failures_within_floor(observations, pack.criteria.per_test_minimum, confidence=confidence)
        if _must_not_fail(pack, test):
            most = 0
        limits.append(_Limit(test=test.name, observations=observations, most=most, waived=test.name in waived))
    return limits


def _must_not_fail(pack: Pack, test: PackTest) -> bool:
    """Whether a failure of the test is a critical violation that the pack forbids."""
    is_critical = test.kind is TestKind.ACTION_SAFETY and test.severity is ViolationSeverity.CRITICAL
    return is_critical and pack.criteria.zero_critical_policy_violations


def declared_runs(pack: Pack, cases: int | None = None) -> tuple[int, ...]:
    """The numbers of runs after which the pack may be judged, ascending, for tests that do not set their own.

    Stages and `auto` count observations, and one run yields one observation per case.
    cases: None assumes one case per test.
    """
    per_run = cases or len(pack.tests)
    if isinstance(pack.runs, tuple):
        return tuple(sorted({ceil(stage.n / per_run) for stage in pack.runs}))
    if pack.runs == "until-settled":
        return tuple(range(1, max_runs(pack, per_run) + 1))
    if pack.runs == "auto":
        return (ceil(_auto(pack) / per_run),)
    return (pack.runs,)


def planned_runs(pack: Pack, test: PackTest) -> int:
    """How often a smoke run executes the test before the pack is first judged; later stages add to it."""
    return test.runs or declared_runs(pack)[0]


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
        return len(pack.tests)
    smallest = plan(threshold, confidence=confidence, true_rate=usual_rate(threshold))
    return smallest.runs if smallest else runs_needed(threshold, confidence=confidence)


def _max_failures(pack: Pack, observations: int) -> int:
    if isinstance(pack.runs, tuple):
        return pack.runs[-1].max_failures
    criteria = pack.criteria
    return failures_allowed(observations, criteria.minimum_success_rate, confidence=criteria.confidence)


def _passes(pack: Pack, limits: Sequence[_Limit], failures: int, rate: float) -> float:
    if isinstance(pack.runs, tuple):
        return stages_pass([(stage.n, stage.max_failures) for stage in pack.runs], rate)
    rated = [(limit.observations, limit.most) for limit in limits if not limit.waived]
    waived = [(limit.observations, limit.most) for limit in limits if limit.waived]
    passes = tests_pass(rated, failures, pack.criteria.minimum_success_rate, rate)
    return passes * prod(at_most(most, observations, 1 - rate) for observations, most in waived)
