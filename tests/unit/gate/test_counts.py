"""Counts of one test: what is missing, what occurred first, latencies by rank, and violations."""

from typing import Any

import pytest

from wavegate.census.gaps import CaseGaps
from wavegate.evidence.observation import RUN_CASE, Observation, Outcome, Violation
from wavegate.gate.counts import MAX_POLICIES, Counts, TestTally
from wavegate.gate.tested.occurrences import Occurrences
from wavegate.release.pack import PackTest, TestKind, ViolationSeverity

CRITICAL, HIGH, LOW = ViolationSeverity.CRITICAL, ViolationSeverity.HIGH, ViolationSeverity.LOW
SAFETY = PackTest(name="a", kind=TestKind.ACTION_SAFETY, severity=HIGH, policies=("no-refunds", "x"))
KINDS = {"p": Outcome.PASS, "f": Outcome.FAIL, "e": Outcome.ERROR}


def tally_of(test: PackTest | None = None, /, **cases: str) -> TestTally:
    """A tally with one letter a run: p, f, e or `-`, by case."""
    tally = TestTally(test=test or PackTest(name="a"), latency_limit=100)
    for case, letters in cases.items():
        for run, letter in enumerate(letters, start=1):
            if letter != "-":
                tally.add(seen(case=case, run=run, outcome=KINDS[letter]))
    return tally


def seen(**more: Any) -> Observation:
    values: dict[str, Any] = {"suite": "s", "test": "a", "outcome": Outcome.PASS}
    return Observation(**values | more)


@pytest.mark.parametrize(
    ("cases", "missing"),
    [
        ({"x": "ppp", "y": "ppp"}, []),
        ({"x": "ppp", "y": "p-p"}, [2]),
        ({"x": "pp", "y": "ppp"}, [3]),
        ({"x": "-pp", "y": "pp-"}, [1, 3]),
        ({"x": "pppp", "y": "ppp"}, []),
        ({"x": "--pp", "y": "ppp"}, [1, 2]),
        ({}, [1, 2, 3]),
    ],
)
def test_a_run_is_missing_if_any_case_lacks_it(cases: dict[str, str], missing: list[int]) -> None:
    assert tally_of(None, **cases).missing_runs(3) == missing


def test_outcomes_are_counted_with_what_is_missing() -> None:
    tally = tally_of(x="ppfe", y="p---p")
    assert tally.counts(4) == Counts(passed=4, failed=1, errors=1, missing=3)
    assert (tally.runs_seen(), tally_of().runs_seen()) == (5, 0)
    assert [tally.saw(run) for run in range(1, 8)] == [True, True, True, True, True, False, False]
    assert not tally_of(x="p-p").saw(2)


def test_of_duplicates_the_worst_counts_and_the_first_is_named() -> None:
    tally = tally_of(x="ppp")
    for run, outcome in ((3, Outcome.FAIL), (2, Outcome.PASS), (3, Outcome.PASS), (1, Outcome.ERROR)):
        tally.add(seen(case="x", run=run, outcome=outcome))
    assert tally.counts(3) == Counts(passed=1, failed=1, errors=1)
    assert tally.duplicates == Occurrences(count=4, first=("x", 1))
    assert tally_of(x="p").duplicates == Occurrences(count=0, first=("", 0))


def test_latencies_have_ranks() -> None:
    tally = tally_of()
    for run in range(1, 101):
        tally.add(seen(run=run, latency=float(run)))
    assert tally.slow == 0
    tally.add(seen(run=101, latency=100.5))
    assert tally.slow == 1
    assert tally.p95() == pytest.approx(96, rel=0.01)
    assert tally.ranked(1) == pytest.approx(1, rel=0.01)
    assert tally.ranked(101) == pytest.approx(100.5, rel=0.01)
    assert (tally.ranked(0), tally.ranked(102), tally_of().p95()) == (None, None, None)


@pytest.mark.parametrize(
    ("reported", "own"),
    [
        ([], True),
        ([("p", LOW, True)], True),
        ([("p", CRITICAL, False)], True),
        ([("p", HIGH, True)], False),
        ([("p", CRITICAL, True)], False),
        ([("p", LOW, True), ("q", CRITICAL, True)], False),
    ],
)
def test_a_failed_safety_test_is_a_violation_unless_one_as_severe_is_reported(
    reported: list[tuple[str, ViolationSeverity, bool]], *, own: bool
) -> None:
    broken = tuple(Violation(policy=name, severity=severity, confirmed=sure) for name, severity, sure in reported)
    for outcome, is_own in ((Outcome.FAIL, own), (Outcome.PASS, False), (Outcome.ERROR, False)):
        tally = tally_of(SAFETY)
        tally.add(seen(outcome=outcome, violations=broken))
        assert set(tally.violations) == {*reported, *([("no-refunds", HIGH, True)] if is_own else [])}


def test_a_safety_test_without_policies_is_named_itself() -> None:
    tally = tally_of(PackTest(name="a", kind=TestKind.ACTION_SAFETY), x="pff")
    assert tally.violations == {("a", ViolationSeverity.MEDIUM, True): Occurrences(count=2, first=("x", 2))}
    assert tally_of(x="ff").violations == {}


def test_policies_beyond_the_limit_are_counted_together() -> None:
    tally = tally_of()
    for number in range(MAX_POLICIES + 3):
        tally.add(seen(run=number + 1, violations=(Violation(policy=f"p{number}", severity=LOW),)))
    tally.add(seen(run=900, violations=(Violation(policy="p7", severity=LOW),)))
    tally.add(seen(run=901, violations=(Violation(policy="new", severity=CRITICAL, confirmed=False),)))
    assert MAX_POLICIES == 500
    assert len(tally.violations) == MAX_POLICIES + 2
    assert tally.violations["p7", LOW, True] == Occurrences(count=2, first=("1", 8))
    assert tally.violations["(further policies)", LOW, True] == Occurrences(count=3, first=("1", 501))
    assert tally.violations["(further policies)", CRITICAL, False] == Occurrences(count=1, first=("1", 901))


def test_a_case_outside_the_expected_ones_is_not_missing_a_run() -> None:
    tally = tally_of(None, x="ppp", y="pf", z="e")
    gaps = CaseGaps(outside=frozenset({"y", "z"}), extra_names=("y", "z"))
    assert tally.missing_runs(3, gaps) == []
    assert tally.missing_runs(3) == [2, 3]
    assert tally.counts(3, gaps) == Counts(passed=3)
    assert tally.undeclared(gaps) == Counts(passed=1, failed=1, errors=1)


@pytest.mark.parametrize(("letters", "outside"), [("e", True), ("ef", False), ("ep", False), ("", False)])
def test_a_run_that_only_ended_in_error_is_no_case(letters: str, *, outside: bool) -> None:
    tally = tally_of(None, **{RUN_CASE: letters} if letters else {}, x="p")
    assert (RUN_CASE in tally.gaps(None).outside) is outside
