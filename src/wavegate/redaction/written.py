"""Redacts texts that are written somewhere: an issue, a pull request, a test, an artifact."""

from collections.abc import Iterable, Sequence

from wavegate.redaction.personal_data import redact
from wavegate.redaction.values import KnownValue


def redact_written(texts: Sequence[str], *, known: Iterable[KnownValue] = ()) -> tuple[str, ...]:
    """The texts of one conversation, each without personal data and secrets, in the same order.

    known: values that the conversation's source marks as a person's; they are replaced wherever they occur.
    The same value has the same placeholder in all texts: `[name 1]`. Pass all texts of a conversation at once: a name
    that one of them introduces is replaced in every other one too. Linear in the length of the texts.
    """
    values = [each.value for each in known if each.value]
    return tuple(_without(redact(text), values) for text in texts)


def _without(text: str, values: Iterable[str]) -> str:
    for value in values:
        text = text.replace(value, "[value]")
    return text
