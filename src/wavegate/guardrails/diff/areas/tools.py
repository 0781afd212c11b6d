"""What the model may choose in a topic: tools that come, go, or change."""

from collections.abc import Iterator

from wavegate.findings.finding import Location
from wavegate.guardrails.diff.agent_pair import AgentPair, TopicPair
from wavegate.guardrails.diff.areas.bindings import binding_changes
from wavegate.guardrails.diff.areas.guards import guard_change
from wavegate.guardrails.diff.areas.instructions import reworded
from wavegate.guardrails.diff.change import GuardrailChange, Sides, changed
from wavegate.guardrails.diff.effect_words import in_words
from wavegate.guardrails.diff.pairing import Pairs, paired
from wavegate.guardrails.diff.rules import ChangeClass
from wavegate.guardrails.diff.view import AgentView
from wavegate.guardrails.model import Tool, ToolKind, Topic

_LEAVING = (ToolKind.TRANSITION, ToolKind.DELEGATION)


def paired_tools(topic: TopicPair) -> Pairs[Tool]:
    """The tools of a topic. One that changes what it is, or which topic it leads to, is another tool."""
    agent = topic.agent
    left = {id(each): _does(each, topic.before, agent.before, agent) for each in topic.before.tools}
    right = {id(each): _does(each, topic.after, agent.after, None) for each in topic.after.tools}

    def likeness(old: Tool, new: Tool) -> float:
        if old.kind is not new.kind or left[id(old)] != right[id(new)]:
            return 0.0
        return 0.9 if (old.guard and old.guard.text) == (new.guard and new.guard.text) else 0.8

    def key(tool: Tool) -> tuple[str, ToolKind, str]:
        led = agent.new_name(tool.target) if id(tool) in left and tool.kind in _LEAVING else tool.target
        return (tool.name, tool.kind, led if tool.kind in _LEAVING else "")

    return paired(topic.before.tools, topic.after.tools, key, likeness, least=0.5)


def _does(tool: Tool, topic: Topic, view: AgentView, agent: AgentPair | None) -> object:
    """What a tool does, whatever its name is."""
    match tool.kind:
        case ToolKind.ACTION:
            action = view.action(topic, tool.target)
            return action.target if action and action.target else tool.target
        case ToolKind.SET:
            return frozenset(each.name for each in tool.bindings)
        case ToolKind.TRANSITION | ToolKind.DELEGATION:
            return agent.new_name(tool.target) if agent else tool.target
        case _:
            return tool.kind


def tool_changes(topic: TopicPair, pairs: Pairs[Tool]) -> Iterator[GuardrailChange]:
    """How the tools of a topic changed. Paths to a human are compared as a whole, elsewhere."""
    for old, new in pairs.both:
        yield from _tool_change(topic, old, new)
    for old in pairs.removed:
        yield from withdrawn(topic.agent, topic.before, old, topic.after.location)
    for new in pairs.added:
        yield from offered(topic.agent, topic.after, new, topic.before.location)


def _tool_change(topic: TopicPair, old: Tool, new: Tool) -> Iterator[GuardrailChange]:
    agent, subject = topic.agent, topic.subject(new.name)
    sides = Sides(before=old.location, after=new.location, texts=(old.name, new.name))
    if old.name != new.name:
        yield reworded("tool/renamed", subject, sides, f"`{old.name}` is now called `{new.name}`.")
    if new.kind is not ToolKind.ESCALATION and (guard := guard_change(old, new, subject, agent.variables)):
        yield guard
    if (old.description, old.label) != (new.description, new.label):
        said = (f"{old.description} {old.label}".strip(), f"{new.description} {new.label}".strip())
        texts = Sides(before=old.location, after=new.location, texts=said)
        yield reworded("description/changed", subject, texts, f"The description of `{new.name}` was reworded.")
    if old.certain != new.certain:
        word = "can no longer" if old.certain else "can now"
        yield changed(
            "opaque/changed", subject, sides, f"All lines of `{new.name}` {word} be read, so its guard may differ."
        )
    if new.kind is ToolKind.ACTION:
        yield from _target_change(topic, old, new)
    yield from binding_changes(topic, old, new)


def _target_change(topic: TopicPair, old: Tool, new: Tool) -> Iterator[GuardrailChange]:
    """What a tool calls. The same target by another name is the same; its definition may differ."""
    if old.target == new.target:
        return
    was = topic.agent.before.action(topic.before, old.target)
    now = topic.agent.after.action(topic.after, new.target)
    subject = topic.subject(new.name)
    targets = (was.target if was else old.target, now.target if now else new.target)
    sides = Sides(before=old.location, after=new.location, texts=targets)
    if targets[0] != targets[1]:
        yield changed("action/retargeted", subject, sides, f"`{new.name}` calls `{targets[1]}`, not `{targets[0]}`.")
    if was and now and was.confirmed != now.confirmed:
        rule = "confirm/removed" if was.confirmed else "confirm/added"
        asks = "no longer asks" if was.confirmed else "asks"
        yield changed(rule, subject, sides, f"`{new.name}` {asks} the user first: it calls `{new.target}`.")


def offered(agent: AgentPair, topic: Topic, tool: Tool, place: Location | None) -> Iterator[GuardrailChange]:
    """A tool that the later commit offers. place: where it would be in the earlier one."""
    view, subject = agent.after, agent.subject(topic, tool.name)
    sides = Sides(before=place, after=tool.location, texts=("", tool.name))
    when = f" when `{tool.guard.text}`" if tool.guard else ", always"
    if tool.kind is ToolKind.ACTION:
        effects = in_words(view.effects(topic, tool.target))
        message = f"The model may call `{tool.name}`{when}: it {effects}{_unasked(view, topic, tool)}."
        yield changed("action/exposed", subject, sides, message, change_class=_review(view, topic, tool))
    elif tool.kind is ToolKind.END:
        yield changed("action/exposed", subject, sides, f"The model may end the conversation by `{tool.name}`{when}.")
    elif tool.kind is ToolKind.TRANSITION:
        message = f"The model may go to topic `{tool.target}` by `{tool.name}`{when}."
        yield changed("topic/entry-added", subject, sides, message, change_class=_entry(agent, tool))
    elif tool.kind is ToolKind.DELEGATION:
        message = f"The model may hand over to `{tool.target}` by `{tool.name}`{when}."
        yield changed("topic/connected", subject, sides, message)


def withdrawn(agent: AgentPair, topic: Topic, tool: Tool, place: Location | None) -> Iterator[GuardrailChange]:
    """A tool that the later commit no longer offers. place: where it would be in the later one."""
    subject = agent.subject(topic, tool.name)
    sides = Sides(before=tool.location, after=place, texts=(tool.name, ""))
    if tool.kind in (ToolKind.ACTION, ToolKind.END):
        yield changed("action/withdrawn", subject, sides, f"The model may no longer call `{tool.name}`.")
    elif tool.kind is ToolKind.TRANSITION:
        message = f"The model may no longer go to topic `{tool.target}` by `{tool.name}`."
        yield changed("topic/entry-removed", subject, sides, message)
    elif tool.kind is ToolKind.DELEGATION:
        message = f"The model may no longer hand over to `{tool.target}` by `{tool.name}`."
        yield changed("topic/disconnected", subject, sides, message)


def _review(view: AgentView, topic: Topic, tool: Tool) -> ChangeClass | None:
    return ChangeClass.SECURITY_REVIEW if view.may_write(topic, tool.target) else None


def _entry(agent: AgentPair, tool: Tool) -> ChangeClass | None:
    """A new path to something that may be changed, unless it was open already."""
    was_open = agent.before.is_open(agent.old_name(tool.target))
    return ChangeClass.SECURITY_REVIEW if agent.after.leads_to_writing(tool.target) and not was_open else None


def _unasked(view: AgentView, topic: Topic, tool: Tool) -> str:
    action = view.action(topic, tool.target)
    return ", and the user is asked first" if action and action.confirmed else ", without confirmation"
