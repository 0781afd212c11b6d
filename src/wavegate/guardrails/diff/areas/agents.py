"""One agent in both commits, or in one of them."""

from collections.abc import Iterator
from functools import partial

from wavegate.findings.finding import Location
from wavegate.guardrails.diff.agent_pair import AgentPair, TopicPair
from wavegate.guardrails.diff.areas.actions import action_changes, scheme_changes
from wavegate.guardrails.diff.areas.instructions import SentenceLists, instruction_changes, words_of
from wavegate.guardrails.diff.areas.losses import loss_changes, unknown_changes
from wavegate.guardrails.diff.areas.settings import setting_changes
from wavegate.guardrails.diff.areas.steps import step_changes
from wavegate.guardrails.diff.areas.tools import offered, paired_tools, tool_changes, withdrawn
from wavegate.guardrails.diff.areas.topics import (
    added_topic,
    paired_topics,
    removed_topic,
    shadowing_change,
    topic_changes,
)
from wavegate.guardrails.diff.areas.variables import variable_changes
from wavegate.guardrails.diff.change import ChangeSubject, GuardrailChange, Sides, changed
from wavegate.guardrails.diff.rules import ChangeClass
from wavegate.guardrails.diff.view import AgentView
from wavegate.guardrails.model import AgentModel, AgentReading, Guardrails, Sentence, ToolKind, Topic, Unknown
from wavegate.text import join_names

Words = frozenset[tuple[str, ...]]
"""Sentences, as words."""


def agent_changes(
    before: AgentReading, after: AgentReading, guardrails: tuple[Guardrails, Guardrails]
) -> Iterator[GuardrailChange]:
    """How an agent changed that both commits have."""
    agent = _agent_pair(before.emitted, after.emitted, guardrails)
    yield from loss_changes(agent, before.losses, after.losses, (before.written, after.written))
    yield from _own_changes(agent)
    yield from variable_changes(agent)
    yield from scheme_changes(agent)
    for old, new in agent.topics:
        yield from _topic_changes(TopicPair(agent=agent, before=old, after=new))
    yield from _everywhere_changes(agent)
    for topic in agent.removed:
        yield from removed_topic(agent, topic)
    for topic in agent.added:
        yield from added_topic(agent, topic)


def _agent_pair(before: AgentModel, after: AgentModel, guardrails: tuple[Guardrails, Guardrails]) -> AgentPair:
    old = AgentView(model=before, guardrails=guardrails[0])
    new = AgentView(model=after, guardrails=guardrails[1])
    pairs = paired_topics(old, new)
    return AgentPair(
        before=old,
        after=new,
        topics=pairs.both,
        removed=pairs.removed,
        added=pairs.added,
        renamed={was.name: now.name for was, now in pairs.both if was.name != now.name},
    )


def _topic_changes(topic: TopicPair) -> Iterator[GuardrailChange]:
    pairs = paired_tools(topic)
    yield from topic_changes(topic)
    yield from shadowing_change(topic)
    yield from tool_changes(topic, pairs)
    yield from step_changes(topic, {old.name: new.name for old, new in pairs.both if old.name != new.name})
    yield from action_changes(topic.before.actions, topic.after.actions, topic)
    yield from _sentence_changes(topic)
    places, owner = (topic.before.location, topic.after.location), f"topic `{topic.after.name}`"
    yield from setting_changes(topic.before.settings, topic.after.settings, topic.subject(), places, owner)


def _everywhere_changes(agent: AgentPair) -> Iterator[GuardrailChange]:
    """What every topic offers, compared as if it were a topic."""
    before, after = _everywhere(agent.before.model), _everywhere(agent.after.model)
    topic = TopicPair(agent=agent, before=before, after=after)
    pairs = paired_tools(topic)
    yield from tool_changes(topic, pairs)
    yield from step_changes(topic, {old.name: new.name for old, new in pairs.both if old.name != new.name})
    yield from action_changes(before.actions, after.actions, topic)


def _everywhere(model: AgentModel) -> Topic:
    return Topic(
        name="",
        label="",
        description="",
        tools=model.everywhere,
        actions=model.everywhere_actions,
        instructions=(),
        location=model.location,
    )


def _sentence_changes(topic: TopicPair) -> Iterator[GuardrailChange]:
    """The instructions of a topic. A sentence that moved to or from the agent's own is nothing."""
    before, after = topic.agent.before.model, topic.agent.after.model
    reaching, reached = _effective(before, topic.before), _effective(after, topic.after)
    places = (topic.before.location, topic.after.location)

    def moved(each: Sentence) -> bool:
        return words_of(each.text) in reached

    def came(each: Sentence) -> bool:
        return words_of(each.text) in reaching

    own = SentenceLists(topic.before.instructions, topic.after.instructions, places)
    yield from instruction_changes(own, topic.subject(), moved=moved, came=came)
    if topic.before.system is not None and topic.after.system is not None:
        system = SentenceLists(topic.before.system, topic.after.system, places)
        yield from instruction_changes(system, topic.subject(), moved=moved, came=came)


def _effective(model: AgentModel, topic: Topic) -> Words:
    """The sentences that apply in a topic."""
    system = model.instructions if topic.system is None else topic.system
    return frozenset(words_of(each.text) for each in (*system, *topic.instructions))


def _own_changes(agent: AgentPair) -> Iterator[GuardrailChange]:
    """System instructions, settings, start, and what was not understood."""
    before, after = agent.before.model, agent.after.model
    places, subject, owner = (before.location, after.location), agent.subject(), f"agent `{agent.name}`"
    if before.name != after.name:
        sides = Sides(before=before.location, after=after.location, texts=(before.name, after.name))
        yield changed("agent/renamed", subject, sides, f"Agent `{before.name}` is now called `{after.name}`.")
    yield from _system_changes(agent)
    yield from setting_changes(before.settings, after.settings, subject, places, owner)
    for change in setting_changes(before.escalations, after.escalations, subject, places, owner):
        yield changed(
            "escalate/route",
            subject,
            Sides(before=change.before, after=change.after, texts=(change.text_before, change.text_after)),
            change.message,
        )
    sides = Sides(before=before.location, after=after.location, texts=(before.start, after.start))
    if agent.new_name(before.start) != after.start:
        yield changed(
            "topic/start", subject, sides, f"A conversation starts in `{after.start}`, not in `{before.start}`."
        )
    if _resets_otherwise(before, after):
        when = {True: "in the start topic", False: "where the last one ended", None: "at an unknown place"}[
            after.resets
        ]
        yield changed("runtime/reset", subject, sides, f"Each turn starts {when}.")
    if before.source is not after.source:
        message = f"The agent is written as {after.source}, not as {before.source}."
        yield changed("opaque/changed", subject, sides, message)
    yield from unknown_changes(before.unknown, after.unknown, subject, partial(_near, agent))


def _near(agent: AgentPair, unknown: Unknown, side: int) -> Location:
    if side == 0:
        return agent.before.near(agent.old_name(unknown.topic), unknown.tool)
    return agent.after.near(agent.new_name(unknown.topic), unknown.tool)


def _resets_otherwise(before: AgentModel, after: AgentModel) -> bool:
    """Whether turns start elsewhere, unless a setting of both says so itself."""
    if any("reset_to_initial_node" in each.name for each in (*before.settings, *after.settings)):
        return False
    return before.resets != after.resets


def _system_changes(agent: AgentPair) -> Iterator[GuardrailChange]:
    before, after = agent.before.model, agent.after.model
    reaching = [(_effective(before, old), _effective(after, new)) for old, new in agent.topics]

    def moved(each: Sentence) -> bool:
        return bool(reaching) and all(words_of(each.text) in now for was, now in reaching)

    def came(each: Sentence) -> bool:
        return bool(reaching) and all(words_of(each.text) in was for was, now in reaching)

    lists = SentenceLists(before.instructions, after.instructions, (before.location, after.location))
    yield from instruction_changes(lists, agent.subject(), moved=moved, came=came)


def added_agent(reading: AgentReading, guardrails: Guardrails) -> Iterator[GuardrailChange]:
    """An agent that only the later commit has, with everything in it that may change something."""
    agent, place = _alone(reading.emitted, guardrails), reading.emitted.location
    view = agent.after
    writing = sorted({name for topic in view.model.topics for name in view.writing_calls(topic)})
    what = f": it may call {join_names(writing)}" if writing else ""
    sides = Sides(before=None, after=place, texts=("", agent.name))
    review = _new_review(view, writing)
    yield changed("agent/added", agent.subject(), sides, f"New agent `{agent.name}`{what}.", change_class=review)
    for topic in view.model.topics:
        for tool in view.tools(topic):
            if tool.kind is ToolKind.ACTION and tool.target in writing:
                yield from offered(agent, topic, tool, None)
    yield from loss_changes(agent, (), reading.losses, (reading.written, reading.written))
    subject = ChangeSubject(agent=agent.name)
    yield from unknown_changes((), view.model.unknown, subject, lambda *_: None)


def removed_agent(reading: AgentReading, guardrails: Guardrails) -> Iterator[GuardrailChange]:
    """An agent that only the earlier commit has."""
    agent, place = _alone(reading.emitted, guardrails), reading.emitted.location
    sides = Sides(before=place, after=None, texts=(agent.name, ""))
    yield changed("agent/removed", agent.subject(), sides, f"Agent `{agent.name}` is gone.")
    writing = {name for topic in agent.before.model.topics for name in agent.before.writing_calls(topic)}
    for topic in agent.before.model.topics:
        for tool in agent.before.tools(topic):
            if tool.kind is ToolKind.ACTION and tool.target in writing:
                yield from withdrawn(agent, topic, tool, None)


def _alone(model: AgentModel, guardrails: Guardrails) -> AgentPair:
    view = AgentView(model=model, guardrails=guardrails)
    return AgentPair(before=view, after=view)


def _new_review(view: AgentView, writing: list[str]) -> ChangeClass | None:
    opaque = view.model.unknown or not view.model.topics
    return ChangeClass.SECURITY_REVIEW if writing or opaque else None
