"""Puts the explanation of an agent together."""

from collections.abc import Iterator

from wavegate.guardrails.explain.mermaid import mermaid
from wavegate.guardrails.explain.topics import topic_sections
from wavegate.guardrails.explain.values import Explanation, Point, Section
from wavegate.guardrails.explain.variables import variable_points
from wavegate.guardrails.explain.words import condition_in_words, joined
from wavegate.guardrails.model import (
    AgentModel,
    AgentReading,
    AgentSource,
    Force,
    Guardrails,
    Sentence,
    Tool,
    ToolKind,
)
from wavegate.guardrails.reach import reach_of_action
from wavegate.guardrails.topology import ways
from wavegate.text import clip, join_names, pluralize

MAX_SENTENCE = 300
"""Characters of an instruction that are shown."""


def explain(reading: AgentReading, guardrails: Guardrails) -> Explanation:
    """What an agent may do as it takes effect, and where that differs from what is written."""
    model = reading.emitted
    sections = (
        *topic_sections(model, guardrails),
        Section(title="Variables", points=tuple(variable_points(model))),
        Section(title="How a human is reached", points=tuple(_human(model))),
        Section(title="What its instructions forbid", points=tuple(_prohibitions(model))),
        Section(title="Settings", points=tuple(_settings(model))),
        Section(
            title="Written, and not in effect as written",
            points=tuple(Point(text=each.message, location=each.location) for each in reading.losses),
        ),
        Section(title="Not understood", points=tuple(_unknown(model, guardrails))),
    )
    return Explanation(
        agent=model.name,
        source=model.source,
        summary=tuple(_summary(reading, guardrails)),
        sections=tuple(each for each in sections if each.points or each.intro),
        diagram=mermaid(model),
        location=model.location,
    )


def _summary(reading: AgentReading, guardrails: Guardrails) -> Iterator[str]:
    model = reading.emitted
    if model.source is AgentSource.OPAQUE:
        yield "Nothing is known of what this agent may do: its metadata is of a type that is not modelled."
        return
    called = [
        (topic, tool, action)
        for topic in model.topics
        for tool in topic.tools
        for action in (*topic.actions, *model.everywhere_actions)
        if tool.kind is ToolKind.ACTION and action.name == tool.target
    ]
    topics, offered = pluralize(len(model.topics), "topic"), pluralize(len(called), "action")
    yield f"It has {topics} and offers {offered} to the model."
    harmful = [each for each in called if reach_of_action(each[2], guardrails).may_write]
    free = sorted({action.name for _, tool, action in harmful if not (tool.guard or action.confirmed)})
    yield f"{_how_many(len(harmful))} may change something outside of the conversation."
    if free:
        yield f"Of those, {join_names(free)} may be called at any time in the topic, and without asking the user."
    if reading.losses:
        yield f"{pluralize(len(reading.losses), 'place')} of the script takes no effect as written."


def _how_many(count: int) -> str:
    return f"{count} of them" if count else "None of them"


def _human(model: AgentModel) -> Iterator[Point]:
    offers = {topic.name: _escalation(topic.tools) for topic in model.topics}
    everywhere = _escalation(model.everywhere)
    for name, tool in offers.items():
        if tool:
            yield Point(text=f"From `{name}`{condition_in_words(tool.guard)}.", location=tool.location)
    if everywhere:
        yield Point(text=f"From every topic{condition_in_words(everywhere.guard)}.", location=everywhere.location)
    for each in model.escalations:
        yield Point(text=f"Configured: `{each.name}` is `{_cut(each.value)}`.", location=each.location)
    if not everywhere and not any(offers.values()):
        yield Point(text="No tool of a topic hands over to a human.")
    elif lacking := [name for name in ways(model) if not offers[name]] if not everywhere else []:
        yield Point(text=f"Not directly from {join_names(lacking)}.")


def _escalation(tools: tuple[Tool, ...]) -> Tool | None:
    return next((tool for tool in tools if tool.kind is ToolKind.ESCALATION), None)


def _prohibitions(model: AgentModel) -> Iterator[Point]:
    yield from _of("", model.instructions)
    for topic in model.topics:
        yield from _of(f"In `{topic.name}`: ", (*(topic.system or ()), *topic.instructions))


def _of(where: str, sentences: tuple[Sentence, ...]) -> Iterator[Point]:
    for each in sentences:
        if each.force is Force.PROHIBITION:
            yield Point(text=f"{where}“{_cut(each.text)}”", location=each.location)


def _settings(model: AgentModel) -> Iterator[Point]:
    for each in model.settings:
        yield Point(text=f"`{each.name}`: `{_cut(each.value)}`", location=each.location)
    for topic in model.topics:
        for each in topic.settings:
            yield Point(text=f"In `{topic.name}`, `{each.name}`: `{_cut(each.value)}`", location=each.location)


def _unknown(model: AgentModel, guardrails: Guardrails) -> Iterator[Point]:
    for each in model.unknown:
        yield Point(text=f"`{_cut(each.text)}`", location=each.location)
    assumed = sorted(
        {
            action.target
            for topic in model.topics
            for action in topic.actions
            if reach_of_action(action, guardrails).assumed
        }
    )
    if assumed:
        yield Point(
            text=f"What {joined([f'`{target}`' for target in assumed])} does is assumed by the name: its code is not "
            "in the project."
        )


def _cut(text: str) -> str:
    return clip(" ".join(text.replace("`", "'").split()), MAX_SENTENCE)
