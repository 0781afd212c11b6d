"""A conversation of the sample as a folded block of Markdown, in which nothing is active."""

from collections.abc import Iterator

from wavegate.conversations.values import Conversation, ConversationTurn
from wavegate.review.values import Sampled, Stratum
from wavegate.text import JOINER, code, fenced, pluralize

_TURNS = 30
"""Turns that are shown; of a longer conversation, the first and the last ones."""
_LINES = 12
"""Lines that are shown of one turn."""
_LINE = 300
"""Characters that are shown of one line."""


def transcript_block(sampled: Sampled, number: int, stratum: Stratum) -> str:
    """One conversation, folded. It is without personal data already."""
    conversation = sampled.conversation
    place = f"{conversation.place.file}, line {conversation.place.line}"
    agent = f"{conversation.agent} {conversation.version}".strip()
    facts = [code(each, 200) for each in (agent, sampled.why, place) if each]
    title = f"{stratum.title} {number}: {pluralize(len(conversation.turns), 'turn')}, {', '.join(facts)}"
    # a comment in the text would look like a marker of ours
    text = fenced(_shown(conversation), limit=_LINE).replace("<!--", f"<!{JOINER}--")
    return "\n".join(["<details>", f"<summary>{title}</summary>", "", text, "", "</details>"])


def _shown(conversation: Conversation) -> Iterator[str]:
    turns = conversation.turns
    half = _TURNS // 2
    for at, turn in enumerate(turns):
        if half <= at < len(turns) - half:
            if at == half:
                yield f"… {pluralize(len(turns) - 2 * half, 'turn')} left out …"
            continue
        yield from _turn(turn)
    if conversation.ended or conversation.escalated:
        person = ", handed over to a person" if conversation.escalated else ""
        yield f"[ended: {conversation.ended or 'unknown'}{person}]"


def _turn(turn: ConversationTurn) -> Iterator[str]:
    topic = f" ({turn.topic})" if turn.topic else ""
    first, *others = turn.text.splitlines() or [""]
    yield f"{turn.speaker}{topic}: {first}"
    yield from (f"    {line}" for line in others[: _LINES - 1])
    if len(others) >= _LINES:
        yield f"    … {pluralize(len(others) - _LINES + 1, 'line')} left out …"
    for call in turn.actions or ():
        given = ", ".join(f"{name}={value}" for name, value in call.inputs.items())
        yield f"    → {call.name}({given}){f' failed: {call.error}' if call.error else ''}"
