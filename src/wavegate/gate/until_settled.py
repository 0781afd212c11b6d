"""The rate of a pack that runs until it is settled, by an always-valid test: it may be looked at again and again."""

from math import ceil

from wavegate.gate.counts import Counts
from wavegate.gate.decision import Verdict
from wavegate.release.pack import Pack
from wavegate.statistics.always_valid import always_valid_bounds, observations_that_pass, settled
from wavegate.statistics.rates import Interval
from wavegate.statistics.settling import max_runs
from wavegate.text import percent, pluralize

ADD_RUNS = (
    "More runs may be added at any time: run the pack again with these observations as `--earlier`, and pass both to "
    "the gate."
)
METHOD = "always valid at any look (beta mixture)"


def settled_verdict(pack: Pack, counts: Counts) -> Verdict:
    """The verdict on the rate so far; what ended in error or did not run counts against a pass and against a fail."""
    threshold, confidence = pack.criteria.minimum_success_rate, pack.criteria.usual_confidence
    unknown = counts.errors + counts.missing
    proof = settled(counts.passed, counts.failed, threshold, confidence=confidence, unknown=unknown)
    return Verdict(proof) if proof else Verdict.INCONCLUSIVE


def settled_bounds(pack: Pack, counts: Counts) -> Interval:
    """Bounds of the rate at any look; the lower one takes unknown outcomes as failed, the upper one as passed."""
    confidence = pack.criteria.usual_confidence
    return Interval(
        lower=always_valid_bounds(counts.passed, counts.expected, confidence=confidence).lower,
        upper=always_valid_bounds(counts.expected - counts.failed, counts.expected, confidence=confidence).upper,
    )


def what_settles(pack: Pack, counts: Counts, cases: int) -> str:
    """What would settle an undecided pack. cases: number of cases that are judged."""
    threshold, confidence = pack.criteria.minimum_success_rate, pack.criteria.usual_confidence
    needed = observations_that_pass(counts.expected - counts.passed, threshold, confidence) - counts.expected
    text = (
        f"{pluralize(needed, 'more observation')} without a failure would show ≥ {percent(threshold)} "
        f"at {percent(confidence)} confidence."
    )
    if unknown := counts.errors + counts.missing:
        text = f"Find out why {pluralize(unknown, 'observation')} came to no result. {text}"
    runs, most = ceil(counts.expected / max(cases, 1)), max_runs(pack)
    if runs >= most:
        made = f"All {pluralize(most, 'run')} that the pack's budget allows were made"
        return f"{text} {made}: raise the budget{' or fix the agent' if counts.failed else ''}."
    return f"{text} {ADD_RUNS}"
