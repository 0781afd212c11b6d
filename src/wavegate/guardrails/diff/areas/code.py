"""Flows and Apex that an agent reaches: how they see records, and what they change."""

from collections.abc import Iterator

from wavegate.guardrails.diff.change import ChangeSubject, GuardrailChange, Sides, changed
from wavegate.guardrails.diff.effect_words import in_words
from wavegate.guardrails.diff.rules import ChangeClass, Direction
from wavegate.guardrails.model import HARMLESS, Code, Effect, Guardrails

_MODES = {
    "flow": ("DefaultMode", "SystemModeWithSharing", "SystemModeWithoutSharing"),
    "apex": ("with sharing", "inherited sharing", "", "without sharing"),
}
"""How code sees records, from the narrowest to the widest."""
_GRAVE = frozenset({Effect.DELETES, Effect.PAYS, Effect.UNKNOWN})


def code_changes(before: Guardrails, after: Guardrails) -> Iterator[GuardrailChange]:
    """How the code changed that an agent reaches in both commits. Code that comes or goes counts by who calls it."""
    for name in sorted(before.code.keys() & after.code.keys()):
        yield from _code_change(before.code[name], after.code[name], before, after)


def _code_change(old: Code, new: Code, before: Guardrails, after: Guardrails) -> Iterator[GuardrailChange]:
    subject = ChangeSubject(agent=new.id)
    scheme = new.id.partition("://")[0]
    if old.mode != new.mode:
        yield _mode_change(old, new, scheme, subject)
    gained, lost = _does(new) - _does(old), _does(old) - _does(new)
    called = frozenset(
        effect for name in new.calls - old.calls for effect in _effects(name, after) if effect not in HARMLESS
    )
    left = frozenset(
        effect for name in old.calls - new.calls for effect in _effects(name, before) if effect not in HARMLESS
    )
    sides = Sides(before=old.location, after=new.location)
    if gained or called:
        yield _gain(new, gained, called, scheme, subject, sides)
    if lost or left:
        effects = {effect for effect, _ in lost} | left
        message = f"`{new.id}` no longer does all that it did: it {in_words(effects)}{_objects(lost)} less."
        yield changed("code/withdrawn", subject, sides, message)
    for was, now, does in (
        (old.dynamic, new.dynamic, "builds queries at run time"),
        (old.system_mode, new.system_mode, "ignores the user's permissions by its own words"),
    ):
        if was != now:
            rule, word = ("apex/writes", "now") if now else ("code/withdrawn", "no longer")
            yield changed(rule, subject, sides, f"`{new.id}` {word} {does}.")


def _mode_change(old: Code, new: Code, scheme: str, subject: ChangeSubject) -> GuardrailChange:
    was, now = old.mode or "not said", new.mode or "not said"
    sides = Sides(before=old.location, after=new.location, texts=(was, now))
    message = f"`{new.id}` sees records in mode `{now}`; it was `{was}`."
    order = _MODES.get(scheme, ())
    rule = "flow/mode" if scheme == "flow" else "apex/sharing"
    if old.mode not in order or new.mode not in order:
        return changed(rule, subject, sides, message, direction=Direction.UNKNOWN)
    if order.index(new.mode) > order.index(old.mode):
        return changed(rule, subject, sides, message)
    return changed("code/mode-narrowed", subject, sides, message)


def _does(code: Code) -> frozenset[tuple[Effect, str]]:
    """What code changes, with the objects where they are known."""
    named = {effect for effect, _ in code.objects}
    does = {*code.objects, *((effect, "") for effect in code.effects - named)}
    return frozenset(each for each in does if each[0] not in HARMLESS)


def _effects(name: str, guardrails: Guardrails) -> frozenset[Effect]:
    code = guardrails.code.get(name)
    return code.effects if code else frozenset({Effect.UNKNOWN})


def _gain(
    new: Code,
    gained: frozenset[tuple[Effect, str]],
    called: frozenset[Effect],
    scheme: str,
    subject: ChangeSubject,
    sides: Sides,
) -> GuardrailChange:
    effects = {effect for effect, _ in gained} | called
    message = f"`{new.id}` does more: it {in_words(effects)}{_objects(gained)}."
    if scheme != "flow":
        return changed("apex/writes", subject, sides, message)
    review = ChangeClass.SECURITY_REVIEW if effects & _GRAVE else None
    return changed("flow/writes", subject, sides, message, change_class=review)


def _objects(does: frozenset[tuple[Effect, str]]) -> str:
    names = sorted({name for _, name in does if name})
    return f" ({', '.join(names)})" if names else ""
