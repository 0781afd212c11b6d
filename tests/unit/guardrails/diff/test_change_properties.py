"""Whatever is removed from a model is reported, with at least the class of its rule, and in reverse the other way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from tests.support.guardrail_changes import examples, guardrails_of, sides_of

from wavegate.guardrails.conditions.expression import Chosen
from wavegate.guardrails.diff.change import GuardrailChange
from wavegate.guardrails.diff.compare import compare_guardrails
from wavegate.guardrails.diff.rules import MIRRORS_ITSELF, RULES, Direction
from wavegate.guardrails.model import (
    AgentModel,
    AgentReading,
    BranchStep,
    Force,
    Guardrails,
    RunStep,
    SetStep,
    Statement,
    Tool,
    ToolKind,
    Topic,
    TransitionStep,
)

WORLDS = [guardrails_of(sides_of(path)[0]) for path in examples("change")]
RICH = sorted(WORLDS, key=lambda each: -len(repr(each)))[:40]
"""The largest models of the examples."""
REVERSED = {Direction.WIDENS: Direction.NARROWS, Direction.NARROWS: Direction.WIDENS}
CALLED = {
    ToolKind.ACTION: {"action/withdrawn"},
    ToolKind.END: {"action/withdrawn"},
    ToolKind.TRANSITION: {"topic/entry-removed"},
    ToolKind.DELEGATION: {"topic/disconnected"},
    ToolKind.SET: {"variable/model-read-only", "variable/writer-changed"},
    ToolKind.ESCALATION: {"escalate/removed"},
}


@dataclass(frozen=True)
class Mutation:
    """A model without one element. expected: the rules of which one must be reported."""

    name: str
    before: Guardrails
    after: Guardrails
    expected: frozenset[str]


def mutations(rails: Guardrails) -> Iterator[Mutation]:
    """Every element of every agent, permission set and prompt removed."""
    for name, reading in rails.agents.items():
        model = reading.emitted

        def mutation(what: str, mutated: AgentModel, *rules: str, agent: str = name) -> Mutation:
            reading = AgentReading(emitted=mutated, written=mutated, losses=rails.agents[agent].losses)
            after = replace(rails, agents={**rails.agents, agent: reading})
            return Mutation(what, rails, after, frozenset(rules))

        yield from _of_agent(model, mutation)
        for topic in model.topics:
            yield from _of_topic(model, topic, mutation)
    for name, grants in rails.permissions.items():
        for grant in grants.grants:
            fewer = replace(grants, grants={each: place for each, place in grants.grants.items() if each != grant})
            after = replace(rails, permissions={**rails.permissions, name: fewer})
            yield Mutation(f"grant {grant}", rails, after, frozenset({"access/withdrawn"}))


Make = Callable[..., Mutation]


def _of_agent(model: AgentModel, mutation: Make) -> Iterator[Mutation]:
    for sentence in model.instructions:
        rules = {"instruction/must-removed"} if sentence.force is not Force.OTHER else set(RULES)
        kept = tuple(each for each in model.instructions if each != sentence)
        yield mutation(f"sentence {sentence.text}", replace(model, instructions=kept), *rules)
    for setting in model.settings:
        kept_settings = tuple(each for each in model.settings if each != setting)
        yield mutation(f"setting {setting.name}", replace(model, settings=kept_settings), *RULES)
    for variable in model.variables:
        if variable.default is not None:
            opened = [replace(each, default=None) if each == variable else each for each in model.variables]
            rules = {each for each in RULES if each.startswith("variable/default")}
            yield mutation(f"default {variable.name}", replace(model, variables=tuple(opened)), *rules)
    for topic in model.topics:
        if topic.name != model.start:
            kept_topics = tuple(each for each in model.topics if each != topic)
            yield mutation(f"topic {topic.name}", replace(model, topics=kept_topics), "topic/removed")


def _of_topic(model: AgentModel, topic: Topic, mutation: Make) -> Iterator[Mutation]:
    def within(what: str, mutated: Topic, *rules: str) -> Mutation:
        topics = tuple(mutated if each == topic else each for each in model.topics)
        return mutation(f"{topic.name}: {what}", replace(model, topics=topics), *rules)

    for sentence in topic.instructions:
        rules = {"instruction/must-removed"} if sentence.force is not Force.OTHER else set(RULES)
        kept = tuple(each for each in topic.instructions if each != sentence)
        yield within(f"sentence {sentence.text}", replace(topic, instructions=kept), *rules)
    for action in topic.actions:
        if action.confirmed:
            open_actions = tuple(replace(each, confirmed=each != action) for each in topic.actions)
            yield within(f"confirmation {action.name}", replace(topic, actions=open_actions), "confirm/removed")
        for output in action.outputs:
            if not output.used:
                seen = replace(action, outputs=tuple(replace(each, used=True) for each in action.outputs))
                actions = tuple(seen if each == action else each for each in topic.actions)
                yield within(f"filter {output.name}", replace(topic, actions=actions), "output/unfiltered")
    for step in topic.before:
        fewer = tuple(each for each in topic.before if each != step)
        yield within("step", replace(topic, before=fewer), *_step_rules(step))
    for tool in topic.tools:
        yield from _of_tool(topic, tool, within)


def _of_tool(topic: Topic, tool: Tool, within: Make) -> Iterator[Mutation]:
    def changed(what: str, mutated: Tool | None, *rules: str) -> Mutation:
        tools = tuple(mutated if each == tool else each for each in topic.tools)
        return within(f"{tool.name} {what}", replace(topic, tools=tuple(filter(None, tools))), *rules)

    rules = CALLED[tool.kind]
    if tool.kind is not ToolKind.SET or tool.bindings:
        yield changed("removed", None, *rules)
    if tool.guard and tool.kind is not ToolKind.ESCALATION:
        yield changed("guard", replace(tool, guard=None), "guard/removed", "guard/equivalent")
    for binding in tool.bindings if tool.kind is ToolKind.ACTION else ():
        if not isinstance(binding.value, Chosen):
            left = tuple(replace(each, value=Chosen()) if each == binding else each for each in tool.bindings)
            yield changed(f"unpins {binding.name}", replace(tool, bindings=left), "input/unpinned")
    for step in tool.then if tool.kind is not ToolKind.SET else ():
        fewer = tuple(each for each in tool.then if each != step)
        yield changed("step", replace(tool, then=fewer), *_step_rules(step))


def _step_rules(step: Statement) -> set[str]:
    match step:
        case TransitionStep():
            return {"gate/removed"}
        case RunStep():
            return {"action/withdrawn", "action/unchained"}
        case SetStep():
            return {"variable/writer-changed"}
        case BranchStep():
            return {rule for each in (*step.then, *step.otherwise) for rule in _step_rules(each)}


ALL = [each for rails in RICH for each in mutations(rails)]


def test_there_are_many_of_them() -> None:
    assert len(ALL) > 300


@pytest.mark.parametrize("start", range(0, len(ALL), 25))
def test_a_removal_is_reported_with_at_least_the_class_of_its_rule(start: int) -> None:
    for mutation in ALL[start : start + 25]:
        found = compare_guardrails(mutation.before, mutation.after)
        named = [each for each in found if each.rule in mutation.expected]
        assert named, (mutation.name, [each.message for each in found])
        assert all(each.change_class.weight >= RULES[each.rule].change_class.weight for each in named), mutation.name


@pytest.mark.parametrize("start", range(0, len(ALL), 25))
def test_the_reverse_has_the_reverse_direction(start: int) -> None:
    for mutation in ALL[start : start + 25]:
        there = compare_guardrails(mutation.before, mutation.after)
        back = compare_guardrails(mutation.after, mutation.before)
        assert sorted(REVERSED.get(each, each) for each in _directions(there)) == _directions(back), mutation.name


@pytest.mark.parametrize("rails", WORLDS, ids=range(len(WORLDS)))
def test_the_identity_is_nothing(rails: Guardrails) -> None:
    assert compare_guardrails(rails, rails) == ()
    assert compare_guardrails(rails, replace(rails)) == ()


def _directions(changes: tuple[GuardrailChange, ...]) -> list[Direction]:
    return sorted(each.direction for each in changes if each.rule not in MIRRORS_ITSELF)
