"""The formulas of the canary's judge against values that were computed independently, by numerical integration."""

from itertools import pairwise
from math import ceil, exp, log

import pytest
from scipy import integrate, special, stats  # type: ignore[import-untyped]

from wavegate.statistics.always_valid import log_e_over, log_e_under, observations_that_pass
from wavegate.statistics.canary.days import DayCounts, RateChange, change, rate_variance
from wavegate.statistics.canary.mixture import evidence, half_width, log_evidence, log_mean, settled_variance
from wavegate.statistics.canary.settling import (
    CohortPace,
    days_needed,
    sessions_needed,
    smallest_margin,
    variance_needed,
)
from wavegate.statistics.canary.violations import clean_sessions, rate_interval

DAYS_BEFORE = (
    (93, 110, 905, 1050),
    (81, 100, 870, 1000),
    (88, 96, 930, 1070),
    (70, 90, 845, 990),
    (95, 104, 880, 1010),
    (60, 75, 700, 810),
    (64, 72, 690, 800),
)
DAYS_AFTER = ((90, 108, 900, 1040), (77, 99, 850, 1005), (85, 101, 915, 1060))


def close(value: float) -> object:
    return pytest.approx(value, rel=1e-5, abs=1e-9)


def difference(good: int, total: int, before: int, before_total: int) -> tuple[float, float]:
    """Of two rates, with its variance."""
    variance = rate_variance(good, total) / total + rate_variance(before, before_total) / before_total
    return good / total - before / before_total, variance


def roll_back(loss: float, variance: float, margin: float = 0.05) -> float:
    return evidence(log_evidence(loss - margin / 2, variance, margin))


def expand(loss: float, variance: float, margin: float = 0.05) -> float:
    return evidence(log_evidence(margin - loss, variance, margin))


def ten_days() -> RateChange:
    days = [(False, *day) for day in DAYS_BEFORE] + [(True, *day) for day in DAYS_AFTER]
    result = change(
        [DayCounts(after=after, events=k, total=n, others=k_c, others_total=n_c) for after, k, n, k_c, n_c in days]
    )
    assert result
    return result


def test_value_1_a_loss_of_six_points() -> None:
    change, variance = difference(400, 500, 4300, 5000)
    assert variance == close(3.455321e-4)
    assert roll_back(-change, variance) == close(3.17958)


def test_value_2_a_loss_of_ten_points() -> None:
    change, variance = difference(380, 500, 4300, 5000)
    assert variance == close(3.899759e-4)
    assert roll_back(-change, variance) == close(376.258)


def test_value_3_one_failed_session_is_no_certainty() -> None:
    change, variance = difference(0, 1, 10, 10)
    assert variance == close(0.2298611)
    assert roll_back(-change, variance) == close(1.18689)


def test_value_4_an_equal_release_is_proven() -> None:
    change, variance = difference(430, 500, 4300, 5000)
    assert variance == close(2.669620e-4)
    assert expand(-change, variance) == close(42.6355)


def test_value_5_an_equal_release_is_not_proven_yet() -> None:
    change, variance = difference(172, 200, 602, 700)
    assert variance == close(7.878216e-4)
    assert expand(-change, variance) == close(3.07467)


@pytest.mark.parametrize(("alpha", "width"), [(0.05, 0.0479668), (0.01, 0.0581367)])
def test_value_6_half_widths(alpha: float, width: float) -> None:
    assert half_width(0.0003, 0.05, alpha) == close(width)
    assert log_evidence(width, 0.0003, 0.05) == pytest.approx(-log(alpha), abs=1e-4)


@pytest.mark.parametrize(("alpha", "variance"), [(0.05, 0.1305935), (0.01, 0.0888954), (0.10, 0.1651968)])
def test_value_7_the_variance_that_settles(alpha: float, variance: float) -> None:
    assert settled_variance(alpha) == close(variance)


@pytest.mark.parametrize(("baseline", "sessions"), [(700, 779.37), (5000, 398.14), (300, None)])
def test_value_8_sessions_that_settle_an_equal_release(baseline: int, sessions: float | None) -> None:
    needed = sessions_needed(0.86, 0.86 * 0.14 / baseline, 0.05, 0.05)
    assert needed == (sessions and pytest.approx(sessions, abs=0.01))
    if needed:
        days = days_needed(
            [CohortPace(before=0.86 * 0.14 / baseline, day=0.86 * 0.14 / 50)], variance_needed(0.05, 0.05)
        )
        assert days == close(needed / 50)
    else:
        assert smallest_margin([0.86 * 0.14 / baseline], 0.05) == pytest.approx(0.0554, abs=1e-4)


def test_value_9_a_difference_in_differences_by_day() -> None:
    found = ten_days()
    assert (found.heterogeneity, found.freedom, found.day_variance) == (close(11.970206), 8, close(7.549361e-4))
    assert (found.before.mean, found.before.variance) == (close(-0.0136626), close(3.232269e-4))
    assert (found.after.mean, found.after.variance) == (close(-0.0403015), close(7.783436e-4))
    assert (found.difference, found.variance) == (close(-0.0266389), close(1.101570e-3))
    assert roll_back(-found.difference, found.variance) == close(0.571676)
    assert expand(-found.difference, found.variance) == close(0.947380)
    assert half_width(found.variance, 0.05, 0.05) == close(0.0959875)


def test_value_9_the_variance_of_the_seven_days_alone_is_that_of_statsmodels() -> None:
    days = [(k / n - k_c / n_c, n, n_c) for k, n, k_c, n_c in DAYS_BEFORE]
    own = rate_variance(sum(day[0] for day in DAYS_BEFORE), sum(day[1] for day in DAYS_BEFORE))
    other = rate_variance(sum(day[2] for day in DAYS_BEFORE), sum(day[3] for day in DAYS_BEFORE))
    weights = [1 / (own / n + other / n_c) for _, n, n_c in days]
    mean = sum(w * d for w, (d, _, _) in zip(weights, days, strict=True)) / sum(weights)
    excess = sum(w * (d - mean) ** 2 for w, (d, _, _) in zip(weights, days, strict=True)) - 6
    assert excess / (sum(weights) - sum(w * w for w in weights) / sum(weights)) == close(1.311783e-3)
    after = [DayCounts(after=True, events=1, total=1, others=1, others_total=1)]  # a period of one day adds nothing
    seven = [
        DayCounts(after=False, events=k, total=n, others=k_c, others_total=n_c) for k, n, k_c, n_c in DAYS_BEFORE
    ]
    result = change([*seven, *after])
    assert result
    assert result.day_variance == close(1.311783e-3)


@pytest.mark.parametrize(
    ("events", "sessions", "budget", "expected"),
    [(3, 126, 0.001, 24.3283), (2, 126, 0.001, 5.76350), (13, 500, 0.01, 34.1719), (5, 1000, 0.005, 0.366796)],
)
def test_values_10_and_11_evidence_over_a_budget(events: int, sessions: int, budget: float, expected: float) -> None:
    assert exp(log_e_over(events, sessions, budget)) == close(expected)
    a, c = 0.5, 0.5 / budget
    formula = (
        special.betaln(a + events, c + sessions - events)
        + log(special.betaincc(a + events, c + sessions - events, budget))
        - special.betaln(a, c)
        - log(special.betaincc(a, c, budget))
        - events * log(budget)
        - (sessions - events) * log(1 - budget)
    )
    assert log_e_over(events, sessions, budget) == pytest.approx(formula, abs=1e-7)


@pytest.mark.parametrize(
    ("budget", "sessions", "at", "before"),
    [(0.001, 3678, 20.0054, 19.9877), (0.005, 735, 20.0830, 19.9942), (0.01, 367, 20.1588, 19.9803)],
)
def test_value_12_clean_sessions_that_show_a_budget(budget: float, sessions: int, at: float, before: float) -> None:
    assert clean_sessions(0, budget, 0.05) == sessions
    assert exp(log_e_under(0, sessions, budget)) == close(at)
    assert exp(log_e_under(0, sessions - 1, budget)) == close(before)


@pytest.mark.parametrize(
    ("events", "sessions", "lower", "upper"),
    [(0, 126, 0.0, 0.0464064), (0, 20, 0.0, 0.2240061), (3, 500, 0.0002799504, 0.0276049)],
)
def test_value_13_bounds_of_a_rate_at_any_look(events: int, sessions: int, lower: float, upper: float) -> None:
    interval = rate_interval(events, sessions, 0.05)
    assert (interval.lower, interval.upper) == (close(lower), close(upper))


def test_value_14_the_mean_of_three_metrics() -> None:
    assert exp(log_mean([log(30), log(25), log(6)])) == pytest.approx(61 / 3)


def test_value_15_a_gate_that_may_run_on() -> None:
    needed = [observations_that_pass(failures, 0.95, 0.95) for failures in range(7)]
    assert needed == [72, 130, 174, 213, 250, 285, 318]
    assert exp(log_e_under(0, 71, 0.05)) == close(19.3446)
    assert exp(log_e_under(0, 72, 0.05)) == close(20.2423)


def test_the_example_of_the_summary() -> None:
    change, variance = difference(178, 212, 2020, 2352)
    assert variance == close(6.969310e-4)
    assert half_width(variance, 0.05, 0.025) == close(0.0818699)
    assert roll_back(-change, variance) == close(0.402711)
    assert expand(-change, variance) == close(1.34851)
    rate = 2020 / 2352
    needed = sessions_needed(rate, rate * (1 - rate) / 2352, 0.05, 0.05)
    assert needed
    assert ceil(needed) == 441


@pytest.mark.parametrize("shift", [-0.2, -0.01, 0.0, 0.03, 0.12])
@pytest.mark.parametrize("variance", [1e-5, 7e-4, 0.05])
def test_the_evidence_is_the_mixture_integrated(shift: float, variance: float) -> None:
    peak = max(0.0, shift) ** 2 / (2 * variance)

    def ratio(effect: float) -> float:
        likelihood = (2 * shift * effect - effect * effect) / (2 * variance)
        return float(exp(likelihood - peak) * 2 * stats.norm.pdf(effect, scale=0.05))

    pieces = [max(shift, 0) * share + variance**0.5 * more for share, more in ((0, 0.05), (0.9, 0.1), (1, 1), (1, 9))]
    edges = [0.0, *pieces, 1.0]
    expected = sum(integrate.quad(ratio, low, high, epsabs=0, limit=200)[0] for low, high in pairwise(edges))
    assert log_evidence(shift, variance, 0.05) == pytest.approx(
        peak + log(expected), abs=3e-4
    )  # of the tail beyond -30
