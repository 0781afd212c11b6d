"""Rules about where a script leads."""

from collections.abc import Iterator

from wavegate.findings.finding import Location
from wavegate.findings.suggestions import suggestion
from wavegate.guardrails.model import AgentSource, Tool, ToolKind, Topic, TransitionStep
from wavegate.guardrails.policy.context import AgentContext
from wavegate.guardrails.policy.paths import every_step
from wavegate.guardrails.policy.scoped import ScopedFindings

_CONNECTED = "connected_subagent "


def undefined_topics(context: AgentContext) -> ScopedFindings:
    """Topics that a script leads to and does not define."""
    if context.agent.source is not AgentSource.SCRIPT:
        return
    topics = context.paths.topics.keys()
    connected = {
        each.name.removeprefix(_CONNECTED).partition(".")[0]
        for each in context.agent.settings
        if each.name.startswith(_CONNECTED)
    }
    seen = set()
    for topic, tool, name, place in _led_to(context):
        if name and name not in topics and name not in connected and (name, place) not in seen:
            seen.add((name, place))
            message = f"The script does not define topic `{name}`, which this leads to: the conversation stays here."
            fix = f"Define it, or correct the name.{suggestion(name, topics)}"
            yield context.scope(topic, tool).error("topic/undefined", place, message, fix)


def _led_to(context: AgentContext) -> Iterator[tuple[Topic | None, str, str, Location]]:
    """Topic and tool, and the name of what each leads to with its place."""
    for topic in context.agent.topics:
        for tool in topic.tools:
            if _leads(tool):
                yield topic, tool.name, tool.target, tool.location
    for origin, step, _ in every_step(context.agent):
        if isinstance(step, TransitionStep):
            yield origin, "", step.topic, step.location


def _leads(tool: Tool) -> bool:
    return tool.kind in (ToolKind.TRANSITION, ToolKind.DELEGATION)
