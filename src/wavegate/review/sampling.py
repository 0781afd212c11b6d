"""Chooses the conversations of a period that people read: some of each kind, the same ones in every run.

Within a kind, the order is that of a digest of the period and the session, so that neither the order of the files nor
the person who runs the review chooses.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256

from wavegate.conversations.values import Conversation
from wavegate.review.period import ReviewPeriod
from wavegate.review.values import Sampled, Stratum, Transcripts
from wavegate.text import pluralize

SIZES = {"Failures": 10, "Escalations": 5, "Edge cases": 5, "Ordinary": 5}
"""The kinds, and how many conversations of each are chosen. A conversation is of the first kind that it fits."""
_RARE = 0.02
"""Share of the conversations, of a topic that is rare."""
_EXTREME = 0.05
"""Share of the conversations that are the longest, or the slowest."""
_LEAST = 20
"""Conversations, of which some can be rare or extreme."""

Breaches = Mapping[int, str]
"""By position, which policy a conversation breaks, in words."""


def sample(
    conversations: Sequence[Conversation], breaches: Breaches, period: ReviewPeriod, *, seed: str
) -> Transcripts:
    """Choose from the conversations of the period. One without a time counts: nothing says that it is of another."""
    own = [at for at, each in enumerate(conversations) if _is_within(each, period)]
    failures = {at: why for at in own if (why := _failure(conversations[at], breaches.get(at, "")))}
    escalated = {at: "handed over to a person" for at in own if conversations[at].escalated and at not in failures}
    rest = [at for at in own if at not in failures and at not in escalated]
    edges = _edge_cases(conversations, rest)
    ordinary = {at: "none of the other kinds" for at in rest if at not in edges}
    order = {at: _rank(conversations[at], seed) for at in own}
    strata = [
        Stratum(
            title=title,
            total=len(found),
            sampled=tuple(
                Sampled(conversation=conversations[at], why=found[at])
                for at in _chosen(found, order, SIZES[title], spread=title == "Edge cases")
            ),
        )
        for title, found in zip(SIZES, (failures, escalated, edges, ordinary), strict=True)
    ]
    return Transcripts(strata=tuple(strata), notes=tuple(_notes(conversations, own)))


def _is_within(conversation: Conversation, period: ReviewPeriod) -> bool:
    return conversation.started is None or period.since <= conversation.started < period.until


def _rank(conversation: Conversation, seed: str) -> str:
    place = conversation.place
    identity = conversation.id or f"{place.file}:{place.line}"
    return sha256(f"{seed}\0{identity}".encode("utf-8", "replace")).hexdigest()


def _failure(conversation: Conversation, breach: str) -> str:
    """Why a conversation is a failure; '' if nothing says that it is one."""
    actions = (call for turn in conversation.turns for call in turn.actions or ())
    failed = list(dict.fromkeys(call.name for call in actions if call.error))
    reasons = [breach, f"the action {', '.join(failed[:3])} failed" if failed else ""]
    return "; ".join(filter(None, reasons))


def _edge_cases(conversations: Sequence[Conversation], rest: Sequence[int]) -> dict[int, str]:
    """By position, what is unusual about a conversation; the first that fits."""
    topics = {at: _topics(conversations[at]) for at in rest}
    counts = Counter(topic for found in topics.values() for topic in found)
    longest = _extremes({at: float(len(conversations[at].turns)) for at in rest})
    slowest = _extremes({at: found for at in rest if (found := _slowest(conversations[at])) is not None})
    edges: dict[int, str] = {}
    for at in rest:
        rare = [each for each in topics[at] if len(rest) >= _LEAST and counts[each] <= _RARE * len(rest)]
        if at in longest:
            edges[at] = f"among the longest: {pluralize(len(conversations[at].turns), 'turn')}"
        elif at in slowest:
            edges[at] = f"among the slowest: an answer took {slowest[at] / 1000:.3g} s"
        elif rare:
            edges[at] = f"rare topic {rare[0]}: {counts[rare[0]]} of {len(rest):,}"
        elif counts and not topics[at]:
            edges[at] = "unknown topic"
        elif sum(turn.speaker == "user" for turn in conversations[at].turns) <= 1:
            edges[at] = "short: the person wrote once at most"
    return edges


def _topics(conversation: Conversation) -> tuple[str, ...]:
    return tuple(dict.fromkeys(turn.topic for turn in conversation.turns if turn.topic))


def _slowest(conversation: Conversation) -> float | None:
    return max((turn.latency for turn in conversation.turns if turn.latency is not None), default=None)


def _extremes(values: Mapping[int, float]) -> dict[int, float]:
    """The highest values by position, if there are many, and these are higher than most."""
    if len(values) < _LEAST:
        return {}
    ordered = sorted(values.values())
    line, middle = ordered[-max(1, int(_EXTREME * len(ordered)))], ordered[len(ordered) // 2]
    return {at: value for at, value in values.items() if value >= line and value > middle}


def _chosen(found: Mapping[int, str], order: Mapping[int, str], size: int, *, spread: bool) -> Iterable[int]:
    """The first positions in the order. spread: one of each reason before a second of any."""
    ranked = sorted(found, key=lambda at: (order[at], at))
    if spread:
        seen: Counter[str] = Counter()
        turns = {}
        for at in ranked:
            kind = found[at].partition(":")[0]
            turns[at] = seen[kind]
            seen[kind] += 1
        ranked.sort(key=lambda at: turns[at])
    return ranked[:size]


def _notes(conversations: Sequence[Conversation], own: Sequence[int]) -> Iterator[str]:
    chosen = [conversations[at] for at in own]
    if outside := len(conversations) - len(own):
        yield f"{pluralize(outside, 'conversation')} of another time left out."
    if untimed := sum(not each.started for each in chosen):
        yield f"{pluralize(untimed, 'conversation')} without a time: counted, although they may be of another period."
    if chosen and not any(map(_topics, chosen)):
        yield "No topic is recorded."
    if unknown := sum(each.escalated not in (True, False) for each in chosen):
        yield f"Whether a person took over is not recorded for {pluralize(unknown, 'conversation')}."
    if chosen and not any(turn.actions is not None for each in chosen for turn in each.turns):
        yield "No action is recorded, so failed ones are unknown."
