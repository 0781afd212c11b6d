"""What an action does outside the conversation, sorted by what a rule may say about it, and in words."""

import re
from dataclasses import dataclass

from wavegate.guardrails.metadata.assumed import effects_by_name
from wavegate.guardrails.model import HARMLESS, Action, Effect, Guardrails
from wavegate.guardrails.reach import Reach

_WORDS = {
    Effect.WRITES: "writes",
    Effect.DELETES: "deletes",
    Effect.SENDS: "sends messages",
    Effect.PAYS: "moves money",
}
"""The effects that change something. What a callout does is up to what it calls."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionEffects:
    """What an action changes. changes: empty if nothing says so. assumed: only names do. unclear: not even those."""

    changes: frozenset[Effect]
    assumed: bool
    unclear: bool

    @property
    def shown(self) -> str:
        """The effects after a subject: 'writes and sends messages (assumed by its name)'."""
        words = [text for effect, text in _WORDS.items() if effect in self.changes]
        joined = " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
        return f"{joined} (assumed by its name)" if self.assumed else joined


_TO_A_HUMAN = re.compile(
    r"escalat|hand_?(?:off|over)|live_?agent|(?:transfer|route|connect)_?(?:to_?)?(?:a_?)?(?:human|agent|person|rep)"
)


def hands_over(action: Action) -> bool:
    """Whether an action's name says that it brings a human in, which needs no guard."""
    return _TO_A_HUMAN.search(action.name.casefold()) is not None


def effects_of(action: Action, reach: Reach, guardrails: Guardrails) -> ActionEffects:
    """What an action changes, by the code that it runs, else by names.

    A target such as `OrderStatus` sounds like a verb; an action whose own name says that it reads is taken to read.
    """
    known = frozenset(effect for id_ in reach.code for effect in guardrails.code[id_].effects) & _WORDS.keys()
    if known or reach.certain:
        return _sorted(reach.effects, assumed=not known and not reach.certain)
    if not reach.code and effects_by_name(action.name) <= HARMLESS:
        return _sorted(HARMLESS, assumed=True)
    return _sorted(reach.effects, assumed=True)


def _sorted(effects: frozenset[Effect], *, assumed: bool) -> ActionEffects:
    changes = effects & _WORDS.keys()
    return ActionEffects(changes=changes, assumed=assumed, unclear=not changes and not effects <= HARMLESS)
