"""Rule expressions of a planner, which lock topics and actions, as conditions over variables.

Source: GenAiPlannerBundle in Salesforce's Metadata API guide: `ruleExpressions` and `ruleExpressionAssignments`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce

from wavegate.components.component import without_org_suffix
from wavegate.components.metadata import Element
from wavegate.guardrails.conditions.emit import shown
from wavegate.guardrails.conditions.expression import AtReference, Binary, Expression, Group, Literal, Opaque
from wavegate.guardrails.metadata.settings import location
from wavegate.guardrails.model import Guard, Loss

_OPERATORS: Mapping[str, str] = {
    "equal": "==",
    "equals": "==",
    "notEqual": "!=",
    "notEquals": "!=",
    "greaterThan": ">",
    "greaterThanOrEqual": ">=",
    "lessThan": "<",
    "lessThanOrEqual": "<=",
}
_SPACES: Mapping[str, str] = {"Variable": "variables", "ContextVariable": "variables", "Attribute": "outputs"}
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")
_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
MAX_PARTS = 20
"""Conditions of a rule, and rules of a topic or action; the largest in public projects have 2."""
_EXPRESSIONS = ("ruleExpressions", "genAiPlannerRuleExpressions")


def bare(name: str) -> str:
    """A name, or several joined by dots, without the ids that an org appends."""
    return ".".join(without_org_suffix(each) for each in name.split("."))


class PlannerRules:
    """The rules of a planner. types: data type of each variable, by name."""

    def __init__(self, planner: Element, path: str, types: Mapping[str, str]) -> None:
        self._path = path
        self._types = types
        rules = [each for tag in _EXPRESSIONS for each in planner.all(tag)]
        self._rules = {each.value("expressionName"): each for each in rules}
        self._assigned: dict[tuple[bool, str], dict[str, Element]] = {}
        for each in planner.all("ruleExpressionAssignments"):
            key = (each.value("targetType") == "Plugin", bare(each.value("targetName")))
            self._assigned.setdefault(key, {}).setdefault(each.value("ruleExpressionName"), each)

    def guard(self, *names: str, topic: bool) -> Guard | None:
        """The guard of the topic, or else action, with one of these names; None if no rule is assigned to it.

        Where several rules are, one of them is taken to be enough: the documentation does not say that all must hold.
        """
        assignments = self._of(names, topic=topic)
        if not assignments:
            return None
        condition = _joined("or", [self._condition(rule) for rule in assignments])
        place = location(next(iter(assignments.values())), self._path)
        return Guard(condition=condition, text=shown(condition), location=place)

    def is_ambiguous(self, *names: str, topic: bool) -> bool:
        """Whether several rules are assigned to the topic, or else action, with one of these names."""
        return len(self._of(names, topic=topic)) > 1

    def _of(self, names: Iterable[str], *, topic: bool) -> Mapping[str, Element]:
        """The assignments, by the name of their rule; those of several names together."""
        found = [self._assigned[topic, name] for name in names if (topic, name) in self._assigned]
        return found[0] if len(found) == 1 else {rule: each for one in found for rule, each in one.items()}

    def losses(self) -> Iterator[Loss]:
        """The rules that are assigned to nothing, and so lock nothing."""
        used = {rule for assignments in self._assigned.values() for rule in assignments}
        for name, rule in self._rules.items():
            if name not in used:
                yield Loss(
                    rule="rule/unassigned",
                    topic="",
                    tool="",
                    location=location(rule, self._path),
                    message=f"Rule `{name}` is assigned to no topic or action, so it guards nothing.",
                    fix="Add a <ruleExpressionAssignments> for it, or delete the rule.",
                )

    def _condition(self, name: str) -> Expression:
        rule = self._rules.get(name)
        if rule is None:
            return Opaque(text=name, reason="The planner defines no rule of that name.")
        logic = rule.value("expression")
        parts = [self._comparison(each) for each in rule.all("conditions")]
        if not parts:
            return Opaque(text=logic or name, reason="The rule has no conditions.")
        if len(parts) > 1 and logic not in ("", name):
            return Opaque(text=logic, reason="The rule combines its conditions by an expression of its own.")
        return _joined("and", parts)

    def _comparison(self, condition: Element) -> Expression:
        operator, operand = condition.value("operator"), condition.value("leftOperand")
        space = _SPACES.get(condition.value("leftOperandType"))
        value = condition.value("rightOperandValue")
        text = " ".join(filter(None, (operand, operator, value)))
        if space is None or not _NAME.fullmatch(operand):
            return Opaque(text=text, reason="The left side is not a variable.")
        left = AtReference(space=space, name=operand)
        match operator:
            case "isEmpty":
                return Group(inner=_emptiness(left, "or", "=="))
            case "isNotEmpty":
                return Group(inner=_emptiness(left, "and", "!="))
            case _ if operator in _OPERATORS:
                return Binary(operator=_OPERATORS[operator], left=left, right=self._literal(operand, value))
        return Opaque(text=text, reason=f"The operator `{operator}` is not documented.")

    def _literal(self, variable: str, value: str) -> Literal:
        return Literal(value=literal(value, self._types.get(variable, "")))


def literal(value: str, type_: str) -> str | bool | float:
    """The value of a constant that is written as text. type_: of the variable it belongs to, '' if unknown."""
    if value in ("true", "false") and type_ in ("", "boolean"):
        return value == "true"
    if _NUMBER.fullmatch(value) and type_ in ("", "number"):
        return float(value) if "." in value else int(value)
    return value


def _emptiness(left: Expression, joint: str, operator: str) -> Expression:
    none, blank = (Binary(operator=operator, left=left, right=Literal(value=each)) for each in (None, ""))
    return Binary(operator=joint, left=none, right=blank)


def _joined(operator: str, parts: Sequence[Expression]) -> Expression:
    if len(parts) > MAX_PARTS:
        return Opaque(text=f"{len(parts)} conditions", reason=f"More than {MAX_PARTS} conditions are joined.")
    grouped = [_grouped(each) for each in parts] if len(parts) > 1 else parts
    return reduce(lambda left, right: Binary(operator=operator, left=left, right=right), grouped)


def _grouped(part: Expression) -> Expression:
    return Group(inner=part) if isinstance(part, Binary) and part.operator in ("and", "or") else part


def both(guards: Iterable[Guard | None]) -> Guard | None:
    """The guard that holds where all of these do; None if there is none."""
    found = [each for each in guards if each]
    if len(found) < 2:
        return found[0] if found else None
    condition = _joined("and", [each.condition for each in found])
    return Guard(condition=condition, text=shown(condition), location=found[-1].location)
