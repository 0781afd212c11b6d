"""The waves of a pack that runs until it is settled: what to run next, and what the observations prove so far."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import floor

from wavegate.evidence.observation import Observation, Outcome
from wavegate.release.manifest import Price
from wavegate.release.pack import Pack, PackTest, ViolationSeverity
from wavegate.smoke.runs import Selection, plan_runs
from wavegate.smoke.values import PlannedRun, Runner
from wavegate.statistics.always_valid import Settled, observations_that_pass, settled
from wavegate.statistics.per_test import mean_reaches
from wavegate.statistics.power import ONE_EACH, bad_rate
from wavegate.statistics.settling import MAX_RUNS, Settling, usual_runs
from wavegate.text import percent, pluralize

_MIN_LOST, _MAX_LOST = 5, 0.5
"""How many of a wave's observations may be without a result, at least; and what share of them, at most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Counts:
    """Observations so far. cases: of one run. total: those that there should be; the rest have no result."""

    cases: int
    passed: int
    failed: int
    total: int

    @property
    def unknown(self) -> int:
        return max(0, self.total - self.passed - self.failed)


class Waves:
    """A pack on its way to being settled. The gate judges the same observations by the same rule.

    suite: the pack's. settled: what is proven, and by what; '' while it is open. ended: why no further wave starts;
    '' while one may.
    """

    def __init__(
        self,
        pack: Pack,
        *,
        runner: Runner,
        today: date,
        tests: Sequence[str] = (),
        price: Price | None = None,
        earlier: Iterable[Observation] = (),
        cases: Mapping[str, int] = ONE_EACH,
    ) -> None:
        """The pack before its first wave.

        runner: of tests whose definition does not name one. today: decides on waivers, UTC. tests: names of those to
        run; empty for all. earlier: observations of earlier attempts; they count, and run numbers go on after them.
        cases: number of cases by test, where it is known.
        """
        self.suite = pack.suite
        self.settled = self.ended = ""
        self._pack = pack
        self._runner = runner
        self._price = price
        self._known = cases
        self._tests = [test for test in pack.tests if not tests or test.name in tests]
        self._rated = [test for test in self._tests if test.name not in pack.valid_waivers(today)]
        self._outcomes: dict[str, dict[tuple[str, int], Outcome]] = defaultdict(dict)
        self._has_critical = False
        self._confidence = pack.criteria.usual_confidence
        self._lost = ""
        self._waves = self._runs = 0
        self._count(earlier)
        self._earlier_runs = self._runs

    def next(self, minutes: float = 0, recorded: int | None = None) -> tuple[PlannedRun, ...]:
        """The runs of the next wave; none if the pack is settled or its budget is spent.

        minutes: since the first wave started. recorded: highest run number of a replay; None if runs are made.
        """
        wave = 0 if self.settled else self._size(minutes, recorded)
        if not wave:
            return ()
        runs = range(self._runs + 1, self._runs + wave + 1)
        names = tuple(test.name for test in self._tests)
        return plan_runs(self._pack, Selection(tests=names, runs=runs), runner=self._runner)

    def add(self, observations: Iterable[Observation]) -> None:
        """Count the observations of a wave that belong to the pack, and look at all of them."""
        self._waves += 1
        before = self._counts(self._tests)
        self._count(observations)
        after = self._counts(self._tests)
        self._lost = self._much_lost(after.unknown - before.unknown, after.total - before.total)

    def _much_lost(self, unknown: int, total: int) -> str:
        """What ends the pack after a wave of which so much has no result that more waves would only cost; or ''."""
        share = min(_MAX_LOST, 1 - bad_rate(self._pack.criteria.minimum_success_rate))
        if unknown < _MIN_LOST or unknown <= share * total:
            return ""
        return f"{unknown:,} of {pluralize(total, 'observation')} of the last wave have no result: find out why first"

    def _count(self, observations: Iterable[Observation]) -> None:
        kinds = {test.name: test for test in self._pack.tests}
        for each in observations:
            if each.suite == self.suite and each.test in kinds:
                self._outcomes[each.test][each.case, each.run] = each.outcome
                self._runs = max(self._runs, each.run)
                self._has_critical = self._has_critical or _is_critical(each, kinds[each.test])
        self.settled = self._look() if self._outcomes else ""

    def progress(self) -> str:
        """How far the pack is, in one sentence. Names are not escaped."""
        counts = self._counts(self._rated)
        passed = f"{counts.passed:,} of {pluralize(counts.total - counts.unknown, 'observation')} passed"
        passed += f", {counts.unknown:,} without a result" if counts.unknown else ""
        seen = f"{self.suite}, {f'wave {self._waves}' if self._waves else 'earlier'}: {passed}"
        if self.settled:
            return f"{seen}; settled: {self.settled}."
        more = f"{pluralize(self._needed(counts), 'more observation')} without a failure would settle it"
        if self._needed(counts) <= 0:
            more = f"the mean of its tests is below {percent(self._pack.criteria.minimum_success_rate)}"
        return f"{seen}; {more}, but {self.ended}." if self.ended else f"{seen}; {more}."

    def _look(self) -> str:
        criteria = self._pack.criteria
        if criteria.zero_critical_policy_violations and self._has_critical:
            return "fail, by a critical policy violation"
        for test in self._rated:
            if self._proof(self._counts([test]), criteria.per_test_minimum) == "fail":
                return f"fail, since {test.name} passes less than {percent(criteria.per_test_minimum)}"
        proof = self._proof(self._counts(self._rated), criteria.minimum_success_rate)
        if proof == "pass" and not self._mean_reaches():
            return ""
        bound = f"{'≥' if proof == 'pass' else '<'} {percent(criteria.minimum_success_rate)}"
        return f"{proof}, a rate {bound} at {percent(self._confidence)} confidence" if proof else ""

    def _mean_reaches(self) -> bool:
        """Whether the mean of the tests reaches the minimum, where some have more cases than others."""
        counts = [self._counts([test]) for test in self._rated]
        return mean_reaches([(each.passed, each.total) for each in counts], self._pack.criteria.minimum_success_rate)

    def _proof(self, counts: _Counts, threshold: float) -> Settled | None:
        return settled(counts.passed, counts.failed, threshold, confidence=self._confidence, unknown=counts.unknown)

    def _counts(self, tests: Iterable[PackTest]) -> _Counts:
        """Counts over tests. A case that did not come back in a run has no result there, as at the gate."""
        chosen = list(tests)
        outcomes = [outcome for test in chosen for outcome in self._outcomes[test.name].values()]
        cases = sum(self._cases(test.name) for test in chosen)
        return _Counts(
            cases=cases,
            passed=outcomes.count(Outcome.PASS),
            failed=outcomes.count(Outcome.FAIL),
            total=cases * self._runs,
        )

    def _cases(self, test: str) -> int:
        return max(self._known.get(test, 1), len({case for case, _ in self._outcomes[test]}))

    def _needed(self, counts: _Counts) -> int:
        threshold, failures = self._pack.criteria.minimum_success_rate, counts.total - counts.passed
        return observations_that_pass(failures, threshold, self._confidence) - counts.total

    def _size(self, minutes: float, recorded: int | None) -> int:
        """Runs per case of the next wave. Notes what ends the pack if the budget leaves none."""
        counts, cases = self._counts(self._rated or self._tests), self._counts(self._tests).cases
        settling = Settling(
            threshold=self._pack.criteria.minimum_success_rate,
            confidence=self._confidence,
            tests=len(self._tests),
            cases=counts.cases,
            conversations=cases,
            most=self._most_runs(cases),
            known=self._runs > 0 or all(test.name in self._known for test in self._tests),
        )
        limit, most = min(self._left(cases, minutes, recorded), key=lambda each: each[1])
        wave = min(settling.wave(self._runs, counts.total - counts.passed), max(0, floor(most)))
        self.ended = "" if wave else limit
        return wave

    def _most_runs(self, cases: int) -> int:
        """The highest run number."""
        return self._pack.budget.max_runs or min(MAX_RUNS, self._earlier_runs + usual_runs(self._pack, cases))

    def _left(self, cases: int, minutes: float, recorded: int | None) -> list[tuple[str, float]]:
        """What ends the pack, with the runs per case that it leaves."""
        budget, price, made = self._pack.budget, self._price, self._runs - self._earlier_runs
        most = self._most_runs(cases)
        whole = f"all {pluralize(most - self._earlier_runs, 'run')} of a smoke run were made"
        if budget.max_runs:
            whole = f"all {pluralize(most, 'run')} of the budget were made"
        left: list[tuple[str, float]] = [(whole, most - self._runs)]
        if made and minutes:
            late = f"at this pace another run would end after the {budget.max_minutes:g} minutes of the budget"
            left.append((late, made * (budget.max_minutes - minutes) / minutes))
        if budget.max_cost is not None and price and price.amount:
            costly = f"another run would exceed the budget of {budget.max_cost:,.2f} {price.currency}"
            left.append((costly, budget.max_cost / (price.amount * cases) - made))
        if self._lost:
            left.append((self._lost, 0))
        if not self._rated:
            left.append(("all of its tests are waived", 1 - self._runs))
        if recorded is not None:
            left.append(("no further run is recorded", recorded - self._runs))
        return left


def _is_critical(observation: Observation, test: PackTest) -> bool:
    """Whether an observation is a critical policy violation, as the gate counts them."""
    if any(each.confirmed and each.severity is ViolationSeverity.CRITICAL for each in observation.violations):
        return True
    return test.is_critical and observation.outcome is Outcome.FAIL
