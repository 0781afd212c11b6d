"""What a passing decision is based on, in words for a person who does not know statistics.

The decision's own claim has the same numbers in full; it stays in the decision file and in the log.
"""

from collections.abc import Iterator

from wavegate.gate.criteria import ALWAYS_VALID_COUNT
from wavegate.gate.decision import Criterion, CriterionRule, Decision, Verdict
from wavegate.release.pack import USUAL_CONFIDENCE
from wavegate.statistics.always_valid import bound_of_none
from wavegate.text import percent, percent_up, pluralize


def plain_claim(decision: Decision) -> str:
    """The rate beside the one that is required, what it supports, and the critical violations; not escaped.

    A decision that is not a pass, or has no rate, keeps its own claim.
    """
    rates = [each for each in decision.criteria if each.name == "minimumSuccessRate" and each.observed is not None]
    if decision.verdict is not Verdict.PASS or not rates:
        return decision.claim
    has_several = len(decision.packs) > 1
    return " ".join(
        (f"{each.suite}: " if has_several else "") + " ".join(_sentences(each, decision)) for each in rates
    )


def _sentences(rate: Criterion, decision: Decision) -> Iterator[str]:
    tests = [row for row in decision.tests if row.suite == rate.suite and not row.waived]
    waived = sum(row.waived for row in decision.tests if row.suite == rate.suite)
    missing = sum(row.missing for row in tests)
    in_tests = f" in {pluralize(len(tests), 'test')}" if tests else ""
    notes = [f"{missing:,} missing"] if missing else []
    notes += [f"{pluralize(waived, 'test')} waived"] if waived else []
    noted = f" ({', '.join(notes)})" if notes else ""
    yield f"{rate.passed:,} of {pluralize(rate.total, 'answer')} passed{in_tests}{noted}, {_required(rate)}."
    yield from _supported(rate)
    found = (each for each in decision.criteria if each.suite == rate.suite)
    critical = next((each for each in found if each.name == "zeroCriticalPolicyViolations"), None)
    if critical and critical.upper is not None:
        yield from _unseen(critical, critical.upper)


def _unseen(critical: Criterion, upper: float) -> Iterator[str]:
    """What the answers without a critical violation leave open, and what as many again would show."""
    confidence, total = critical.confidence or USUAL_CONFIDENCE, critical.total
    always_valid = critical.method == ALWAYS_VALID_COUNT
    twice = bound_of_none(2 * total, confidence=confidence, always_valid=always_valid)
    now, then = percent_up(upper), percent_up(twice)
    more = (
        f"; {pluralize(total, 'more clean answer')} would bring that down to {then}" if total and now != then else ""
    )
    yield "No answer broke a critical policy."
    yield f"Up to {now} of answers could still break one ({percent(confidence)} confidence){more}."


def _required(rate: Criterion) -> str:
    threshold = percent(rate.threshold)
    if rate.passed == round(rate.threshold * rate.total, 9):
        return f"exactly the {threshold} required"
    return f"at least {threshold} required"


def _supported(rate: Criterion) -> Iterator[str]:
    confidence = percent(rate.confidence or USUAL_CONFIDENCE)
    if rate.rule is CriterionRule.STAGES:
        yield f"That is enough for the declared stages ({rate.method.partition(';')[0]})."
    elif rate.lower is not None:
        lower = percent(rate.lower, beside=rate.threshold, down=True)
        if rate.lower >= rate.threshold:
            yield f"The true rate is at least {lower}, at {confidence} confidence."
        else:
            yield f"With so few answers, the true rate may be as low as {lower} (at {confidence} confidence)."
    if rate.lower_by_test is not None:
        yield f"For other prompts like these, it may be as low as {percent(rate.lower_by_test, down=True)}."
