"""Counts over the observations of one test. Memory grows with its cases and runs, not with its observations."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import add

from wavegate.census.gaps import NO_GAPS, CaseGaps, case_gaps
from wavegate.census.values import ExpectedCases
from wavegate.evidence.observation import RUN_CASE, Observation, Outcome
from wavegate.gate.tested.checks import CheckCounts
from wavegate.gate.tested.occurrences import Occurrences
from wavegate.release.pack import PackTest, TestKind, ViolationSeverity
from wavegate.statistics.latency import bucket_latency, latency_bucket, quantile_rank

MAX_POLICIES = 500

UNSEEN, PASSED, FAILED, ERROR = range(4)
_CODES = {Outcome.PASS: PASSED, Outcome.FAIL: FAILED, Outcome.ERROR: ERROR}


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """Observations by outcome. missing: expected but not observed."""

    passed: int = 0
    failed: int = 0
    errors: int = 0
    missing: int = 0

    @property
    def seen(self) -> int:
        return self.passed + self.failed + self.errors

    @property
    def expected(self) -> int:
        return self.seen + self.missing

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            passed=self.passed + other.passed,
            failed=self.failed + other.failed,
            errors=self.errors + other.errors,
            missing=self.missing + other.missing,
        )


def pooled(tests: Iterable[Counts]) -> Counts:
    """Outcome counts summed over tests."""
    return reduce(add, tests, Counts())


@dataclass(slots=True)
class TestTally:
    """Counts of one test.

    cases: by case, one byte per run: the index is the run's number, the value its worst outcome. slow: observations
    above latency_limit (milliseconds). failures: observations that failed.
    """

    __test__ = False

    test: PackTest
    latency_limit: float
    cases: dict[str, bytearray] = field(default_factory=dict)
    failures: Occurrences = field(default_factory=Occurrences)
    violations: dict[tuple[str, ViolationSeverity, bool], Occurrences] = field(default_factory=dict)
    duplicates: Occurrences = field(default_factory=Occurrences)
    latencies: Counter[int] = field(default_factory=Counter)
    slow: int = 0
    checks: CheckCounts = field(default_factory=CheckCounts)

    def add(self, observation: Observation) -> None:
        """Count one observation; of duplicates, the worst outcome counts."""
        case, run, outcome = observation.case, observation.run, observation.outcome
        if observation.checks or self.test.checks is not None or self.test.policies:
            outcome = self.checks.add(observation, self.test)
        code = _CODES[outcome]
        runs = self.cases.get(case)
        if runs is None:
            runs = self.cases[case] = bytearray()
        if run >= len(runs):
            runs.extend(bytes(run + 1 - len(runs)))
        if runs[run]:
            self.duplicates.add(case, run)
        if code > runs[run]:
            runs[run] = code
        if observation.latency is not None:
            self.latencies[latency_bucket(observation.latency)] += 1
            self.slow += observation.latency > self.latency_limit
        if code == FAILED:
            self.failures.add(case, run, ("", observation.quote))
        if observation.violations or code == FAILED:
            self._add_violations(observation, outcome)

    def runs_seen(self) -> int:
        """The highest run number of any case."""
        return max((len(runs) - 1 for runs in self.cases.values()), default=0)

    def saw(self, run: int) -> bool:
        """Whether any case has an observation of that run."""
        return any(run < len(runs) and runs[run] for runs in self.cases.values())

    def counts(self, expected_runs: int, gaps: CaseGaps = NO_GAPS) -> Counts:
        """Outcomes, the runs missing from observed cases, and all runs of lost cases; without undeclared cases."""
        undeclared = frozenset(gaps.extra_names)
        counted = _outcomes([runs for case, runs in self.cases.items() if case not in undeclared])
        missing = sum(
            runs.count(UNSEEN, 1) + max(0, expected_runs + 1 - len(runs))
            for case, runs in self.cases.items()
            if case not in gaps.outside
        )
        return replace(counted, missing=missing + gaps.lost * expected_runs)

    def gaps(self, expected: ExpectedCases | None) -> CaseGaps:
        """How its cases differ from the expected ones; None if nobody declares them."""
        runs = self.cases.get(RUN_CASE)
        if runs is None or PASSED in runs or FAILED in runs:
            return case_gaps(self.cases.keys(), expected)
        gaps = case_gaps(self.cases.keys() - {RUN_CASE}, expected)
        return replace(gaps, outside=gaps.outside | {RUN_CASE})

    def undeclared(self, gaps: CaseGaps) -> Counts:
        """The outcomes of the cases that are known to be undeclared."""
        return _outcomes([self.cases[case] for case in gaps.extra_names])

    def missing_runs(self, expected_runs: int, gaps: CaseGaps = NO_GAPS) -> list[int]:
        """Numbers of the runs that are missing from at least one observed case; all runs if there is none."""
        incomplete = [
            runs
            for case, runs in self.cases.items()
            if case not in gaps.outside and (len(runs) <= expected_runs or runs.count(UNSEEN, 1))
        ]
        return [
            run
            for run in range(1, expected_runs + 1)
            if not self.cases or any(run >= len(runs) or not runs[run] for runs in incomplete)
        ]

    def p95(self) -> float | None:
        """95th percentile of the latency in milliseconds, within 1 %; None if no latency was measured."""
        return self.ranked(quantile_rank(self.latencies.total(), 0.95))

    def ranked(self, rank: int) -> float | None:
        """The latency at a rank (from 1) in milliseconds, within 1 %; None if fewer latencies were measured."""
        if rank < 1:
            return None
        for bucket in sorted(self.latencies):
            rank -= self.latencies[bucket]
            if rank <= 0:
                return round(bucket_latency(bucket), 1)
        return None

    def _add_violations(self, observation: Observation, outcome: Outcome) -> None:
        violations = [((each.policy, each.severity, each.confirmed), each.detail) for each in observation.violations]
        if self.test.kind is TestKind.ACTION_SAFETY and outcome is Outcome.FAIL:
            # a failed action-safety test is a violation even if its runner reports none as severe as the test
            rank = self.test.severity.rank
            reported = any(confirmed and severity.rank <= rank for (_, severity, confirmed), _ in violations)
            if not reported:
                violations.append((((*self.test.policies, self.test.name)[0], self.test.severity, True), ""))
        for key, detail in violations:
            if key not in self.violations and len(self.violations) >= MAX_POLICIES:
                # bounds the memory; the violation still counts
                key = ("(further policies)", key[1], key[2])
            self.violations.setdefault(key, Occurrences()).add(
                observation.case, observation.run, (detail, observation.quote)
            )


def _outcomes(cases: Collection[bytearray]) -> Counts:
    passed, failed, errors = (sum(runs.count(code) for runs in cases) for code in (PASSED, FAILED, ERROR))
    return Counts(passed=passed, failed=failed, errors=errors)


@dataclass(frozen=True, kw_only=True, slots=True)
class TestObservations:
    """One test and its observations.

    expected_runs: per case. waived: excluded from the rates. cases_from: the file that declares its cases, '' if none
    does.
    """

    test: PackTest
    tally: TestTally
    counts: Counts
    expected_runs: int
    waived: bool
    gaps: CaseGaps = NO_GAPS
    cases_from: str = ""
