"""Other names by which an agent can have done what a property is about."""

from collections.abc import Container, Iterator

from wavegate.guardrails.model import Action, Topic
from wavegate.guardrails.policy.context import AgentContext
from wavegate.guardrails.policy.scoped import ScopedFinding
from wavegate.guardrails.policy.stated.read import StatedProperty
from wavegate.guardrails.prove.meanings import NameMeanings
from wavegate.text import clip


def other_names(stated: StatedProperty, context: AgentContext, named: Container[str]) -> Iterator[ScopedFinding]:
    """Actions with the target of the property's action and another name. named: actions that properties are about."""
    subject: str = getattr(stated.property, "action", "")
    called = [each for each in _called(context) if subject]
    targets = {action.target.casefold() for _, action in called if action.name == subject and action.target}
    seen = set()
    for topic, action in called:
        if action.name in named or action.name in seen or action.target.casefold() not in targets:
            continue
        seen.add(action.name)
        line, target = clip(stated.line.text, 200), clip(action.target, 200)
        message = f"`{line}` says nothing of `{action.name}`, which calls `{target}`, too, in topic `{topic.name}`."
        fix = f"State it of `{action.name}`, too, or call the action by one name."
        scope = context.scope(topic, action.name)
        yield scope.notice("property/other-name", stated.line.location, message, fix)


def _called(context: AgentContext) -> Iterator[tuple[Topic, Action]]:
    """The actions that tools call or steps run, with a topic where they are defined."""
    names = NameMeanings(context.agent).actions
    for topic in context.paths.reachable:
        yield from ((topic, each) for each in context.actions(topic).values() if each.name in names)
