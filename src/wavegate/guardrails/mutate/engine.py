"""Runs tests on mutants within a budget: first the baseline, then each mutant until a test has killed it.

A test that fails on a mutant only accuses it. It kills it if it then fails again, on further runs, more often than
the unmutated agent explains: Fisher's exact test at two looks, each at half of the level. The failure that led to the
looks does not count in them, since it was selected.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from wavegate.evidence.observation import Outcome
from wavegate.evidence.source import TestKey
from wavegate.guardrails.mutate.values import Judgement, Mutant, MutantVerdict
from wavegate.smoke.variants.allowance import BudgetSpentError, RunAllowance
from wavegate.statistics.comparison import fails_more_p
from wavegate.text import percent

LEVEL = 0.05
"""How often a mutant that the test cannot tell from the agent would be called killed, for one accusation."""
BASELINE_RUNS = 8
"""Runs of a test on the unmutated agent before it may kill; as many make two failed runs on a mutant enough."""
BASELINE_CHECKS = 3
"""Runs on the unmutated agent that show whether a test that failed there first is of use."""
MOST_LOOKED = 10
"""Runs on the mutant at the second look."""
BASELINE = ""
"""The mutant id of the unmutated agent."""

RunTest = Callable[[str, TestKey, int], Outcome]
"""Runs a test on a mutant, by its id, or on the unmutated agent, for the n-th time, from 1."""


@dataclass(kw_only=True, slots=True)
class _Baseline:
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def failed(self) -> int:
        return sum(each is not Outcome.PASS for each in self.outcomes)

    @property
    def usable(self) -> bool:
        """Whether it passed more often than not."""
        return 2 * self.failed < len(self.outcomes)


class MutationTesting:
    """The tests of packs against the mutants of agents.

    runs: of each test on each mutant, at least. deterministic: one failed run is enough, and one on the baseline.
    """

    def __init__(self, run: RunTest, budget: RunAllowance, *, runs: int = 1, deterministic: bool = False) -> None:
        self._run = run
        self._budget = budget
        self._runs = runs
        self._deterministic = deterministic
        self._baselines: dict[TestKey, _Baseline] = {}

    @property
    def unusable(self) -> tuple[TestKey, ...]:
        """The tests that fail on the unmutated agent, and so kill nothing."""
        return tuple(test for test, baseline in self._baselines.items() if baseline.outcomes and not baseline.usable)

    def judge(self, mutant: Mutant, tests: Sequence[TestKey]) -> Judgement:
        """The verdict on a mutant. tests: those that could notice it, the likeliest first."""
        if not tests:
            return Judgement(
                mutant=mutant, verdict=MutantVerdict.UNREACHED, reason="No test of the packs reaches it."
            )
        trial = _Trial(mutant)
        try:
            for test in tests:
                if self._is_usable(test) and self._kills(trial, test):
                    return trial.judgement(MutantVerdict.KILLED, killer=test)
        except BudgetSpentError:
            return trial.judgement(MutantVerdict.UNDECIDED, "The budget was spent before all tests had run on it.")
        return trial.settled()

    def _is_usable(self, test: TestKey) -> bool:
        baseline = self._baseline(test, 1)
        if not baseline.usable and not self._deterministic:
            baseline = self._baseline(test, BASELINE_CHECKS)
        return baseline.usable

    def _baseline(self, test: TestKey, runs: int) -> _Baseline:
        baseline = self._baselines.setdefault(test, _Baseline())
        while len(baseline.outcomes) < runs:
            self._budget.take()
            baseline.outcomes.append(self._run(BASELINE, test, len(baseline.outcomes) + 1))
        return baseline

    def _kills(self, trial: "_Trial", test: TestKey) -> bool:
        """Whether the test kills the mutant."""
        trial.used.append(test)
        for number in range(1, self._runs + 1):
            outcome = self._observed(trial, test, number)
            if outcome is Outcome.FAIL:
                trial.accused.append(test)
                return self._deterministic or self._confirmed(trial, test, number)
            if outcome is Outcome.ERROR:
                trial.failing.append(test)
                return False
        return False

    def _observed(self, trial: "_Trial", test: TestKey, number: int) -> Outcome:
        self._budget.take()
        trial.runs += 1
        return self._run(trial.mutant.id, test, number)

    def _confirmed(self, trial: "_Trial", test: TestKey, before: int) -> bool:
        baseline = self._baseline(test, BASELINE_RUNS)
        runs, failed = len(baseline.outcomes), baseline.failed
        enough = [n for n in range(1, MOST_LOOKED + 1) if fails_more_p(n, n, failed, runs) <= LEVEL / 2]
        if not enough:
            return False
        seen: list[Outcome] = []
        for look in sorted({enough[0], MOST_LOOKED}):
            while len(seen) < look:
                seen.append(self._observed(trial, test, before + len(seen) + 1))
            failures = seen.count(Outcome.FAIL)
            if fails_more_p(failures, len(seen), failed, runs) <= LEVEL / 2:
                return True
            if failures == 0:
                return False
        return False


@dataclass(slots=True)
class _Trial:
    """What is known of one mutant so far: the tests that ran on it, failed on it, or could not be judged."""

    mutant: Mutant
    runs: int = 0
    used: list[TestKey] = field(default_factory=list)
    accused: list[TestKey] = field(default_factory=list)
    failing: list[TestKey] = field(default_factory=list)

    def judgement(self, verdict: MutantVerdict, reason: str = "", killer: TestKey | None = None) -> Judgement:
        return Judgement(
            mutant=self.mutant, verdict=verdict, killer=killer[1] if killer else "", runs=self.runs, reason=reason
        )

    def settled(self) -> Judgement:
        """The verdict once no test has killed it."""
        if self.accused:
            names = ", ".join(test for _, test in self.accused)
            reason = f"{names} failed on it, but not often enough to tell it from a test that fails now and then."
            return self.judgement(MutantVerdict.UNDECIDED, reason)
        if self.failing or not self.used:
            names = ", ".join(test for _, test in self.failing)
            reason = f"{names} could not be judged." if names else "No test that could notice it passes on the agent."
            return self.judgement(MutantVerdict.UNDECIDED, reason)
        missed = percent(1 - LEVEL ** (1 / self.runs))
        return self.judgement(
            MutantVerdict.SURVIVED,
            f"No test failed in {self.runs} runs: at 95 % confidence, a run notices it with a chance below {missed}.",
        )
