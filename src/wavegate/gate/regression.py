"""Whether a release does worse than the previous one on the same tests, cases and runs."""

from collections import Counter
from collections.abc import Mapping, Sequence

from wavegate.gate.counts import ERROR, FAILED, PASSED, UNSEEN, TestObservations, TestTally
from wavegate.gate.decision import Criterion, CriterionRule
from wavegate.gate.success_rate import decided, usual_confidence
from wavegate.release.pack import Pack
from wavegate.statistics.comparison import least_pairs, mcnemar
from wavegate.text import pluralize


def regression_criterion(
    pack: Pack, tests: Sequence[TestObservations], baseline: Mapping[str, TestTally] | None
) -> Criterion:
    """noRegressionAgainst. baseline: observations of the previous release by test name; None without a baseline."""
    pairs = _pairs(tests, baseline or {})
    total = pairs.total()
    better = pairs[FAILED, PASSED] + pairs[ERROR, PASSED]
    failed = pairs[PASSED, FAILED]
    worse = failed + pairs[PASSED, ERROR]
    confidence = usual_confidence(pack)
    p_value = mcnemar(worse, better)
    least = least_pairs(confidence)
    settled = total >= least
    claim = (
        f"Compared with the baseline, {worse} of {pluralize(total, 'pair')} got worse and {better} got better "
        f"(p = {p_value:.4f})."
    )
    return Criterion(
        suite=pack.suite,
        name="noRegressionAgainst",
        verdict=decided(
            passes=settled and (worse <= better or p_value > 1 - confidence),
            fails=failed > better and mcnemar(failed, better) <= 1 - confidence,
        ),
        passed=total - worse,
        total=total,
        observed=round(p_value, 6),
        threshold=round(1 - confidence, 6),
        confidence=confidence,
        lower=None,
        upper=None,
        rule=CriterionRule.CONFIDENCE,
        method="exact McNemar test on pairs of the same test, case and run",
        claim=claim if pairs else "There is no baseline to compare with.",
        settle="" if settled else f"Provide a baseline with at least {least} of the same tests, cases and runs.",
    )


def _pairs(tests: Sequence[TestObservations], baseline: Mapping[str, TestTally]) -> Counter[tuple[int, int]]:
    """How often each (baseline outcome, current outcome) occurs for the same test, case and run."""
    pairs: Counter[tuple[int, int]] = Counter()
    for each in tests:
        before = baseline[each.test.name].cases if each.test.name in baseline else {}
        for case in each.tally.cases.keys() & before.keys():
            pairs.update(zip(before[case], each.tally.cases[case], strict=False))
    return Counter({pair: count for pair, count in pairs.items() if UNSEEN not in pair})
