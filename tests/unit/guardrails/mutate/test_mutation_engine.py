"""Verdicts on mutants: within the budget, and never by a test that fails now and then."""

import random
from collections.abc import Callable, Mapping

from wavegate.evidence.observation import Outcome
from wavegate.evidence.source import TestKey
from wavegate.findings.finding import Location
from wavegate.guardrails.mutate.engine import MutationTesting
from wavegate.guardrails.mutate.values import Bound, BoundKind, Mutant, MutantVerdict, Mutation
from wavegate.smoke.variants.allowance import RunAllowance

GOOD, OTHER = ("pack", "good"), ("pack", "other")
Chance = float


def mutant(name: str) -> Mutant:
    bound = Bound(
        id=name, kind=BoundKind.GUARD, agent="A", topic="t", tool="x", action="x", text="c", location=Location("f")
    )
    return Mutant(id=name, bound=bound, mutation=Mutation.DROPPED, change="", script="")


class World:
    """Tests that fail with a chance on each mutant; '' is the agent itself."""

    def __init__(self, chances: Mapping[tuple[str, str], Chance], seed: int = 1) -> None:
        self.calls: list[tuple[str, str, int]] = []
        self._chances = chances
        self._random = random.Random(seed)  # noqa: S311

    def run(self, name: str, test: TestKey, number: int) -> Outcome:
        self.calls.append((name, test[1], number))
        fails = self._random.random() < self._chances.get((name, test[1]), 0)
        return Outcome.FAIL if fails else Outcome.PASS


def engine_of(
    run: Callable[[str, TestKey, int], Outcome], budget: int = 1_000, *, deterministic: bool = False
) -> MutationTesting:
    return MutationTesting(run, RunAllowance(runs=budget, is_over=lambda: False), deterministic=deterministic)


def test_a_test_that_fails_on_the_mutant_alone_kills_it_and_ends_it_early() -> None:
    world = World({("m", "good"): 1})
    found = engine_of(world.run).judge(mutant("m"), [GOOD, OTHER])
    assert (found.verdict, found.killer, found.runs) == (MutantVerdict.KILLED, "good", 3)
    assert not [call for call in world.calls if call[1] == "other"]


def test_no_run_of_a_test_is_made_twice() -> None:
    world = World({("m", "good"): 1, ("n", "good"): 1})
    engine = engine_of(world.run)
    for name in ("m", "n", "o"):
        engine.judge(mutant(name), [GOOD])
    assert len(world.calls) == len(set(world.calls))


def test_a_test_that_fails_on_the_agent_kills_nothing() -> None:
    world = World({("", "good"): 1, ("m", "good"): 1})
    engine = engine_of(world.run)
    assert engine.judge(mutant("m"), [GOOD]).verdict is MutantVerdict.UNDECIDED
    assert engine.unusable == (GOOD,)
    assert all(name == "" for name, _, _ in world.calls)


def test_a_mutant_that_no_test_notices_survives_with_what_that_shows() -> None:
    found = engine_of(World({}).run).judge(mutant("m"), [GOOD, OTHER])
    assert found.verdict is MutantVerdict.SURVIVED
    assert "2 runs" in found.reason


def test_a_mutant_that_no_test_reaches_is_not_run() -> None:
    world = World({})
    assert engine_of(world.run).judge(mutant("m"), []).verdict is MutantVerdict.UNREACHED
    assert world.calls == []


def test_a_test_that_could_not_be_judged_decides_nothing() -> None:
    def run(variant: str, test: TestKey, number: int) -> Outcome:  # noqa: ARG001
        return Outcome.ERROR if variant and test == GOOD else Outcome.PASS

    assert engine_of(run).judge(mutant("m"), [GOOD]).verdict is MutantVerdict.UNDECIDED


def test_the_number_of_runs_stays_within_the_budget() -> None:
    chances = {(f"m{number}", "good"): number % 2 for number in range(20)}
    for budget in (0, 1, 5, 17, 40):
        world = World(chances)
        engine = engine_of(world.run, budget)
        verdicts = [engine.judge(mutant(f"m{number}"), [GOOD]).verdict for number in range(20)]
        assert len(world.calls) <= budget
        assert budget > 60 or verdicts[-1] is MutantVerdict.UNDECIDED


def test_the_time_is_a_limit_too() -> None:
    world = World({})
    engine = MutationTesting(world.run, RunAllowance(runs=100, is_over=lambda: len(world.calls) >= 3))
    assert engine.judge(mutant("m"), [GOOD]).verdict is MutantVerdict.SURVIVED
    assert engine.judge(mutant("n"), [GOOD, OTHER]).verdict is MutantVerdict.UNDECIDED


def test_a_flaky_test_seldom_kills_what_it_cannot_tell_from_the_agent() -> None:
    killed = accused = 0
    for seed in range(1_500):
        world = World({("", "good"): 0.2, ("m", "good"): 0.2}, seed)
        killed += engine_of(world.run).judge(mutant("m"), [GOOD]).verdict is MutantVerdict.KILLED
        accused += ("m", "good", 2) in world.calls
    assert accused > 200
    assert killed <= 0.05 * accused + 3 * (0.05 * 0.95 * accused) ** 0.5


def test_a_test_that_mostly_fails_on_the_mutant_kills_it_nevertheless() -> None:
    verdicts = [
        engine_of(World({("m", "good"): 0.8}, seed).run).judge(mutant("m"), [GOOD, OTHER]).verdict
        for seed in range(200)
    ]
    assert verdicts.count(MutantVerdict.KILLED) > 140


def test_one_failed_run_is_enough_if_the_program_is_said_to_be_deterministic() -> None:
    world = World({("m", "good"): 1})
    found = engine_of(world.run, deterministic=True).judge(mutant("m"), [GOOD])
    assert (found.verdict, found.runs) == (MutantVerdict.KILLED, 1)
    assert len(world.calls) == 2
