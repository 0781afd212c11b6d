"""Which agents of a release no smoke test covers."""

from collections.abc import Iterable
from dataclasses import dataclass

from wavegate.census.values import Census
from wavegate.evidence.source import TestKey


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """The agents that no test covers, as far as the test definitions say.

    uncovered: API names. unclear: tests for which nothing says which agent they are about, so that they may cover
    these agents after all. has_tests: whether there is any test.
    """

    uncovered: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    has_tests: bool = True


def coverage_of(agents: Iterable[str], tests: Iterable[TestKey], census: Census) -> Coverage:
    """What the tests cover of the agents. A test about an unknown agent covers the only agent of a release."""
    names, keys = tuple(agents), tuple(tests)
    known = {key: (cases.subject if (cases := census.of(*key)) else "") for key in keys}
    covered = {subject.casefold() for subject in known.values()}
    unclear = tuple(test for (_, test), subject in known.items() if not subject)
    uncovered = tuple(name for name in names if name.casefold() not in covered)
    if unclear and len(names) == 1:
        uncovered = ()
    return Coverage(uncovered=uncovered, unclear=unclear if uncovered else (), has_tests=bool(keys))
