"""Whether some continuation leads to a human, or to a topic, wherever the conversation is."""

from collections.abc import Iterable
from typing import NamedTuple

from wavegate.guardrails.properties import Reachable
from wavegate.guardrails.prove.choices import ConversationState
from wavegate.guardrails.prove.explore import Exploration


class ReachResult(NamedTuple):
    """What was found. states: that the property speaks of. trapped: the first of them without a continuation.

    unsure: the first of them whose continuations all pass a condition that is not known.
    """

    states: int
    trapped: ConversationState | None
    unsure: ConversationState | None


_Steps = dict[ConversationState, set[ConversationState]]


def look_for(exploration: Exploration, watched: Reachable) -> ReachResult:
    """Explores everything, then goes back from where the target is reached. Errors: ExhaustedError."""
    back: _Steps = {}
    certainly_back: _Steps = {}
    ends: dict[ConversationState, bool] = {}
    for state, edge in exploration.edges():
        if state is None:
            continue
        if edge.target is None:
            if edge.escalates and not watched.target:
                ends[state] = ends.get(state, False) or edge.certain
        else:
            back.setdefault(edge.target, set()).add(state)
            if edge.certain:
                certainly_back.setdefault(edge.target, set()).add(state)
    if watched.target:
        ends = {state: True for state in exploration.parents if state.topic == watched.target}
    reaching = _closure(ends, back)
    certain = _closure((state for state, sure in ends.items() if sure), certainly_back)
    concerned = [state for state in exploration.parents if not watched.topics or state.topic in watched.topics]
    return ReachResult(
        states=len(concerned),
        trapped=next((state for state in concerned if state not in reaching), None),
        unsure=next((state for state in concerned if state not in certain), None),
    )


def _closure(ends: Iterable[ConversationState], back: _Steps) -> set[ConversationState]:
    found = set(ends)
    pending = list(found)
    while pending:
        for state in back.get(pending.pop(), ()):
            if state not in found:
                found.add(state)
                pending.append(state)
    return found
