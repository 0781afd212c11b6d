"""Guards: when what the model may choose, or what runs by itself, is open."""

from wavegate.guardrails.conditions.expression import Expression
from wavegate.guardrails.diff.change import ChangeSubject, GuardrailChange, Sides, changed
from wavegate.guardrails.diff.relation import Related, always_true, never_true, related
from wavegate.guardrails.model import Guard, Tool, Variable

_WIDENED = {"wider": "guard/widened", "narrower": "guard/narrowed", "incomparable": "guard/incomparable"}


def guard_change(
    before: Tool, after: Tool, subject: ChangeSubject, variables: tuple[Variable, ...]
) -> GuardrailChange | None:
    """How a tool's guard changed; None if it did not."""
    old, new = before.guard, after.guard
    texts = (old.text if old else "", new.text if new else "")
    sides = Sides(
        before=old.location if old else before.location, after=new.location if new else after.location, texts=texts
    )
    name = f"`{after.name}`"
    if old is None:
        return _from_none(new, name, subject, sides, variables)
    if new is None:
        if always_true(old.condition, variables):
            return changed(
                "guard/equivalent", subject, sides, f"{name} loses a guard that always held: `{old.text}`."
            )
        return changed("guard/removed", subject, sides, f"{name} is always offered: its guard `{old.text}` is gone.")
    return condition_change(name, (old.condition, new.condition), subject, sides, variables)


def _from_none(
    new: Guard | None, name: str, subject: ChangeSubject, sides: Sides, variables: tuple[Variable, ...]
) -> GuardrailChange | None:
    if new is None:
        return None
    if never_true(new.condition, variables):
        return changed("guard/never", subject, sides, f"{name} is never offered: `{new.text}` cannot hold.")
    if always_true(new.condition, variables):
        return changed("guard/equivalent", subject, sides, f"{name} gains a guard that always holds: `{new.text}`.")
    return changed("guard/added", subject, sides, f"{name} is offered only when `{new.text}`.")


def condition_change(
    name: str,
    conditions: tuple[Expression, Expression],
    subject: ChangeSubject,
    sides: Sides,
    variables: tuple[Variable, ...],
) -> GuardrailChange | None:
    """How a condition changed; None if it did not. name: of what it guards, for people."""
    before, after = conditions
    found = related(before, after, variables)
    if found.relates == "same":
        return None
    return changed(_rule(found, after, variables), subject, sides, _message(name, found, sides))


def _rule(found: Related, after: Expression, variables: tuple[Variable, ...]) -> str:
    if found.relates == "equivalent":
        return "guard/equivalent"
    if found.relates == "wider" and always_true(after, variables):
        return "guard/constant"
    if found.relates == "narrower" and never_true(after, variables):
        return "guard/never"
    return _WIDENED.get(found.relates, "guard/unreadable")


def _message(name: str, found: Related, sides: Sides) -> str:
    old, new = (f"`{text}`" for text in sides.texts)
    match found.relates:
        case "equivalent":
            return f"The guard of {name} is worded otherwise and holds in the same cases: {old}, now {new}."
        case "unknown":
            return (
                f"The guard of {name} changed from {old} to {new}, and what that opens is undetermined{_why(found)}."
            )
        case "wider":
            return f"{name} is also open for {found.witness}: its guard {old} became {new}."
        case "narrower":
            return f"{name} is no longer open for {found.witness}: its guard {old} became {new}."
        case _:
            return f"{name} is open in other cases, such as {found.witness}: its guard {old} became {new}."


def _why(found: Related) -> str:
    return f" ({found.witness})" if found.witness else ""
