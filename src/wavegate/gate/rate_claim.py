"""What a pack's observations support, in words: on the tests that ran, and with the tests as units."""

from collections.abc import Sequence

from wavegate.gate.counts import Counts, pooled
from wavegate.statistics.per_test import LEAST_TESTS, mean_lower_bound, mean_rate, mean_reaches, shares_differ
from wavegate.text import percent, pluralize


def rate_claim(tests: Sequence[Counts], supports: str, *, threshold: float, waived: int) -> str:
    """How many observations passed, and what that supports on these tests.

    tests: counts of each test that is judged, with at least one observation among them. waived: number of the others.
    """
    counts, ran = pooled(tests), sum(1 for each in tests if each.seen)
    passed = f"{counts.passed:,} of {pluralize(counts.seen, 'observation')} passed"
    missing = f", {counts.missing:,} missing" if counts.missing else ""
    on = "on this test" if ran == 1 else f"on these {ran} tests"
    if waived:
        on = f"on the {pluralize(ran, 'test')} judged, {waived} waived"
    rate = percent(counts.passed / counts.seen, beside=threshold)
    return f"{passed}{missing} ({rate}): {supports} {on}."


def lower_by_test(tests: Sequence[Counts], *, confidence: float) -> float | None:
    """Lower bound for prompts like those of the tests; None where fewer than five ran."""
    seen = [(each.passed, each.seen) for each in tests if each.seen]
    return mean_lower_bound(seen, confidence=confidence) if len(seen) >= LEAST_TESTS else None


def in_units_of_tests(tests: Sequence[Counts], lower: float | None, *, threshold: float, confidence: float) -> str:
    """What holds with the tests as units, as further sentences; '' if there is nothing to add."""
    expected, sentences = [(each.passed, each.expected) for each in tests if each.expected], ""
    if shares_differ([runs for _, runs in expected]):
        mean = percent(float(mean_rate(expected)), beside=threshold)
        sentences += f" The mean of the tests, each counting the same, is {mean}"
        if not mean_reaches(expected, threshold):
            sentences += f", below the {percent(threshold)} that it must reach too"
        sentences += "."
    if lower is not None:
        shown = percent(lower, beside=threshold, down=True)
        sentences += f" For prompts like these: ≥ {shown} at {percent(confidence)} confidence."
    return sentences
