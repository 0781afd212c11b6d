"""What an action may do outside the conversation, in words."""

from dataclasses import dataclass

from wavegate.guardrails.model import HARMLESS, Effect, Guardrails

_WORDS = {
    Effect.WRITES: "writes",
    Effect.DELETES: "deletes",
    Effect.CALLS_OUT: "calls out",
    Effect.SENDS: "sends messages",
    Effect.PAYS: "moves money",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionEffects:
    """Effects of an action with all code that it runs. assumed: by its name, because its code is not here."""

    effects: frozenset[Effect]
    assumed: bool = False
    code: tuple[str, ...] = ()

    @property
    def harmless(self) -> bool:
        """Whether it changes nothing outside."""
        return self.effects <= HARMLESS

    @property
    def unknown(self) -> bool:
        """Whether nothing is known but that it may do anything."""
        return Effect.UNKNOWN in self.effects and self.effects <= HARMLESS | {Effect.UNKNOWN}

    @property
    def harmful(self) -> bool:
        """Whether it is known or assumed to change something outside."""
        return not self.harmless and not self.unknown


def describe_effects(found: ActionEffects) -> str:
    """The effects after a subject: 'writes and sends messages (assumed by its name)'."""
    words = [text for effect, text in _WORDS.items() if effect in found.effects]
    joined = " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
    return f"{joined} (assumed by its name)" if found.assumed else joined


def effects_of_target(target: str, guardrails: Guardrails) -> ActionEffects:
    """The effects of what an action calls. target: `scheme://name`."""
    code = guardrails.code.get(target)
    if code is None:
        return ActionEffects(effects=frozenset({Effect.UNKNOWN}), assumed=True)
    return ActionEffects(effects=code.effects, code=(code.id,))
