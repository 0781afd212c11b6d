"""Effects in words."""

from collections.abc import Collection

from wavegate.guardrails.model import HARMLESS, Effect

_WORDS = {
    Effect.PAYS: "pays",
    Effect.DELETES: "deletes records",
    Effect.WRITES: "writes records",
    Effect.SENDS: "sends messages",
    Effect.CALLS_OUT: "calls out",
    Effect.UNKNOWN: "has unknown effects",
}


def in_words(effects: Collection[Effect]) -> str:
    """What effects do, such as `deletes records and calls out`; `only reads` if nothing."""
    if frozenset(effects) <= HARMLESS:
        return "only reads"
    named = [words for effect, words in _WORDS.items() if effect in effects]
    return " and ".join(filter(None, [", ".join(named[:-1]), named[-1]]))
