"""What a passing decision is based on, in words for a person who does not know statistics.

The decision's own claim has the same numbers in full; it stays in the decision file and in the log.
"""

from collections.abc import Iterator, Sequence

from wavegate.gate.decision import Criterion, CriterionRule, Decision, TestRow, Verdict, ViolationRow
from wavegate.release.pack import USUAL_CONFIDENCE
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
    notes = [f"{missing:,} missing"] if missing else []
    notes += [f"{pluralize(waived, 'test')} waived"] if waived else []
    noted = f" ({', '.join(notes)})" if notes else ""
    yield f"{_asked(tests)}{rate.passed:,} of {pluralize(rate.total, 'answer')} passed{noted}{_required(rate)}."
    found = (each for each in decision.criteria if each.suite == rate.suite)
    critical = next((each for each in found if each.name == "zeroCriticalPolicyViolations"), None)
    if critical and critical.upper is not None:
        yield _unbroken([each for each in decision.violations if each.suite == rate.suite])
    yield from _supported(rate, critical)


def _asked(tests: Sequence[TestRow]) -> str:
    """How many tests were asked how often: `4 tests with 12 questions, each asked 5 times: `; '' without tests."""
    if not tests:
        return ""
    count, questions = pluralize(len(tests), "test"), sum(row.cases for row in tests)
    with_questions = f" with {pluralize(questions, 'question')}" if questions > len(tests) else ""
    times = {row.expected / row.cases for row in tests if row.cases}
    if len(times) != 1 or not all(row.cases for row in tests) or (runs := times.pop()) != int(runs):
        return f"{count}{with_questions}: "
    how_often = "once" if runs == 1 else f"{runs:.0f} times"
    return f"{count}{with_questions}, {'each ' if questions > 1 else ''}asked {how_often}: "


def _required(rate: Criterion) -> str:
    threshold = percent(rate.threshold)
    if rate.passed == round(rate.threshold * rate.total, 9):
        return f", exactly the {threshold} required"
    return f"; {threshold} required"


def _unbroken(violations: Sequence[ViolationRow]) -> str:
    if not violations:
        return "No answer broke a critical policy."
    policies = {each.policy for each in violations}
    return f"The broken {'policy below is' if len(policies) == 1 else 'policies below are'} not critical."


def _supported(rate: Criterion, critical: Criterion | None) -> Iterator[str]:
    """What the answers show about all others, at the confidence; a bound below the rate is not a failure."""
    confidence = rate.confidence or USUAL_CONFIDENCE
    if rate.rule is CriterionRule.STAGES:
        yield f"That is enough for the declared stages ({rate.method.partition(';')[0]})."
    bounds, few = [], False
    if rate.rule is not CriterionRule.STAGES and rate.lower is not None:
        few = rate.lower < rate.threshold
        bounds.append(f"at least {percent(rate.lower, beside=rate.threshold, down=True)} of all answers would pass")
    if critical and critical.upper is not None:
        confidence = critical.confidence or confidence
        bounds.append(f"at most {percent_up(critical.upper)} would break a critical policy")
    if bounds:
        lead = "This is a pass, though so few answers can only show" if few else "They show"
        yield f"{lead}, at {percent(confidence)} confidence, that {' and '.join(bounds)}."
    if rate.lower_by_test is not None:
        yield f"Of other questions like these, at least {percent(rate.lower_by_test, down=True)} would pass."
