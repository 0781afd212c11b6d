"""Whether a decision judged a pack as the pack requires: all its tests, by its criteria and thresholds."""

from collections.abc import Iterator, Sequence

from wavegate.gate.decision import Decision
from wavegate.release.pack import Criteria, Pack


def deviations(decision: Decision, packs: Sequence[Pack]) -> Iterator[str]:
    """How a decision deviates from the packs that it names by digest, one sentence per deviation."""
    named = {each.digest.get("sha256") for each in decision.packs}
    for pack in packs:
        if pack.digest in named:
            yield from _deviations(decision, pack)


def _deviations(decision: Decision, pack: Pack) -> Iterator[str]:
    rows = [row for row in decision.tests if row.suite == pack.suite]
    if sorted(row.test for row in rows) != sorted(test.name for test in pack.tests):
        yield f"its tests differ from those of pack {pack.suite}."
    waivers = {each.test for each in pack.waivers if each.expires >= decision.time.date()}
    if any(row.waived and row.test not in waivers for row in rows):
        yield f"it waives a test that pack {pack.suite} does not waive."
    judged = {
        each.name: (each.threshold, each.confidence if each.name == "minimumSuccessRate" else None)
        for each in decision.criteria
        if each.suite == pack.suite
    }
    for name, (threshold, confidence) in _required(pack.criteria):
        if name not in judged:
            yield f"it does not judge {name}, which pack {pack.suite} requires."
        elif judged[name] != (threshold if threshold is not None else judged[name][0], confidence):
            yield f"it judges {name} with a different threshold or confidence than pack {pack.suite} requires."


def _required(criteria: Criteria) -> Iterator[tuple[str, tuple[float | None, float | None]]]:
    """Name, threshold and confidence of every required criterion. None: the pack does not set it."""
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
