"""A conversation without personal data, for everything that is written."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from wavegate.conversations.values import ActionCall, Conversation, ConversationTurn
from wavegate.redaction.fields import known_values
from wavegate.redaction.written import redact_written


def redacted(conversation: Conversation) -> Conversation:
    """The conversation with every text of it redacted: turns, action inputs, errors, variables. Its id is left out.

    What a variable or an input of an action marks as a person's by its name is replaced wherever it occurs, also in
    the names of variables, inputs and files. Names of topics and actions stay: `with_own_names` has replaced those
    that are not the project's own.
    """
    known = known_values(_fields(conversation))
    texts = iter(redact_written(list(_texts(conversation)), known=known))
    turns = tuple(_turn(turn, texts) for turn in conversation.turns)
    variables = _values(conversation.variables, texts)
    agent, file = next(texts), next(texts)
    place = conversation.place._replace(file=file)
    return replace(conversation, id="", turns=turns, variables=variables, agent=agent, place=place)


def _fields(conversation: Conversation) -> Iterator[tuple[str, str]]:
    yield from conversation.variables.items()
    for turn in conversation.turns:
        for call in turn.actions or ():
            yield from call.inputs.items()


def _texts(conversation: Conversation) -> Iterator[str]:
    """Every text, what was said first, in the order in which `redacted` takes them."""
    for turn in conversation.turns:
        yield turn.text
        for call in turn.actions or ():
            yield from _named(call.inputs)
            yield call.error
    yield from _named(conversation.variables)
    yield conversation.agent
    yield conversation.place.file


def _named(fields: Mapping[str, str]) -> Iterator[str]:
    for name, value in fields.items():
        yield value
        yield name


def _turn(turn: ConversationTurn, texts: Iterator[str]) -> ConversationTurn:
    text = next(texts)
    calls = None if turn.actions is None else tuple(_call(call, texts) for call in turn.actions)
    return replace(turn, text=text, actions=calls)


def _call(call: ActionCall, texts: Iterator[str]) -> ActionCall:
    return replace(call, inputs=_values(call.inputs, texts), error=next(texts))


def _values(fields: Mapping[str, str], texts: Iterator[str]) -> dict[str, str]:
    found = {}
    for _ in fields:
        value = next(texts)
        found[next(texts)] = value
    return found
