"""Conditions, values and effects in plain words."""

from collections.abc import Iterable

from wavegate.guardrails.conditions.emit import shown
from wavegate.guardrails.conditions.expression import AtReference, Chosen, Expression, Literal, Opaque
from wavegate.guardrails.model import Binding, Effect, Guard
from wavegate.guardrails.reach import Reach
from wavegate.text import clip

MAX_CONDITION = 200
"""Characters of a condition that are shown."""
_EFFECTS = {
    Effect.READS: "reads",
    Effect.WRITES: "writes",
    Effect.DELETES: "deletes",
    Effect.SENDS: "sends messages",
    Effect.PAYS: "moves money",
    Effect.CALLS_OUT: "calls another system",
    Effect.UNKNOWN: "may do more than could be read",
}
_KINDS_OF_OBJECTS = (Effect.READS, Effect.WRITES, Effect.DELETES)


def condition_in_words(guard: Guard | None) -> str:
    """` when …` for a condition, '' for none."""
    return f" when `{plain_condition(guard.condition)}`" if guard else ""


def plain_condition(condition: Expression) -> str:
    """The condition, without the backticks that would end its code."""
    return clip(shown(condition).replace("`", "'"), MAX_CONDITION)


def value_in_words(value: Expression) -> str:
    """Where a value comes from."""
    match value:
        case Chosen():
            return "what the model chooses"
        case AtReference(space="outputs", name=name):
            return f"the output `{name}`"
        case AtReference(space="variables", name=name, rest=rest):
            return f"the variable `{name}{rest}`"
        case Literal():
            return f"`{plain_condition(value)}`"
        case Opaque(text=text):
            return f"`{clip(text.replace('`', ''), 80)}`, which could not be read"
    return f"`{plain_condition(value)}`"


def inputs_in_words(bindings: Iterable[Binding]) -> str:
    """Who fills which input, as the end of a sentence."""
    bindings = tuple(bindings)
    chosen = [f"`{each.name}`" for each in bindings if isinstance(each.value, Chosen)]
    bound = [
        f"`{each.name}` is {value_in_words(each.value)}" for each in bindings if not isinstance(each.value, Chosen)
    ]
    parts = [f"the model fills in {joined(chosen)}"] if chosen else []
    return "; ".join([*parts, *bound])


def effects_in_words(reach: Reach) -> str:
    """What an action does outside the conversation: `writes Case and sends messages (assumed by its name)`."""
    words = [_effect(effect, reach) for effect in _EFFECTS if effect in reach.effects]
    text = joined(words) or "does nothing outside the conversation"
    return f"{text} (assumed by its name)" if reach.assumed else text


def _effect(effect: Effect, reach: Reach) -> str:
    objects = sorted(name for kind, name in reach.objects if kind is effect and effect in _KINDS_OF_OBJECTS)
    return f"{_EFFECTS[effect]} {joined([f'`{name}`' for name in objects])}" if objects else _EFFECTS[effect]


def joined(parts: list[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
