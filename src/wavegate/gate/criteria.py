"""Judge every criterion of a pack on its observations.

Errors and missing runs are unknown outcomes. A criterion passes if it holds with all of them counted against it,
fails if it does not hold even with all of them counted for it, and is inconclusive otherwise.
"""

from collections.abc import Sequence
from math import ceil

from wavegate.gate.counts import Counts, TestObservations, TestTally, pooled
from wavegate.gate.decision import Criterion, CriterionRule, Verdict
from wavegate.gate.success_rate import (
    ALL_WAIVED,
    REMOVE_WAIVER,
    RERUN,
    decided,
    rate_criterion,
)
from wavegate.release.pack import Pack, PackTest, TestKind, ViolationSeverity
from wavegate.statistics.always_valid import bound_of_none
from wavegate.statistics.latency import quantile_ranks
from wavegate.statistics.per_test import reaches_floor, runs_that_carry
from wavegate.statistics.rates import rounded_up
from wavegate.text import percent, percent_up, pluralize

ALWAYS_VALID_COUNT = "count; always-valid bound"
"""The method by which critical violations are bounded in a pack that runs until it is settled."""


def judge_pack(pack: Pack, tests: Sequence[TestObservations], *, rejected: int) -> tuple[Criterion, ...]:
    """The two criteria that always apply, and the pack's own except for the comparison with a baseline.

    rejected: number of rejected observations.
    """
    criteria, rated = pack.criteria, [each for each in tests if not each.waived]
    rates, waived = [each.counts for each in rated], len(tests) - len(rated)
    judged = [rate_criterion(pack, rates, cases=case_count(rated), waived=waived), _per_test(pack, rated)]
    if criteria.zero_critical_policy_violations:
        judged.append(_zero_critical(pack, tests))
    if criteria.max_error_rate is not None:
        judged.append(_error_rate(pack, pooled_counts(tests), rejected, criteria.max_error_rate))
    if criteria.max_latency_p95 is not None:
        judged.append(_latency(pack, tests, criteria.max_latency_p95))
    return tuple(judged)


def pooled_counts(tests: Sequence[TestObservations]) -> Counts:
    """Outcome counts summed over the tests."""
    return pooled(each.counts for each in tests)


def case_count(tests: Sequence[TestObservations]) -> int:
    """Number of cases that every run of the tests has."""
    return sum(each.gaps.cases for each in tests)


def critical_violations(observed: TestObservations, *, confirmed: bool) -> int:
    """Number of critical policy violations in one test, either the confirmed or the unconfirmed ones."""
    return sum(
        occurrences.count
        for (_, severity, is_confirmed), occurrences in observed.tally.violations.items()
        if severity is ViolationSeverity.CRITICAL and is_confirmed is confirmed
    )


def row_verdict(pack: Pack, observed: TestObservations) -> Verdict:
    """Verdict of one test on its own.

    It passes if it reaches the per-test minimum, is missing no observation and has no critical violation that the
    pack forbids.
    """
    verdict = floor_verdict(pack, observed.counts)
    if pack.criteria.zero_critical_policy_violations and critical_violations(observed, confirmed=True):
        return Verdict.FAIL
    return Verdict.INCONCLUSIVE if verdict is Verdict.PASS and observed.counts.missing else verdict


def floor_verdict(pack: Pack, counts: Counts) -> Verdict:
    """Whether one test reaches the per-test minimum; with few runs, it does unless they show that it does not."""
    if not counts.seen:
        return Verdict.INCONCLUSIVE
    floor, confidence = pack.criteria.per_test_minimum, pack.criteria.usual_confidence
    return decided(
        passes=reaches_floor(counts.passed, counts.expected, floor, confidence=confidence),
        fails=not reaches_floor(counts.expected - counts.failed, counts.expected, floor, confidence=confidence),
    )


def spared_by_few_runs(pack: Pack, counts: Counts) -> bool:
    """Whether a test passes below the per-test minimum because it has too few runs to be judged as observed."""
    below = counts.passed < pack.criteria.per_test_minimum * counts.expected
    return below and floor_verdict(pack, counts) is Verdict.PASS


def _per_test(pack: Pack, tests: Sequence[TestObservations]) -> Criterion:
    floor, seen = pack.criteria.per_test_minimum, [each for each in tests if each.counts.seen]
    verdicts = [floor_verdict(pack, each.counts) for each in tests]
    few = any(each.counts.expected < runs_that_carry(floor) for each in tests)
    return Criterion(
        suite=pack.suite,
        name="perTestMinimum",
        verdict=decided(
            passes=bool(tests) and all(each is Verdict.PASS for each in verdicts), fails=Verdict.FAIL in verdicts
        ),
        passed=verdicts.count(Verdict.PASS),
        total=len(tests),
        observed=min(map(_observed_rate, seen), default=None),
        threshold=float(floor),
        confidence=pack.criteria.usual_confidence if few else None,
        lower=None,
        upper=None,
        rule=CriterionRule.AS_OBSERVED,
        method="as observed, per test" + ("; a test with few runs by its upper bound" if few else ""),
        claim=_worst_test(pack, seen, unseen=len(tests) - len(seen)) if tests else ALL_WAIVED,
        settle=REMOVE_WAIVER if not tests else RERUN if Verdict.INCONCLUSIVE in verdicts else "",
    )


def _observed_rate(observed: TestObservations) -> float:
    return observed.counts.passed / observed.counts.seen


def _worst_test(pack: Pack, tests: Sequence[TestObservations], *, unseen: int) -> str:
    did_not_run = f"{pluralize(unseen, 'test')} did not run." if unseen else ""
    if not tests:
        return did_not_run
    rates = [_observed_rate(each) for each in tests]
    worst = min(rates)
    ties, first = rates.count(worst), tests[rates.index(worst)]
    counts, floor = first.counts, pack.criteria.per_test_minimum
    which = "The worst test is" if ties == 1 else f"{ties} tests tie for worst, including"
    ran = f" that ran passed, {counts.missing} missing" if counts.missing else " passed"
    few = ": too few runs to judge it" if spared_by_few_runs(pack, counts) else ""
    claim = f"{which} {first.test.name}: {counts.passed} of {counts.seen}{ran} ({percent(worst, beside=floor)}){few}."
    return f"{claim} {did_not_run}".rstrip()


def _zero_critical(pack: Pack, tests: Sequence[TestObservations]) -> Criterion:
    confirmed = sum(critical_violations(each, confirmed=True) for each in tests)
    unconfirmed = sum(critical_violations(each, confirmed=False) for each in tests)
    counts, confidence = pooled_counts(tests), pack.criteria.usual_confidence
    unjudged = any(_may_be_critical(each.test) and each.counts.seen == each.counts.errors for each in tests)
    # whether what ended in error was a violation is unknown
    known = counts.passed + counts.failed
    always_valid = pack.runs == "until-settled"
    bound = bound_of_none(known, confidence=confidence, always_valid=always_valid)
    claim = f"{pluralize(confirmed, 'critical policy violation')} in {pluralize(known, 'observation')}"
    claim += f" and {counts.errors:,} in error" if counts.errors else ""
    claim += f", plus {unconfirmed} unconfirmed." if unconfirmed else "."
    if not confirmed and not unconfirmed and known:
        claim = f"{claim[:-1]}: fewer than {percent_up(bound)} have one, at {percent(confidence)} confidence."
    return Criterion(
        suite=pack.suite,
        name="zeroCriticalPolicyViolations",
        verdict=decided(passes=not unconfirmed and known > 0 and not unjudged, fails=confirmed > 0),
        passed=max(0, known - confirmed - unconfirmed),
        total=known,
        observed=float(confirmed),
        threshold=0.0,
        confidence=confidence,
        lower=None,
        upper=rounded_up(bound) if not confirmed and not unconfirmed else None,
        rule=CriterionRule.AS_OBSERVED,
        method=ALWAYS_VALID_COUNT if always_valid else "count; bound 1 - alpha^(1/n)",
        claim=claim,
        settle=_settle_violations(confirmed, unconfirmed, unjudged=unjudged),
    )


def _may_be_critical(test: PackTest) -> bool:
    """Whether a failure of the test, or a breach of its policies, is a critical violation."""
    has_violations = test.kind is TestKind.ACTION_SAFETY or bool(test.policies)
    return has_violations and test.severity is ViolationSeverity.CRITICAL


def _settle_violations(confirmed: int, unconfirmed: int, *, unjudged: bool) -> str:
    if confirmed:
        return ""
    if unconfirmed:
        return "Confirm or dismiss the unconfirmed violations."
    return RERUN if unjudged else ""


def _error_rate(pack: Pack, counts: Counts, rejected: int, limit: float) -> Criterion:
    unusable, total = counts.errors + counts.missing + rejected, counts.expected + rejected
    rate = unusable / total if total else 1.0
    holds = total > 0 and rate <= limit
    return Criterion(
        suite=pack.suite,
        name="maxErrorRate",
        verdict=decided(passes=holds, fails=False),
        passed=total - unusable,
        total=total,
        observed=round(rate, 6),
        threshold=float(limit),
        confidence=None,
        lower=None,
        upper=None,
        rule=CriterionRule.AS_OBSERVED,
        method="(errors + missing + rejected) / (expected + rejected)",
        claim=f"{unusable:,} of {pluralize(total, 'observation')} could not be used ({percent(rate, beside=limit)}).",
        settle="" if holds else "Find out why observations are in error, missing or rejected, then rerun them.",
    )


def _latency(pack: Pack, tests: Sequence[TestObservations], limit: float) -> Criterion:
    merged = TestTally(test=tests[0].test, latency_limit=limit)
    for each in tests:
        merged.latencies.update(each.tally.latencies)
        merged.slow += each.tally.slow
    counts, measured = pooled_counts(tests), merged.latencies.total()
    expected, p95 = max(counts.expected, measured), merged.p95()
    unmeasured = expected - measured
    verdict = decided(
        passes=measured > 0 and merged.slow + unmeasured <= _slow_allowed(expected),
        fails=merged.slow > _slow_allowed(expected),
    )
    low, high = quantile_ranks(measured, 0.95) if measured else (0, 0)
    claim = (
        f"At least 95 % of {pluralize(measured, 'observation')} took at most {limit:g} ms; the p95 is about {p95} ms."
    )
    if merged.slow > _slow_allowed(measured):
        claim = f"{merged.slow:,} of {pluralize(measured, 'observation')} took over {limit:g} ms; p95 about {p95} ms."
    return Criterion(
        suite=pack.suite,
        name="maxLatencyP95",
        verdict=verdict,
        passed=measured - merged.slow,
        total=measured,
        observed=p95,
        threshold=float(limit),
        confidence=0.95 if measured else None,
        lower=merged.ranked(low),
        upper=merged.ranked(high),
        rule=CriterionRule.AS_OBSERVED,
        method="exact count above the limit; p95 from a log histogram, bounds from binomial ranks",
        claim=claim if measured else "No latency was measured.",
        settle=""
        if verdict is not Verdict.INCONCLUSIVE
        else f"Record the latency of {pluralize(unmeasured, 'more observation')}.",
    )


def _slow_allowed(measured: int) -> int:
    return measured - ceil(round(0.95 * measured, 9))
