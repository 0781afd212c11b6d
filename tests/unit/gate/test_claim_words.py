"""The claim of a pass in plain words: the rate beside the one that is required, and how little it may prove."""

import msgspec
import pytest
from tests.support.decisions import decision

from wavegate.gate.decision import Criterion, CriterionRule, Decision, Verdict
from wavegate.gate.why.claim_words import plain_claim
from wavegate.release.pack import ViolationSeverity


def passing(passed: int = 20, total: int = 20, **changes: object) -> Decision:
    rate = decision().criteria[0]
    given = {"passed": passed, "total": total, "observed": passed / total, "lower": 0.86, "confidence": None}
    made = msgspec.structs.replace(rate, verdict=Verdict.PASS, **(given | changes))
    return decision(verdict=Verdict.PASS, criteria=(made,), tests=())


def test_few_answers_say_what_they_can_show_and_that_they_pass() -> None:
    assert plain_claim(passing()) == (
        "20 of 20 answers passed; 95 % required. This is a pass, though so few answers can only show, "
        "at 95 % confidence, that at least 86 % of all answers would pass."
    )
    assert "19 of 20 answers passed, exactly the 95 % required." in plain_claim(passing(19))
    assert "They show, at 99 % confidence, that at least 96 % of all" in plain_claim(
        passing(lower=0.96, confidence=0.99)
    )
    assert plain_claim(passing(lower_by_test=0.5)).endswith(
        "Of other questions like these, at least 50 % would pass."
    )


def test_how_many_tests_were_asked_how_often_comes_first() -> None:
    row = msgspec.structs.replace(decision().tests[0], suite=passing().criteria[0].suite, waived=False, missing=0)
    for each, words in (
        ({"cases": 1, "expected": 5}, "2 tests, each asked 5 times: 20 of"),
        ({"cases": 1, "expected": 1}, "2 tests, each asked once: 20 of"),
        ({"cases": 6, "expected": 30}, "2 tests with 12 questions, each asked 5 times: 20 of"),
        ({"cases": 0, "expected": 5}, "2 tests: 20 of"),
    ):
        tests = (msgspec.structs.replace(row, **each),) * 2
        assert plain_claim(msgspec.structs.replace(passing(), tests=tests)).startswith(words)


def test_declared_stages_name_their_look() -> None:
    staged = passing(rule=CriterionRule.STAGES, method="declared stages, look 1 of 2; false pass 4 %")
    assert plain_claim(staged).endswith("That is enough for the declared stages (declared stages, look 1 of 2).")


def without_violations(total: int, upper: float, **changes: object) -> str:
    given = passing()
    critical: Criterion = msgspec.structs.replace(
        given.criteria[0],
        name="zeroCriticalPolicyViolations",
        passed=total,
        total=total,
        observed=0.0,
        threshold=0.0,
        upper=upper,
        **changes,
    )
    unbroken = msgspec.structs.replace(given, criteria=(*given.criteria, critical), violations=())
    return plain_claim(unbroken)


def test_no_critical_violation_is_no_proof_that_there_is_none() -> None:
    # 1 - 0.05^(1/20) = 0.13911
    assert without_violations(20, 0.139109).endswith(
        "No answer broke a critical policy. This is a pass, though so few answers can only show, at 95 % confidence, "
        "that at least 86 % of all answers would pass and at most 14 % would break a critical policy."
    )
    assert "at 99 % confidence" in without_violations(20, 0.205672, confidence=0.99)
    assert without_violations(5000, 0.000599).endswith("at most 0.1 % would break a critical policy.")


def test_a_policy_that_is_not_critical_does_not_contradict_the_claim() -> None:
    given = passing()
    critical = msgspec.structs.replace(given.criteria[0], name="zeroCriticalPolicyViolations", upper=0.1)
    broken = msgspec.structs.replace(
        decision().violations[0], suite=critical.suite, severity=ViolationSeverity.MEDIUM
    )
    shown = plain_claim(msgspec.structs.replace(given, criteria=(*given.criteria, critical), violations=(broken,)))
    assert "The broken policy below is not critical." in shown
    assert "No answer broke" not in shown


@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.INCONCLUSIVE])
def test_what_is_not_a_pass_keeps_its_claim(verdict: Verdict) -> None:
    assert plain_claim(decision(verdict=verdict)) == "text"
