"""What an action does outside the conversation, sorted by what a rule may say about it, and in words."""

from wavegate.guardrails.model import HARMLESS, Effect, Guardrails
from wavegate.guardrails.reach import Reach

_WORDS = {
    Effect.WRITES: "writes",
    Effect.DELETES: "deletes",
    Effect.SENDS: "sends messages",
    Effect.PAYS: "moves money",
}
"""The effects that change something. What a callout does is up to what it calls."""


def changes_something(reach: Reach) -> bool:
    """Whether an action is known, or assumed by a name, to change something outside."""
    return not reach.effects.isdisjoint(_WORDS)


def is_unclear(reach: Reach) -> bool:
    """Whether an action may change something, but nothing says so."""
    return not changes_something(reach) and not reach.effects <= HARMLESS


def describe_effects(reach: Reach, guardrails: Guardrails) -> str:
    """The effects after a subject: 'writes and sends messages (assumed by its name)'."""
    words = [text for effect, text in _WORDS.items() if effect in reach.effects]
    joined = " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
    known = {effect for id_ in reach.code for effect in guardrails.code[id_].effects}
    return joined if not known.isdisjoint(_WORDS) or reach.certain else f"{joined} (assumed by its name)"
