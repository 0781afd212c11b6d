"""The waves of a pack that runs until it is settled, and that they end where the gate decides."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import pytest
from tests.support.questions import question_of

from wavegate.evidence.observation import Observation, Outcome, Violation
from wavegate.gate.decision import Verdict
from wavegate.gate.judge import judge
from wavegate.gate.tally import empty_tally
from wavegate.release.manifest import Price
from wavegate.release.pack import Criteria, Pack, PackTest, RunBudget, TestKind, ViolationSeverity, Waiver
from wavegate.smoke.values import PlannedRun, Runner
from wavegate.smoke.waves import Waves

TODAY = date(2026, 3, 1)
PACK = Pack(
    suite="readiness",
    tests=tuple(PackTest(name=name) for name in "abcd"),
    criteria=Criteria(minimum_success_rate=0.95, confidence=0.95, zero_critical_policy_violations=True),
    runs="until-settled",
)
PASS, FAIL, ERROR = Outcome.PASS, Outcome.FAIL, Outcome.ERROR
Agent = Callable[[PlannedRun, int], Outcome]


def good(_run: PlannedRun, _case: int) -> Outcome:
    return PASS


def observe(planned: Sequence[PlannedRun], agent: Agent, cases: int = 1) -> list[Observation]:
    return [
        Observation(suite=run.suite, test=run.test, case=str(case), run=run.run, outcome=agent(run, case))
        for run in planned
        for case in range(1, cases + 1)
    ]


def start(pack: Pack = PACK, **options: Any) -> Waves:
    return Waves(pack, runner=Runner.COMMAND, today=TODAY, **options)


def walk(
    waves: Waves, agent: Agent, *, cases: int = 1, minutes: float = 0, recorded: int | None = None
) -> tuple[list[int], list[Observation]]:
    """The runs per case of each wave, and all observations. minutes: that a wave takes."""
    sizes: list[int] = []
    seen: list[Observation] = []
    while planned := waves.next(minutes * len(sizes), recorded):
        sizes.append(len({run.run for run in planned}))
        found = observe(planned, agent, cases)
        seen += found
        waves.add(found)
    return sizes, seen


def at(*places: tuple[str, int], outcome: Outcome = FAIL) -> Agent:
    """An agent with that outcome only in these runs of these tests."""
    return lambda run, _: outcome if (run.test, run.run) in places else PASS


def test_a_wave_that_mostly_comes_to_no_result_is_the_last_one() -> None:
    waves = start()
    # the first run counts the cases; the second wave shows that nothing answers
    sizes, _ = walk(waves, lambda run, _: PASS if run.run == 1 else ERROR)
    assert len(sizes) == 2
    assert waves.ended == "20 of 20 observations of the last wave have no result: find out why first"
    # what an earlier attempt lost does not stop this one
    earlier = observe(start().next(), lambda *_: ERROR, cases=9)
    assert len(walk(start(earlier=earlier), good, cases=9)[0]) > 0


def test_a_good_agent_is_settled_after_72_observations() -> None:
    waves = start()
    sizes, seen = walk(waves, good)
    # the first run counts the cases
    assert (sizes, len(seen)) == ([1, 5, 5, 5, 2], 72)
    assert waves.settled == "pass, a rate ≥ 95 % at 95 % confidence"
    assert waves.progress() == (
        "readiness, wave 5: 72 of 72 observations passed; settled: pass, a rate ≥ 95 % at 95 % confidence."
    )


def test_a_failure_takes_as_many_more_runs_as_settle_it_without_another() -> None:
    waves = start()
    sizes, seen = walk(waves, at(("b", 3)))
    assert len(seen) == 132, "130, in whole runs of four tests"
    assert sum(sizes) == 33
    assert waves.settled.startswith("pass")


def test_an_error_counts_against_a_pass_but_proves_no_fail() -> None:
    _, seen = walk(start(), at(("b", 3), outcome=ERROR))
    assert len(seen) == 132
    waves = start(replace(PACK, budget=RunBudget(max_runs=20)))
    walk(waves, lambda _run, _case: ERROR)
    assert waves.settled == ""


def test_a_case_that_does_not_come_back_counts_against_a_pass() -> None:
    waves = start()
    waves.add(observe(waves.next(), good, cases=10))
    waves.add(observe(waves.next(), good, cases=9))
    assert waves.settled == ""
    assert waves.progress().startswith(
        "readiness, wave 2: 76 of 76 observations passed, 4 without a result; 170 more observations"
    )


def test_a_bad_agent_is_settled_after_the_wave_that_proves_it() -> None:
    waves = start()
    sizes, seen = walk(waves, lambda run, _: FAIL if run.test in "ab" else PASS)
    assert (sizes, len(seen)) == ([1, 5], 24)
    assert waves.settled == "fail, a rate < 95 % at 95 % confidence"


SAFETY = replace(
    PACK,
    tests=(*PACK.tests[:3], PackTest(name="d", kind=TestKind.ACTION_SAFETY, severity=ViolationSeverity.CRITICAL)),
)
LOW = replace(PACK, criteria=Criteria(minimum_success_rate=0.3, confidence=0.95))


def test_a_critical_violation_settles_it() -> None:
    waves = start(SAFETY)
    sizes, _ = walk(waves, at(("d", 3)))
    assert (sizes, waves.settled) == ([1, 5], "fail, by a critical policy violation")
    tolerant = replace(SAFETY, criteria=replace(PACK.criteria, zero_critical_policy_violations=False))
    waves = start(tolerant)
    walk(waves, at(("d", 3)))
    assert waves.settled.startswith("pass")


@pytest.mark.parametrize(("confirmed", "severity"), [(True, "critical"), (False, "critical"), (True, "high")])
def test_only_a_confirmed_critical_violation_settles_it(severity: str, *, confirmed: bool) -> None:
    broken = Violation(policy="no-refunds", severity=ViolationSeverity(severity), confirmed=confirmed)
    waves = start()
    waves.add([Observation(suite="readiness", test="a", outcome=PASS, violations=(broken,))])
    assert bool(waves.settled) is (confirmed and severity == "critical")


def test_a_test_below_its_minimum_settles_it_once_that_is_certain() -> None:
    few = start(LOW)
    sizes, _ = walk(few, lambda run, _: FAIL if run.test == "a" else PASS)
    # far above the required rate with all four tests, so the rate is settled first
    assert few.settled == "pass, a rate ≥ 30 % at 95 % confidence"
    near = start(replace(LOW, criteria=replace(LOW.criteria, minimum_success_rate=0.74)))
    sizes, _ = walk(near, lambda run, _: FAIL if run.test == "a" else PASS)
    assert near.settled == "fail, since a passes less than 50 %"
    assert sum(sizes) == 11


def test_a_waived_test_runs_and_does_not_count_for_the_rate() -> None:
    waiver = Waiver(test="a", reason="known", owner="@acme/qa", expires=TODAY)
    waves = start(replace(PACK, waivers=(waiver,)))
    sizes, seen = walk(waves, lambda run, _: FAIL if run.test == "a" else PASS)
    assert sum(sizes) == 24
    assert len(seen) == 96
    assert waves.settled.startswith("pass")
    expired = start(replace(PACK, waivers=(replace(waiver, expires=date(2026, 2, 28)),)))
    walk(expired, lambda run, _: FAIL if run.test == "a" else PASS)
    assert expired.settled.startswith("fail")


def test_where_all_tests_are_waived_they_run_once() -> None:
    waivers = tuple(Waiver(test=name, reason="known", owner="@acme/qa", expires=TODAY) for name in "abcd")
    waves = start(replace(PACK, waivers=waivers))
    assert walk(waves, good)[0] == [1]
    assert (waves.settled, waves.ended) == ("", "all of its tests are waived")


def test_cases_are_counted_by_the_first_run() -> None:
    sizes, seen = walk(start(), good, cases=13)
    assert (sizes, len(seen)) == ([1, 1], 104)


BUDGETS: list[tuple[RunBudget, dict[str, Any], int, str]] = [
    (RunBudget(max_runs=10), {}, 10, "all 10 runs of the budget were made"),
    (RunBudget(), {"recorded": 7}, 7, "no further run is recorded"),
    # after the first run, 3 minutes each: 5 runs more would take 15
    (RunBudget(max_minutes=12), {"minutes": 3}, 4, "at this pace another run would end after the 12 minutes"),
]


@pytest.mark.parametrize(("budget", "options", "runs", "ended"), BUDGETS[:2])
def test_the_budget_ends_it(budget: RunBudget, options: dict[str, Any], runs: int, ended: str) -> None:
    waves = start(replace(PACK, budget=budget))
    sizes, _ = walk(waves, good, **options)
    assert (sum(sizes), waves.ended) == (runs, ended)
    assert waves.progress().endswith(
        f"{72 - 4 * runs} more observations without a failure would settle it, but {ended}."
    )


def test_no_wave_starts_that_would_end_after_the_minutes_of_the_budget() -> None:
    waves = start(replace(PACK, budget=RunBudget(max_minutes=12)))
    made: list[int] = []
    # every run of the pack takes three minutes
    while planned := waves.next(3.0 * sum(made)):
        made.append(len(planned) // 4)
        waves.add(observe(planned, good))
    assert made == [1, 3]
    assert waves.ended == "at this pace another run would end after the 12 minutes of the budget"


def test_no_wave_starts_that_would_cost_more_than_the_budget() -> None:
    waves = start(replace(PACK, budget=RunBudget(max_cost=100)), price=Price(amount=2, currency="EUR"))
    sizes, seen = walk(waves, good)
    # 12 runs of 4 conversations at 2 EUR are 96 EUR
    assert (sum(sizes), len(seen)) == (12, 48)
    assert waves.ended == "another run would exceed the budget of 100.00 EUR"


def test_earlier_observations_count_and_run_numbers_continue() -> None:
    first = start(replace(PACK, budget=RunBudget(max_minutes=0.1)))
    _, earlier = walk(first, at(("b", 1)), minutes=1)
    again = start(earlier=earlier)
    assert again.progress().startswith("readiness, earlier: 3 of 4 observations passed; 126 more observations")
    planned = again.next()
    assert [run.run for run in planned if run.test == "a"] == [2, 3, 4, 5, 6]
    again.add(observe(planned, good))
    _, seen = walk(again, good)
    assert again.settled.startswith("pass")
    assert len(earlier) + len(planned) + len(seen) == 132


def test_without_a_maximum_every_attempt_adds_the_usual_number_of_runs() -> None:
    def stubborn(run: PlannedRun, _case: int) -> Outcome:
        return FAIL if run.run % 20 == 5 else PASS

    waves = start()
    sizes, earlier = walk(waves, stubborn)
    assert (sum(sizes), waves.settled, waves.ended) == (96, "", "all 96 runs of a smoke run were made")
    again = start(earlier=earlier)
    sizes, _ = walk(again, stubborn)
    assert (sum(sizes), again.ended) == (96, "all 96 runs of a smoke run were made")


def test_what_was_spent_earlier_counts_for_runs_but_not_for_minutes_and_cost() -> None:
    budget = RunBudget(max_runs=15, max_cost=80)
    price = Price(amount=2, currency="EUR")
    _, earlier = walk(start(replace(PACK, budget=budget), price=price), good)
    again = start(replace(PACK, budget=budget), price=price, earlier=earlier)
    sizes, _ = walk(again, good)
    assert (sum(sizes), again.ended) == (5, "all 15 runs of the budget were made")


def test_nothing_runs_where_the_earlier_observations_settle_it() -> None:
    _, earlier = walk(start(), good)
    again = start(earlier=earlier)
    assert again.next() == ()
    assert again.settled.startswith("pass")


def test_only_chosen_tests_run() -> None:
    sizes, seen = walk(start(tests=("a", "c")), good)
    assert {each.test for each in seen} == {"a", "c"}
    assert sum(sizes) == 36


def gate(pack: Pack, seen: list[Observation]) -> Verdict:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    question = question_of((pack,), now)
    tally = empty_tally((pack,), subjects={pack.suite: question.subject(pack)}, now=now)
    tally.add_all(seen)
    return judge(question, tally).verdict


def test_where_one_test_has_more_cases_the_mean_of_the_tests_must_reach_the_rate_too() -> None:
    waves, seen, said = start(), list[Observation](), []
    while planned := waves.next():
        # the 40 cases of one test always pass; another test fails once
        many = observe([each for each in planned if each.test == "a"], good, cases=40)
        found = [*many, *observe([each for each in planned if each.test != "a"], at(("b", 1)))]
        seen += found
        waves.add(found)
        assert gate(PACK, seen) == (Verdict.PASS if waves.settled else Verdict.INCONCLUSIVE)
        said.append(waves.progress())
    # the pooled rate alone is settled by four runs
    assert max(each.run for each in seen) == 5
    assert said[-2] == "readiness, wave 2: 171 of 172 observations passed; the mean of its tests is below 95 %."


@pytest.mark.parametrize("rate", [0.99, 0.96, 0.9, 0.7])
@pytest.mark.parametrize("pack", [PACK, SAFETY], ids=["plain", "safety"])
def test_waves_end_where_the_gate_decides(pack: Pack, rate: float) -> None:
    random = Random(rate)  # noqa: S311
    for _ in range(8):
        waves = start(pack)
        _, seen = walk(waves, lambda _run, _case: PASS if random.random() < rate else FAIL)
        assert (waves.settled.partition(",")[0] or "inconclusive") == gate(pack, seen).value


def test_waves_count_the_declared_cases_from_the_start() -> None:
    cases = dict.fromkeys("abcd", 10)
    sizes, seen = walk(start(cases=cases), good, cases=10)
    assert sum(sizes) == 2, "80 observations are more than the 72 that settle it"
    assert len(seen) == 80


def test_a_lost_case_does_not_settle_a_pack() -> None:
    waves = start(replace(PACK, budget=RunBudget(max_runs=3)), cases=dict.fromkeys("abcd", 10))
    walk(waves, good, cases=5)
    assert not waves.settled
