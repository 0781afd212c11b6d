"""Decides which cases a test has, from everything that declares them."""

from collections.abc import Sequence

from wavegate.census.values import ExpectedCases
from wavegate.findings.finding import Finding, Location, error
from wavegate.release.pack import Pack, PackTest
from wavegate.text import pluralize, visible


def declared_cases(pack: Pack, test: PackTest) -> ExpectedCases | None:
    """The cases that the pack itself declares for a test; None if it declares none."""
    if test.cases is None:
        return None
    names = test.cases if isinstance(test.cases, tuple) else ()
    count = test.cases if isinstance(test.cases, int) else len(names)
    return ExpectedCases(count=count, names=names, source=visible(pack.path))


def resolve(test: PackTest, sources: Sequence[ExpectedCases | Finding]) -> ExpectedCases | Finding | None:
    """The cases of a test; a finding if a source cannot be read or two contradict each other; None without a source.

    sources: the most telling first.
    """
    problems = [each for each in sources if isinstance(each, Finding)]
    declared = [each for each in sources if isinstance(each, ExpectedCases)]
    if problems or not declared:
        return problems[0] if problems else None
    first = next((each for each in declared if each.names), declared[0])
    other = next((each for each in declared if not first.agrees_with(each)), None)
    return first if other is None else _conflict(test, first, other)


def _conflict(test: PackTest, first: ExpectedCases, other: ExpectedCases) -> Finding:
    message = (
        f"The cases of test {visible(test.name)} are declared twice, and differently: "
        f"{_words(first, other)} in {first.source}, {_words(other, first)} in {other.source}."
    )
    fix = "Make both the same, or remove one. A test of another name needs no definition."
    return error("census/conflict", Location(file=other.source), message, fix)


def _words(cases: ExpectedCases, other: ExpectedCases) -> str:
    if cases.count != other.count:
        return pluralize(cases.count, "case")
    own = next(name for name in cases.names if name not in other.names)
    return f"{pluralize(cases.count, 'case')} with `{visible(own)}`"
