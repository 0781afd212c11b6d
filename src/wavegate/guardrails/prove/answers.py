"""What comes from outside and is assigned more than once after one call: each time it is the same value."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from wavegate.guardrails.conditions.emit import emitted_text
from wavegate.guardrails.conditions.expression import AtReference, Chosen, Expression
from wavegate.guardrails.model import AgentModel, BranchStep, RunStep, SetStep, Statement
from wavegate.guardrails.prove.relevance import tools_of
from wavegate.guardrails.topology import steps_in


def is_free(value: Expression) -> bool:
    """Whether the model or the world outside chooses the value: `...` or what an action gives back."""
    return isinstance(value, Chosen) or _is_answer(value)


def answer_of(step: SetStep) -> str:
    """The answer of the world outside that is assigned, by its text; '' if it is something else."""
    return emitted_text(step.value) if _is_answer(step.value) else ""


def shared_answers(block: Iterable[Statement], followed: Container[str]) -> Mapping[str, frozenset[str]]:
    """The answers that a block of statements assigns more than once, with the variables that take them.

    followed: variables that count.
    """
    takers: dict[str, list[str]] = {}
    for step in _assignments(block):
        if step.variable in followed and _is_answer(step.value):
            takers.setdefault(answer_of(step), []).append(step.variable)
    return {answer: frozenset(names) for answer, names in takers.items() if len(names) > 1}


def blocks_of(model: AgentModel) -> Iterator[Sequence[Statement]]:
    """All statements of an agent, in blocks within which an answer stays the same."""
    for topic in model.topics:
        own = [topic.before, topic.during, topic.after, *(tool.then for tool in tools_of(model, topic))]
        for block in own:
            yield block
            yield from (each.then for each in steps_in(block) if isinstance(each, RunStep))


def _is_answer(value: Expression) -> bool:
    return isinstance(value, AtReference) and value.space != "variables"


def _assignments(block: Iterable[Statement]) -> Iterator[SetStep]:
    """The assignments of a block: not those after another action's call, which has answers of its own."""
    for statement in block:
        match statement:
            case SetStep():
                yield statement
            case BranchStep(then=then, otherwise=otherwise):
                yield from _assignments((*then, *otherwise))
            case _:
                pass
