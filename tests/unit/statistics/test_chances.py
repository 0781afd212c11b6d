"""The chance that tests pass together, against every outcome."""

from fractions import Fraction
from itertools import product
from math import comb, prod

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wavegate.statistics import chances as ours

Limits = list[tuple[int, int]]
THRESHOLDS = [0.0, 0.5, 0.6, 0.75, 0.9, 1.0]
limits = st.lists(
    st.integers(1, 5).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), min_size=1, max_size=4
)


def passing(tests: Limits, most: int, threshold: float) -> list[tuple[int, ...]]:
    """The failures of each test with which all of them pass."""
    found = []
    for failures in product(*(range(own + 1) for _, own in tests)):
        mean = sum(1 - Fraction(bad, runs) for bad, (runs, _) in zip(failures, tests, strict=True)) / len(tests)
        if sum(failures) <= most and (len({runs for runs, _ in tests}) == 1 or mean >= Fraction(str(threshold))):
            found.append(failures)
    return found


@settings(max_examples=300, deadline=None)
@given(limits, st.integers(-1, 12), st.sampled_from(THRESHOLDS), st.sampled_from([0.3, 0.8, 1.0]))
# no failure is allowed, and a single test has a limit of its own
@example([(2, 2), (4, 4)], 0, 0.5, 0.8)
@example([(3, 0), (3, 3)], 3, 0.5, 0.8)
def test_the_chance_is_that_of_all_outcomes_that_pass(
    tests: Limits, most: int, threshold: float, rate: float
) -> None:
    exact = sum(
        prod(
            comb(runs, bad) * (1 - rate) ** bad * rate ** (runs - bad)
            for bad, (runs, _) in zip(failures, tests, strict=True)
        )
        for failures in passing(tests, most, threshold)
    )
    assert ours.tests_pass(tests, most, threshold, rate) == pytest.approx(exact, abs=1e-9)


@settings(max_examples=300, deadline=None)
@given(limits, st.integers(-1, 12), st.sampled_from(THRESHOLDS))
def test_the_most_failures_are_those_of_the_outcome_with_most(tests: Limits, most: int, threshold: float) -> None:
    exact = max(map(sum, passing(tests, most, threshold)), default=-1)
    assert ours.most_failures(tests, most, threshold) == exact


@settings(max_examples=300, deadline=None)
@given(limits, st.sampled_from(THRESHOLDS))
def test_one_test_alone_may_fail_as_often_as_every_test_may(tests: Limits, threshold: float) -> None:
    alone = []
    for place, (runs, _) in enumerate(tests):
        others = [at for at in range(len(tests)) if at != place]
        outcomes = [each for each in passing(tests, 99, threshold) if not any(each[at] for at in others)]
        most = max(each[place] for each in outcomes)
        alone += [most] if most < runs else []
    assert ours.most_failures_in_one(tests, threshold) == min(alone, default=None)
