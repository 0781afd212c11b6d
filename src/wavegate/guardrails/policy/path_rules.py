"""Rules about the way to a human."""

from wavegate.guardrails.model import AgentSource, ToolKind, Topic
from wavegate.guardrails.policy.context import AgentContext
from wavegate.guardrails.policy.effects import hands_over
from wavegate.guardrails.policy.scoped import ScopedFindings
from wavegate.text import join_names


def missing_escalation(context: AgentContext) -> ScopedFindings:
    """An agent for customers that never hands off to a human."""
    if (
        context.customer_facing is False
        or not context.agent.topics
        or any(_escalates(context, each) for each in context.paths.reachable)
    ):
        return
    if context.agent.escalations or _always_escalates(context):
        return
    unreachable = [each.name for each in context.agent.topics if _escalates(context, each)]
    where = f"only in {join_names(unreachable)}, which no conversation reaches" if unreachable else "in no topic"
    scope, place = context.scope(), context.agent.location
    message = f"A conversation with `{context.name}` never reaches a human: it can escalate {where}."
    fix = "Add a tool with `@utils.escalate`."
    if context.agent.source is not AgentSource.SCRIPT:
        fix = "Let a topic escalate, or set the outbound flow."
    if context.customer_facing:
        yield scope.warning("escalation/missing", place, message, fix)
    else:
        unsure = f"{message} Whether customers talk to it is not said."
        yield scope.notice("escalation/missing", place, unsure, f"{fix} Otherwise, set `agent_type`.")


def unreachable_escalation(context: AgentContext) -> ScopedFindings:
    """Topics that a conversation reaches, and from which it never comes to a human, where other topics do."""
    paths = context.paths
    if context.customer_facing is False or _always_escalates(context):
        return
    leading = paths.leading_to(lambda topic: _escalates(context, topic))
    if context.agent.resets is not False and leading & set(paths.starts):
        return  # each turn starts in the start topic, unless the agent is set to stay where it is
    stuck = [each for each in paths.reachable if each.name not in leading]
    if stuck and len(stuck) < len(paths.reachable):
        names = [each.name for each in stuck]
        message = f"From {join_names(names)}, a conversation never reaches a human, although other topics escalate."
        fix = "Add a tool with `@utils.escalate`, or a transition to a topic that has one."
        yield context.scope(stuck[0]).warning("escalation/unreachable", stuck[0].location, message, fix)


def _escalates(context: AgentContext, topic: Topic) -> bool:
    """Whether a topic brings a human in, by a hand-off or by an action whose name says so."""
    actions = context.actions(topic)
    called = (actions.get(each.target) for each in context.paths.tools(topic) if each.kind is ToolKind.ACTION)
    return any(each.kind is ToolKind.ESCALATION for each in topic.tools) or any(map(hands_over, filter(None, called)))


def _always_escalates(context: AgentContext) -> bool:
    return any(each.kind is ToolKind.ESCALATION for each in context.agent.everywhere)
