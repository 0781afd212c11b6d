"""What a pack can show before it is run, and how often its tests are run for that."""

import json
from dataclasses import replace
from typing import Any

import pytest

from wavegate.release.pack import Criteria, Pack, PackTest, Stage
from wavegate.statistics.power import declared_runs, planned_runs, power_of
from wavegate.statistics.power_report import power_json, power_markdown, power_text

GIVEN = Pack(
    suite="production-readiness",
    tests=tuple(PackTest(name=name) for name in ("a", "b", "c", "d")),
    criteria=Criteria(minimum_success_rate=0.95),
)
# the first attempt is judged at 95 %
SURE = replace(GIVEN, criteria=Criteria(minimum_success_rate=0.95, confidence=0.95))
STAGES = (Stage(n=76, max_failures=0), Stage(n=139, max_failures=2), Stage(n=270, max_failures=6))


def test_the_given_pack_passes_a_bad_agent_often() -> None:
    power = power_of(GIVEN)
    assert (power.observations, power.failures, power.needed) == (4, 0, 59)
    assert round(power.supports, 3) == 0.473
    assert [(round(each.rate, 2), round(each.passes, 2)) for each in power.chances] == [
        (0.99, 0.96),
        (0.95, 0.81),
        (0.8, 0.41),
    ]
    assert power.advised == Stage(n=124, max_failures=2)


@pytest.mark.parametrize(
    ("pack", "cases", "runs", "observations", "failures"),
    [
        (GIVEN, None, (1,), 4, 0),
        (replace(GIVEN, runs=15), None, (15,), 60, 3),
        (replace(SURE, runs=15), None, (15,), 60, 0),
        (replace(SURE, runs=2), None, (2,), 8, -1),
        (replace(GIVEN, runs="auto"), None, (1,), 4, 0),
        (replace(SURE, runs="auto"), None, (31,), 124, 2),
        (replace(SURE, runs="auto"), 10, (4,), 160, 3),
        (replace(SURE, runs=STAGES), None, (19, 35, 68), 272, 6),
        (replace(SURE, runs=STAGES), 10, (2, 4, 7), 280, 6),
    ],
)
def test_runs_and_observations(
    pack: Pack, cases: int | None, runs: tuple[int, ...], observations: int, failures: int
) -> None:
    census = {test.name: cases for test in pack.tests if cases}
    assert declared_runs(pack, census) == runs
    power = power_of(pack, cases=census)
    assert (power.observations, power.failures) == (observations, failures)
    assert set(power.runs.values()) == {runs[-1]}


def test_a_test_has_its_own_runs_or_those_of_the_first_look() -> None:
    staged = replace(SURE, runs=STAGES, tests=(PackTest(name="a", runs=3), *SURE.tests[1:]))
    # 3 + 3 × 25 observations reach the first stage
    assert planned_runs(staged) == {"a": 3, "b": 25, "c": 25, "d": 25}
    assert planned_runs(replace(staged, tests=(PackTest(name="a", runs=300), *SURE.tests[1:])))["b"] == 19


def test_stages_have_the_error_and_power_of_their_plan() -> None:
    power = power_of(replace(SURE, runs=STAGES))
    assert [round(each.passes, 4) for each in power.chances][:2] == [0.9842, 0.0499]


@pytest.mark.parametrize("threshold", [0.0, 0.5, 0.999, 1.0])
@pytest.mark.parametrize("runs", [1, "auto", STAGES])
@pytest.mark.parametrize("confidence", [None, 0.95])
def test_any_threshold_has_an_answer(threshold: float, runs: Any, confidence: float | None) -> None:
    criteria = Criteria(minimum_success_rate=threshold, confidence=confidence)
    power = power_of(replace(GIVEN, criteria=criteria, runs=runs))
    assert all(0 <= each.passes <= 1 for each in power.chances)
    assert (power.needed is None) == (threshold == 1)


def test_a_stated_rate_below_the_threshold_has_no_plan() -> None:
    power = power_of(GIVEN, true_rate=0.9)
    assert power.advised is None
    assert power.chances[0].rate == 0.9


def test_it_is_told_as_text_markdown_and_json() -> None:
    powers = [power_of(GIVEN)]
    assert "A clean result supports a pass rate ≥ 47.2 % at 95 % confidence." in power_text(powers)
    assert "An agent with a true pass rate of 80 % passes 41 % of the time." in power_text(powers)
    assert "- production\\-readiness: 4 tests, each run once: 4 observations" in power_markdown(powers)
    (told,) = json.loads(power_json(powers))
    assert told["needed"] == 59
    assert told["advised"] == {"n": 124, "maxFailures": 2}
    assert told["runs"] == {"a": 1, "b": 1, "c": 1, "d": 1}
