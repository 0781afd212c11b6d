"""What calling an action may do: its code and all that this runs in turn."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from wavegate.guardrails.metadata.assumed import assumed, pays
from wavegate.guardrails.metadata.code import code_address
from wavegate.guardrails.metadata.prompts import DATA
from wavegate.guardrails.model import HARMLESS, Action, Code, Effect, Guardrails

_Value = TypeVar("_Value")
_PROMPT_SCHEMES = ("generatePromptResponse", "prompt")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """What a target may do outside the conversation.

    objects: `(effect, object)`, where the object is known. code: ids of the flows and classes on the way, modes: how
    each sees records, where it says so. assumed: what runs and is not in the project, so that its effects are those
    of its name. certain: whether nothing is assumed. dynamic: some of it builds queries or types at run time.
    """

    target: str
    effects: frozenset[Effect]
    objects: frozenset[tuple[Effect, str]]
    code: tuple[str, ...]
    modes: frozenset[tuple[str, str]]
    system_mode: bool
    dynamic: bool
    assumed: tuple[str, ...]

    @property
    def certain(self) -> bool:
        """Whether the effects are those of code, not of names."""
        return not self.assumed

    @property
    def may_write(self) -> bool:
        """Whether it may change anything outside. What is unknown may."""
        return not self.effects <= HARMLESS


def reach_of(target: str, guardrails: Guardrails) -> Reach:
    """What a target such as `flow://Issue_Refund` may do, with all that it calls, each once."""
    on_the_way = _OnTheWay(guardrails)
    on_the_way.follow(target)
    codes = on_the_way.codes.values()
    effects = on_the_way.effects.union(*(each.effects for each in codes))
    if pays(target) and not effects <= HARMLESS:
        effects |= {Effect.PAYS}
    return Reach(
        target=target,
        effects=frozenset(effects),
        objects=frozenset(found for each in codes for found in each.objects),
        code=tuple(sorted(on_the_way.codes)),
        modes=frozenset((each.id, each.mode) for each in codes if each.mode),
        system_mode=any(each.system_mode for each in codes),
        dynamic=any(each.dynamic for each in codes),
        assumed=tuple(sorted(on_the_way.assumed)),
    )


class _OnTheWay:
    """What is met from one target on. effects: of what is not the project's own code."""

    def __init__(self, guardrails: Guardrails) -> None:
        self._guardrails = guardrails
        self.codes: dict[str, Code] = {}
        self.assumed: set[str] = set()
        self.effects: set[Effect] = set()

    def follow(self, target: str) -> None:
        """Meet the target and all that it calls, each once."""
        waiting, seen = [target], set[str]()
        while waiting:
            address = code_address(waiting.pop(), self._guardrails.namespace)
            if address not in seen:
                seen.add(address)
                waiting += self._meet(address)

    def _meet(self, address: str) -> Iterable[str]:
        scheme, _, name = address.partition("://")
        if code := _found(self._guardrails.code, address):
            self.codes[code.id] = code
            return code.calls
        if scheme in _PROMPT_SCHEMES and (prompt := _found(self._guardrails.prompts, name)):
            self.effects.add(Effect.READS)
            return [each.value for each in prompt.settings if each.name.startswith(DATA) and "://" in each.value]
        effects, certain = assumed(scheme, name)
        self.effects |= effects
        if not certain:
            self.assumed.add(address)
        return ()


def _found(values: Mapping[str, _Value], name: str) -> _Value | None:
    """The value of that name; the platform ignores case, so the project's spelling may differ."""
    if name in values:
        return values[name]
    folded = name.casefold()
    return next((value for key, value in values.items() if key.casefold() == folded), None)


def reach_of_action(action: Action, guardrails: Guardrails) -> Reach:
    """What calling an action may do. One without a target is judged by its own name."""
    return reach_of(action.target or f"://{action.name}", guardrails)


def may_write(action: Action, guardrails: Guardrails) -> bool:
    """Whether calling the action may change anything outside the conversation. What is unknown may."""
    return reach_of_action(action, guardrails).may_write
