"""Concrete values of variables, for the execution of one conversation."""

from wavegate.guardrails.conditions.domains import Domain, domain_of
from wavegate.guardrails.conditions.evaluate import UNDETERMINED, Outcome
from wavegate.guardrails.conditions.expression import Literal
from wavegate.guardrails.model import Variable, VariableKind


def start_value(variable: Variable) -> Outcome:
    """The value at the start of a conversation."""
    if variable.kind is VariableKind.LINKED or variable.external:
        return some_value(variable)
    if variable.default is None:
        return None
    return variable.default.value if isinstance(variable.default, Literal) else UNDETERMINED


def some_value(variable: Variable) -> Outcome:
    """One value that the variable may have; it does not matter which."""
    return {Domain.BOOLEAN: True, Domain.NUMBER: 1}.get(domain_of(variable.type), "other")
