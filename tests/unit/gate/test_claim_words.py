"""The claim of a pass in plain words: the rate beside the one that is required, and how little it may prove."""

import msgspec
import pytest
from tests.support.decisions import decision

from wavegate.gate.decision import Criterion, CriterionRule, Decision, Verdict
from wavegate.gate.why.claim_words import plain_claim


def passing(passed: int = 20, total: int = 20, **changes: object) -> Decision:
    rate = decision().criteria[0]
    given = {"passed": passed, "total": total, "observed": passed / total, "lower": 0.86, "confidence": None}
    made = msgspec.structs.replace(rate, verdict=Verdict.PASS, **(given | changes))
    return decision(verdict=Verdict.PASS, criteria=(made,), tests=())


def test_few_answers_say_what_the_true_rate_may_be() -> None:
    assert plain_claim(passing()) == (
        "20 of 20 answers passed, at least 95 % required. "
        "With so few answers, the true rate may be as low as 86 % (at 95 % confidence)."
    )
    assert "19 of 20 answers passed, exactly the 95 % required." in plain_claim(passing(19))
    assert "The true rate is at least 96 %, at 99 % confidence." in plain_claim(passing(lower=0.96, confidence=0.99))
    assert plain_claim(passing(lower_by_test=0.5)).endswith("For other prompts like these, it may be as low as 50 %.")


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
    return plain_claim(msgspec.structs.replace(given, criteria=(*given.criteria, critical)))


def test_no_critical_violation_is_no_proof_that_there_is_none() -> None:
    # 1 - 0.05^(1/20) = 0.13911, 1 - 0.05^(1/40) = 0.07217
    assert without_violations(20, 0.139109).endswith(
        "No answer broke a critical policy. Up to 14 % of answers could still break one (95 % confidence); "
        "20 more clean answers would bring that down to 7.3 %."
    )
    assert "(99 % confidence); 20 more clean answers would bring that down to 10.9 %." in without_violations(
        20, 0.205672, confidence=0.99
    )
    # by the always-valid test, 40 clean answers show less than they do in one look
    assert "would bring that down to 8.8 %." in without_violations(20, 0.168030, method="count; always-valid bound")
    # where more would not show
    assert without_violations(5000, 0.000599).endswith(
        "Up to 0.1 % of answers could still break one (95 % confidence)."
    )


@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.INCONCLUSIVE])
def test_what_is_not_a_pass_keeps_its_claim(verdict: Verdict) -> None:
    assert plain_claim(decision(verdict=verdict)) == "text"
