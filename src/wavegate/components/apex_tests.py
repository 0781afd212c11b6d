"""The Apex tests of a release: which ones run for the classes that a deployment sends, and what no test names."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from wavegate.components.component import ApexRole, ComponentId, Contents
from wavegate.components.scope import ReleaseScope
from wavegate.findings.finding import Finding, Location, warning
from wavegate.text import join_names

TESTED = ("ApexClass", "Flow")
"""Types that Apex tests can name."""

_TEST_CODE = (ApexRole.TEST, ApexRole.SUPPORT)
_TESTABLE = (ApexRole.ENTRY, ApexRole.PLAIN)


@dataclass(frozen=True, kw_only=True, slots=True)
class TestSelection:
    """The tests for some classes of a release.

    tests: names of the test classes to run, sorted. uncovered: the classes that no test of the release names, sorted.
    A class that a test names may still lack coverage: only the org can tell.
    """

    tests: tuple[str, ...] = ()
    uncovered: tuple[ComponentId, ...] = ()


def tests_for(scope: ReleaseScope, shipped_ids: Iterable[ComponentId]) -> TestSelection:
    """The tests of the classes and flows that a deployment sends; a test that is sent runs as well.

    A class that no test names is still tested by the tests of the classes that use it, so these run too.
    """
    sent = {each for each in shipped_ids if each.type in TESTED and each in scope.contents}
    tests = {each for each, contents in scope.contents.items() if contents.apex is ApexRole.TEST}
    users = _users(scope)
    chosen = sent & tests
    uncovered = set()
    for each in sent:
        naming = users.get(each, set()) & tests
        chosen |= naming
        if not naming and scope.contents[each].apex in _TESTABLE:
            chosen |= _reaching(each, users) & tests
            uncovered.add(each)
    return TestSelection(tests=tuple(sorted(each.name for each in chosen)), uncovered=tuple(sorted(uncovered)))


def untested_classes(scope: ReleaseScope, shipped_ids: Iterable[ComponentId]) -> Iterator[Finding]:
    """A warning if the deployment sends classes that no test of the release names."""
    uncovered = tests_for(scope, shipped_ids).uncovered
    if uncovered:
        path = next(each.path for each in scope.components if each.id == uncovered[0])
        message = f"No Apex test class in the project mentions {join_names([each.name for each in uncovered])}."
        fix = "Add a test class for each: production orgs ask for 75 % coverage of what is deployed."
        yield warning("apex/untested", Location(file=path), message, fix)


def test_side(contents: Mapping[ComponentId, Contents], scope: AbstractSet[ComponentId]) -> frozenset[ComponentId]:
    """The classes that serve tests alone: the tests, and the data factories and mocks that only they name.

    contents: of all classes of the project. scope: classes that ship anyway.
    """
    namers: dict[ComponentId, set[ComponentId]] = {}
    for source, each in contents.items():
        for reference in each.references:
            namers.setdefault(reference.targets[0], set()).add(source)
    tests = {each for each, found in contents.items() if found.apex in _TEST_CODE}
    side = tests | {
        each for each in namers.keys() & contents.keys() - scope if contents[each].apex is not ApexRole.ENTRY
    }
    while outsiders := {each for each in side - tests if not namers[each] <= side}:
        side -= outsiders
    return frozenset(side)


def tests_of(
    shipped: AbstractSet[ComponentId], contents: Mapping[ComponentId, Contents], side: AbstractSet[ComponentId]
) -> frozenset[ComponentId]:
    """The tests that belong to the classes and flows of a release, among all tests that name one of them.

    A test that also needs others outside the release tests another feature, and would not compile without it. It
    belongs to the release only if it names one of them that no other test does. contents: of all classes of the
    project. side: the classes that serve tests alone.
    """
    named = {
        test: {reference.targets[0] for reference in each.references}
        for test, each in contents.items()
        if each.apex is ApexRole.TEST
    }
    own = {test for test, names in named.items() if names & shipped and names <= shipped | side}
    covered = shipped & {name for test in own for name in named[test]}
    return frozenset(own | {test for test, names in named.items() if names & shipped - covered})


def _users(scope: ReleaseScope) -> Mapping[ComponentId, set[ComponentId]]:
    """The classes that name a class or flow."""
    users: dict[ComponentId, set[ComponentId]] = {}
    for edge in scope.edges:
        if edge.source.type == "ApexClass" and edge.target.type in TESTED:
            users.setdefault(edge.target, set()).add(edge.source)
    return users


def _reaching(target: ComponentId, users: Mapping[ComponentId, set[ComponentId]]) -> set[ComponentId]:
    """All classes that use a class, directly or through others."""
    found: set[ComponentId] = set()
    frontier = {target}
    while frontier := {user for each in frontier for user in users.get(each, set())} - found:
        found |= frontier
    return found
