"""Conversations as transcripts, which the policies of packs and the replay runner read."""

import re
import unicodedata
from collections.abc import Sequence

from wavegate.components.action_names import folded_action
from wavegate.conversations.values import ConversationTurn
from wavegate.evidence.observation import MAX_LATENCY
from wavegate.evidence.transcript import Transcript, Turn
from wavegate.release.pack import PersonalData, Policy

STAND_INS = {
    PersonalData.EMAIL: "customer@example.com",
    PersonalData.PHONE: "+1 202 555 0143",
    PersonalData.CREDIT_CARD: "4111 1111 1111 1111",
    PersonalData.IBAN: "DE89 3704 0044 0532 0130 00",
    PersonalData.SSN: "078-05-1120",
    PersonalData.SECRET: "00D000000000001!EXAMPLE.EXAMPLE.EXAMPLE.EXAMPLE",
}
"""Published example values, nobody's own. Without them, a redacted answer would no longer disclose anything."""
_PLACEHOLDER = re.compile(r"\[[a-z][a-z -]{0,30}(?: [0-9]{1,6})?\]")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.:/-]{0,254}", re.ASCII)
_TOPIC = re.compile(r"[^\W\d_][\w &/-]{0,99}")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def transcript_of(
    turns: Sequence[ConversationTurn], not_done: frozenset[str] = frozenset(), *, test: str = "captured"
) -> Transcript:
    """Turns as a transcript. not_done: folded names of actions whose calls do not count.

    The actions count as recorded if those of the last answer are. The topic is the last one that is known.
    """
    answers = [each for each in turns if each.speaker == "agent"]
    calls = [call.name for each in answers for call in each.actions or ()]
    is_recorded = bool(calls) or any(each.actions is not None for each in answers[-1:])
    latencies = [each.latency for each in answers if each.latency is not None and 0 <= each.latency <= MAX_LATENCY]
    return Transcript(
        test=test,
        turns=tuple(Turn(speaker=each.speaker, text=each.text) for each in turns),
        actions=tuple(each for each in calls if folded_action(each) not in not_done) if is_recorded else None,
        latency=max(latencies, default=None),
        topic=next((each.topic for each in reversed(answers) if each.topic), None),
    )


def is_action_name(name: str) -> bool:
    """Whether a recorded name can be that of an action; anything else may be a person's words."""
    return bool(_NAME.fullmatch(name))


def is_topic_name(name: str) -> bool:
    """Whether a recorded name can be that of a topic."""
    return bool(_TOPIC.fullmatch(name))


def cleaned(text: str, limit: int) -> str:
    """A text that every format can hold: no invisible characters but line breaks, and at most limit characters."""
    text = text[:limit].replace("\r\n", "\n").replace("\r", "\n")
    if text.isprintable():
        return text
    return "".join(each if each == "\n" or unicodedata.category(each) not in _UNSEEN else " " for each in text)


def has_placeholder(text: str) -> bool:
    """Whether something was removed from a text."""
    return bool(_PLACEHOLDER.search(text))


def with_stand_ins(text: str, policy: Policy) -> str:
    """A redacted answer with published example values in place of the placeholders of a policy's kinds.

    If no placeholder names such a kind, the first one gets an example of the first kind.
    """
    shown, count = _PLACEHOLDER.subn(lambda match: _stand_in(match[0], policy), text)
    if count and shown == text:
        shown = _PLACEHOLDER.sub(lambda _: STAND_INS[policy.pii[0]], text, count=1)
    return shown


_WORDS = {
    PersonalData.EMAIL: "email",
    PersonalData.PHONE: "phone",
    PersonalData.CREDIT_CARD: "credit card",
    PersonalData.IBAN: "bank details",
    PersonalData.SSN: "national id",
    PersonalData.SECRET: "secret",
}
"""What the placeholders call each kind."""


def _stand_in(placeholder: str, policy: Policy) -> str:
    kinds = (each for each in policy.pii if placeholder.startswith((f"[{_WORDS[each]}]", f"[{_WORDS[each]} ")))
    found = next(kinds, None)
    return STAND_INS[found] if found else placeholder
