"""The testcases of a JUnit XML document, by allow-list. `junit_words` holds what its elements and attributes mean.

A testcase passes if everything in it and about it is known to be harmless, and a document is complete if its suites
show what they count.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from wavegate.evidence.junit_case import JunitCase, Place
from wavegate.evidence.junit_time import earliest_time
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
from wavegate.evidence.observation import MAX_NAME, Outcome
from wavegate.evidence.source import TestKey
from wavegate.text import clip, one_line

MAX_DEPTH = 50
MAX_CASES = 20_000
"""Testcases of one file: more than the gate counts over all tests. Also its suites."""
MAX_ELEMENTS = 300_000
MAX_NAMESPACES = 1000
"""Declarations of namespaces. The parser keeps their prefixes."""
_MAX_SECONDS = 30
_COUNT = re.compile(r"[0-9]{1,9}")
_NODE_COUNT = re.compile(r" (?:fail|cancelled) ([0-9]{1,9}) ")
"""node:test counts in comments what failed without a testcase: a test that has subtests."""


class RejectedJunitError(Exception):
    """The document cannot be read. It never leaves the readers of JUnit XML."""


@dataclass(slots=True)
class _Suite:
    """A suite that is being read. before: the counts when it began. children: its testcases and suites."""

    name: bytes
    file: bytes
    declared: Counter[str]
    before: Counter[str]
    children: int = 0


@dataclass(slots=True)
class JunitReader:
    """tests: by their unambiguous names. seen: tests, further attempts of them, failed and skipped ones so far.

    problem: why the file is incomplete, '' if it is not. unknown: depth of the unknown element that is being read, 0
    if there is none. Nothing in it is read.
    """

    tests: Mapping[str, TestKey]
    cases: list[JunitCase] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    times: list[datetime | None] = field(default_factory=list)
    suites: list[_Suite] = field(default_factory=list)
    places: list[Place] = field(default_factory=lambda: [Place()])
    seen: Counter[str] = field(default_factory=Counter)
    problem: str = ""
    commented: int = 0
    elements: int = 0
    suite_count: int = 0
    namespaces: int = 0
    unknown: int = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if not self.path and name not in SUITES:
            raise RejectedJunitError(f"the document is a {one_line(name, 60)}, not a testsuite")
        if len(self.path) >= MAX_DEPTH:
            raise RejectedJunitError(f"elements are nested more than {MAX_DEPTH} levels deep")
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise RejectedJunitError(f"it has more than {MAX_ELEMENTS} elements")
        inside = self.path[-1] if self.path else ""
        self.path.append(name)
        self.times.append(earliest_time(attributes.get("timestamp", "")) or (self.times[-1] if self.times else None))
        if self.unknown:
            return
        if inside in ("", *SUITES):
            self._in_suite(name, attributes)
        elif inside == "testcase":
            self._in_case(name)
        elif name not in INSIDE.get(inside, ()):
            self._unknown(name)

    def namespace(self, _prefix: str, _uri: str) -> None:
        self.namespaces += 1
        if self.namespaces > MAX_NAMESPACES:
            raise RejectedJunitError(f"it declares more than {MAX_NAMESPACES} namespaces")

    def end(self, _tag: str) -> None:
        self.times.pop()
        name, known = self.path.pop(), not self.unknown
        if len(self.path) < self.unknown:
            self.unknown = 0
        if known and name in SUITES:
            self._close(self.suites.pop())
            self.places.pop()

    def text(self, text: str) -> None:
        """Text directly in a suite or testcase, where no runner writes any."""
        inside = self.path[-1]
        if self.unknown or (inside != "testcase" and inside not in SUITES) or text.isspace():
            return
        if inside == "testcase":
            self.cases[-1].worsen(Outcome.ERROR)
        else:
            self._incomplete(f"A suite has the text {one_line(repr(text), 60)} outside its testcases.")

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
            self.cases[-1].worsen(OUTCOMES[name])
            self.seen["attempts"] += name.startswith(("rerun", "flaky"))
            self.seen["skipped" if name == "skipped" else "failed"] += 1
        elif name not in HARMLESS:
            self._unknown(name)

    def _unknown(self, name: str) -> None:
        """An element that is not known to be harmless: no pass for its testcase, or for the file outside of one."""
        self.unknown = len(self.path)
        if "testcase" in self.path[:-1]:
            self.cases[-1].worsen(Outcome.ERROR)
        else:
            self._incomplete(f"A suite has an unknown element `{one_line(name, 60)}`.")

    def _suite(self, attributes: dict[str, str]) -> None:
        if self.suites:
            self.suites[-1].children += 1
        self.suite_count += 1
        if self.suite_count > MAX_CASES:
            raise RejectedJunitError(f"it has more than {MAX_CASES} suites")
        declared: Counter[str] = Counter()
        for name, text in attributes.items():
            if name in COUNTS:
                if not _COUNT.fullmatch(text):
                    self._incomplete(f"A suite's `{name}` is {one_line(repr(text), 60)}, not a whole number.")
                else:
                    declared[COUNTS[name]] += int(text)
            elif name not in SUITE_ATTRIBUTES and name not in SCHEMA:
                self._incomplete(f"A suite has an unknown attribute `{one_line(name, 60)}`.")
        if "tests" not in attributes:
            declared["tests"] = -1
        title, host = _clipped(attributes, "name"), _clipped(attributes, "hostname")
        file = _clipped(attributes, "file") or (self.suites[-1].file if self.suites else b"")
        self.suites.append(_Suite(name=title, file=file, declared=declared, before=self.seen.copy()))
        around = self.places[-1]
        self.places.append(Place((*around.suites, (title, host)), (*around.names, title) if title else around.names))

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
        name, class_name = attributes.get("name", ""), attributes.get("classname", "")
        case = JunitCase(
            self.tests.get(name) or self.tests.get(class_name),
            b".".join(part for part in (_clipped(attributes, "classname"), _clipped(attributes, "name")) if part),
            _clipped(attributes, "file") or (self.suites[-1].file if self.suites else b""),
            attributes.get("time", "")[:_MAX_SECONDS],
            self.times[-1],
            self.places[-1],
        )
        if not all(_is_harmless(name, value) for name, value in attributes.items()):
            case.worsen(Outcome.ERROR)
        self.cases.append(case)
        self.seen["tests"] += 1

    def _incomplete(self, problem: str) -> None:
        self.problem = self.problem or problem


def _clipped(attributes: Mapping[str, str], name: str) -> bytes:
    return clip(attributes.get(name, ""), MAX_NAME).encode()


def _shows_its_tests(suite: _Suite, found: Counter[str]) -> bool:
    """Whether a suite has as many testcases as it counts, or counts none."""
    declared, shown = suite.declared["tests"], found["tests"]
    if declared < 0 or shown <= declared <= shown + found["attempts"]:
        return True
    # pytest also counts subtests that passed, which have no testcase
    subtests = suite.name == b"pytest" and declared > shown > 0 and not suite.declared["failed"]
    # node:test counts the children of a suite
    return subtests or declared == suite.children


def _is_harmless(name: str, value: str) -> bool:
    """Whether an attribute of a testcase is known, and does not state that the test did not pass."""
    allowed = STATUSES.get(name)
    if allowed is not None:
        return value.lower() in allowed
    if value in UNASSERTED.get(name, ()):
        return False
    return name in CASE_ATTRIBUTES
