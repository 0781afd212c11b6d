"""Removes personal data from failures and from what a person said about them. Nothing else is written anywhere."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from wavegate.capture.recorded import cleaned, is_action_name, is_topic_name
from wavegate.capture.values import ProductionFailure, Stated
from wavegate.components.component import COPY_SUFFIX
from wavegate.conversations.redacted import redacted
from wavegate.conversations.values import Conversation, ConversationTurn
from wavegate.errors import InputError
from wavegate.redaction.written import redact_written

MAX_TEXT = 4_000
"""Characters of what a person or the agent said in one turn; the rest is cut."""
MAX_READ = 100_000
"""Characters of a turn that are redacted at all: what is written is far shorter."""
MAX_HISTORY = 40
"""Turns before the last answer."""
MAX_REASON = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class RedactedFailure:
    """A failure whose conversation has no personal data, and ends with the answer that shows it.

    agent: API name, '' if unknown. shortened: whether texts or turns were cut.
    """

    failure: ProductionFailure
    conversation: Conversation
    agent: str
    topic: str
    shortened: bool


def redact_failures(
    failures: Iterable[ProductionFailure], stated: Stated
) -> tuple[tuple[RedactedFailure, ...], Stated]:
    """Failures and a person's words, redacted by each conversation's values. InputError: a pattern is personal."""
    patterns = (*stated.expected.must_match, *stated.expected.must_not_match)
    words = list(redact_written([stated.reason, *patterns]))
    found = []
    for failure in failures:
        conversation, words = _with_words(failure.conversation, words)
        found.append(_cut(failure, conversation))
    if tuple(words[1:]) != patterns:
        raise InputError(
            "A pattern of --must-say or --must-not-say contains personal data of a conversation.",
            fix="Write a pattern for any such value instead, such as `[A-Z]{2}[0-9]{6}`: patterns are committed.",
        )
    return tuple(found), replace(stated, reason=cleaned(words[0], MAX_REASON).strip())


def _with_words(conversation: Conversation, words: list[str]) -> tuple[Conversation, list[str]]:
    """The conversation and other texts, redacted together: a name of the one may be in the other."""
    added = tuple(ConversationTurn(speaker="user", text=each) for each in words)
    turns = tuple(replace(each, text=each.text[:MAX_READ]) for each in conversation.turns)
    all_of_it = redacted(replace(conversation, turns=(*turns, *added)))
    count = len(conversation.turns)
    return replace(all_of_it, turns=all_of_it.turns[:count]), [each.text for each in all_of_it.turns[count:]]


def _cut(failure: ProductionFailure, conversation: Conversation) -> RedactedFailure:
    turns = conversation.turns[: failure.end]
    kept = tuple(_turn(each) for each in turns[-1 - MAX_HISTORY :])
    shortened = len(kept) < len(turns) or any(len(each.text) > MAX_TEXT for each in turns)
    agent = conversation.agent.removesuffix(COPY_SUFFIX)
    return RedactedFailure(
        failure=failure,
        conversation=replace(conversation, turns=kept),
        agent=agent if is_action_name(agent) else "",
        topic=_topic(failure.topic),
        shortened=shortened,
    )


def _turn(turn: ConversationTurn) -> ConversationTurn:
    return replace(
        turn,
        text=cleaned(turn.text, MAX_TEXT),
        actions=None
        if turn.actions is None
        else tuple(replace(each, inputs={}) for each in turn.actions if is_action_name(each.name)),
    )


def _topic(topic: str) -> str:
    """A topic's name; '' for one that the project does not have."""
    return topic if is_topic_name(topic) else ""
