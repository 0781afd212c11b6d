"""Observations, counted as they stream by: memory grows with the cases and runs of a pack, not with the evidence.

A count never depends on the order of the observations.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wavegate.core.comparison import bucket_latency, latency_bucket, quantile_rank
from wavegate.model.finding import Finding
from wavegate.model.observation import Observation, Outcome, Subject
from wavegate.model.pack import Level, Pack, PackTest, TestKind

MAX_CASES = 20_000
"""Cases of all tests together; more are refused, so that hostile evidence cannot fill the memory."""
MAX_POLICIES = 500
MAX_ORGS = 20
MAX_FINDINGS = 50
CLOCK_SKEW = timedelta(minutes=5)

UNSEEN, PASSED, FAILED, ERROR = range(4)
_CODES = {Outcome.PASS: PASSED, Outcome.FAIL: FAILED, Outcome.ERROR: ERROR}
_LEVELS = list(Level)


@dataclass(slots=True)
class Seen:
    """How often something was seen, and the least of the places where it was."""

    count: int = 0
    first: tuple[str, int] = ("", 0)

    def add(self, case: str, run: int) -> None:
        self.first = min(self.first, (case, run)) if self.count else (case, run)
        self.count += 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """Observations by outcome. missing: asked for and not seen."""

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


@dataclass(slots=True)
class TestTally:
    """What one test showed.

    cases: one byte a run, its index the run's number, its value the worst outcome seen. slow: over the latency limit.
    """

    __test__ = False

    test: PackTest
    latency_limit: float
    cases: dict[str, bytearray] = field(default_factory=dict)
    violations: dict[tuple[str, Level, bool], Seen] = field(default_factory=dict)
    duplicates: Seen = field(default_factory=Seen)
    latencies: Counter[int] = field(default_factory=Counter)
    slow: int = 0

    def add(self, observation: Observation) -> None:
        """Count one observation; one that was seen before counts as its worst."""
        case, run, code = observation.case, observation.run, _CODES[observation.outcome]
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
        if observation.violations or code == FAILED:
            self._add_violations(observation)

    def runs_seen(self) -> int:
        """The highest number of a run."""
        return max((len(runs) - 1 for runs in self.cases.values()), default=0)

    def saw(self, run: int) -> bool:
        """Whether any case of that run was seen."""
        return any(run < len(runs) and runs[run] for runs in self.cases.values())

    def counts(self, expected_runs: int) -> Counts:
        """Outcomes, and what is missing of so many runs of every case seen; of one case where none was seen."""
        passed, failed, errors = (
            sum(runs.count(code) for runs in self.cases.values()) for code in (PASSED, FAILED, ERROR)
        )
        missing = sum(runs.count(UNSEEN, 1) + max(0, expected_runs + 1 - len(runs)) for runs in self.cases.values())
        return Counts(passed=passed, failed=failed, errors=errors, missing=missing if self.cases else expected_runs)

    def missing_runs(self, expected_runs: int) -> list[int]:
        """Numbers of the runs that some case lacks."""
        return [
            run
            for run in range(1, expected_runs + 1)
            if not self.cases or any(run >= len(runs) or not runs[run] for runs in self.cases.values())
        ]

    def p95(self) -> float | None:
        """95th percentile of the latency in milliseconds, within 1 %; None where none was measured."""
        return self.ranked(quantile_rank(self.latencies.total(), 0.95))

    def ranked(self, rank: int) -> float | None:
        """The latency of that rank, from 1, in milliseconds within 1 %; None beyond what was measured."""
        if rank < 1:
            return None
        for bucket in sorted(self.latencies):
            rank -= self.latencies[bucket]
            if rank <= 0:
                return round(bucket_latency(bucket), 1)
        return None

    def _add_violations(self, observation: Observation) -> None:
        found = [(each.policy, each.severity, each.confirmed) for each in observation.violations]
        severity = self.test.severity
        if self.test.kind is TestKind.ACTION_SAFETY and observation.outcome is Outcome.FAIL:
            # a failed action-safety test is a violation even where its runner names none as grave
            known = any(sure and _LEVELS.index(level) <= _LEVELS.index(severity) for _, level, sure in found)
            found += [] if known else [((*self.test.policies, self.test.name)[0], severity, True)]
        for key in found:
            if key not in self.violations and len(self.violations) >= MAX_POLICIES:
                # memory stays bounded, and the violation still counts
                key = ("(further policies)", key[1], key[2])
            self.violations.setdefault(key, Seen()).add(observation.case, observation.run)


@dataclass(slots=True)
class Tally:
    """Everything that was observed.

    tests: by suite and test, in the packs' order. subjects: what each suite's evidence must be about; where that has
    a commit, evidence that names none is refused. max_age: evidence that is older, or of no known time, is refused;
    None takes any age. now: with its zone. unread: how many findings, listed or not.
    refused: observations that do not count, by why and by test. findings: what could not be read.
    orgs: ids of those that what counts comes from. oldest: time of the oldest that counts, where there is a max_age.
    """

    tests: dict[tuple[str, str], TestTally]
    subjects: Mapping[str, Subject]
    now: datetime
    max_age: timedelta | None
    refused: dict[tuple[str, str], Seen] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    unread: int = 0
    orgs: set[str] = field(default_factory=set)
    oldest: datetime | None = None
    _bound: dict[str, tuple[Subject | None, str]] = field(default_factory=dict)

    def add_all(self, evidence: Iterable[Observation | Finding]) -> None:
        """Count what a file holds."""
        for each in evidence:
            if isinstance(each, Finding):
                self.unread += 1
                if len(self.findings) < MAX_FINDINGS:
                    self.findings.append(each)
            else:
                self.add(each)

    def add(self, observation: Observation) -> None:
        """Count one observation, or refuse it."""
        test = self.tests.get((observation.suite, observation.test))
        why = self._refusal(observation, test)
        if why or test is None:
            name = f"{observation.suite}/{observation.test}" if test else ""
            self.refused.setdefault((why, name), Seen()).add(observation.case, observation.run)
        else:
            test.add(observation)

    def _refusal(self, observation: Observation, test: TestTally | None) -> str:
        """Why an observation does not count; '' where it does."""
        if test is None:
            return "unknown-test"
        why = self._unbound(observation.suite, observation.subject)
        if not why and self.max_age is not None:
            why = self._untimely(observation.time, self.max_age)
        if not why and observation.case not in test.cases and self._cases() >= MAX_CASES:
            why = "too-many-cases"
        return why

    def _unbound(self, suite: str, subject: Subject | None) -> str:
        # evidence comes in long stretches of one subject: comparing with the last one is all that most lines need
        last = self._bound.get(suite)
        if last is None or last[0] != subject:
            last = self._bound[suite] = (subject, _difference(self.subjects[suite], subject))
            if subject and subject.org and not last[1] and len(self.orgs) < MAX_ORGS:
                self.orgs.add(subject.org)
        return last[1]

    def _untimely(self, time: datetime | None, max_age: timedelta) -> str:
        if time is None:
            return "undated"
        if time > self.now + CLOCK_SKEW:
            return "future"
        if self.now - time > max_age:
            return "stale"
        if self.oldest is None or time < self.oldest:
            self.oldest = time
        return ""

    def _cases(self) -> int:
        return sum(len(test.cases) for test in self.tests.values())


def empty_tally(
    packs: Sequence[Pack],
    *,
    subjects: Mapping[str, Subject],
    now: datetime,
    max_age: timedelta | None = None,
) -> Tally:
    """A tally for the tests of those packs."""
    tests = {
        (pack.suite, test.name): TestTally(test=test, latency_limit=pack.criteria.max_latency_p95 or float("inf"))
        for pack in packs
        for test in pack.tests
    }
    return Tally(tests=tests, subjects=subjects, now=now, max_age=max_age)


def _difference(wanted: Subject, subject: Subject | None) -> str:
    if wanted.commit and not (subject and subject.commit):
        return "unbound"
    differing = wanted.differences(subject) if subject else ()
    return f"foreign:{', '.join(differing)}" if differing else ""
