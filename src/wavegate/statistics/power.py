"""What a pack can show before it runs: how often each test runs, and how likely an agent is to pass."""

from math import ceil

from wavegate.release.pack import Pack, PackTest, Stage
from wavegate.statistics.power_values import Chance, PackPower
from wavegate.statistics.rates import (
    at_most,
    failures_allowed,
    lower_bound,
    plan,
    runs_needed,
    stages_pass,
)

USUAL_CONFIDENCE = 0.95
"""The confidence of a claim if the pack does not set one."""


def power_of(pack: Pack, *, true_rate: float | None = None, cases: int | None = None) -> PackPower:
    """What a pack can show.

    true_rate: pass rate of an agent that should pass; by default five times closer to 1 than the threshold.
    cases: number of cases in the whole pack; None assumes one case per test.
    """
    threshold, declared = pack.criteria.minimum_success_rate, pack.criteria.confidence
    confidence = declared or USUAL_CONFIDENCE
    good = usual_rate(threshold) if true_rate is None else true_rate
    runs = {test.name: test.runs or declared_runs(pack, cases)[-1] for test in pack.tests}
    observations = round(sum(runs.values()) * (cases or len(pack.tests)) / len(pack.tests))
    return PackPower(
        suite=pack.suite,
        threshold=threshold,
        confidence=confidence,
        declared=declared is not None,
        runs=runs,
        observations=observations,
        failures=_max_failures(pack, observations),
        supports=lower_bound(observations, observations, confidence=confidence),
        needed=runs_needed(threshold, confidence=confidence) if threshold < 1 else None,
        advised=_advised(threshold, confidence, good),
        chances=tuple(
            Chance(rate=rate, passes=_passes(pack, observations, rate))
            for rate in dict.fromkeys((good, threshold, bad_rate(threshold)))
        ),
    )


def declared_runs(pack: Pack, cases: int | None = None) -> tuple[int, ...]:
    """The numbers of runs after which the pack may be judged, ascending, for tests that do not set their own.

    Stages and `auto` count observations, and one run yields one observation per case.
    cases: None assumes one case per test.
    """
    per_run = cases or len(pack.tests)
    if isinstance(pack.runs, tuple):
        return tuple(sorted({ceil(stage.n / per_run) for stage in pack.runs}))
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


def _passes(pack: Pack, observations: int, rate: float) -> float:
    if isinstance(pack.runs, tuple):
        return stages_pass([(stage.n, stage.max_failures) for stage in pack.runs], rate)
    return at_most(_max_failures(pack, observations), observations, 1 - rate)
