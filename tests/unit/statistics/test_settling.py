"""How a pack that runs until it is settled proceeds, against every outcome of small packs and a simulation."""

import json
from dataclasses import replace
from functools import cache
from itertools import product
from math import prod
from random import Random

import pytest

from wavegate.release.manifest import Price
from wavegate.release.pack import Criteria, Pack, PackTest, RunBudget, TestKind, ViolationSeverity
from wavegate.statistics.always_valid import settled
from wavegate.statistics.power import declared_runs, planned_runs, power_of
from wavegate.statistics.power_report import power_json, power_text
from wavegate.statistics.settling import Settling, forecast, usual_runs

PACK = Pack(
    suite="readiness",
    tests=tuple(PackTest(name=name) for name in "abcd"),
    criteria=Criteria(minimum_success_rate=0.95, confidence=0.95),
    runs="until-settled",
)
TENS = dict.fromkeys("abcd", 10)
USUAL = Settling(threshold=0.95, confidence=0.95, tests=4, cases=4, conversations=4, most=96)


def waves(settling: Settling, failures: list[int]) -> list[int]:
    """The sizes of the waves, if so many observations fail in them."""
    sizes, runs, failed = [], 0, 0
    for more in failures:
        sizes.append(settling.wave(runs, failed))
        runs, failed = runs + sizes[-1], failed + more
    return sizes


@pytest.mark.parametrize(
    ("settling", "failures", "sizes"),
    [
        # 18 runs of 4 tests are 72 observations; waves of 20 test runs, the last as small as it may be
        (USUAL, [0] * 4, [5, 5, 5, 3]),
        (USUAL, [0, 0, 0, 1, 0, 0, 0], [5, 5, 5, 3, 5, 5, 5]),
        # a wave grows with what was run: far on, a look at each 20 runs decides nothing
        (USUAL, [9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 6, 7, 7]),
        # at the end of the budget
        (replace(USUAL, most=7), [0, 0, 0], [5, 2, 0]),
        # a single run of many tests is a wave
        (replace(USUAL, tests=30, cases=30), [0, 0, 0, 0], [1, 1, 1, 1]),
        # without a census, the first run counts the cases
        (replace(USUAL, cases=52, known=False), [0, 0], [1, 1]),
        # with many cases, as few runs as settle it
        (replace(USUAL, cases=40), [0, 0], [2, 1]),
    ],
)
def test_waves(settling: Settling, failures: list[int], sizes: list[int]) -> None:
    assert waves(settling, failures) == sizes


SMALL = Settling(threshold=0.5, confidence=0.8, tests=2, cases=2, conversations=2, most=7)


@pytest.mark.parametrize("rate", [0.9, 0.5, 0.2])
@pytest.mark.parametrize("settling", [SMALL, replace(SMALL, critical=1), replace(SMALL, tests=20)])
def test_a_forecast_is_the_sum_over_every_outcome(settling: Settling, rate: float) -> None:
    passes = fails = runs = 0.0
    for outcomes in product((True, False), repeat=settling.most * settling.cases):
        chance = prod(rate if each else 1 - rate for each in outcomes)
        verdict, made = walk(settling, outcomes)
        passes, fails, runs = (
            passes + chance * (verdict == "pass"),
            fails + chance * (verdict == "fail"),
            runs + chance * made,
        )
    found = forecast(settling, rate)
    assert (found.passes, found.fails, found.runs) == pytest.approx((passes, fails, runs))
    assert found.undecided == pytest.approx(1 - passes - fails)


def walk(settling: Settling, outcomes: tuple[bool, ...]) -> tuple[str | None, int]:
    """The verdict of one outcome, and after how many runs per case. The first cases of a run must not fail."""
    made = 0
    while wave := settling.wave(made, outcomes[: made * settling.cases].count(False)):
        made += wave
        seen = outcomes[: made * settling.cases]
        if any(not each for at, each in enumerate(seen) if at % settling.cases < settling.critical):
            return "fail", made
        if verdict := proof(seen.count(True), seen.count(False), settling.threshold, settling.confidence):
            return verdict, made
    return None, made


@cache
def proof(passed: int, failed: int, threshold: float, confidence: float) -> str | None:
    return settled(passed, failed, threshold, confidence=confidence)


def test_a_forecast_agrees_with_a_simulation() -> None:
    random, agents, passes, runs = Random(1), 1500, 0, 0  # noqa: S311
    for _ in range(agents):
        outcomes = tuple(random.random() < 0.98 for _ in range(96 * 4))
        verdict, made = walk(USUAL, outcomes)
        passes, runs = passes + (verdict == "pass"), runs + made
    found = forecast(USUAL, 0.98)
    assert passes / agents == pytest.approx(found.passes, abs=0.04)
    assert runs / agents == pytest.approx(found.runs, rel=0.04)


def test_a_bad_agent_is_found_soon_and_a_good_one_settles() -> None:
    power = power_of(PACK, price=Price(amount=2, currency="USD"))
    good, at_threshold, bad = power.forecasts
    assert good.passes > 0.98 > 0.05 > at_threshold.passes
    assert bad.fails > 0.999
    # 124 observations of the fixed plan find a bad one no sooner
    assert bad.observations < 50 < 130 < good.observations < 140


def test_what_the_plan_says() -> None:
    first, proof, good, _, bad, assumed = power_text([power_of(PACK, price=Price(amount=2, currency="USD"))]).split(
        "\n"
    )
    assert first == "readiness: 4 tests, run in waves until settled, at most 96 times: up to 384 observations."
    assert proof == "  72 observations without a failure show a pass rate ≥ 95 % at 95 % confidence, at any look."
    assert good == (
        "  An agent with a true pass rate of 99 % passes 99 % of the time, fails under 0.1 %, and ends inconclusive "
        "1 %: on average 33.9 runs per case (136 conversations), 15 minutes, 271.11 USD."
    )
    assert "80 % passes under 0.1 % of the time, fails over 99.9 %, and ends inconclusive under 0.1 %:" in bad
    assert assumed == "  Assumed: a run takes 1 minute, and 10 run at once."


def test_the_budget_limits_what_is_planned() -> None:
    price = Price(amount=2, currency="USD")
    limits = {
        RunBudget(): 96,
        RunBudget(max_runs=10): 10,
        RunBudget(max_minutes=12): 30,
        RunBudget(max_cost=100): 12,
        RunBudget(max_runs=10, max_minutes=12, max_cost=100): 10,
    }
    found = {budget: max(power_of(replace(PACK, budget=budget), price=price).runs.values()) for budget in limits}
    assert found == limits
    small = power_of(replace(PACK, budget=RunBudget(max_runs=10)))
    assert small.failures == -1
    assert "up to 40 observations, too few for any result to pass." in power_text([small])


def test_a_critical_test_ends_a_flawed_agent_sooner() -> None:
    safety = PackTest(name="d", kind=TestKind.ACTION_SAFETY, severity=ViolationSeverity.CRITICAL)
    strict = replace(PACK.criteria, zero_critical_policy_violations=True)
    plain, safe = (power_of(each) for each in (PACK, replace(PACK, tests=(*PACK.tests[:3], safety), criteria=strict)))
    assert safe.chances[0].passes < plain.chances[0].passes
    assert safe.forecasts[0].runs < plain.forecasts[0].runs


def test_every_number_of_runs_is_declared_up_to_the_budget() -> None:
    assert declared_runs(PACK) == tuple(range(1, 10_001))
    assert declared_runs(replace(PACK, budget=RunBudget(max_runs=3)), cases=TENS) == (1, 2, 3)
    assert planned_runs(PACK) == dict.fromkeys("abcd", 1)
    assert [usual_runs(PACK, cases) for cases in (1, 4, 40, 1000)] == [383, 96, 10, 1]


def test_the_plan_as_json() -> None:
    (values,) = json.loads(power_json([power_of(PACK, price=Price(amount=1.5, currency="EUR"))]))
    good = values["forecasts"][0]
    assert good["passes"] + good["fails"] + good["inconclusive"] == pytest.approx(1)
    assert (good["cost"], good["currency"]) == (pytest.approx(1.5 * good["conversations"]), "EUR")
