"""Answers of the world outside that make a condition go one way: what actions return, what customers write."""

from collections.abc import Mapping
from itertools import islice, product

from wavegate.guardrails.conditions.domains import COMPUTED, deciding_values, plain, references
from wavegate.guardrails.conditions.evaluate import Evaluator, Outcome, Valuation
from wavegate.guardrails.conditions.expression import AtReference, Expression
from wavegate.guardrails.conditions.truth import reference_type

_MAX_ANSWERS = 1_000
_SPACES = ("outputs", "system_variables")


def answers_for(
    condition: Expression, values: Valuation, places: Mapping[str, int], known: Mapping[str, Outcome], *, wanted: bool
) -> dict[str, Outcome] | None:
    """Values of what comes from outside, by its text, for which the condition holds or not; None if none are found.

    values, places: of the variables. known: what was answered before, which stays so. wanted: whether it shall hold.
    """
    condition = plain(condition)
    outside = {key: it for key, it in references(condition).items() if key not in places}
    if not all(_is_outside(reference) for reference in outside.values()):
        return None
    types = {key: reference_type(it, {}) for key, it in references(condition).items()}
    deciding = deciding_values([condition], types)
    choices = [(known[key],) if key in known else deciding[key] for key in outside]
    evaluator = Evaluator({**places, **{key: len(values) + number for number, key in enumerate(outside)}})
    test = evaluator.test(condition)
    for chosen in islice(product(*choices), _MAX_ANSWERS):
        if test((*values, *chosen)) is wanted:
            return dict(zip(outside, chosen, strict=True))
    return None


def _is_outside(reference: AtReference) -> bool:
    if reference.space == COMPUTED:
        return "@" in reference.name and "@variables." not in reference.name
    return reference.space in _SPACES
