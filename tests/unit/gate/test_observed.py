"""The tests of a pack with what was observed of them: their runs, and their rows in the decision."""

from dataclasses import replace

from tests.unit.gate.test_judge import GIVEN, LOOSE, decide, each, observed, pack

from wavegate.evidence.observation import Violation
from wavegate.gate.decision import FailedCase
from wavegate.release.pack import Criteria, PackTest, ViolationSeverity
from wavegate.statistics.rates import wilson


def test_a_test_with_runs_of_its_own_does_not_say_how_often_the_others_run() -> None:
    tests = (PackTest(name="a"), PackTest(name="b", runs=20))
    auto = replace(GIVEN, tests=tests, criteria=Criteria(minimum_success_rate=0.9, confidence=0.95), runs="auto")
    # five runs of thirteen cases are enough; of one case, it would take 41
    evidence = [one for case in range(1, 14) for one in observed("p" * 5, case=str(case))]
    decision = decide(auto, [*evidence, *observed("p" * 20, test="b")])
    assert [(row.expected, row.missing) for row in decision.tests] == [(65, 0), (20, 0)]
    assert decision.verdict == "pass"


def test_a_pack_whose_tests_all_have_runs_of_their_own_needs_no_others() -> None:
    own = replace(GIVEN, tests=(PackTest(name="a", runs=2), PackTest(name="b", runs=1)))
    assert decide(own, each("pp", "p")).verdict == "pass"
    assert [row.missing for row in decide(own, each("p", "p")).tests] == [1, 0]


def test_the_interval_of_a_row_has_six_decimals() -> None:
    row = decide(LOOSE, each("p" * 8 + "ff", *["p" * 10] * 3)).tests[0]
    interval = wilson(8, 10)
    assert (row.lower, row.upper) == (round(interval.lower, 6), round(interval.upper, 6))
    assert row.lower != interval.lower
    assert row.upper != interval.upper


def test_a_violation_names_where_it_was_first() -> None:
    broken = Violation(policy="no-refunds", severity=ViolationSeverity.HIGH)
    evidence = [*each("-p", "pp", "pp", "pp"), *observed("p", case="refund", first=2, violations=(broken,))]
    (row,) = decide(pack(runs=2), evidence).violations
    assert (row.test, row.policy, row.case, row.run, row.count) == ("a", "no-refunds", "refund", 2, 1)


def test_a_row_quotes_its_first_failure_whatever_the_order_of_the_evidence() -> None:
    said = [*observed("f", first=3, quote="third"), *observed("f", first=2, quote="second"), *observed("p")]
    for evidence in (said, list(reversed(said))):
        row = decide(pack(runs=3), [*evidence, *each("ppp", "ppp", "ppp", "ppp")[3:]]).tests[0]
        assert row.first_failure == FailedCase(case="1", run=2, quote="second")
    assert decide(LOOSE, each(*["p" * 10] * 4)).tests[0].first_failure is None


def test_a_violation_quotes_what_was_said_where_it_was_first() -> None:
    broken = Violation(policy="no-refunds", severity=ViolationSeverity.HIGH, detail="Refund was called")
    evidence = [*each("-f", "pp", "pp", "pp"), *observed("f", quote="Refunded.", violations=(broken,))]
    (row,) = decide(pack(runs=2), evidence).violations
    assert (row.detail, row.quote) == ("Refund was called", "Refunded.")
