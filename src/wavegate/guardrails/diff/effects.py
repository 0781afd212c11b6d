"""What calling an action may do: by its code where the project has it, else by its name."""

from wavegate.guardrails.model import Effect, Guardrails

_READING = ("get", "find", "list", "search", "look", "check", "read", "fetch", "load", "query")


def effects_behind(target: str, name: str, guardrails: Guardrails) -> frozenset[Effect]:
    """The effects of a target and of all code that it runs. name: of the action. Unknown effects are UNKNOWN."""
    found: set[Effect] = set()
    reached, waiting = {target}, [target]
    while waiting:
        code = guardrails.code.get(waiting.pop())
        if code is None:
            found.add(Effect.READS if name.lower().startswith(_READING) else Effect.UNKNOWN)
            continue
        found |= code.effects
        more = code.calls - reached
        reached |= more
        waiting += more
    return frozenset(found)
