"""Whether a decision judged what a pack asks for: its tests, by its criteria, at its thresholds."""

from collections.abc import Iterator, Sequence

from wavegate.gate.decision import Decision
from wavegate.release.pack import Criteria, Pack


def departures(decision: Decision, packs: Sequence[Pack]) -> Iterator[str]:
    """In what a decision departs from packs that it names by their digests, a sentence each."""
    named = {each.digest.get("sha256") for each in decision.packs}
    for pack in packs:
        if pack.digest in named:
            yield from _departures(decision, pack)


def _departures(decision: Decision, pack: Pack) -> Iterator[str]:
    rows = [row for row in decision.tests if row.suite == pack.suite]
    if sorted(row.test for row in rows) != sorted(test.name for test in pack.tests):
        yield f"its tests are not those of the pack {pack.suite}."
    waivers = {each.test for each in pack.waivers if each.expires >= decision.time.date()}
    if any(row.waived and row.test not in waivers for row in rows):
        yield f"it waives a test that the pack {pack.suite} does not."
    found = {
        each.name: (each.threshold, each.confidence if each.name == "minimumSuccessRate" else None)
        for each in decision.criteria
        if each.suite == pack.suite
    }
    for name, (threshold, confidence) in _asked(pack.criteria):
        if name not in found:
            yield f"it does not judge {name}, which the pack {pack.suite} asks for."
        elif found[name] != (threshold if threshold is not None else found[name][0], confidence):
            yield f"it judges {name} otherwise than the pack {pack.suite} asks for."


def _asked(criteria: Criteria) -> Iterator[tuple[str, tuple[float | None, float | None]]]:
    """Criterion, its threshold (None: it has none of its own), and the confidence at which the rate is judged."""
    yield "minimumSuccessRate", (float(criteria.minimum_success_rate), criteria.confidence)
    yield "perTestMinimum", (float(criteria.per_test_minimum), None)
    if criteria.zero_critical_policy_violations:
        yield "zeroCriticalPolicyViolations", (0.0, None)
    if criteria.max_error_rate is not None:
        yield "maxErrorRate", (float(criteria.max_error_rate), None)
    if criteria.max_latency_p95 is not None:
        yield "maxLatencyP95", (float(criteria.max_latency_p95), None)
    if criteria.no_regression_against:
        yield "noRegressionAgainst", (None, None)
