"""Why a gate decided as it did: the test, the policy, the threshold, and what was said, each once."""

from typing import Any

import msgspec
from tests.support.decisions import decision

from wavegate.gate.decision import (
    AttemptRelation,
    Criterion,
    CriterionRule,
    Decision,
    EarlierDecision,
    FailedCase,
    Reason,
    TestRow,
    Verdict,
    ViolationRow,
)
from wavegate.gate.why.why_markdown import rest_line, why_lines
from wavegate.gate.words import verdict_line
from wavegate.release.pack import TestKind, ViolationSeverity


def row(test: str, passed: int, failed: int, *, verdict: Verdict = Verdict.PASS, **fields: Any) -> TestRow:
    given: dict[str, Any] = {
        "suite": "s",
        "kind": TestKind.ANSWER_QUALITY,
        "expected": passed + failed,
        "errors": 0,
        "missing": 0,
    }
    given |= {"lower": 0.1, "upper": 0.9} | fields
    return TestRow(test=test, passed=passed, failed=failed, verdict=verdict, **given)


def criterion(name: str, verdict: Verdict, threshold: float, **fields: Any) -> Criterion:
    given: dict[str, Any] = {"passed": 17, "total": 20, "observed": 0.85, "confidence": None, "claim": "claim"}
    given |= {"lower": None, "upper": None, "rule": CriterionRule.AS_OBSERVED, "method": "m"} | fields
    return Criterion(suite="s", name=name, verdict=verdict, threshold=threshold, **given)


def violation(severity: ViolationSeverity = ViolationSeverity.CRITICAL, **fields: Any) -> ViolationRow:
    given: dict[str, Any] = {"test": "pii", "policy": "no-pii", "confirmed": True, "count": 1, "case": "2", "run": 3}
    return ViolationRow(suite="s", severity=severity, **given | fields)


def decided(*criteria: Criterion, verdict: Verdict = Verdict.FAIL, **fields: Any) -> Decision:
    """A decision with a reason for each criterion that does not pass, as the gate makes it."""
    reasons = tuple(
        Reason(code=each.name, weight=each.verdict.value, text="reason", fix="fix")  # type: ignore[arg-type]
        for each in criteria
        if each.verdict is not Verdict.PASS
    )
    given: dict[str, Any] = {"tests": (), "violations": (), "reasons": reasons, "criteria": criteria}
    return msgspec.structs.replace(decision(), verdict=verdict, waivers=(), **given | fields)


def why(*criteria: Criterion, **fields: Any) -> list[str]:
    return [line.replace("\\", "") for line in why_lines(decided(*criteria, **fields))]


CRITICAL = criterion("zeroCriticalPolicyViolations", Verdict.FAIL, 0.0)
RATE = criterion("minimumSuccessRate", Verdict.FAIL, 0.95)
FLOOR = criterion("perTestMinimum", Verdict.FAIL, 0.5)
SAID = FailedCase(case="1", run=2, quote="I cannot help.")


def test_a_violation_names_the_test_the_policy_the_place_and_what_was_said() -> None:
    seen = violation(count=4, quote="Your card: [credit-card]")
    tests = (row("pii", 1, 4, verdict=Verdict.FAIL),)
    (shown,) = why(CRITICAL, violations=(seen,), tests=tests)
    assert shown.startswith(
        "❌ **pii** passed 1 of 5. It broke policy **no-pii** (critical) 4 times, first in case 2, run 3: "
    )
    assert shown.endswith(": “Your card: [credit-card]” (in brackets: masked)")


def test_how_a_policy_was_broken_comes_before_the_quote() -> None:
    seen = violation(detail="the forbidden action Refund was called", quote="Done.")
    (shown,) = why(CRITICAL, violations=(seen,))
    assert shown.endswith(" in case 2, run 3 (the forbidden action Refund was called): “Done.”")


def test_a_rate_that_is_too_low_is_beside_the_one_that_was_asked() -> None:
    assert why(RATE) == ["❌ All tests together: 17 of 20 answers passed (85 %); 95 % required."]


def test_a_test_that_fails_sometimes_is_flaky_and_never_a_pass() -> None:
    shown = why(RATE, tests=(row("booking", 3, 2, first_failure=SAID), row("good", 5, 0)))
    assert shown == [
        "❌ All tests together: 17 of 20 answers passed (85 %); 95 % required.",
        "🟡 **booking** passed 3 of 5. It failed first in case 1, run 2: “I cannot help.”",
    ]
    assert why(verdict=Verdict.PASS, tests=(row("pii", 8, 2),)) == ["🟡 **pii** passed 8 of 10"]


def test_a_test_below_its_minimum_says_what_was_asked_of_it() -> None:
    tests = (row("booking", 1, 4, verdict=Verdict.FAIL, first_failure=SAID),)
    (shown,) = why(FLOOR, tests=tests)
    passed, failed = shown.split(". It ")
    assert passed == "❌ **booking** passed 1 of 5 (50 % required of every test)"
    assert failed == "failed first in case 1, run 2: “I cannot help.”"


def test_what_a_violation_quotes_is_not_quoted_again() -> None:
    tests = (row("pii", 1, 4, verdict=Verdict.FAIL, first_failure=FailedCase(case="2", run=3, quote="Card")),)
    shown = why(FLOOR, tests=tests, violations=(violation(count=4, quote="Card"),))
    assert len(shown) == 1
    assert shown[0].startswith(
        "❌ **pii** passed 1 of 5 (50 % required of every test). It broke policy **no-pii** (critical) 4 times"
    )


def test_policies_that_the_same_test_broke_are_one_line() -> None:
    also = violation(policy="no-cards", run=2, quote="Card")
    (shown,) = why(CRITICAL, violations=(violation(), also))
    assert shown == "❌ **pii** broke policies **no-pii** and **no-cards** (critical) in case 2, run 2: “Card”"
    policies = tuple(violation(policy=f"p{number}") for number in range(9))
    (shown,) = why(CRITICAL, violations=policies)
    assert "**p2** and 6 more policies (critical)" in shown


def test_a_flaky_test_says_how_many_passed_where_it_broke_a_policy() -> None:
    seen = violation(ViolationSeverity.MEDIUM, test="booking", count=2)
    (shown,) = why(verdict=Verdict.PASS, tests=(row("booking", 3, 2),), violations=(seen,))
    assert shown.startswith("🟡 **booking** passed 3 of 5. It broke policy **no-pii** (medium) 2 times, first in")


def test_errors_are_the_gap_that_an_undecided_criterion_waits_for() -> None:
    rate = criterion("minimumSuccessRate", Verdict.INCONCLUSIVE, 0.95, settle="Rerun.")
    undecided = row("pii", 2, 0, verdict=Verdict.INCONCLUSIVE, expected=5, errors=3)
    assert why(rate, verdict=Verdict.INCONCLUSIVE, tests=(undecided,)) == [
        "⚠️ **pii** passed 2 of 5, 3 did not finish. → Choose “Re-run failed jobs” in [this run](<https://github.com/acme/agents/actions/runs/1>)."
    ]
    assert why(RATE, tests=(undecided,)) == ["❌ All tests together: 17 of 20 answers passed (85 %); 95 % required."]


def test_a_violation_that_the_pack_does_not_forbid_does_not_look_like_the_cause() -> None:
    (shown,) = why(verdict=Verdict.PASS, violations=(violation(ViolationSeverity.MEDIUM),))
    assert shown.startswith("🟡 **pii** broke policy **no-pii** (medium)")
    (shown,) = why(CRITICAL, violations=(violation(confirmed=False),))
    assert shown.startswith("⚠️ **pii** may have broken policy **no-pii** (critical, unconfirmed)")


def test_an_action_safety_test_without_policies_broke_no_policy_of_its_name() -> None:
    (shown,) = why(CRITICAL, violations=(violation(policy="pii"),))
    assert shown == "❌ **pii** failed as an action-safety test (critical) in case 2, run 3"


def test_what_is_undecided_says_what_would_settle_it() -> None:
    rate = criterion(
        "minimumSuccessRate",
        Verdict.INCONCLUSIVE,
        0.95,
        observed=1.0,
        confidence=0.95,
        claim="20 of 20 passed.",
        settle="39 more runs.",
    )
    assert why(rate, verdict=Verdict.INCONCLUSIVE) == [
        "⚠️ 20 of 20 passed. At least 95 % required at 95 % confidence. → 39 more runs."
    ]


def test_a_gap_stands_for_the_criteria_that_it_leaves_undecided() -> None:
    gap = Reason(code="missing-runs", weight="inconclusive", text="Missing: 3 of 5.", fix="Rerun.", test="s/pii")
    open_rate = criterion("minimumSuccessRate", Verdict.INCONCLUSIVE, 0.95)
    open_floor = criterion("perTestMinimum", Verdict.INCONCLUSIVE, 0.5)
    undecided = decided(open_rate, open_floor, verdict=Verdict.INCONCLUSIVE)
    shown = why_lines(msgspec.structs.replace(undecided, reasons=(gap, *undecided.reasons)))
    assert [line.replace("\\", "") for line in shown] == ["⚠️ **missing-runs** Missing: 3 of 5. → Rerun."]


def test_failures_come_before_gaps_and_gaps_before_what_is_flaky() -> None:
    gap = Reason(code="missing-runs", weight="inconclusive", text="Missing.", fix="Rerun.")
    failing = decided(RATE, tests=(row("booking", 3, 2),))
    shown = why_lines(msgspec.structs.replace(failing, reasons=(gap, *failing.reasons)))
    assert [line.partition(" ")[0] for line in shown] == ["❌", "⚠️", "🟡"]


def test_a_threshold_that_a_criterions_words_leave_out_is_added() -> None:
    errors = criterion("maxErrorRate", Verdict.INCONCLUSIVE, 0.1, claim="3 of 20 could not be used (15 %).")
    assert why(errors, verdict=Verdict.INCONCLUSIVE) == ["⚠️ 3 of 20 could not be used (15 %). At most 10 % allowed."]


def test_a_rate_that_reaches_its_threshold_and_still_fails_says_why_in_full() -> None:
    mean = criterion("minimumSuccessRate", Verdict.FAIL, 0.8, claim="The mean of the tests is 60 %.")
    assert why(mean) == ["❌ The mean of the tests is 60 %. At least 80 % required."]


def test_the_tests_that_passed_beside_those_that_did_not_are_counted() -> None:
    undecided = row("pii", 2, 0, verdict=Verdict.INCONCLUSIVE, expected=5, errors=3)
    given = decided(verdict=Verdict.INCONCLUSIVE, tests=(undecided, row("a", 5, 0), row("b", 5, 0)))
    assert rest_line(given) == "✅ The other 2 tests passed."
    assert rest_line(msgspec.structs.replace(given, tests=(undecided,))) == ""
    assert rest_line(msgspec.structs.replace(given, verdict=Verdict.PASS)) == ""


def test_what_speaks_against_a_pass_is_in_the_first_line() -> None:
    earlier = (EarlierDecision(relation=AttemptRelation.COUNTS, verdict=Verdict.FAIL),) * 2
    seen = violation(ViolationSeverity.MEDIUM, test="booking", count=1)
    for fields, words in (
        ({}, "✅ GO: text is ready for text"),
        ({"earlier": earlier}, "⚠️ GO, but the same content failed twice before: text is ready for text"),
        ({"tests": (row("booking", 3, 2),)}, "⚠️ GO, but 2 answers failed: "),
        ({"violations": (seen,)}, "⚠️ GO, but one answer broke a policy (medium): "),
        (
            {"violations": (seen,), "earlier": earlier[:1]},
            "⚠️ GO, but the same content failed once before and one answer broke a policy (medium): ",
        ),
    ):
        given = decided(**{"verdict": Verdict.PASS, "earlier": ()} | fields)
        assert verdict_line(given).startswith(words)
    assert verdict_line(decided(earlier=earlier)) == "❌ NO: text is not ready for text"
