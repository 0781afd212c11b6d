"""Searches on simulated agents whose culprits are known: the right answer in at least 95 % of them."""

import random
from dataclasses import dataclass
from math import comb

import pytest

from wavegate.bisect.measure import Measuring, SameEndsError, UnusableRunsError
from wavegate.bisect.search import CulpritSearch
from wavegate.bisect.values import ChangeUnit, Likeness, UnitKind
from wavegate.evidence.observation import Outcome
from wavegate.smoke.variants.allowance import BudgetSpentError, RunAllowance

SEARCHES = 80


@dataclass
class Simulated:
    """An agent of `number` changes whose test passes at the good rate, unless all culprits are there."""

    source: random.Random
    number: int
    culprits: frozenset[str]
    good: float
    bad: float
    errors: float = 0.0

    def run(self, changes: frozenset[str], number: int) -> Outcome:  # noqa: ARG002
        if self.source.random() < self.errors:
            return Outcome.ERROR
        rate = self.bad if self.culprits <= changes else self.good
        return Outcome.PASS if self.source.random() < rate else Outcome.FAIL

    def search(
        self, budget: int = 20_000, *, deterministic: bool = False
    ) -> tuple[CulpritSearch, Measuring, RunAllowance]:
        units = [
            ChangeUnit(id=f"u{index:02}", kind=UnitKind.COMPONENTS, members=(), files={})
            for index in range(self.number)
        ]
        allowance = RunAllowance(runs=budget, is_over=lambda: False)
        measuring = Measuring(
            self.run,
            allowance,
            everything=frozenset(each.id for each in units),
            confidence=0.95,
            deterministic=deterministic,
        )
        return CulpritSearch(units, measuring.fails), measuring, allowance


def simulated(seed: int, number: int, together: int, good: float, bad: float, errors: float = 0.0) -> Simulated:
    source = random.Random(seed)  # noqa: S311
    culprits = frozenset(source.sample([f"u{index:02}" for index in range(number)], together))
    return Simulated(source, number, culprits, good, bad, errors)


def most_wrong(searches: int, error: float) -> int:
    """The wrong answers that even a method with that error exceeds in fewer than 1 of 1,000 series."""
    alive, total = 0, 0.0
    while total < 0.999:
        total += comb(searches, alive) * error**alive * (1 - error) ** (searches - alive)
        alive += 1
    return alive - 1


def wrong_answers(number: int, together: int, good: float, bad: float, errors: float = 0.0) -> tuple[int, float]:
    """Wrong answers of all searches, and mean runs."""
    wrong, runs = 0, 0
    for seed in range(SEARCHES):
        agent = simulated(seed, number, together, good, bad, errors)
        search, measuring, allowance = agent.search()
        measuring.measure_ends()
        search.run()
        wrong += [set(each.culprits) for each in search.found] != [agent.culprits] or not search.complete
        runs += allowance.spent
    return wrong, runs / SEARCHES


@pytest.mark.parametrize(
    ("number", "together", "good", "bad", "runs"),
    [
        (16, 1, 1.0, 0.0, 60),
        (16, 1, 0.98, 0.80, 1_100),
        (16, 1, 0.95, 0.5, 330),
        (12, 2, 0.98, 0.80, 1_500),
        (12, 2, 0.95, 0.5, 450),
    ],
)
def test_the_right_answer_in_at_least_95_percent(
    number: int, together: int, good: float, bad: float, runs: int
) -> None:
    wrong, mean = wrong_answers(number, together, good, bad)
    assert wrong <= most_wrong(SEARCHES, 0.05)
    assert mean < runs


def test_the_allowance_would_notice_a_method_that_is_wrong_twice_as_often() -> None:
    assert most_wrong(SEARCHES, 0.05) < 0.2 * SEARCHES


def test_runs_without_a_result_do_not_bend_the_answer() -> None:
    wrong, _ = wrong_answers(8, 1, 0.95, 0.5, errors=0.05)
    assert wrong <= most_wrong(SEARCHES, 0.05)


def test_equal_releases_seldom_seem_to_differ() -> None:
    differ = 0
    for seed in range(40):
        agent = simulated(seed, 4, 1, 0.9, 0.9)
        _, measuring, _ = agent.search(400)
        try:
            measuring.measure_ends()
        except SameEndsError as error:
            assert not error.is_reversed
        else:
            differ += 1
    assert differ <= most_wrong(40, 0.05)


def test_releases_that_are_exchanged_are_recognized() -> None:
    _, measuring, _ = simulated(1, 4, 1, 0.1, 0.9).search(400)
    with pytest.raises(SameEndsError) as caught:
        measuring.measure_ends()
    assert caught.value.is_reversed


def test_changes_that_each_explain_a_part_of_the_loss_are_mostly_seen_as_between() -> None:
    both, between = 0, 0
    for seed in range(40):
        search, measuring = partial_search(seed)
        both += sorted(each.culprits for each in search.found) == [("u00",), ("u01",)]
        between += Likeness.BETWEEN in {each.likeness for each in measuring.probes}
    assert both >= 30
    assert between >= 35


def partial_search(seed: int) -> tuple[CulpritSearch, Measuring]:
    source = random.Random(seed)  # noqa: S311

    def run(changes: frozenset[str], number: int) -> Outcome:  # noqa: ARG001
        return Outcome.PASS if source.random() < 0.95 - 0.4 * len(changes) else Outcome.FAIL

    agent = simulated(1, 2, 1, 0.95, 0.15)
    agent.run = run  # type: ignore[method-assign]
    search, measuring, _ = agent.search()
    measuring.measure_ends()
    search.run()
    return search, measuring


def test_a_spent_budget_leaves_the_probe_open_and_the_suspects_named() -> None:
    agent = simulated(5, 16, 1, 0.95, 0.5)
    search, measuring, allowance = agent.search(180)
    with pytest.raises(BudgetSpentError):
        measuring.measure_ends()
        search.run()
    assert allowance.spent == 180
    assert not search.complete
    assert agent.culprits <= set(search.suspects)
    assert measuring.probes[-1].likeness is None
    assert measuring.probes[-1].counts.runs > 0


def test_a_service_that_is_away_ends_the_search_after_a_few_runs() -> None:
    _, measuring, allowance = simulated(1, 4, 1, 1, 0, errors=1.0).search()
    with pytest.raises(UnusableRunsError):
        measuring.measure_ends()
    assert (allowance.spent, measuring.errors) == (3, 3)


def test_a_service_that_is_often_away_ends_it_too() -> None:
    _, measuring, allowance = simulated(1, 4, 1, 0.9, 0.88, errors=0.4).search()
    with pytest.raises(UnusableRunsError):
        measuring.measure_ends()
    assert allowance.spent < 100


def test_a_program_without_chance_needs_one_run_of_each_release() -> None:
    agent = simulated(2, 32, 1, 1, 0)
    search, measuring, allowance = agent.search(deterministic=True)
    measuring.measure_ends()
    search.run()
    assert [set(each.culprits) for each in search.found] == [agent.culprits]
    assert allowance.spent == 2 + len(measuring.probes) <= 2 + 5 + 2
