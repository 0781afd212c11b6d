"""What an agent's model says without the places where it says it: two scripts with equal effects are one agent."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from wavegate.findings.finding import Location
from wavegate.guardrails.conditions.emit import shown
from wavegate.guardrails.conditions.expression import Expression, Group, Literal
from wavegate.guardrails.conditions.truth import Relation, compare
from wavegate.guardrails.model import AgentModel, Guard, Variable

_PLACED = frozenset({"confirmed_at", "spelled"})


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelEffect:
    """An agent's model without places. skeleton: without its conditions. conditions: in the order of the model."""

    skeleton: Hashable
    conditions: tuple[Expression | None, ...]

    @property
    def key(self) -> Hashable:
        """Equal for models that are equal but for places and the spelling of conditions."""
        return self.skeleton, tuple(shown(each) if each else "" for each in self.conditions)


def effect_of(model: AgentModel) -> ModelEffect:
    """The effect of a model; a condition that is `True` counts as none."""
    conditions: list[Expression | None] = []
    skeleton = _plain(model, conditions)
    return ModelEffect(skeleton=skeleton, conditions=tuple(conditions))


def differing(before: ModelEffect, after: ModelEffect, variables: Sequence[Variable]) -> tuple[Relation, ...] | None:
    """How the conditions that are not the same differ; None if more than conditions differs."""
    if before.skeleton != after.skeleton:
        return None
    pairs = zip(before.conditions, after.conditions, strict=True)
    return tuple(compare(old, new, variables).relation for old, new in pairs if old != new)


def _plain(value: Any, conditions: list[Expression | None]) -> Hashable:
    match value:
        case Location():
            return None
        case Guard(condition=condition):
            bare = _bare(condition)
            conditions.append(None if bare == Literal(value=True) else bare)
            return "guard"
        case tuple():
            return tuple(_plain(each, conditions) for each in value)
    if not is_dataclass(value):
        return value  # type: ignore[no-any-return]
    parts: list[Hashable] = [type(value).__name__]
    for each in fields(value):
        if each.name == "guard" and getattr(value, each.name) is None:
            conditions.append(None)
            parts.append("guard")
        elif each.name not in _PLACED:
            parts.append(_plain(getattr(value, each.name), conditions))
    return tuple(parts)


def _bare(condition: Expression) -> Expression:
    while isinstance(condition, Group):
        condition = condition.inner
    return condition
