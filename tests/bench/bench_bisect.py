"""The search for the change that made a test fail, against trying all changes; by seeded simulation.

    python tests/bench/bench_bisect.py [SEARCHES]

Prints `name | ours | peer | ratio | budget`: in how many searches the answer was right, and the mean runs; what
trying every change alone (every pair, for two that only fail together) would take with the same tests of a probe; the
ratio of the runs. Agents of 8, 16 and 40 changes: one culprit, or two that only fail together.
"""

import random
import sys
from math import comb
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "src"))

from wavegate.bisect.measure import Measuring
from wavegate.bisect.search import CulpritSearch
from wavegate.bisect.values import ChangeUnit, ProbePurpose, UnitKind
from wavegate.evidence.observation import Outcome
from wavegate.smoke.variants.allowance import RunAllowance

RATES = ((1.0, 0.0), (0.98, 0.80), (0.95, 0.50))
NUMBERS = (8, 16, 40)


class Agent:
    """A simulated agent. suspected: whether the order begins with a few changes among which the culprits are."""

    def __init__(self, seed: int, number: int, together: int, good: float, bad: float, *, suspected: bool) -> None:
        self._random = random.Random(f"{seed} {number} {together} {good} {bad}")  # noqa: S311
        names = [f"change-{index:02}" for index in range(number)]
        self.culprits = frozenset(self._random.sample(names, together))
        others = self._random.sample(sorted(set(names) - self.culprits), max(1, number // 5))
        near = {*self.culprits, *others} if suspected else set()
        self.units = [
            ChangeUnit(id=name, kind=UnitKind.COMPONENTS, members=(), files={}, weight=8.0 if name in near else 1.0)
            for name in names
        ]
        self._rates = good, bad

    def run(self, changes: frozenset[str], number: int) -> Outcome:  # noqa: ARG002
        good, bad = self._rates
        rate = bad if self.culprits <= changes else good
        return Outcome.PASS if self._random.random() < rate else Outcome.FAIL

    def measuring(self) -> tuple[Measuring, RunAllowance]:
        allowance = RunAllowance(runs=1_000_000, is_over=lambda: False)
        everything = frozenset(each.id for each in self.units)
        return Measuring(self.run, allowance, everything=everything, confidence=0.95), allowance


def main() -> None:
    searches = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    for together in (1, 2):
        for number in NUMBERS:
            for good, bad in RATES:
                print_row(searches, number, together, good, bad, suspected=False)
    for together in (1, 2):
        print_row(searches, 40, together, 0.95, 0.5, suspected=True)


def print_row(searches: int, number: int, together: int, good: float, bad: float, *, suspected: bool) -> None:
    right, runs = 0, 0
    for seed in range(searches):
        agent = Agent(seed, number, together, good, bad, suspected=suspected)
        measuring, allowance = agent.measuring()
        measuring.measure_ends()
        search = CulpritSearch(agent.units, measuring.fails)
        search.run()
        right += [set(each.culprits) for each in search.found] == [agent.culprits] and search.complete
        runs += allowance.spent
    mean, all_ = runs / searches, trying_all(number, together, good, bad)
    what = "one culprit" if together == 1 else "two together"
    order = ", suspected" if suspected else ""
    name = f"{what} of {number}{order}, {good:.0%} and {bad:.0%} pass"
    print(f"{name} | {right / searches:.1%} right; {mean:.0f} runs | {all_:,.0f} runs | {mean / all_:.2f} | >= 95 %")


def trying_all(number: int, together: int, good: float, bad: float) -> float:
    """Mean runs of trying each change, or each pair, with the same tests of each probe, none of which fails."""
    ends, probes, samples, each = 0, 0, 20, 5
    for seed in range(samples):
        agent = Agent(seed, number, together, good, bad, suspected=False)
        measuring, allowance = agent.measuring()
        measuring.measure_ends()
        ends += (before := allowance.spent)
        for index in range(each):
            measuring.fails(frozenset({f"innocent {index}"}), ProbePurpose.HALVE)
        probes += allowance.spent - before
    return ends / samples + comb(number, together) * probes / (samples * each)


if __name__ == "__main__":
    main()
