"""Which cases the tests of smoke packs have, and which definition a test runs."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from wavegate.errors import InputError
from wavegate.evidence.source import TestKey
from wavegate.findings.finding import Finding
from wavegate.release.pack import PackTest

MAX_CASES = 20_000
"""Cases of one test; more are rejected, so that a hostile definition cannot exhaust memory."""

EVALUATION, TESTING = "AiEvaluationDefinition", "AiTestingDefinition"
DEFINITION_TYPES = (EVALUATION, TESTING)
"""The metadata types of test definitions: of Testing Center, and of Agentforce Studio."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedDefinition:
    """The definition that a test runs. type: one of DEFINITION_TYPES; '' if the pack leaves that to the runner."""

    type: str
    name: str


def definition_of(test: PackTest) -> NamedDefinition:
    """The definition of a test: the one that it names, such as `AiTestingDefinition:Order_Status`, else its own name.

    Case in the metadata type is ignored. Any other prefix belongs to the name.
    """
    prefix, colon, name = (test.definition or "").partition(":")
    types = {each.casefold(): each for each in DEFINITION_TYPES}
    type_ = types.get(prefix.casefold(), "") if colon else ""
    return NamedDefinition(type=type_, name=name if type_ else test.definition or test.name)


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpectedCases:
    """The cases that every run of a test has.

    names: as results name them; empty if only their number is known. source: path of the file that declares them,
    safe to show. subject: API name of the agent that the definition tests, '' if it is unknown. subject_version: the
    agent's version that the definition pins, None if it pins none. digest: hexadecimal SHA-256 of the definition or
    spec, line endings as LF; '' if the pack itself declares the cases.
    """

    count: int
    names: tuple[str, ...] = ()
    source: str
    subject: str = ""
    subject_version: int | None = None
    digest: str = ""

    def agrees_with(self, other: "ExpectedCases") -> bool:
        """Whether both may be true: equal numbers, and equal names where both have names."""
        both_named = bool(self.names and other.names)
        return self.count == other.count and (not both_named or set(self.names) == set(other.names))


@dataclass(frozen=True, kw_only=True)
class Census:
    """The expected cases of the tests whose cases are known.

    tests: by suite and name. problems: sources that cannot be read or that contradict each other; their tests are
    left out.
    """

    tests: Mapping[TestKey, ExpectedCases] = field(default_factory=dict)
    problems: tuple[Finding, ...] = ()

    def of(self, suite: str, test: str) -> ExpectedCases | None:
        """The expected cases of a test; None if they are unknown."""
        return self.tests.get((suite, test))

    @property
    def subjects(self) -> Mapping[str, frozenset[str]]:
        """The agents that the definitions of a test are about, by the test's name in whichever pack."""
        found: dict[str, frozenset[str]] = {}
        for (_, test), cases in self.tests.items():
            found[test] = found.get(test, frozenset()) | ({cases.subject} if cases.subject else frozenset())
        return found

    def counts(self, suite: str) -> Mapping[str, int]:
        """The number of cases of a suite's tests, by name; tests whose cases are unknown are left out."""
        return {test: cases.count for (of, test), cases in self.tests.items() if of == suite}

    def checked(self) -> "Census":
        """The census. Raises InputError for its first problem: what it plans would be wrong."""
        for problem in self.problems:
            place = problem.location
            raise InputError(problem.message, fix=problem.fix, file=place.file, line=place.line, column=place.column)
        return self

    @property
    def digest(self) -> str:
        """Hexadecimal SHA-256 of what is expected; the paths of the sources do not matter."""
        entries = [
            [suite, test, cases.count, sorted(cases.names), cases.subject, cases.subject_version, cases.digest]
            for (suite, test), cases in sorted(self.tests.items())
        ]
        return hashlib.sha256(msgspec.json.encode(entries)).hexdigest()


NOTHING_KNOWN = Census()
"""The census where nobody looked for the cases."""
