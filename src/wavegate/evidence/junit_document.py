"""The testcases of a JUnit XML document, by allow-list. `junit_words` holds what its elements and attributes mean.

A testcase passes if everything in it and about it is known to be harmless, and a document is complete if its suites
show what they count.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from wavegate.evidence.junit_words import (
    CASE_ATTRIBUTES,
    COUNTS,
    HARMLESS,
    INSIDE,
    OUTCOMES,
    SCHEMA,
    STATUSES,
    SUITE_ATTRIBUTES,
    SUITES,
    UNASSERTED,
)
from wavegate.evidence.observation import Outcome
from wavegate.text import one_line

MAX_DEPTH = 50
MAX_CASES = 20_000
"""Testcases of one file: more than the gate counts over all tests."""
_EASTERNMOST = timedelta(hours=14)
"""The highest offset from UTC of any time zone."""
_COUNT = re.compile(r"[0-9]{1,9}")
_NODE_COUNT = re.compile(r" (?:fail|cancelled) ([0-9]{1,9}) ")
"""node:test counts in comments what failed without a testcase: a test that has subtests."""


class RejectedJunitError(Exception):
    """The document cannot be read. It never leaves the readers of JUnit XML."""


@dataclass(slots=True)
class JunitCase:
    """One testcase. suites: name and host of each suite around it, outermost first."""

    name: str
    class_name: str
    seconds: str
    time: datetime | None
    suites: tuple[tuple[str, str], ...]
    outcomes: set[Outcome] = field(default_factory=set)

    @property
    def label(self) -> str:
        return ".".join(part for part in (self.class_name, self.name) if part)

    @property
    def outcome(self) -> Outcome:
        if Outcome.FAIL in self.outcomes:
            return Outcome.FAIL
        return Outcome.ERROR if self.outcomes else Outcome.PASS


@dataclass(slots=True)
class _Suite:
    """A suite that is being read. before: the counts when it began. children: its testcases and suites."""

    name: str
    declared: Counter[str]
    before: Counter[str]
    children: int = 0


@dataclass(slots=True)
class JunitReader:
    """seen: tests, further attempts of them, failed and skipped ones so far. problems: why the file is incomplete.

    unknown: depth of the unknown element that is being read, 0 if there is none. Nothing in it is read.
    """

    cases: list[JunitCase] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    times: list[datetime | None] = field(default_factory=list)
    suites: list[_Suite] = field(default_factory=list)
    places: list[tuple[str, str]] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    problems: dict[str, None] = field(default_factory=dict)
    commented: int = 0
    unknown: int = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if not self.path and name not in SUITES:
            raise RejectedJunitError(f"the document is a {one_line(name, 60)}, not a testsuite")
        if len(self.path) >= MAX_DEPTH:
            raise RejectedJunitError(f"elements are nested more than {MAX_DEPTH} levels deep")
        inside = self.path[-1] if self.path else ""
        self.path.append(name)
        self.times.append(_earliest(attributes.get("timestamp", "")) or (self.times[-1] if self.times else None))
        if self.unknown:
            return
        if inside in ("", *SUITES):
            self._in_suite(name, attributes)
        elif inside == "testcase":
            self._in_case(name)
        elif name not in INSIDE.get(inside, ()):
            self._unknown(name)

    def end(self, _tag: str) -> None:
        self.times.pop()
        name, known = self.path.pop(), not self.unknown
        if len(self.path) < self.unknown:
            self.unknown = 0
        if known and name in SUITES:
            self._close(self.suites.pop())
            self.places.pop()

    def comment(self, text: str) -> None:
        if match := _NODE_COUNT.fullmatch(text):
            self.commented += int(match[1])

    def finish(self) -> None:
        """What only the whole file shows."""
        if self.commented > self.seen["failed"]:
            self._incomplete(f"A comment counts {self.commented} failed tests, but {self.seen['failed']} are shown.")

    def _in_suite(self, name: str, attributes: dict[str, str]) -> None:
        if name in SUITES:
            self._suite(attributes)
        elif name == "testcase":
            self._case(attributes)
        elif name in OUTCOMES:
            # a failure outside the testcases may have kept some of them from running
            self._incomplete(f"A suite has a `{name}` outside its testcases.")
        elif name not in HARMLESS:
            self._unknown(name)

    def _in_case(self, name: str) -> None:
        if name in OUTCOMES:
            self.cases[-1].outcomes.add(OUTCOMES[name])
            self.seen["attempts"] += name.startswith(("rerun", "flaky"))
            self.seen["skipped" if name == "skipped" else "failed"] += 1
        elif name not in HARMLESS:
            self._unknown(name)

    def _unknown(self, name: str) -> None:
        """An element that is not known to be harmless: no pass for its testcase, or for the file outside of one."""
        self.unknown = len(self.path)
        if "testcase" in self.path[:-1]:
            self.cases[-1].outcomes.add(Outcome.ERROR)
        else:
            self._incomplete(f"A suite has an unknown element `{one_line(name, 60)}`.")

    def _suite(self, attributes: dict[str, str]) -> None:
        if self.suites:
            self.suites[-1].children += 1
        declared: Counter[str] = Counter()
        for name, text in attributes.items():
            if name in COUNTS:
                if not _COUNT.fullmatch(text):
                    self._incomplete(f"A suite's `{name}` is {one_line(repr(text), 60)}, not a whole number.")
                else:
                    declared[COUNTS[name]] += int(text)
            elif name not in SUITE_ATTRIBUTES and not name.startswith(SCHEMA):
                self._incomplete(f"A suite has an unknown attribute `{one_line(name, 60)}`.")
        if "tests" not in attributes:
            declared["tests"] = -1
        place = (attributes.get("name", ""), attributes.get("hostname", ""))
        self.suites.append(_Suite(name=place[0], declared=declared, before=self.seen.copy()))
        self.places.append(place)

    def _close(self, suite: _Suite) -> None:
        found = Counter({key: count - suite.before[key] for key, count in self.seen.items()})
        declared = suite.declared
        for key, words in (("failed", "failures and errors"), ("skipped", "skipped tests")):
            if declared[key] > found[key]:
                self._incomplete(f"A suite counts {declared[key]} {words}, but shows {found[key]}.")
        if not _shows_its_tests(suite, found):
            self._incomplete(f"A suite counts {declared['tests']} tests, but shows {found['tests']}.")

    def _case(self, attributes: dict[str, str]) -> None:
        if len(self.cases) >= MAX_CASES:
            raise RejectedJunitError(f"it has more than {MAX_CASES} testcases")
        if self.suites:
            self.suites[-1].children += 1
        case = JunitCase(
            attributes.get("name", ""),
            attributes.get("classname", ""),
            attributes.get("time", ""),
            self.times[-1],
            tuple(self.places),
        )
        if not all(_is_harmless(name, value) for name, value in attributes.items()):
            case.outcomes.add(Outcome.ERROR)
        self.cases.append(case)
        self.seen["tests"] += 1

    def _incomplete(self, problem: str) -> None:
        self.problems.setdefault(problem)


def _shows_its_tests(suite: _Suite, found: Counter[str]) -> bool:
    """Whether a suite has as many testcases as it counts, or counts none."""
    declared, shown = suite.declared["tests"], found["tests"]
    if declared < 0 or shown <= declared <= shown + found["attempts"]:
        return True
    # pytest also counts subtests that passed, which have no testcase
    subtests = suite.name == "pytest" and declared > shown > 0 and not suite.declared["failed"]
    # node:test counts the children of a suite
    return subtests or declared == suite.children


def _is_harmless(name: str, value: str) -> bool:
    """Whether an attribute of a testcase is known, and does not state that the test did not pass."""
    allowed = STATUSES.get(name)
    if allowed is not None:
        return value.lower() in allowed
    if value in UNASSERTED.get(name, ()):
        return False
    return name in CASE_ATTRIBUTES or name.startswith(SCHEMA)


def _earliest(text: str) -> datetime | None:
    """The earliest instant that a timestamp may mean; None if it is neither ISO 8601 nor RFC 1123.

    Many runners write their machine's local time without its zone. Such a result counts as old as it may be: it is
    not in the future because its machine is east of here, and not fresh because its machine is west of here.
    """
    time = _parsed_by(datetime.fromisoformat, text) or _parsed_by(parsedate_to_datetime, text)
    try:
        return time if time is None or time.tzinfo else time.replace(tzinfo=UTC) - _EASTERNMOST
    except OverflowError:
        return None


def _parsed_by(parse_time: Callable[[str], datetime], text: str) -> datetime | None:
    try:
        return parse_time(text)
    except (ValueError, OverflowError):
        return None
