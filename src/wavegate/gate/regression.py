"""Whether a release does worse than the previous one on the same tests, cases and runs.

It passes if its loss is shown to stay below the margins that the pack allows, over all tests and in each of them. It
fails where that is not so and the release is shown to be worse. Otherwise the comparison is inconclusive: that
nothing is significantly worse does not show that nothing was lost.

A run is paired with the same run of the same case in the baseline: a case is compared only with itself, and every
statement is about these cases. The runs of a case are no sample of other cases: one that broke for good is one case,
however often it ran. So where there are several, the case that lost most is left out before anything is said to be
worse; it cannot decide for the others.

Sources: McNemar 1947, exact and one-sided; non-inferiority: Piaggio et al. 2012, JAMA 308(24); where every part must
be shown, none needs a correction: Berger 1982, Technometrics 24(4); "worse in some test": Holm 1979.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from wavegate.gate.counts import ERROR, FAILED, PASSED, UNSEEN, TestObservations, TestTally
from wavegate.gate.decision import ComparisonRow, Criterion, CriterionRule, Verdict
from wavegate.gate.success_rate import RERUN, decided
from wavegate.release.pack import Pack
from wavegate.statistics.comparison import holm, loss_bound, pairs_needed, worse_p
from wavegate.statistics.rates import rounded_up
from wavegate.text import percent, percent_up, pluralize

_Pairs = Counter[tuple[int, int]]
"""How often each (baseline outcome, current outcome) occurs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """A pack compared with the baseline. tests: one row for each test that both have."""

    criterion: Criterion
    tests: tuple[ComparisonRow, ...]


def compare(
    pack: Pack, tests: Sequence[TestObservations], baseline: Mapping[str, TestTally] | None
) -> Comparison | None:
    """noRegressionAgainst; None if the pack does not have it.

    tests: those that are not waived. baseline: observations of the previous release by test name; None without one.
    """
    if not pack.criteria.no_regression_against:
        return None
    by_test = {name: cases for name, cases in _by_test(tests, baseline or {}) if cases}
    rows = tuple(_rows(pack, by_test))
    every_case = [pairs for cases in by_test.values() for pairs in cases]
    return Comparison(criterion=_criterion(pack, rows, every_case), tests=rows)


def _by_test(
    tests: Sequence[TestObservations], baseline: Mapping[str, TestTally]
) -> Iterator[tuple[str, list[_Pairs]]]:
    """The pairs of each case, by the test's name."""
    for test in tests:
        before = baseline[test.test.name].cases if test.test.name in baseline else {}
        both = sorted(test.tally.cases.keys() & before.keys())
        pairs = [_pairs(before[case], test.tally.cases[case]) for case in both]
        yield test.test.name, [each for each in pairs if each]


def _pairs(before: bytearray, now: bytearray) -> _Pairs:
    pairs = Counter(zip(before, now, strict=False))
    return Counter({pair: count for pair, count in pairs.items() if UNSEEN not in pair})


def _rows(pack: Pack, by_test: Mapping[str, Sequence[_Pairs]]) -> Iterator[ComparisonRow]:
    confidence, margin = pack.criteria.usual_confidence, pack.criteria.regression_margin_per_test
    p_values = tuple(_p_value(cases) for cases in by_test.values())
    are_worse = holm(p_values, alpha=1 - confidence)
    for (name, cases), p_value, is_worse in zip(by_test.items(), p_values, are_worse, strict=True):
        total = _sum(cases)
        worse, better, pairs = _may_be_worse(total), total[FAILED, PASSED], total.total()
        loss = loss_bound(worse, better, pairs, confidence=confidence)
        yield ComparisonRow(
            suite=pack.suite,
            test=name,
            verdict=_verdict(loss, margin, is_worse=is_worse),
            pairs=pairs,
            before=sum(count for (before, _), count in total.items() if before == PASSED),
            after=sum(count for (_, now), count in total.items() if now == PASSED),
            worse=worse,
            better=better,
            cases=len(cases),
            cases_worse=sum(_net_loss(each) > 0 for each in cases),
            loss=rounded_up(loss),
            margin=margin,
            p_value=round(p_value, 6),
        )


def _verdict(loss: float, margin: float, *, is_worse: bool) -> Verdict:
    if loss < margin:
        return Verdict.PASS
    return Verdict.FAIL if is_worse else Verdict.INCONCLUSIVE


def _criterion(pack: Pack, rows: Sequence[ComparisonRow], every_case: Sequence[_Pairs]) -> Criterion:
    confidence, margin = pack.criteria.usual_confidence, pack.criteria.regression_margin
    pairs, worse, better = (sum(getattr(row, name) for row in rows) for name in ("pairs", "worse", "better"))
    loss = loss_bound(worse, better, pairs, confidence=confidence)
    is_worse = bool(every_case) and _p_value(every_case) <= 1 - confidence
    # without a pair, the loss may be anything
    verdicts = [_verdict(loss, margin, is_worse=is_worse), *(row.verdict for row in rows)]
    verdict = decided(passes=all(each is Verdict.PASS for each in verdicts), fails=Verdict.FAIL in verdicts)
    counts = f"{worse:,} of {pluralize(pairs, 'pair')} got worse and {better:,} got better"
    claim = _claim(rows, counts, loss, margin, confidence) if pairs else "There is no baseline to compare with."
    return Criterion(
        suite=pack.suite,
        name="noRegressionAgainst",
        verdict=verdict,
        passed=pairs - worse,
        total=pairs,
        observed=round((worse - better) / pairs, 6) if pairs else None,
        threshold=margin,
        confidence=confidence,
        lower=None,
        upper=rounded_up(loss),
        rule=CriterionRule.CONFIDENCE,
        method="one-sided non-inferiority, overall and per test; pairs of the same test, case and run",
        claim=claim,
        settle=_settle(pack, rows, every_case) if verdict is Verdict.INCONCLUSIVE else "",
    )


def _claim(rows: Sequence[ComparisonRow], counts: str, loss: float, margin: float, confidence: float) -> str:
    on = "this test" if len(rows) == 1 else f"these {len(rows)} tests"
    shown = f"the loss on {on} is below {percent_up(loss)}"
    if loss < 0:
        shown = f"the gain on {on} is above {percent(-loss, down=True)}"
    return (
        f"Compared with the baseline, {counts}: {shown} at {percent(confidence)} confidence "
        f"({percent(margin)} allowed).{_largest_loss(rows)}"
    )


def _largest_loss(rows: Sequence[ComparisonRow]) -> str:
    row = max(rows, key=lambda each: (each.worse - each.better) / each.pairs)
    if row.worse <= row.better:
        return ""
    cases = f" ({row.cases_worse} of {row.cases} cases worse)" if row.cases > 1 else ""
    return (
        f" The largest loss is in {row.test}: {row.before:,} of {row.pairs:,} passed before, "
        f"{row.after:,} of {row.pairs:,} now{cases}; below {percent_up(row.loss)} ({percent(row.margin)} allowed)."
    )


def _settle(pack: Pack, rows: Sequence[ComparisonRow], every_case: Sequence[_Pairs]) -> str:
    """How many pairs would settle it, if no further one gets worse."""
    if any(ERROR in pair for pairs in every_case for pair in pairs):
        return RERUN
    criteria, confidence = pack.criteria, pack.criteria.usual_confidence
    worse = sum(row.worse for row in rows)
    overall = pairs_needed(criteria.regression_margin, confidence=confidence, worse=worse)
    if not rows:
        of_each = pairs_needed(criteria.regression_margin_per_test, confidence=confidence)
        return f"Provide a baseline with at least {overall} of the same runs in all, and {of_each} of each test."
    runs, takes = ceil(overall / len(every_case)), pluralize(overall, "pair") + " in all"
    open_rows = [row for row in rows if row.verdict is not Verdict.PASS]
    if open_rows:
        most = max(open_rows, key=lambda row: row.worse)
        needed = pairs_needed(most.margin, confidence=confidence, worse=most.worse)
        # a test with fewer cases runs each of them more often
        runs = max(runs, *(ceil(needed / row.cases) for row in open_rows))
        takes += f" and {needed:,} of {most.test}" if len(open_rows) == 1 else f" and up to {needed:,} of one test"
    without = "no further one gets worse" if worse else "none gets worse"
    return f"It takes {takes} if {without}: declare `runs: {runs}`, and compare with a baseline of as many runs."


def _sum(cases: Sequence[_Pairs]) -> _Pairs:
    total: _Pairs = Counter()
    for pairs in cases:
        total.update(pairs)
    return total


def _may_be_worse(pairs: _Pairs) -> int:
    """Pairs that got worse, with every error counted as a pass before and as a failure now."""
    return sum(count for (before, now), count in pairs.items() if before != FAILED and now != PASSED)


def _net_loss(pairs: _Pairs) -> int:
    return pairs[PASSED, FAILED] - pairs[FAILED, PASSED]


def _p_value(cases: Sequence[_Pairs]) -> float:
    """One-sided p-value of "no case got worse", without the case that lost most if there are several."""
    most = max(range(len(cases)), key=lambda index: _net_loss(cases[index]))
    others = [pairs for index, pairs in enumerate(cases) if index != most]
    # to leave a case out must never strengthen what all of them show
    return max(_worse_p(_sum(cases)), _worse_p(_sum(others)) if others else 0.0)


def _worse_p(total: _Pairs) -> float:
    # an error counts as a failure before and as a pass now
    better = total[FAILED, PASSED] + total[FAILED, ERROR] + total[ERROR, PASSED] + total[ERROR, ERROR]
    return worse_p(total[PASSED, FAILED], better)
