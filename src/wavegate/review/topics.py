"""Topics whose conversations are handed over to a person more often than in the period before."""

from collections.abc import Iterable, Sequence

from wavegate.conversations.values import Conversation
from wavegate.review.period import ReviewPeriod
from wavegate.review.values import TopicChange
from wavegate.statistics.comparison import fails_more_p, holm

_ALPHA = 0.05
_Counts = dict[str, tuple[int, int]]


def rising_topics(conversations: Sequence[Conversation], period: ReviewPeriod) -> tuple[tuple[TopicChange, ...], str]:
    """The topics of the period that are escalated more than chance explains, worst first, and what is not known.

    Many topics are compared at once, so each has to be the clearer (Holm). A conversation with several topics counts
    for each of them. What is not known is a sentence, or ''.
    """
    known = [each for each in conversations if each.started and each.escalated is not None]
    now = _counts(each for each in known if each.started and period.since <= each.started < period.until)
    before = _counts(each for each in known if each.started and period.before <= each.started < period.since)
    shared = sorted(now.keys() & before.keys())
    if not shared:
        return (), "Whether a topic is handed over more often is unknown: no topic has conversations of both periods."
    changes = [
        TopicChange(
            topic=topic, now=now[topic], before=before[topic], p_value=fails_more_p(*now[topic], *before[topic])
        )
        for topic in shared
    ]
    rejected = holm(tuple(each.p_value for each in changes), alpha=_ALPHA)
    found = (each for each, is_more in zip(changes, rejected, strict=True) if is_more)
    return tuple(sorted(found, key=lambda each: (each.p_value, each.topic))), ""


def _counts(conversations: Iterable[Conversation]) -> _Counts:
    """Conversations that were handed over, and all, by topic."""
    found: _Counts = {}
    for each in conversations:
        for topic in {turn.topic for turn in each.turns if turn.topic}:
            escalated, total = found.get(topic, (0, 0))
            found[topic] = escalated + bool(each.escalated), total + 1
    return found
