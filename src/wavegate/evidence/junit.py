"""JUnit XML, as written by many test runners.

Source: the de facto schema of Apache Ant and Maven Surefire (testsuite, testcase, failure, error, skipped, rerun and
flaky elements).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from xml.parsers import expat

from wavegate.evidence.observation import Outcome
from wavegate.evidence.source import AS_WRITTEN, Attribution, Evidence, observation
from wavegate.evidence.testing_center import moment

RUNNER = "junit"
MAX_DEPTH = 50

# a test that passes on a retry has failed before: retrying until it passes is not a pass
_OUTCOMES = {
    "failure": Outcome.FAIL,
    "rerunFailure": Outcome.FAIL,
    "flakyFailure": Outcome.FAIL,
    "error": Outcome.ERROR,
    "rerunError": Outcome.ERROR,
    "flakyError": Outcome.ERROR,
    "skipped": Outcome.ERROR,
}
_SUITES = ("testsuites", "testsuite")
_DONE = frozenset({"", "run", "pass", "passed", "ok", "success", "successful", "succeeded", "completed"})
"""Values of `status` for a testcase that ran. GoogleTest writes `notrun` for one that did not."""


class _RejectedError(Exception):
    """Stops reading the file. Never leaves this module."""


@dataclass(slots=True)
class _JunitCase:
    name: str
    class_name: str
    seconds: str
    time: datetime | None
    outcomes: set[Outcome] = field(default_factory=set)

    @property
    def outcome(self) -> Outcome:
        if Outcome.FAIL in self.outcomes:
            return Outcome.FAIL
        return Outcome.ERROR if self.outcomes else Outcome.PASS


@dataclass(frozen=True, kw_only=True, slots=True)
class _Suite:
    """The counts that a suite declares, and the counts read before it. failed: failures and errors."""

    tests: int
    failed: int
    tests_before: int
    failed_before: int


@dataclass(slots=True)
class _JunitReader:
    """tests, failed: counts so far, in attempts of testcases. short: a suite contains fewer than it declares."""

    cases: list[_JunitCase] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    times: list[datetime | None] = field(default_factory=list)
    suites: list[_Suite] = field(default_factory=list)
    tests: int = 0
    failed: int = 0
    short: bool = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if not self.path and name not in _SUITES:
            raise _RejectedError(f"the document is a {name}, not a testsuite")
        if len(self.path) >= MAX_DEPTH:
            raise _RejectedError(f"elements are nested more than {MAX_DEPTH} levels deep")
        inside = self.path[-1] if self.path else ""
        self.path.append(name)
        self.times.append(moment(attributes.get("timestamp")) or (self.times[-1] if self.times else None))
        if name in _SUITES:
            self._suite(attributes)
        elif name == "testcase":
            self._case(attributes)
        elif name in _OUTCOMES and inside == "testcase":
            self.cases[-1].outcomes.add(_OUTCOMES[name])
            self.tests += name.startswith(("rerun", "flaky"))
            self.failed += name != "skipped"
        elif name in _OUTCOMES and inside in _SUITES:
            # a failure outside the testcases may have kept some of them from running
            self.short = True

    def end(self, _tag: str) -> None:
        self.times.pop()
        if self.path.pop() in _SUITES:
            suite = self.suites.pop()
            if self.tests - suite.tests_before < suite.tests or self.failed - suite.failed_before < suite.failed:
                self.short = True

    def _suite(self, attributes: dict[str, str]) -> None:
        self.suites.append(
            _Suite(
                tests=_count(attributes, "tests"),
                failed=_count(attributes, "failures") + _count(attributes, "errors"),
                tests_before=self.tests,
                failed_before=self.failed,
            )
        )

    def _case(self, attributes: dict[str, str]) -> None:
        case = _JunitCase(
            attributes.get("name", ""), attributes.get("classname", ""), attributes.get("time", ""), self.times[-1]
        )
        if attributes.get("status", "").lower() not in _DONE:
            case.outcomes.add(Outcome.ERROR)
        self.cases.append(case)
        self.tests += 1


def _count(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def parse(data: bytes, about: Attribution) -> Iterator[Evidence]:
    """An observation for each testcase; a skipped one is an error. A DOCTYPE is rejected, and entities with it.

    A suite that declares more tests or failures than its testcases show is a finding.
    """
    reader, parser = _JunitReader(), expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = _reject_doctype
    try:
        parser.Parse(data, True)  # noqa: FBT003 - expat's own signature
    except (expat.ExpatError, _RejectedError, ValueError, LookupError) as error:
        yield about.finding(
            "malformed",
            f"The file is not JUnit XML: {error}.",
            AS_WRITTEN,
            line=parser.CurrentLineNumber,
        )
        return
    if not reader.cases:
        yield about.incomplete("The file has no testcase, so it is unknown which tests were left out.")
    elif reader.short:
        yield about.incomplete("A suite declares more tests or failures than its testcases show.")
    for case in reader.cases:
        yield _observation(case, about)


def _reject_doctype(*_: object) -> None:
    raise _RejectedError("it has a DOCTYPE, which could define entities")


def _observation(case: _JunitCase, about: Attribution) -> Evidence:
    test = about.test or about.names.get(case.name) or about.names.get(case.class_name)
    if test is None:
        return about.unknown()
    return observation(
        about,
        test=test,
        case=f"{case.class_name}.{case.name}" if case.class_name else case.name,
        outcome=case.outcome,
        latency=_milliseconds(case.seconds),
        time=case.time,
        runner=RUNNER,
    )


def _milliseconds(seconds: str) -> float | None:
    try:
        return 1000 * float(seconds.replace(",", ""))
    except ValueError:
        return None
