"""Topics: which there are, how a conversation comes to them, and how it comes to a human."""

from collections.abc import Iterator

from wavegate.findings.finding import Location
from wavegate.guardrails.conditions.expression import Expression, Group
from wavegate.guardrails.diff.agent_pair import AgentPair, TopicPair
from wavegate.guardrails.diff.areas.instructions import reworded, words_of
from wavegate.guardrails.diff.areas.tools import offered, withdrawn
from wavegate.guardrails.diff.change import GuardrailChange, Sides, changed
from wavegate.guardrails.diff.expressions import TRUE, any_of
from wavegate.guardrails.diff.pairing import Pairs, overlap, paired
from wavegate.guardrails.diff.relation import related
from wavegate.guardrails.diff.rules import ChangeClass, Direction
from wavegate.guardrails.diff.view import AgentView
from wavegate.guardrails.model import Sentence, Tool, ToolKind, Topic
from wavegate.text import join_names

_ALIKE = 0.5
"""Likeness from which two topics of different names are one that was renamed."""


def paired_topics(before: AgentView, after: AgentView) -> Pairs[Topic]:
    """The topics of an agent by name, then by what they do and say."""
    left = {id(each): _traits(before, each) for each in before.model.topics}
    right = {id(each): _traits(after, each) for each in after.model.topics}

    def likeness(old: Topic, new: Topic) -> float:
        (does, says), (does_now, says_now) = left[id(old)], right[id(new)]
        scores = [overlap(does, does_now)] if does or does_now else []
        scores += [overlap(says, says_now)] if says or says_now else []
        return sum(scores) / len(scores) if scores else 0.0

    return paired(before.model.topics, after.model.topics, lambda each: each.name, likeness, least=_ALIKE)


def _traits(view: AgentView, topic: Topic) -> tuple[frozenset[str], frozenset[str]]:
    """What a topic calls and leads to, and the words that it says."""
    does = {f"call {_target(view, topic, name)}" for name in view.calls(topic)} | {
        f"go {name}" for name in view.ways(topic)
    }
    texts = (topic.label, topic.description, *(each.text for each in topic.instructions))
    return frozenset(does), frozenset(word for text in texts for word in words_of(text))


def _target(view: AgentView, topic: Topic, name: str) -> str:
    action = view.action(topic, name)
    return action.target if action and action.target else name


def added_topic(agent: AgentPair, topic: Topic) -> Iterator[GuardrailChange]:
    """A topic that the later commit has, with everything in it that may change something."""
    view = agent.after
    writing = view.writing_calls(topic)
    what = f": it may call {join_names(writing)}" if writing else ", which changes nothing outside the conversation"
    sides = Sides(before=agent.before.model.location, after=topic.location, texts=("", topic.name))
    review = ChangeClass.SECURITY_REVIEW if writing else None
    yield changed("topic/added", agent.subject(topic), sides, f"New topic `{topic.name}`{what}.", change_class=review)
    for tool in topic.tools:
        if tool.kind is ToolKind.DELEGATION or (tool.kind is ToolKind.ACTION and tool.target in writing):
            yield from offered(agent, topic, tool, agent.before.model.location)


def removed_topic(agent: AgentPair, topic: Topic) -> Iterator[GuardrailChange]:
    """A topic that only the earlier commit has."""
    writing = agent.before.writing_calls(topic)
    what = f": {join_names(writing)} went with it" if writing else ""
    sides = Sides(before=topic.location, after=agent.after.model.location, texts=(topic.name, ""))
    yield changed("topic/removed", agent.subject(topic), sides, f"Topic `{topic.name}` is gone{what}.")
    for tool in topic.tools:
        if tool.kind is ToolKind.DELEGATION or (tool.kind is ToolKind.ACTION and tool.target in writing):
            yield from withdrawn(agent, topic, tool, agent.after.model.location)


def topic_changes(topic: TopicPair) -> Iterator[GuardrailChange]:
    """Name, description, reach and the paths to a human of a topic that both commits have."""
    old, new, subject = topic.before, topic.after, topic.subject()
    sides = Sides(before=old.location, after=new.location, texts=(old.name, new.name))
    if old.name != new.name:
        yield reworded("topic/renamed", subject, sides, f"Topic `{old.name}` is now called `{new.name}`.")
    if (old.description, old.label) != (new.description, new.label):
        texts = (f"{old.description} {old.label}".strip(), f"{new.description} {new.label}".strip())
        both = Sides(before=old.location, after=new.location, texts=texts)
        yield reworded("description/changed", subject, both, f"The description of topic `{new.name}` was reworded.")
    yield from _reach_change(topic, sides)
    yield from _escalation_change(topic)


def _reach_change(topic: TopicPair, sides: Sides) -> Iterator[GuardrailChange]:
    agent, new = topic.agent, topic.after
    was = topic.before.name in agent.before.reachable
    now = new.name in agent.after.reachable
    if now and not was:
        writing = agent.after.writing_calls(new)
        what = f", and with it {join_names(writing)}" if writing else ""
        message = f"Topic `{new.name}` can be reached now{what}."
        review = ChangeClass.SECURITY_REVIEW if writing else None
        yield changed("topic/reachable", topic.subject(), sides, message, change_class=review)
    if was and not now:
        yield changed("topic/unreachable", topic.subject(), sides, f"No path leads to topic `{new.name}` any more.")


def _escalation_change(topic: TopicPair) -> Iterator[GuardrailChange]:
    """Whether the customer still comes to a human from a topic, by any of its tools."""
    before = _escalations(topic.agent.before, topic.before)
    after = _escalations(topic.agent.after, topic.after)
    old, new = _open_when(before), _open_when(after)
    if old is None and new is None:
        return
    sides = Sides(
        before=_place(before, after) or topic.before.location,
        after=_place(after, before) or topic.after.location,
        texts=(_shown(before), _shown(after)),
    )
    tool = (after or before)[0].name
    subject, name = topic.subject(tool), topic.after.name
    if new is None:
        message = f"Topic `{name}` has no way to a human any more: `{tool}` is gone."
        yield changed("escalate/removed", subject, sides, message)
    elif old is None:
        yield changed("escalate/added", subject, sides, f"Topic `{name}` has a way to a human: `{tool}`.")
    else:
        found = related(old, new, topic.agent.variables)
        if found.relates in ("same", "equivalent"):
            return
        witness = f", such as {found.witness}" if found.witness else ""
        if found.relates == "wider":
            message = f"Topic `{name}` leads to a human in more cases{witness}."
            yield changed("escalate/added", subject, sides, message)
            return
        direction = Direction.UNKNOWN if found.relates == "unknown" else None
        message = f"Topic `{name}` no longer leads to a human in some cases{witness}."
        yield changed("escalate/removed", subject, sides, message, direction=direction)


def _escalations(view: AgentView, topic: Topic) -> list[Tool]:
    return [each for each in view.tools(topic) if each.kind is ToolKind.ESCALATION]


def _place(tools: list[Tool], others: list[Tool]) -> Location | None:
    """The guard of the first tool that the other side does not have so, else of the first one; None without tools."""
    same = {(each.name, each.guard.text if each.guard else "") for each in others}
    differing = [each for each in tools if (each.name, each.guard.text if each.guard else "") not in same]
    tool = next(iter(differing or tools), None)
    return (tool.guard or tool).location if tool else None


def _open_when(tools: list[Tool]) -> Expression | None:
    """When one of the tools is open; None if there are none."""
    guards = [each.guard.condition for each in tools if each.guard]
    return TRUE if len(guards) < len(tools) else any_of(Group(inner=each) for each in guards)


def _shown(tools: list[Tool]) -> str:
    return " or ".join(each.guard.text if each.guard else "always" for each in tools)


def shadowing_change(topic: TopicPair) -> Iterator[GuardrailChange]:
    """Whether a topic has system instructions of its own, which replace the agent's."""
    old, new = topic.before.system, topic.after.system
    if (old is None) == (new is None):
        return
    sentences: tuple[Sentence, ...] = (new if new is not None else old) or ()
    place = sentences[0].location if sentences else None
    if new is not None:
        lost = topic.agent.before.model.instructions
        sides = Sides(before=lost[0].location if lost else topic.before.location, after=place or topic.after.location)
        message = f"Topic `{topic.after.name}` replaces the agent's system instructions, which no longer apply there."
        yield changed("instruction/system-shadowed", topic.subject(), sides, message)
    else:
        sides = Sides(before=place or topic.before.location, after=topic.after.location)
        message = f"The agent's system instructions apply in topic `{topic.after.name}` again."
        yield changed("instruction/system-restored", topic.subject(), sides, message)
