"""The checks in a runner's results, and the outcome that follows from those that count."""

from collections.abc import Iterable, Mapping

from wavegate.evidence.observation import MAX_CHECKS, MAX_NAME, Outcome
from wavegate.release.check_kinds import counts
from wavegate.release.pack import PackTest
from wavegate.text import clip

FURTHER = "(further checks)"
"""The kind of what exceeds the limit of kinds in one observation."""

_KINDS = {
    "topic_sequence_match": "topic",
    "topic_assertion": "topic",
    "action_sequence_match": "actions",
    "actions_assertion": "actions",
    "agent_handoff_match": "handoff",
    "bot_response_rating": "outcome",
    "output_validation": "outcome",
    "response_match": "outcome",
    "output_latency_milliseconds": "latency",
}
"""By old and new name of an evaluation; every other kind is the name with `-` for `_`."""
_WORST_FIRST = (Outcome.FAIL, Outcome.ERROR, Outcome.PASS)


def kind_of(name: str) -> str:
    """The kind of a check of Testing Center or Agentforce Studio, by its name in the results."""
    folded = name.strip().lower()
    return _KINDS.get(folded, folded.replace("_", "-"))


def by_kind(checks: Iterable[tuple[str, Outcome]]) -> dict[str, Outcome]:
    """The worst outcome of each kind, within the limits of an observation."""
    worst: dict[str, Outcome] = {}
    for name, outcome in checks:
        kind = clip(name, MAX_NAME) or "unnamed"
        if kind not in worst and len(worst) >= MAX_CHECKS - 1:
            kind = FURTHER
        worst[kind] = min(outcome, worst.get(kind, outcome), key=_WORST_FIRST.index)
    return worst


def outcome_of(checks: Mapping[str, Outcome], test: PackTest) -> Outcome:
    """The outcome by the checks that count: the worst of them; error if none counts."""
    counted = [outcome for kind, outcome in checks.items() if counts(test, kind)]
    return min(counted, key=_WORST_FIRST.index, default=Outcome.ERROR)


def confirmed(outcome: Outcome, checks: Mapping[str, Outcome], test: PackTest) -> Outcome:
    """The outcome that an observation states, unless it is a pass that its checks do not bear out.

    Without checks it stands, except where the test names the checks that count.
    """
    if outcome is not Outcome.PASS or not (checks or test.checks is not None):
        return outcome
    return outcome_of(checks, test)


def none_counts(checks: Mapping[str, Outcome], test: PackTest) -> bool:
    """Whether the test's outcome cannot be known, because none of the checks counts for it."""
    judged = bool(checks) or test.checks is not None
    return judged and not any(counts(test, kind) for kind in checks)
