"""Count observations as they stream in. Memory grows with a pack's cases and runs, not with the size of the evidence.

Counts do not depend on the order of the observations.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wavegate.evidence.observation import CLOCK_SKEW, Observation, Subject, Versions
from wavegate.findings.finding import Finding
from wavegate.gate.counts import TestTally
from wavegate.gate.tested.occurrences import Occurrences
from wavegate.gate.tested.versions import is_proved
from wavegate.release.pack import Pack

MAX_CASES = 20_000
"""Total cases over all tests; more are rejected, so that hostile evidence cannot exhaust memory."""
MAX_CELLS = 64 * 1024 * 1024
"""Total runs over all cases; every case counts up to its highest run number."""
MAX_ORGS = 20
MAX_VERSIONS = 20
MAX_FINDINGS = 50


@dataclass(slots=True)
class Tally:
    """Counts over all evidence.

    tests: by (suite, test), in the packs' order. subjects: by suite, the subject its evidence must match; if that has
    a commit or an org, evidence without one is rejected. max_age: older or undated evidence is rejected; None
    accepts any age. now: timezone-aware. rejected: number of rejected observations by (code, `suite/test`).
    findings: problems while reading, at most MAX_FINDINGS. unread: number of all such problems.
    rejected_runs: (suite, test, run) of rejected observations of known tests, at most MAX_CASES.
    orgs: ids of the orgs that the counted observations come from. oldest: time of the oldest counted observation, if
    max_age is set. versions: agents' versions and their basis, of the counted observations. unproved: by suite,
    observations that do not prove which version ran, for the suites that require it (proving).
    """

    tests: dict[tuple[str, str], TestTally]
    subjects: Mapping[str, Subject]
    now: datetime
    max_age: timedelta | None
    rejected: dict[tuple[str, str], Occurrences] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    unread: int = 0
    rejected_runs: set[tuple[str, str, int]] = field(default_factory=set)
    orgs: set[str] = field(default_factory=set)
    oldest: datetime | None = None
    _cases: int = 0
    _cells: int = 0
    versions: set[Versions] = field(default_factory=set)
    unproved: Counter[str] = field(default_factory=Counter)
    proving: frozenset[str] = frozenset()
    _bound: dict[str, tuple[Subject | None, str, bool]] = field(default_factory=dict)

    def add_all(self, evidence: Iterable[Observation | Finding]) -> None:
        """Count the observations and findings of a file."""
        for item in evidence:
            if isinstance(item, Finding):
                self.unread += 1
                if len(self.findings) < MAX_FINDINGS:
                    self.findings.append(item)
            else:
                self.add(item)

    def add(self, observation: Observation) -> None:
        """Count one observation, or reject it."""
        test = self.tests.get((observation.suite, observation.test))
        code = self._rejection(observation, test)
        if code or test is None:
            name = f"{observation.suite}/{observation.test}" if test else ""
            self.rejected.setdefault((code, name), Occurrences()).add(observation.case, observation.run)
            if test and len(self.rejected_runs) < MAX_CASES:
                self.rejected_runs.add((observation.suite, observation.test, observation.run))
        else:
            test.add(observation)

    def _rejection(self, observation: Observation, test: TestTally | None) -> str:
        """Why an observation is rejected: a code, with details after a colon; '' if it counts."""
        if test is None:
            return "unknown-test"
        code = self._subject_mismatch(observation.suite, observation.subject)
        if not code and self.max_age is not None:
            code = self._age_problem(observation.time, self.max_age)
        if not code and not self._reserve(test, observation):
            code = "too-many-cases"
        return code

    def _reserve(self, test: TestTally, observation: Observation) -> bool:
        runs = test.cases.get(observation.case)
        growth = observation.run + 1 - len(runs or b"")
        if growth > 0:
            if self._cells + growth > MAX_CELLS or (runs is None and self._cases >= MAX_CASES):
                return False
            self._cells += growth
            self._cases += runs is None
        return True

    def _subject_mismatch(self, suite: str, subject: Subject | None) -> str:
        # consecutive lines mostly share a subject, so most lines need only one comparison with the last
        last = self._bound.get(suite)
        if last is None or last[0] != subject:
            last = self._bound[suite] = self._compared(suite, subject)
        if last[2]:
            self.unproved[suite] += 1
        return last[1]

    def _compared(self, suite: str, subject: Subject | None) -> tuple[Subject | None, str, bool]:
        """The subject, why its observations are rejected, and whether they lack the proof of a version."""
        expected = self.subjects[suite]
        code = _difference(expected, subject)
        if not code:
            if subject and subject.org and len(self.orgs) < MAX_ORGS:
                self.orgs.add(subject.org)
            if len(self.versions) < MAX_VERSIONS:
                known = subject or Subject()
                self.versions.add((tuple(sorted(known.agents.items())), known.version_basis))
        return subject, code, not code and suite in self.proving and not is_proved(expected, subject)

    def _age_problem(self, time: datetime | None, max_age: timedelta) -> str:
        if time is None:
            return "undated"
        if time > self.now + CLOCK_SKEW:
            return "future"
        if self.now - time > max_age:
            return "stale"
        if self.oldest is None or time < self.oldest:
            self.oldest = time
        return ""


def empty_tally(
    packs: Sequence[Pack],
    *,
    subjects: Mapping[str, Subject],
    now: datetime,
    max_age: timedelta | None = None,
) -> Tally:
    """A tally of the packs' tests without any observation."""
    tests = {
        (pack.suite, test.name): TestTally(test=test, latency_limit=pack.criteria.max_latency_p95 or float("inf"))
        for pack in packs
        for test in pack.tests
    }
    proving = frozenset(pack.suite for pack in packs if pack.criteria.require_version)
    return Tally(tests=tests, subjects=subjects, now=now, max_age=max_age, proving=proving)


def _difference(expected: Subject, subject: Subject | None) -> str:
    if missing := expected.lacking(subject):
        return f"unbound:{' and '.join(missing)}"
    differing = expected.differences(subject) if subject else ()
    return f"foreign:{', '.join(differing)}" if differing else ""
