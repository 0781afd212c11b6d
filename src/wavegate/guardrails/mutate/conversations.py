"""Conversations that show what a mutant lets the agent do, from the model checker."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from wavegate.guardrails.conditions.emit import shown
from wavegate.guardrails.conditions.expression import AtReference, Expression, Group, Literal, Not, Value
from wavegate.guardrails.conditions.parse import parse_expression
from wavegate.guardrails.model import AgentModel, SetStep, Tool, ToolKind, Topic
from wavegate.guardrails.mutate.values import Bound, BoundKind
from wavegate.guardrails.properties import AtMost, NeverUnless, Property
from wavegate.guardrails.prove.checker import prove_model
from wavegate.guardrails.prove.proof import Bounds, ConversationStep, Proof, ProofVerdict
from wavegate.guardrails.topology import guards_of, steps_of, tool_named

BOUNDS = Bounds(states=20_000, work=200_000)
"""Much less than for a proof that is asked for: there is one for each mutant."""
_RETURNED = re.compile(r"`\w+` becomes (.*), as the action returns it\.")


@dataclass(frozen=True, kw_only=True, slots=True)
class CalledTool:
    """One call of a conversation. outputs: what the action returns, as far as it matters. inputs: of the model."""

    topic: str
    tool: str
    outputs: Mapping[str, Value]
    inputs: Mapping[str, str]
    confirmed: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownConversation:
    """A conversation that ends in a call. steps: in words."""

    calls: tuple[CalledTool, ...]
    steps: tuple[str, ...]


def guarded_action(bound: Bound, model: AgentModel) -> str:
    """The action that a guard or gate keeps closed: its own, or the first one of the topic behind it; '' if none."""
    tool = tool_named(model, bound.topic, bound.tool)
    if bound.kind is BoundKind.GATE:
        return _first_action(model, bound.topic)
    if tool is None:
        return ""
    return tool.target if tool.kind is ToolKind.ACTION else _first_action(model, tool.target)


def closed_unless(bound: Bound, model: AgentModel) -> Property | None:
    """The property that a guard or gate is there for; None if the place is not one of those."""
    action = guarded_action(bound, model) if bound.kind in (BoundKind.GUARD, BoundKind.GATE) else ""
    condition = _condition(bound, model) if action else None
    if condition is None:
        return None
    kept: Expression = Not(operand=Group(inner=condition)) if bound.kind is BoundKind.GATE else condition
    return NeverUnless(action=action, condition=kept, text=f"never {action} unless {shown(kept)}")


def proof_of(model: AgentModel, watched: Property) -> Proof:
    """The checker's verdict within the bounds for mutants."""
    return prove_model(model, watched, BOUNDS)


def way_to(action: str, model: AgentModel) -> ShownConversation | None:
    """The shortest conversation that calls an action; None if there is none, or none was found."""
    proof = proof_of(model, AtMost(action=action, times=0, text=f"{action} at most 0 times"))
    return shown_conversation(proof, model) if proof.verdict is ProofVerdict.REFUTED else None


def shown_conversation(proof: Proof, model: AgentModel) -> ShownConversation:
    """The conversation of a refuted property, as calls."""
    sets = {
        step.location.line: step for topic in model.topics for step in steps_of(topic) if isinstance(step, SetStep)
    }
    calls: list[CalledTool] = []
    for step in proof.conversation:
        called = _called(step, model) if step.by_model else None
        if called:
            calls.append(called)
        elif calls and step.location and step.location.line in sets:
            outputs = dict(_returned(step, sets[step.location.line]))
            calls[-1] = replace(calls[-1], outputs={**calls[-1].outputs, **outputs})
    return ShownConversation(calls=tuple(calls), steps=tuple(step.text for step in proof.conversation))


def _called(step: ConversationStep, model: AgentModel) -> CalledTool | None:
    found = (
        (topic, tool)
        for topic in model.topics
        for tool in topic.tools
        if step.location and tool.location == step.location
    )
    pair: tuple[Topic, Tool] | None = next(found, None)
    return CalledTool(topic=pair[0].name, tool=pair[1].name, outputs={}, inputs={}) if pair else None


def _returned(step: ConversationStep, made: SetStep) -> Iterator[tuple[str, Value]]:
    match = _RETURNED.fullmatch(step.text)
    value = parse_expression(match[1]) if match else None
    if isinstance(made.value, AtReference) and made.value.space == "outputs" and isinstance(value, Literal):
        yield made.value.name, value.value


def _first_action(model: AgentModel, topic: str) -> str:
    tools = next((each.tools for each in model.topics if each.name == topic), ())
    return next((tool.target for tool in tools if tool.kind is ToolKind.ACTION), "")


def _condition(bound: Bound, model: AgentModel) -> Expression | None:
    """The condition as it takes effect; None if it does not."""
    topics = (topic for topic in model.topics if topic.name == bound.topic)
    guards = (guard for topic in topics for guard in guards_of(topic))
    return next((each.condition for each in guards if each.location.line == bound.location.line), None)
