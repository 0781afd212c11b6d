"""The always-valid test: its evidence against scipy, its boundary by published values, its errors by simulation."""

from math import exp, fsum, isclose, log
from random import Random

import pytest
from scipy import special  # type: ignore[import-untyped]

from wavegate.statistics.always_valid import (
    always_valid_bounds,
    log_e_over,
    log_e_under,
    observations_that_fail,
    observations_that_pass,
    settled,
)


def test_published_values() -> None:
    found = {
        (log_e_over, 3, 126, 0.001): 24.3283,
        (log_e_over, 2, 126, 0.001): 5.7635,
        (log_e_over, 13, 500, 0.01): 34.1719,
        (log_e_over, 5, 1000, 0.005): 0.3668,
        (log_e_under, 0, 3678, 0.001): 20.0054,
        (log_e_under, 0, 3677, 0.001): 19.9877,
        (log_e_under, 0, 71, 0.05): 19.3446,
        (log_e_under, 0, 72, 0.05): 20.2423,
    }
    assert {key: round(exp(key[0](*key[1:])), 4) for key in found} == found


def test_the_boundary_at_95_percent() -> None:
    assert [observations_that_pass(more, 0.95, 0.95) for more in range(7)] == [72, 130, 174, 213, 250, 285, 318]
    assert [observations_that_fail(more, 0.95, 0.95) for more in range(7)] == [0, 0, 0, 4, 12, 21, 31]


@pytest.mark.parametrize("threshold", [0.5, 0.8, 0.95, 0.99])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_the_boundary_is_where_the_verdict_changes(threshold: float, confidence: float) -> None:
    for failures in (0, 1, 4, 9):
        fewest = observations_that_pass(failures, threshold, confidence)
        most = observations_that_fail(failures, threshold, confidence)
        verdicts = [
            settled(runs - failures, failures, threshold, confidence=confidence)
            for runs in (fewest - 1, fewest, fewest + 50, max(most + 1, failures))
        ]
        assert verdicts == [None, "pass", "pass", None]
        if most:
            assert settled(most - failures, failures, threshold, confidence=confidence) == "fail"
        else:
            assert settled(0, failures, threshold, confidence=confidence) is None


def test_what_is_unknown_counts_against_a_pass_and_against_a_fail() -> None:
    assert settled(129, 0, 0.95, confidence=0.95, unknown=1) == "pass"
    assert settled(128, 0, 0.95, confidence=0.95, unknown=1) is None
    assert settled(6, 6, 0.95, confidence=0.95) == "fail"
    assert settled(0, 3, 0.95, confidence=0.95, unknown=9) is None


@pytest.mark.parametrize(
    ("passed", "failed", "threshold", "proof"),
    [
        (0, 0, 0.95, None),
        (0, 0, 0.0, None),
        (0, 1, 0.0, "pass"),
        (9, 0, 1.0, None),
        (10**6, 1, 1.0, "fail"),
        (10**6, 0, 1 - 1e-12, None),
        (1, 0, 1e-12, "pass"),
        (0, 9, 1e-12, None),
        (10**12, 10**11, 0.95, "fail"),
        (10**12, 10**9, 0.95, "pass"),
    ],
)
def test_extreme_thresholds_and_counts(passed: int, failed: int, threshold: float, proof: str | None) -> None:
    assert settled(passed, failed, threshold, confidence=0.95) == proof


def reference(events: int, runs: int, limit: float, *, over: bool) -> float:
    """ln E by scipy; where its incomplete beta function underflows, by the series of positive terms, DLMF 8.17.8."""
    a, c = 0.5, 0.5 / limit
    first, second, x = (c + runs - events, a + events, 1 - limit) if over else (a + events, c + runs - events, limit)
    prior = special.betaln(a, c) + log((special.betaincc if over else special.betainc)(a, c, limit))
    prior -= a * log(limit) + c * log(1 - limit)
    mass = special.betainc(first, second, x)
    if mass > 1e-250:
        return float(special.betaln(first, second) + log(mass) - first * log(x) - second * log(1 - x) - prior)
    term, terms = 1.0, [1.0]
    while term > 1e-18:
        term *= x * (first + second + len(terms) - 1) / (first + len(terms))
        terms.append(term)
    return log(fsum(terms) / first) - float(prior)


@pytest.mark.parametrize("limit", [0.001, 0.05, 0.2, 0.5, 0.95])
@pytest.mark.parametrize(
    ("events", "runs"),
    [(0, 1), (1, 1), (0, 72), (3, 50), (30, 60), (500, 1000), (47, 1000), (1000, 1000)]
    + [(share, 10**6) for share in (0, 49_000, 50_000, 51_000, 200_000, 10**6)],
)
def test_the_evidence_is_exact_in_both_tails(events: int, runs: int, limit: float) -> None:
    under, over = log_e_under(events, runs, limit), log_e_over(events, runs, limit)
    assert isclose(under, reference(events, runs, limit, over=False), rel_tol=1e-9, abs_tol=2e-7)
    assert isclose(over, reference(events, runs, limit, over=True), rel_tol=1e-9, abs_tol=2e-7)


@pytest.mark.parametrize(("passed", "runs"), [(72, 72), (129, 130), (40, 80), (0, 7), (1, 9), (999_000, 10**6)])
def test_the_bounds_are_the_thresholds_that_are_left_open(passed: int, runs: int) -> None:
    bounds = always_valid_bounds(passed, runs, confidence=0.9)
    for threshold, proof in ((bounds.lower - 1e-7, "pass"), (bounds.upper + 1e-7, "fail")):
        if 1e-6 < threshold < 1 - 1e-6:
            assert settled(passed, runs - passed, threshold, confidence=0.9) == proof
    for threshold in (bounds.lower + 1e-7, (bounds.lower + bounds.upper) / 2, bounds.upper - 1e-7):
        assert settled(passed, runs - passed, threshold, confidence=0.9) is None


def test_the_bounds_without_runs_or_with_little() -> None:
    found = [always_valid_bounds(passed, runs, confidence=0.95) for passed, runs in ((0, 0), (1, 1), (0, 1))]
    assert [(round(each.lower, 3), round(each.upper, 3)) for each in found] == [(0, 1), (0.028, 1), (0, 1)]


@pytest.mark.parametrize("ever", ["pass", "fail"])
def test_a_wrong_verdict_at_any_of_many_looks_is_rare(ever: str) -> None:
    """An agent exactly at the threshold, looked at after every observation: either error stays below 5 %."""
    random, wrong, agents = Random(7), 0, 400  # noqa: S311
    for _ in range(agents):
        failed = 0
        for runs in range(1, 401):
            failed += random.random() < 0.05
            near = (
                runs >= observations_that_pass(failed, 0.95, 0.95)
                if ever == "pass"
                else runs <= observations_that_fail(failed, 0.95, 0.95)
            )
            if near:
                wrong += 1
                break
    assert wrong / agents < 0.05
