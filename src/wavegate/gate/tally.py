"""Observations, counted as they stream by: memory grows with the cases and runs of a pack, not with the evidence.

A count never depends on the order of the observations.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wavegate.evidence.observation import CLOCK_SKEW, Observation, Subject
from wavegate.findings.finding import Finding
from wavegate.gate.counts import Occurrences, TestTally
from wavegate.release.pack import Pack

MAX_CASES = 20_000
"""Cases of all tests together; more are refused, so that hostile evidence cannot fill the memory."""
MAX_CELLS = 64 * 1024 * 1024
"""Runs of all cases together, each counted up to its highest number."""
MAX_ORGS = 20
MAX_FINDINGS = 50


@dataclass(slots=True)
class Tally:
    """Everything that was observed.

    tests: by suite and test, in the packs' order. subjects: what each suite's evidence must be about; where that has
    a commit or an org, evidence that names none is refused. max_age: evidence that is older, or of no known time, is
    refused; None takes any age. now: with its zone. unread: how many findings, listed or not.
    refused: observations that do not count, by why and by test. findings: what could not be read.
    orgs: ids of those that what counts comes from. oldest: time of the oldest that counts, where there is a max_age.
    """

    tests: dict[tuple[str, str], TestTally]
    subjects: Mapping[str, Subject]
    now: datetime
    max_age: timedelta | None
    refused: dict[tuple[str, str], Occurrences] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    unread: int = 0
    orgs: set[str] = field(default_factory=set)
    oldest: datetime | None = None
    _cases: int = 0
    _cells: int = 0
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
            self.refused.setdefault((why, name), Occurrences()).add(observation.case, observation.run)
        else:
            test.add(observation)

    def _refusal(self, observation: Observation, test: TestTally | None) -> str:
        """Why an observation does not count; '' where it does."""
        if test is None:
            return "unknown-test"
        why = self._unbound(observation.suite, observation.subject)
        if not why and self.max_age is not None:
            why = self._untimely(observation.time, self.max_age)
        if not why and not self._take_room(test, observation):
            why = "too-many-cases"
        return why

    def _take_room(self, test: TestTally, observation: Observation) -> bool:
        runs = test.cases.get(observation.case)
        growth = observation.run + 1 - len(runs or b"")
        if growth > 0:
            if self._cells + growth > MAX_CELLS or (runs is None and self._cases >= MAX_CASES):
                return False
            self._cells += growth
            self._cases += runs is None
        return True

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
    unsaid = [part for part in ("commit", "org") if getattr(wanted, part) and not getattr(subject, part, None)]
    if unsaid:
        return f"unbound:{' and '.join(unsaid)}"
    differing = wanted.differences(subject) if subject else ()
    return f"foreign:{', '.join(differing)}" if differing else ""
