"""The tests of a pack with what was observed of them, and their rows in a decision."""

from collections.abc import Mapping
from datetime import date

from wavegate.census.values import Census
from wavegate.gate.counts import TestObservations
from wavegate.gate.criteria import row_verdict
from wavegate.gate.decision import FailedCase, TestRow, ViolationRow
from wavegate.gate.tally import Tally
from wavegate.release.pack import Pack
from wavegate.statistics.power import declared_runs, waived_tests
from wavegate.statistics.rates import wilson


def observe_tests(pack: Pack, tally: Tally, census: Census, *, today: date) -> list[TestObservations]:
    """The pack's tests with their observations, and with what the census says that there should be.

    today: decides on waivers, UTC.
    """
    waived = waived_tests(pack, today)
    tallies = {test.name: tally.tests[pack.suite, test.name] for test in pack.tests}
    gaps = {name: each.gaps(census.of(pack.suite, name)) for name, each in tallies.items()}
    seen = max((tallies[test.name].runs_seen() for test in pack.tests if test.runs is None), default=0)
    cases = {name: each.cases for name, each in gaps.items()}
    runs = _expected_runs(pack, census.counts(pack.suite), cases, seen, today)
    return [
        TestObservations(
            test=test,
            tally=tallies[test.name],
            counts=tallies[test.name].counts(test.runs or runs, gaps[test.name]),
            expected_runs=test.runs or runs,
            waived=test.name in waived,
            gaps=gaps[test.name],
            cases_from=known.source if (known := census.of(pack.suite, test.name)) else "",
        )
        for test in pack.tests
    ]


def _expected_runs(pack: Pack, known: Mapping[str, int], observed: Mapping[str, int], seen: int, today: date) -> int:
    # where nobody declares the cases of a test, the runs were planned as if it had one, and its results show more
    declared = sorted({*declared_runs(pack, known, today), *declared_runs(pack, observed, today)})
    return next((runs for runs in declared if runs >= seen), declared[-1])


def row_of(pack: Pack, observed: TestObservations) -> TestRow:
    """The row of one test."""
    counts = observed.counts
    interval = wilson(counts.passed, counts.seen)
    return TestRow(
        suite=pack.suite,
        test=observed.test.name,
        kind=observed.test.kind,
        verdict=row_verdict(pack, observed),
        expected=counts.expected,
        passed=counts.passed,
        failed=counts.failed,
        errors=counts.errors,
        missing=counts.missing,
        lower=round(interval.lower, 6),
        upper=round(interval.upper, 6),
        p95=observed.tally.p95(),
        waived=observed.waived,
        cases=observed.gaps.cases,
        cases_from=observed.cases_from,
        first_failure=_first_failure(observed),
    )


def _first_failure(observed: TestObservations) -> FailedCase | None:
    failures = observed.tally.failures
    if not failures.count:
        return None
    case, run = failures.first
    return FailedCase(case=case, run=run, quote=failures.said[1])


def violation_rows(suite: str, observed: TestObservations) -> list[ViolationRow]:
    """The rows of the policy violations in one test."""
    return [
        ViolationRow(
            suite=suite,
            test=observed.test.name,
            policy=policy,
            severity=severity,
            confirmed=confirmed,
            count=occurrences.count,
            case=occurrences.first[0],
            run=occurrences.first[1],
            detail=occurrences.said[0],
            quote=occurrences.said[1],
        )
        for (policy, severity, confirmed), occurrences in observed.tally.violations.items()
    ]
