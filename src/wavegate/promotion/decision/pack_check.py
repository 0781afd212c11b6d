"""Whether a decision judged a pack as the pack requires: all its tests and runs, by its criteria and rules."""

from collections.abc import Iterator, Sequence

from wavegate.gate.decision import Criterion, CriterionRule, Decision, TestRow
from wavegate.gate.success_rate import rate_rule, rate_verdict
from wavegate.promotion.decision.consistency import counts_of, has_sane_numbers
from wavegate.release.pack import USUAL_CONFIDENCE, Pack
from wavegate.statistics.attempts import at_attempt

_RATE = "minimumSuccessRate"


def deviations(decision: Decision, packs: Sequence[Pack]) -> Iterator[str]:
    """How a decision deviates from the packs that it names by digest, one sentence per deviation."""
    named = {each.digest.get("sha256") for each in decision.packs}
    for pack in (at_attempt(each, max(1, decision.attempt)) for each in packs):
        if pack.digest in named:
            rows = [row for row in decision.tests if row.suite == pack.suite]
            yield from _tests(decision, pack, rows)
            yield from _criteria(decision, pack)
            yield from _margins(decision, pack)
            if has_sane_numbers(decision):
                yield from _runs(pack, rows)
                yield from _rate(decision, pack, rows)


def _tests(decision: Decision, pack: Pack, rows: Sequence[TestRow]) -> Iterator[str]:
    if sorted(row.test for row in rows) != sorted(test.name for test in pack.tests):
        yield f"its tests differ from those of pack {pack.suite}."
    waivers = pack.valid_waivers(decision.time.date())
    if any(row.waived and row.test not in waivers for row in rows):
        yield f"it waives a test that pack {pack.suite} does not waive."


def _criteria(decision: Decision, pack: Pack) -> Iterator[str]:
    judged = {each.name: each for each in decision.criteria if each.suite == pack.suite}
    for name, threshold, rule in _required(pack):
        if name not in judged:
            yield f"it does not judge {name}, which pack {pack.suite} requires."
        elif not _judged_as_required(judged[name], pack, threshold, rule):
            yield f"it judges {name} with a different threshold, confidence or rule than pack {pack.suite} requires."


def _margins(decision: Decision, pack: Pack) -> Iterator[str]:
    margin = pack.criteria.regression_margin_per_test
    if any(row.suite == pack.suite and row.margin != margin for row in decision.comparisons):
        yield f"it compares a test with a different margin than pack {pack.suite} allows."


def _judged_as_required(criterion: Criterion, pack: Pack, threshold: float | None, rule: CriterionRule) -> bool:
    confident = criterion.confidence in _confidences(criterion.name, pack)
    return confident and criterion.rule is rule and threshold in (None, criterion.threshold)


def _confidences(name: str, pack: Pack) -> tuple[float | None, ...]:
    """The confidences at which a criterion may be judged."""
    return {
        _RATE: (pack.criteria.confidence,),
        # as observed where every test has enough runs
        "perTestMinimum": (None, pack.criteria.usual_confidence),
        "zeroCriticalPolicyViolations": (pack.criteria.usual_confidence,),
        "noRegressionAgainst": (pack.criteria.usual_confidence,),
    }.get(name, (None, USUAL_CONFIDENCE))


def _required(pack: Pack) -> Iterator[tuple[str, float | None, CriterionRule]]:
    """Name, threshold (None: the pack does not set it) and rule of every required criterion."""
    criteria, as_observed = pack.criteria, CriterionRule.AS_OBSERVED
    yield _RATE, float(criteria.minimum_success_rate), rate_rule(pack)
    yield "perTestMinimum", float(criteria.per_test_minimum), as_observed
    if criteria.zero_critical_policy_violations:
        yield "zeroCriticalPolicyViolations", 0.0, as_observed
    if criteria.max_error_rate is not None:
        yield "maxErrorRate", float(criteria.max_error_rate), as_observed
    if criteria.max_latency_p95 is not None:
        yield "maxLatencyP95", float(criteria.max_latency_p95), as_observed
    if criteria.require_version:
        yield "requireVersion", 1.0, as_observed
    if criteria.no_regression_against:
        yield "noRegressionAgainst", float(criteria.regression_margin), CriterionRule.CONFIDENCE


def _runs(pack: Pack, rows: Sequence[TestRow]) -> Iterator[str]:
    """Tests with fewer expected observations than the pack has runs of their declared cases, or of one case.

    With stages and `auto`, the number of runs depends on the cases; the recomputed pass rate covers those.
    """
    minimum = {test.name: test.runs or (pack.runs if isinstance(pack.runs, int) else 1) for test in pack.tests}
    for row in rows:
        runs, cases = minimum.get(row.test, 0), row.cases if row.cases_from else 1
        if row.expected < runs * cases:
            each = f" of {cases:,} cases" if cases > 1 else ""
            yield f"it expects {row.expected} of the {runs} runs{each} that pack {pack.suite} has for {row.test}."


def _rate(decision: Decision, pack: Pack, rows: Sequence[TestRow]) -> Iterator[str]:
    rated = [counts_of(row) for row in rows if not row.waived]
    verdict = rate_verdict(pack, rated)
    for criterion in decision.criteria:
        if (criterion.suite, criterion.name) == (pack.suite, _RATE) and criterion.verdict is not verdict:
            yield f"by the runs and criteria of pack {pack.suite}, {_RATE} is {verdict}, not {criterion.verdict}."
