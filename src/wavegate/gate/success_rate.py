"""Judge the pass rate of a pack: as observed, at a confidence level, by declared stages, or until it is settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from wavegate.gate.counts import Counts, pooled
from wavegate.gate.decision import Criterion, CriterionRule, Verdict
from wavegate.gate.rate_claim import in_units_of_tests, lower_by_test, rate_claim
from wavegate.gate.until_settled import ADD_RUNS, METHOD, settled_bounds, settled_verdict, what_settles
from wavegate.release.pack import Criteria, Pack, Stage
from wavegate.statistics.per_test import mean_reaches
from wavegate.statistics.rates import lower_bound, rounded_down, rounded_up, runs_needed, stages_pass, upper_bound
from wavegate.text import percent, percent_up, pluralize

ALL_WAIVED = "No test is judged: all tests are waived."
REMOVE_WAIVER = "Remove at least one waiver so that a test is judged."
RERUN = "Rerun the runs that are missing or ended in error."
EVEN_RUNS = "Give every test as many observations as the others by its own `runs`, and rerun the pack."


@dataclass(frozen=True, kw_only=True, slots=True)
class _Judgement:
    """supports: what the observations support, as the end of a sentence. lower, upper: confidence bounds."""

    verdict: Verdict
    method: str
    supports: str
    settle: str
    lower: float | None
    upper: float | None


def decided(*, passes: bool, fails: bool) -> Verdict:
    """fail if the criterion certainly fails, else pass if it certainly passes, else inconclusive."""
    if fails:
        return Verdict.FAIL
    return Verdict.PASS if passes else Verdict.INCONCLUSIVE


def rate_rule(pack: Pack) -> CriterionRule:
    """The rule by which a pack judges minimumSuccessRate."""
    if isinstance(pack.runs, tuple):
        return CriterionRule.STAGES
    if pack.runs == "until-settled":
        return CriterionRule.ALWAYS_VALID
    return CriterionRule.AS_OBSERVED if pack.criteria.confidence is None else CriterionRule.CONFIDENCE


def rate_verdict(pack: Pack, tests: Sequence[Counts]) -> Verdict:
    """The verdict by the pack's rule on the observations; an error does not count as passed.

    tests: counts of each test that is not waived. Where some tests have more observations than others, the mean of
    the tests must reach the threshold as well: an easy test that runs often must not hide a hard one.
    """
    # a decision to be checked may name tests without a run
    tests = [each for each in tests if each.expected]
    counts = pooled(tests)
    if not counts.seen:
        return Verdict.INCONCLUSIVE
    judged = _pooled_verdict(pack, counts)
    threshold = pack.criteria.minimum_success_rate
    if judged is Verdict.PASS and not mean_reaches([(each.passed, each.expected) for each in tests], threshold):
        best = [(each.expected - each.failed, each.expected) for each in tests]
        return decided(passes=False, fails=_is_as_observed(pack) and not mean_reaches(best, threshold))
    return judged


def _is_as_observed(pack: Pack) -> bool:
    return rate_rule(pack) is CriterionRule.AS_OBSERVED


def _pooled_verdict(pack: Pack, counts: Counts) -> Verdict:
    if isinstance(pack.runs, tuple):
        return _at_stages(pack, pack.runs, counts)
    if pack.runs == "until-settled":
        return settled_verdict(pack, counts)
    if pack.criteria.confidence is None:
        return _as_observed(counts, pack.criteria.minimum_success_rate)
    return _at_confidence(pack, counts)


def rate_criterion(pack: Pack, tests: Sequence[Counts], *, cases: int, waived: int) -> Criterion:
    """minimumSuccessRate over the observations; an error does not count as passed.

    tests: counts of each test that is not waived. cases: of these tests. waived: number of the other tests.
    """
    counts, verdict = pooled(tests), rate_verdict(pack, tests)
    judged = _judgement(pack, counts, cases)
    rate = counts.passed / counts.seen if counts.seen else None
    threshold = pack.criteria.minimum_success_rate
    claim = "Nothing was observed." if counts.expected else ALL_WAIVED
    by_test = lower_by_test(tests, confidence=pack.criteria.usual_confidence)
    if counts.seen:
        claim = rate_claim(tests, judged.supports, threshold=threshold, waived=waived)
        claim += in_units_of_tests(tests, by_test, threshold=threshold, confidence=pack.criteria.usual_confidence)
    return Criterion(
        suite=pack.suite,
        name="minimumSuccessRate",
        verdict=verdict,
        passed=counts.passed,
        total=counts.seen,
        observed=rate and round(rate, 6),
        threshold=float(threshold),
        confidence=pack.criteria.confidence,
        lower=judged.lower and rounded_down(judged.lower),
        upper=judged.upper and rounded_up(judged.upper),
        lower_by_test=by_test and rounded_down(by_test),
        rule=rate_rule(pack),
        method=judged.method,
        claim=claim,
        settle=_settle(pack, judged, verdict, counts) if counts.expected else REMOVE_WAIVER,
    )


def _settle(pack: Pack, judged: _Judgement, verdict: Verdict, counts: Counts) -> str:
    if verdict is judged.verdict:
        return judged.settle
    # only the mean of the tests is left to decide
    if verdict is Verdict.FAIL:
        return ""
    if pack.runs == "until-settled":
        return ADD_RUNS
    return RERUN if counts.passed + counts.failed < counts.expected else EVEN_RUNS


def _judgement(pack: Pack, counts: Counts, cases: int) -> _Judgement:
    if isinstance(pack.runs, tuple):
        return _by_stages(pack, pack.runs, counts)
    return (_until_settled if pack.runs == "until-settled" else _at_once)(pack, counts, cases)


def _until_settled(pack: Pack, counts: Counts, cases: int) -> _Judgement:
    verdict, bounds = settled_verdict(pack, counts), settled_bounds(pack, counts)
    supported = percent(bounds.lower, beside=pack.criteria.minimum_success_rate, down=True)
    return _Judgement(
        verdict=verdict,
        method=METHOD,
        supports=f"supports, at any look, ≥ {supported} at {percent(pack.criteria.usual_confidence)} confidence",
        settle=what_settles(pack, counts, cases) if verdict is Verdict.INCONCLUSIVE else "",
        lower=bounds.lower,
        upper=bounds.upper,
    )


def _at_once(pack: Pack, counts: Counts, cases: int) -> _Judgement:
    threshold, confidence = pack.criteria.minimum_success_rate, pack.criteria.usual_confidence
    lower = lower_bound(counts.passed, counts.seen, confidence=confidence)
    verdict = _pooled_verdict(pack, counts) if counts.seen else Verdict.INCONCLUSIVE
    settle = "" if lower >= threshold or verdict is Verdict.FAIL else _more_runs(threshold, confidence, counts, cases)
    if counts.passed + counts.failed < counts.expected and verdict is not Verdict.FAIL:
        settle = _again(pack, counts, cases, verdict)
    return _Judgement(
        verdict=verdict,
        method="as observed" if pack.criteria.confidence is None else "Clopper-Pearson, one-sided",
        supports=f"supports ≥ {percent(lower, beside=threshold, down=True)} at {percent(confidence)} confidence",
        settle=settle,
        lower=lower,
        # what ended in error or did not run may have passed
        upper=upper_bound(counts.expected - counts.failed, counts.expected, confidence=confidence),
    )


def _again(pack: Pack, counts: Counts, cases: int, verdict: Verdict) -> str:
    """What to do while some outcomes are unknown: get these first; more runs only if they cannot be enough."""
    threshold, confidence = pack.criteria.minimum_success_rate, pack.criteria.usual_confidence
    best = lower_bound(counts.expected - counts.failed, counts.expected, confidence=confidence)
    decides_as_observed = pack.criteria.confidence is None and verdict is Verdict.INCONCLUSIVE
    if best >= threshold or decides_as_observed:
        return RERUN
    return f"{RERUN} {_more_runs(threshold, confidence, counts, cases)}"


def _as_observed(counts: Counts, threshold: float) -> Verdict:
    return decided(
        passes=counts.passed / counts.expected >= threshold,
        fails=(counts.expected - counts.failed) / counts.expected < threshold,
    )


def _at_confidence(pack: Pack, counts: Counts) -> Verdict:
    threshold, confidence = pack.criteria.minimum_success_rate, pack.criteria.usual_confidence
    return decided(
        passes=lower_bound(counts.passed, counts.expected, confidence=confidence) >= threshold,
        fails=_disproved(counts, threshold, confidence),
    )


def _disproved(counts: Counts, threshold: float, confidence: float) -> bool:
    return upper_bound(counts.expected - counts.failed, counts.expected, confidence=confidence) < threshold


def _more_runs(threshold: float, confidence: float, counts: Counts, cases: int) -> str:
    if threshold >= 1:
        return "No number of runs can prove a rate of 100 %."
    needed = runs_needed(threshold, confidence=confidence, failures=counts.failed)
    without = "another failure" if counts.failed else "a failure"
    return (
        f"{pluralize(needed - counts.expected, 'more observation')} without {without} would support "
        f"≥ {percent(threshold)} at {percent(confidence)} confidence: "
        f"declare `runs: {ceil(needed / max(cases, 1))}` before running again."
    )


def _by_stages(pack: Pack, stages: tuple[Stage, ...], counts: Counts) -> _Judgement:
    threshold, look = pack.criteria.minimum_success_rate, _look(stages, counts)
    verdict = _pooled_verdict(pack, counts) if counts.seen else Verdict.INCONCLUSIVE
    false_pass, confidence = _false_pass(stages, threshold), percent(pack.criteria.usual_confidence)
    look_of = f"declared stages, look {look} of {len(stages)}"
    supported = f"supports ≥ {percent(threshold)} at {percent(1 - false_pass, down=True)} confidence"
    return _Judgement(
        verdict=verdict,
        method=f"{look_of}; false pass {percent_up(false_pass)} at the threshold; "
        f"a failure is judged at every look, at {confidence} confidence",
        supports=supported if verdict is Verdict.PASS else f"does not support ≥ {percent(threshold)}",
        settle=_next_look(pack, stages, counts) if verdict is Verdict.INCONCLUSIVE else "",
        lower=threshold if verdict is Verdict.PASS else None,
        upper=None,
    )


def _at_stages(pack: Pack, stages: tuple[Stage, ...], counts: Counts) -> Verdict:
    threshold, look = pack.criteria.minimum_success_rate, _look(stages, counts)
    within = look > 0 and counts.expected - counts.passed <= stages[look - 1].max_failures
    within = within and counts.passed / counts.expected >= threshold
    return decided(
        passes=within and _strict_enough(pack.criteria, stages),
        fails=_disproved(counts, threshold, pack.criteria.usual_confidence),
    )


def _look(stages: Sequence[Stage], counts: Counts) -> int:
    """The number of the last stage that the observations reach, from 1; 0 before the first."""
    return sum(stage.n <= counts.expected for stage in stages)


@lru_cache(maxsize=64)
def _false_pass(stages: tuple[Stage, ...], threshold: float) -> float:
    """The probability (0..1) that an agent exactly at the threshold passes."""
    return stages_pass([(stage.n, stage.max_failures) for stage in stages], threshold)


def _strict_enough(criteria: Criteria, stages: tuple[Stage, ...]) -> bool:
    return (
        criteria.confidence is None or _false_pass(stages, criteria.minimum_success_rate) <= 1 - criteria.confidence
    )


def _next_look(pack: Pack, stages: tuple[Stage, ...], counts: Counts) -> str:
    look = _look(stages, counts)
    if not _strict_enough(pack.criteria, stages):
        confidence = percent(pack.criteria.usual_confidence)
        return f"The declared stages pass too many bad agents for {confidence} confidence. Declare stricter stages."
    lost = counts.failed > stages[-1].max_failures
    if not lost and counts.passed + counts.failed < counts.expected:
        return RERUN
    if lost or look == len(stages):
        return "The declared stages can no longer pass. Fix the agent and rerun the pack."
    following = stages[look]
    return (
        f"The next declared look is at {pluralize(following.n, 'observation')} with at most "
        f"{pluralize(following.max_failures, 'failure')}. "
        f"It needs {pluralize(following.n - counts.seen, 'more observation')}."
    )
