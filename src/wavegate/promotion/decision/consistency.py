"""Whether a decision is consistent: its verdict must follow from its own reasons, criteria and counts.

The verdict is recomputed from the reasons and criteria, and the criteria from their counts, without evidence files.
Consistent edits of all of them are detected only by the digest or the attestation.
"""

from collections.abc import Iterator, Sequence
from math import ceil, isfinite

from wavegate.gate.attempt.attempts import attempt_number
from wavegate.gate.counts import Counts
from wavegate.gate.decision import ComparisonRow, Criterion, CriterionRule, Decision, TestRow, Verdict
from wavegate.gate.judge import verdict_of
from wavegate.release.pack import USUAL_CONFIDENCE, ViolationSeverity
from wavegate.statistics.always_valid import settled
from wavegate.statistics.comparison import loss_bound
from wavegate.statistics.per_test import mean_reaches, reaches_floor
from wavegate.statistics.rates import lower_bound

MAX_COUNT = 10**12
"""Upper bound for a plausible count."""
_ROUNDING = 1e-9


def inconsistencies(decision: Decision) -> Iterator[str]:
    """The contradictions in a decision, one sentence each; nothing if it is consistent."""
    if not has_sane_numbers(decision):
        yield "it has impossible counts or confidences."
        return
    expected = verdict_of(decision.reasons)
    if decision.verdict is not expected:
        yield f"its reasons imply {expected}, but its verdict is {decision.verdict}."
    attempt = attempt_number(decision.earlier, decision.run or "")
    if decision.attempt != attempt:
        yield f"its earlier decisions imply attempt {attempt}, but it is attempt {decision.attempt}."
    yield from _contradicting_parts(decision)


def _contradicting_parts(decision: Decision) -> Iterator[str]:
    passing = decision.verdict is Verdict.PASS
    suites = {each.suite for each in decision.criteria}
    if passing and len(suites) != len(decision.packs):
        yield f"it judges {len(suites)} packs but lists {len(decision.packs)}."
    for criterion in decision.criteria:
        if passing and criterion.verdict is not Verdict.PASS:
            yield f"{criterion.suite}/{criterion.name} is {criterion.verdict}, but its verdict is pass."
        if criterion.verdict is Verdict.PASS and not _holds(criterion, decision):
            yield f"{criterion.suite}/{criterion.name} passes, which its own numbers contradict."
    for row in decision.tests:
        if row.expected != row.passed + row.failed + row.errors + row.missing:
            yield f"the counts of {row.suite}/{row.test} do not add up."
        if passing and row.missing:
            yield f"{row.missing} observations of {row.suite}/{row.test} are missing, but its verdict is pass."


def has_sane_numbers(decision: Decision) -> bool:
    """Whether all counts and confidences are possible, so that calculations with untrusted numbers are safe."""
    parts: tuple[Criterion | TestRow | ComparisonRow, ...] = (
        *decision.criteria,
        *decision.tests,
        *decision.comparisons,
    )
    return all(_is_sane(each) for each in parts)


def counts_of(row: TestRow) -> Counts:
    """The counts of a row of the decision."""
    return Counts(passed=row.passed, failed=row.failed, errors=row.errors, missing=row.missing)


def _is_sane(part: Criterion | TestRow | ComparisonRow) -> bool:
    if isinstance(part, TestRow):
        return all(
            0 <= each <= MAX_COUNT for each in (part.expected, part.passed, part.failed, part.errors, part.missing)
        )
    if isinstance(part, ComparisonRow):
        return 0 <= part.worse <= part.pairs <= MAX_COUNT and 0 <= part.better <= part.pairs - part.worse
    confidence = 0.5 if part.confidence is None else part.confidence
    return 0 <= part.passed <= part.total <= MAX_COUNT and 0 < confidence < 1 and isfinite(part.threshold)


def _holds(criterion: Criterion, decision: Decision) -> bool:
    """Whether the numbers of a passing criterion support its verdict."""
    rows = [row for row in decision.tests if row.suite == criterion.suite and not row.waived]
    passed, total, threshold = criterion.passed, criterion.total, criterion.threshold
    match criterion.name:
        case "minimumSuccessRate":
            return _reaches_rate(criterion, rows)
        case "perTestMinimum":
            confidence = criterion.confidence or USUAL_CONFIDENCE
            return bool(rows) and all(
                row.expected > 0 and reaches_floor(row.passed, row.expected, threshold, confidence=confidence)
                for row in rows
            )
        case "zeroCriticalPolicyViolations":
            violations = (each for each in decision.violations if each.suite == criterion.suite)
            return not any(each.severity is ViolationSeverity.CRITICAL for each in violations)
        case "maxErrorRate":
            return total > 0 and (total - passed) / total <= threshold
        case "maxLatencyP95":
            return total > 0 and passed >= ceil(round(0.95 * total, 9))
        case "requireVersion":
            seen = sum(row.passed + row.failed + row.errors for row in decision.tests if row.suite == criterion.suite)
            return passed == total == seen > 0
        case "noRegressionAgainst":
            compared = [row for row in decision.comparisons if row.suite == criterion.suite]
            return _keeps_margins(criterion, compared)
    return False


def _keeps_margins(criterion: Criterion, rows: Sequence[ComparisonRow]) -> bool:
    pairs, worse, better = (sum(getattr(row, name) for row in rows) for name in ("pairs", "worse", "better"))
    if (criterion.passed, criterion.total) != (pairs - worse, pairs) or not pairs or criterion.confidence is None:
        return False
    overall = (worse, better, pairs, criterion.threshold)
    return all(
        loss_bound(lost, gained, compared, confidence=criterion.confidence) < margin + _ROUNDING
        for lost, gained, compared, margin in (
            overall,
            *((row.worse, row.better, row.pairs, row.margin) for row in rows if row.pairs),
        )
    )


def _reaches_rate(criterion: Criterion, rows: Sequence[TestRow]) -> bool:
    passed, expected = sum(row.passed for row in rows), sum(row.expected for row in rows)
    seen = sum(row.passed + row.failed + row.errors for row in rows)
    if (criterion.passed, criterion.total) != (passed, seen) or not expected:
        return False
    if not mean_reaches([(row.passed, row.expected) for row in rows if row.expected], criterion.threshold):
        return False
    match criterion.rule:
        case CriterionRule.STAGES:
            # only the pack has the stages; `pack_check` recomputes this verdict from it
            return passed / expected >= criterion.threshold
        case CriterionRule.AS_OBSERVED:
            return passed / expected >= criterion.threshold
        case CriterionRule.CONFIDENCE if criterion.confidence is not None:
            return lower_bound(passed, expected, confidence=criterion.confidence) >= criterion.threshold - _ROUNDING
        case CriterionRule.ALWAYS_VALID if criterion.confidence is not None:
            failed = expected - passed
            return settled(passed, failed, criterion.threshold, confidence=criterion.confidence) == "pass"
    return False
