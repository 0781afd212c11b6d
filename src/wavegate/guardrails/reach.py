"""What calling an action may do: its code and all that this runs in turn."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from wavegate.guardrails.metadata.assumed import assumed, pays
from wavegate.guardrails.metadata.code import code_address
from wavegate.guardrails.metadata.prompts import DATA
from wavegate.guardrails.model import HARMLESS, Action, Code, CodeMember, Effect, Guardrails, Prompt

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


def reach_of(target: str, guardrails: Guardrails, *, name: str = "") -> Reach:
    """What a target such as `flow://Issue_Refund` may do, with all that it calls, each once.

    name: of the action that calls it, which may say that money moves.
    Of a class, the methods that an action may call count, and those that they call in turn.
    """
    on_the_way = _OnTheWay(guardrails)
    on_the_way.follow(target)
    members = on_the_way.members
    effects = on_the_way.effects.union(*(each.effects for each in members))
    if (pays(target) or pays(name)) and not effects <= HARMLESS:
        effects |= {Effect.PAYS}
    return Reach(
        target=target,
        effects=frozenset(effects),
        objects=frozenset(found for each in members for found in each.objects),
        code=tuple(sorted(on_the_way.codes)),
        modes=frozenset((each.id, each.mode) for each in on_the_way.codes.values() if each.mode),
        system_mode=any(each.system_mode for each in members),
        dynamic=any(each.dynamic for each in members),
        assumed=tuple(sorted(on_the_way.assumed)),
    )


class _OnTheWay:
    """What is met from one target on. effects: of what is not the project's own code."""

    def __init__(self, guardrails: Guardrails) -> None:
        self._guardrails = guardrails
        self._named: frozenset[str] = frozenset()
        self.codes: dict[str, Code] = {}
        self.members: list[CodeMember | Code] = []
        self.assumed: set[str] = set()
        self.effects: set[Effect] = set()

    def follow(self, target: str) -> None:
        """Meet the target and all that it calls, each once.

        A call whose receiver is not known may be of any class that has such a method. Of those, the ones count that
        the code on the way names: what nothing names cannot be called.
        """
        self._named = frozenset(_closed(target, self._whole))
        _closed(target, self._meet)

    def _code(self, address: str) -> Code | None:
        return _found(self._guardrails.code, code_address(address, self._guardrails.namespace))

    def _prompt(self, address: str) -> Prompt | None:
        scheme, _, name = address.partition("://")
        return _found(self._guardrails.prompts, name) if scheme in _PROMPT_SCHEMES else None

    def _whole(self, address: str) -> Iterable[str]:
        """The ids of all that a flow, class or prompt names."""
        if code := self._code(address):
            return (code.id, *code.calls)
        prompt = self._prompt(address)
        return _data(prompt) if prompt else ()

    def _meet(self, address: str) -> Iterable[str]:
        if code := self._code(address):
            if code.id not in self._named:
                return ()
            self.codes[code.id] = code
            return self._meet_code(code, address)
        if prompt := self._prompt(address):
            self.effects.add(Effect.READS)
            return _data(prompt)
        id_ = code_address(address, self._guardrails.namespace)
        scheme, _, name = id_.partition("://")
        effects, certain = assumed(scheme, name)
        self.effects |= effects
        if not certain:
            self.assumed.add(id_)
        return ()

    def _meet_code(self, code: Code, address: str) -> Iterable[str]:
        """A flow as a whole; of a class the method that is addressed, else those that actions may call."""
        _, dot, method = address.partition("://")[2].partition(".")
        named = code.members.get(method.lower())
        if dot and named:
            self.members.append(named)
            return named.calls
        entries = [name for name, each in code.members.items() if each.is_entry]
        if code.members:
            return [f"{code.id}.{name}" for name in ("", *(entries or code.members))]
        self.members.append(code)
        return code.calls


def _closed(start: str, calls: Callable[[str], Iterable[str]]) -> set[str]:
    """The start and all that it calls in turn, each met once."""
    found, waiting = {start}, [start]
    while waiting:
        new = set(calls(waiting.pop())) - found
        found |= new
        waiting += new
    return found


def _data(prompt: Prompt) -> Iterable[str]:
    """The addresses of what a prompt gets its data from."""
    return [each.value for each in prompt.settings if each.name.startswith(DATA) and "://" in each.value]


def _found(values: Mapping[str, _Value], name: str) -> _Value | None:
    """The value of that name; the platform ignores case, so the project's spelling may differ."""
    if name in values:
        return values[name]
    folded = name.casefold()
    return next((value for key, value in values.items() if key.casefold() == folded), None)


def reach_of_action(action: Action, guardrails: Guardrails) -> Reach:
    """What calling an action may do. One without a target is judged by its own name."""
    return reach_of(action.target or f"://{action.name}", guardrails, name=action.name)


def may_write(action: Action, guardrails: Guardrails) -> bool:
    """Whether calling the action may change anything outside the conversation. What is unknown may."""
    return reach_of_action(action, guardrails).may_write
