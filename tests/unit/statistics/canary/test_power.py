"""What a canary can settle before it starts."""

import json

import pytest

from wavegate.release.manifest import Canary, CanaryMetric
from wavegate.statistics.canary.power import CanaryPower, KnownRate, canary_powers
from wavegate.statistics.canary.power_report import canary_power_markdown, canary_power_text, canary_power_values


def canary(margin: float = 0.05, minimum_sessions: int = 100) -> Canary:
    metric = CanaryMetric(name="taskSuccess", direction="decrease", margin=margin)
    return Canary(steps=(), metrics=(metric,), minimum_sessions=minimum_sessions)


@pytest.mark.parametrize(
    ("baseline", "margin", "sessions"),
    [
        (700, 0.05, 780),
        (2800, 0.05, 425),
        (5000, 0.05, 399),
        (700, 0.03, None),
        (2800, 0.03, 1616),
        (5000, 0.03, 1289),
        (700, 0.10, 107),
        (2800, 0.10, 100),
        (300, 0.05, None),
    ],
)
def test_sessions_that_settle_a_margin(baseline: int, margin: float, sessions: int | None) -> None:
    (power,) = canary_powers(canary(margin), [KnownRate(metric="taskSuccess", rate=0.86, sessions=baseline, days=14)])
    assert (power.needed, power.supposed) == (sessions, False)


def test_a_baseline_that_is_too_small_says_which_margin_it_settles() -> None:
    (power,) = canary_powers(canary(0.03), [KnownRate(metric="taskSuccess", rate=0.86, sessions=700, days=14)])
    assert power.smallest_margin == pytest.approx(0.0363, abs=1e-4)
    assert "never; the smallest margin that can be settled is 3.63 points." in canary_power_text([power])


def test_days_follow_from_the_pace() -> None:
    (power,) = canary_powers(canary(), [KnownRate(metric="taskSuccess", rate=0.86, sessions=2800, days=56)])
    assert (power.needed, power.days) == (425, 9)
    assert "425 sessions with the release, about 9 days." in canary_power_text([power])


def test_without_telemetry_usual_rates_are_shown_as_examples() -> None:
    powers = canary_powers(canary())
    assert [(power.rate, power.needed, power.days) for power in powers] == [
        (0.80, 544, None),
        (0.86, 399, None),
        (0.95, 150, None),
    ]
    assert canary_powers(Canary(steps=())) == powers
    assert "The rates are examples" in canary_power_markdown(powers)
    assert json.dumps([canary_power_values(each) for each in powers])


def test_the_minimum_of_sessions_counts() -> None:
    assert {power.needed for power in canary_powers(canary(minimum_sessions=900))} == {900}


def test_metrics_without_a_margin_of_a_rate_have_no_power() -> None:
    guard = Canary(steps=(), metrics=(CanaryMetric(name="volume", guard=True),))
    assert canary_powers(guard) == ()
    known = [KnownRate(metric="latencyP95", rate=0.05, sessions=100, days=7)]
    assert all(power.metric == "taskSuccess" for power in canary_powers(canary(), known))


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_a_rate_of_all_or_nothing_is_no_certainty(rate: float) -> None:
    (power,) = canary_powers(canary(), [KnownRate(metric="taskSuccess", rate=rate, sessions=20, days=7)])
    assert isinstance(power, CanaryPower)
    assert power.needed is None or power.needed >= 100
