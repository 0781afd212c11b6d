"""The confidence of repeated attempts, and that trying again until it passes does not pay."""

from dataclasses import replace

import pytest

from wavegate.release.pack import Criteria, Pack, PackTest
from wavegate.statistics.attempts import at_attempt, attempt_confidence
from wavegate.statistics.power import declared_runs
from wavegate.statistics.rates import at_most, failures_allowed

SURE = Pack(
    suite="readiness",
    tests=(PackTest(name="a"),),
    criteria=Criteria(minimum_success_rate=0.95, confidence=0.95),
    digest="p" * 64,
)


@pytest.mark.parametrize(
    ("attempt", "confidence", "runs_with_two_failures"),
    [(1, 0.95, 124), (2, 1 - 0.05 / 6, 170), (3, 1 - 0.05 / 12, 187), (4, 0.9975, 199)],
)
def test_each_attempt_needs_more_runs(attempt: int, confidence: float, runs_with_two_failures: int) -> None:
    judged = at_attempt(SURE, attempt)
    assert judged.criteria.confidence == pytest.approx(confidence, abs=1e-12)
    least = next(n for n in range(59, 300) if failures_allowed(n, 0.95, confidence=judged.criteria.confidence) >= 2)
    assert least == runs_with_two_failures
    assert (judged.path, judged.digest) == (SURE.path, SURE.digest)


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.999])
@pytest.mark.parametrize("attempts", [1, 2, 10, 500])
def test_all_attempts_together_stay_below_one_and_a_half_alpha(confidence: float, attempts: int) -> None:
    spent = sum(1 - attempt_confidence(confidence, attempt) for attempt in range(1, attempts + 1))
    assert spent < 1.5 * (1 - confidence)


def test_an_agent_at_the_threshold_seldom_passes_however_often_it_is_tried() -> None:
    runs = 200
    refused = 1.0
    uncorrected = 1.0
    for attempt in range(1, 51):
        allowed = failures_allowed(runs, 0.95, confidence=attempt_confidence(0.95, attempt))
        refused *= 1 - (at_most(allowed, runs, 0.05) if allowed >= 0 else 0)
        uncorrected *= 1 - at_most(failures_allowed(runs, 0.95, confidence=0.95), runs, 0.05)
    assert 1 - refused < 0.075
    assert 1 - uncorrected > 0.5


def test_a_pack_that_is_judged_as_observed_stays_as_it_is() -> None:
    pack = replace(SURE, criteria=Criteria(minimum_success_rate=0.95))
    assert at_attempt(pack, 3) == pack


def test_the_number_of_runs_is_that_of_the_first_attempt() -> None:
    assert declared_runs(replace(SURE, runs="auto")) == (124,)
